#include "writer.h"

#include <flash_text.h>

namespace sconce {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

}  // namespace

Writer::Writer(char* buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) {
  if (capacity_ > 0) buffer_[0] = '\0';
}

Writer& Writer::character(char c) {
  if (length_ + 1 >= capacity_) {
    fits_ = false;
    return *this;
  }
  buffer_[length_++] = c;
  buffer_[length_] = '\0';
  return *this;
}

Writer& Writer::text(const char* words) {
  for (; *words; words++) character(*words);
  return *this;
}

Writer& Writer::flashText(const char* words) {
  for (char c; (c = flashCharacter(words)) != '\0'; words++) character(c);
  return *this;
}

// Not printf: the chip's small C library leaves 64-bit numbers out.
Writer& Writer::number(uint64_t value) {
  return padded(value, 1);
}

Writer& Writer::padded(uint64_t value, int digits) {
  char reversed[20];
  int count = 0;
  do {
    reversed[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  for (int missing = digits - count; missing > 0; missing--) character('0');
  while (count > 0) character(reversed[--count]);
  return *this;
}

Writer& Writer::signedNumber(int64_t value) {
  if (value >= 0) return number(static_cast<uint64_t>(value));
  return character('-').number(~static_cast<uint64_t>(value) + 1);
}

Writer& Writer::hex(uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) character(kHexDigits[(value >> shift) & 15]);
  return *this;
}

Writer& Writer::tenths(uint64_t value) {
  number(value / 10);
  if (value % 10) character('.').number(value % 10);
  return *this;
}

Writer& Writer::quoted(const char* words, size_t most) {
  character('"');
  for (; *words && most > 0; words++, most--) {
    const unsigned char c = static_cast<unsigned char>(*words);
    if (c < 0x20) {
      text("\\u00").character(kHexDigits[c >> 4]).character(kHexDigits[c & 15]);
    } else {
      if (c == '"' || c == '\\') character('\\');
      character(*words);
    }
  }
  return character('"');
}

Writer& Writer::iso(uint64_t epochMs) {
  const uint64_t inDay = epochMs % 86400000;
  return day(epochMs).character('T').padded(inDay / 3600000, 2).character(':').padded(inDay / 60000 % 60, 2)
      .character(':').padded(inDay / 1000 % 60, 2).character('.').padded(inDay % 1000, 3).character('Z');
}

Writer& Writer::day(uint64_t epochMs) {
  // Counted from 1 March of the year 0, so that the leap day comes last; eras of 400 years have 146,097 days.
  const uint64_t days = epochMs / 86400000 + 719468;
  const uint64_t era = days / 146097;
  const uint64_t inEra = days % 146097;
  const uint64_t yearOfEra = (inEra - inEra / 1460 + inEra / 36524 - inEra / 146096) / 365;
  const uint64_t inYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const uint64_t monthFromMarch = (5 * inYear + 2) / 153;
  const uint64_t dayOfMonth = inYear - (153 * monthFromMarch + 2) / 5 + 1;
  const uint64_t month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const uint64_t year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return padded(year, 4).character('-').padded(month, 2).character('-').padded(dayOfMonth, 2);
}

}  // namespace sconce
