#include "chip_clock.h"

#include <Arduino.h>
#include <coredecls.h>
#include <sys/time.h>

namespace sconce {

namespace {

// Of different owners, so that one which is wrong or away does not matter. lwIP keeps the pointers.
constexpr const char* kTimeServers[] = {"pool.ntp.org", "time.cloudflare.com", "time.google.com"};

/** Until SNTP has answered the system counts from 1970. */
bool told = false;

}  // namespace

void ChipClock::begin() {
  settimeofday_cb([](bool fromSntp) { told = told || fromSntp; });
  askAnew();
}

/** Otherwise lwIP would ask again in an hour. */
void ChipClock::askAnew() {
  configTime("UTC0", kTimeServers[0], kTimeServers[1], kTimeServers[2]);
}

uint64_t ChipClock::micros() {
  return micros64();
}

bool ChipClock::epochMs(uint64_t& now) {
  timeval time;
  gettimeofday(&time, nullptr);
  now = static_cast<uint64_t>(time.tv_sec) * 1000 + static_cast<uint64_t>(time.tv_usec) / 1000;
  return told;
}

}  // namespace sconce
