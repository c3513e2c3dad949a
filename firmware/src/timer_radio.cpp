#include "timer_radio.h"

#include <isr.h>

#include "gpio.h"

namespace sconce {

namespace {

/** Timer 1 counts 80 MHz / 16, whatever the processor's pace. */
constexpr uint32_t kTicksAMicro = 5;

// One radio, as there is one timer; interrupts take no argument that would lead to it.
EdgePlayer player;
Listener listener;
uint8_t transmitter;
uint8_t receiver;

SCONCE_ISR void onTimer() {
  bool high;
  uint32_t wait;
  const bool more = player.next(micros(), high, wait);
  setLevel(transmitter, high);
  if (more) timer1_write(wait * kTicksAMicro);
}

SCONCE_ISR void onEdge() {
  listener.edge(GPIP(receiver), micros());
}

}  // namespace

void TimerRadio::begin(bool listening) {
  transmitter = pins_.transmitter;
  receiver = pins_.receiver;
  setLevel(transmitter, false);
  pinMode(transmitter, OUTPUT);
  timer1_isr_init();
  timer1_attachInterrupt(onTimer);
  timer1_enable(TIM_DIV16, TIM_EDGE, TIM_SINGLE);
  if (!listening) return;
  pinMode(receiver, INPUT);
  attachInterrupt(digitalPinToInterrupt(receiver), onEdge, CHANGE);
}

void TimerRadio::start(const Frame& frame, uint8_t repeat) {
  listener.deafen();
  player.start(frame, repeat, micros());
  timer1_write(kTicksAMicro);
}

bool TimerRadio::sending() {
  return player.playing();
}

void TimerRadio::stop() {
  player.stop();
  setLevel(transmitter, false);
}

bool TimerRadio::heard(RfCode& code) {
  return listener.heard(sending(), code);
}

}  // namespace sconce
