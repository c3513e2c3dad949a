#include "boots.h"

#include <flash_text.h>

#include "writer.h"

namespace sconce {

namespace {

constexpr uint32_t kMark = 0x5c0ce001;

using Cause = Reset::Cause;

bool isCrash(Cause cause, Restart planned) {
  switch (cause) {
    case Cause::EXCEPTION:
    case Cause::SOFTWARE_WATCHDOG:
    case Cause::HARDWARE_WATCHDOG:
      return true;
    case Cause::RESTART:
      // A restart that nobody planned is how the C library ends a program that gives up.
      return planned == Restart::UNPLANNED || planned == Restart::STUCK;
    case Cause::POWER_ON:
    case Cause::PIN:
      return false;
  }
  return false;
}

/** In the flash. */
const char* wordsOf(Restart planned) {
  switch (planned) {
    case Restart::UNPLANNED: return SCONCE_FLASH("crash: the program gave up");
    case Restart::COMMAND: return SCONCE_FLASH("restart by command");
    case Restart::NO_WIFI: return SCONCE_FLASH("restart: an hour without Wi-Fi");
    case Restart::STUCK: return SCONCE_FLASH("crash: the program got nowhere for a minute");
    case Restart::SAFE_MODE_OVER: return SCONCE_FLASH("restart: safe mode is over");
    case Restart::UPDATE: return SCONCE_FLASH("restart: new firmware");
  }
  return "";
}

}  // namespace

Boots::Boots(Machine& machine) : machine_(machine) {
  const bool remembered = machine_.recall(&record_, sizeof record_) && record_.mark == kMark && record_.check == checkOf(record_);
  if (!remembered) record_ = Record{kMark, 0, Restart::UNPLANNED, 0, 0};
  const Reset reset = machine_.lastReset();
  const Restart planned = record_.planned;
  if (isCrash(reset.cause, planned) && record_.crashes < UINT8_MAX) record_.crashes++;
  record_.planned = Restart::UNPLANNED;
  keep();
  explain(reset, planned, remembered);
}

void Boots::explain(const Reset& reset, Restart planned, bool remembered) {
  Writer words(reason_, sizeof reason_);
  switch (reset.cause) {
    case Cause::POWER_ON:
      // The memory lasts through a dip that is too short to forget it.
      if (remembered) words.flashText(SCONCE_FLASH("power dipped (brown-out): is the supply strong enough?"));
      else words.text("power on");
      break;
    case Cause::PIN: words.text("reset button"); break;
    case Cause::RESTART: words.flashText(wordsOf(planned)); break;
    case Cause::EXCEPTION: words.flashText(SCONCE_FLASH("crash: exception ")).number(reset.exception).text(" at 0x").hex(reset.address); break;
    case Cause::SOFTWARE_WATCHDOG: words.flashText(SCONCE_FLASH("crash: watchdog, the program hung at 0x")).hex(reset.address); break;
    case Cause::HARDWARE_WATCHDOG: words.flashText(SCONCE_FLASH("crash: hardware watchdog, the chip hung")); break;
  }
  if (record_.crashes > 1) words.text(" (crash ").number(record_.crashes).character(')');
  if (safeMode()) words.text("; safe mode");
}

bool Boots::step(uint64_t uptime) {
  const uint64_t minutes = uptime / 60000000;
  if (safeMode()) return minutes >= kSafeModeMinutes;
  if (record_.crashes > 0 && minutes >= kSteadyMinutes) {
    record_.crashes = 0;
    keep();
  }
  return false;
}

void Boots::plan(Restart why) {
  record_.planned = why;
  // Out of safe mode on probation.
  if (safeMode()) record_.crashes = kCrashes - 1;
  keep();
}

void Boots::keep() {
  record_.check = checkOf(record_);
  machine_.retain(&record_, sizeof record_);
}

/** FNV-1a, 32 bits: what a power cut leaves in the memory must not pass for a record. */
uint32_t Boots::checkOf(const Record& record) {
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&record);
  uint32_t sum = 2166136261u;
  for (size_t i = 0; i < offsetof(Record, check); i++) sum = (sum ^ bytes[i]) * 16777619u;
  return sum;
}

}  // namespace sconce
