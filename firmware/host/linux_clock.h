#pragma once

#include <time.h>

#include <clock.h>

namespace sconce {

/** The system's clock is taken for right: a machine that runs this process keeps it so. */
struct LinuxClock final : Clock {
  uint64_t micros() override {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
  }
  bool epochMs(uint64_t& ms) override {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    ms = static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
    return true;
  }
  /** It is the system's to keep right. */
  void askAnew() override {}
};

}  // namespace sconce
