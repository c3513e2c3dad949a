#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/** Writes text into the caller's buffer, always ended by a zero; what does not fit is dropped, and said by fits(). */
class Writer {
 public:
  Writer(char* buffer, size_t capacity);

  Writer& text(const char* words);
  /** Text that is marked SCONCE_FLASH_TEXT. */
  Writer& flashText(const char* words);
  Writer& character(char c);
  Writer& number(uint64_t value);
  Writer& signedNumber(int64_t value);
  /** Eight lowercase digits. */
  Writer& hex(uint32_t value);
  /** 4482 becomes 448.2 and 4480 becomes 448. */
  Writer& tenths(uint64_t value);
  /** With the quotation marks, escaped as JSON wants it; at most `most` bytes of `words`. */
  Writer& quoted(const char* words, size_t most = SIZE_MAX);
  /** ISO 8601 in UTC, with milliseconds: 2026-11-23T05:21:15.123Z */
  Writer& iso(uint64_t epochMs);
  /** Only the date: 2026-11-23 */
  Writer& day(uint64_t epochMs);

  bool fits() const { return fits_; }
  size_t length() const { return length_; }

 private:
  Writer& padded(uint64_t value, int digits);

  char* buffer_;
  size_t capacity_;
  size_t length_ = 0;
  bool fits_ = true;
};

}  // namespace sconce
