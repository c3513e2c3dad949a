#include "chip_machine.h"

#include <Arduino.h>
#include <ESP8266WiFi.h>
#include <osapi.h>

namespace sconce {

namespace {

/** In words of 32 bits. The first 32 belong to the boot loader, which an update over the air instructs there. */
constexpr uint32_t kRetainedAt = 32;
constexpr uint32_t kStuckSeconds = 60;

os_timer_t timer;
void (*onStuck)() = nullptr;
/** Written by the loop and by the timer, neither of which interrupts the other. */
uint32_t secondsSinceAlive = 0;

/**
 * The chip's own watchdogs see a program that no longer gives way to the system (3 s), and one that has shut the system
 * out (8 s); the SDK feeds both for any loop that turns. This one sees a loop that turns and gets nowhere.
 */
void look(void*) {
  if (++secondsSinceAlive < kStuckSeconds) return;
  onStuck();
  ESP.restart();
}

Reset::Cause causeOf(uint32_t reason) {
  switch (reason) {
    case REASON_WDT_RST: return Reset::Cause::HARDWARE_WATCHDOG;
    case REASON_EXCEPTION_RST: return Reset::Cause::EXCEPTION;
    case REASON_SOFT_WDT_RST: return Reset::Cause::SOFTWARE_WATCHDOG;
    case REASON_SOFT_RESTART: return Reset::Cause::RESTART;
    case REASON_EXT_SYS_RST: return Reset::Cause::PIN;
    default: return Reset::Cause::POWER_ON;
  }
}

}  // namespace

void ChipMachine::watch(void (*stuck)()) {
  onStuck = stuck;
  os_timer_setfn(&timer, look, nullptr);
  os_timer_arm(&timer, 1000, true);
}

Vitals ChipMachine::vitals() {
  // 31 is how the SDK says that it does not know.
  const int8_t rssi = WiFi.RSSI();
  return {static_cast<int16_t>(rssi > 0 ? 0 : rssi), ESP.getFreeHeap(), ESP.getMaxFreeBlockSize()};
}

Reset ChipMachine::lastReset() {
  const rst_info* info = ESP.getResetInfoPtr();
  return {causeOf(info->reason), info->exccause, info->epc1};
}

bool ChipMachine::recall(void* data, size_t length) {
  return ESP.rtcUserMemoryRead(kRetainedAt, static_cast<uint32_t*>(data), length);
}

void ChipMachine::retain(const void* data, size_t length) {
  ESP.rtcUserMemoryWrite(kRetainedAt, static_cast<uint32_t*>(const_cast<void*>(data)), length);
}

void ChipMachine::alive() {
  secondsSinceAlive = 0;
}

void ChipMachine::restart() {
  ESP.restart();
}

}  // namespace sconce
