#pragma once

#include <stddef.h>

/** One program, run on this machine and on the chip's instruction set: both must say the same, byte for byte. */
namespace scenario {

/** A part of it. `run` leaves large things off the stack: on the chip's side, what it takes of it is measured. */
struct Part {
  const char* name;
  void (*run)();
};
constexpr size_t kPartCount = 6;
extern const Part kParts[kPartCount];

/** The machine's ways to say something, and to end at once since something went wrong: host.cpp, lx106.cpp. */
void say(const char* text, size_t length);
[[noreturn]] void fail(const char* why);

}  // namespace scenario
