#pragma once

#include <stddef.h>
#include <stdint.h>

#include <credentials.h>
#include <store.h>

#include "base64.h"
#include "safekeeping.h"

namespace sconce {

/**
 * A file that replaceFile() does not take, for its length or since it comes in pieces: written beside the old one, each
 * piece read back, and put in its place whole. After the first thing that fails nothing more is done.
 */
class LongFile {
 public:
  LongFile(Store& store, const char* name);
  void add(const char* data, size_t length);
  bool good() const { return good_; }
  /** Whenever the power fails, there is the whole old one or the whole new one. `false`: the old one is still there. */
  bool keep();

 private:
  bool holds(const char* data, size_t length);

  Store& store_;
  const char* name_;
  char fresh_[kFileNameBytes + 4];
  size_t length_ = 0;
  bool good_ = true;
};

/** Writes PEM (RFC 7468), by a buffer, since each piece of a file costs the chip's flash an erase. Labels: in the flash. */
class PemWriter {
 public:
  PemWriter(LongFile& file, char* buffer, size_t capacity) : file_(file), buffer_(buffer), capacity_(capacity) {}

  void bytes(const char* label, Bytes bytes);
  void base64(const char* label, const Base64& bytes);
  /** What a file of the store holds. */
  void file(const char* label, Store& store, const char* name);
  /** To be called at the end: the rest of the buffer. What was in it may be a secret, and is wiped. */
  void flush();

 private:
  void mark(const char* what, const char* label);
  void flashText(const char* text);
  void line(const uint8_t* bytes, size_t length);
  void put(char c);

  LongFile& file_;
  char* buffer_;
  size_t capacity_;
  size_t length_ = 0;
};

extern const char kPemCertificate[];
extern const char kPemKey[];

}  // namespace sconce
