#include <stdint.h>

// What the compiler calls where the lx106 has no instruction, and Debian's libgcc for it leaves out: on the chip these
// are in ROM. For the emulated build alone; plain, not fast.

namespace {

struct Division {
  uint32_t quotient;
  uint32_t rest;
};

Division divide(uint32_t number, uint32_t by) {
  Division done = {0, 0};
  for (int bit = 31; bit >= 0; bit--) {
    const uint32_t carry = done.rest >> 31;
    done.rest = done.rest << 1 | (number >> bit & 1);
    if (!carry && done.rest < by) continue;
    done.rest -= by;
    done.quotient |= 1u << bit;
  }
  return done;
}

}  // namespace

extern "C" {

uint32_t __udivsi3(uint32_t number, uint32_t by) {
  return divide(number, by).quotient;
}

uint32_t __umodsi3(uint32_t number, uint32_t by) {
  return divide(number, by).rest;
}

int32_t __divsi3(int32_t number, int32_t by) {
  const auto size = [](int32_t n) { return n < 0 ? 0u - static_cast<uint32_t>(n) : static_cast<uint32_t>(n); };
  const uint32_t quotient = divide(size(number), size(by)).quotient;
  return static_cast<int32_t>((number < 0) == (by < 0) ? quotient : 0u - quotient);
}

/** 32 by 32 bits, in four products of 16 bits. */
uint64_t __umulsidi3(uint32_t a, uint32_t b) {
  const uint32_t aLow = a & 0xFFFF, aHigh = a >> 16, bLow = b & 0xFFFF, bHigh = b >> 16;
  const uint32_t low = aLow * bLow, cross = aHigh * bLow;
  const uint32_t middle = aLow * bHigh + (low >> 16);
  const uint32_t sum = middle + cross;
  const uint32_t high = aHigh * bHigh + (sum >> 16) + (sum < cross ? 0x10000u : 0u);
  return static_cast<uint64_t>(high) << 32 | (sum << 16) | (low & 0xFFFF);
}

uint64_t __muldi3(uint64_t a, uint64_t b) {
  const uint32_t aLow = static_cast<uint32_t>(a), bLow = static_cast<uint32_t>(b);
  const uint32_t cross = aLow * static_cast<uint32_t>(b >> 32) + static_cast<uint32_t>(a >> 32) * bLow;
  return __umulsidi3(aLow, bLow) + (static_cast<uint64_t>(cross) << 32);
}

// libgcc's own, which calls the ones above.
uint64_t __udivmoddi4(uint64_t number, uint64_t by, uint64_t* rest);

uint64_t __udivdi3(uint64_t number, uint64_t by) {
  return __udivmoddi4(number, by, nullptr);
}

uint64_t __umoddi3(uint64_t number, uint64_t by) {
  uint64_t rest = 0;
  __udivmoddi4(number, by, &rest);
  return rest;
}

}  // extern "C"
