#include "timer_radio.h"

#include <Arduino.h>
#include <isr.h>

namespace sconce {

namespace {

/** Timer 1 counts 80 MHz / 16, whatever the processor's pace. */
constexpr uint32_t kTicksAMicro = 5;

// One radio, as there is one timer; interrupts take no argument that would lead to it.
EdgePlayer player;
Listener listener;
uint8_t transmitter;
uint8_t receiver;

/** The registers themselves: digitalWrite() would look for PWM on the pin, in code that lies in the flash. */
SCONCE_ISR void drive(bool high) {
  if (transmitter == 16) GP16O = high ? 1 : 0;
  else if (high) GPOS = 1u << transmitter;
  else GPOC = 1u << transmitter;
}

SCONCE_ISR void onTimer() {
  bool high;
  uint32_t wait;
  const bool more = player.next(micros(), high, wait);
  drive(high);
  if (more) timer1_write(wait * kTicksAMicro);
}

SCONCE_ISR void onEdge() {
  listener.edge(GPIP(receiver), micros());
}

}  // namespace

void TimerRadio::begin(bool listening) {
  transmitter = pins_.transmitter;
  receiver = pins_.receiver;
  digitalWrite(transmitter, LOW);
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
  drive(false);
}

bool TimerRadio::heard(RfCode& code) {
  return listener.heard(sending(), code);
}

}  // namespace sconce
