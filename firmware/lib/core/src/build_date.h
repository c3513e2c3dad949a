#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

namespace build_date {

constexpr uint64_t number(const char* text, size_t digits) {
  uint64_t sum = 0;
  // A day below ten has a blank in front.
  for (size_t i = 0; i < digits; i++) sum = sum * 10 + (text[i] == ' ' ? 0 : static_cast<uint64_t>(text[i] - '0'));
  return sum;
}

constexpr uint64_t month(const char* text) {
  constexpr const char* kNames = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (uint64_t i = 0; i < 12; i++) {
    if (text[0] == kNames[3 * i] && text[1] == kNames[3 * i + 1] && text[2] == kNames[3 * i + 2]) return i + 1;
  }
  return 1;
}

/** Days since 1970 of a day in our calendar, from 1970 on. */
constexpr uint64_t days(uint64_t year, uint64_t month, uint64_t day) {
  // Years from March, so that the leap day comes last.
  const uint64_t y = month > 2 ? year : year - 1;
  const uint64_t m = month > 2 ? month - 3 : month + 9;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

}  // namespace build_date

/** Midnight (UTC) before the day in the compiler's `__DATE__`, like "Nov 25 2026", less a day for time zones; ms since 1970. */
constexpr uint64_t builtAt(const char* date) {
  return (build_date::days(build_date::number(date + 7, 4), build_date::month(date), build_date::number(date + 4, 2)) - 1) *
         86400000;
}

}  // namespace sconce
