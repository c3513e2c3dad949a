#include "long_file.h"

#include <flash_text.h>
#include <string.h>

#include "wipe.h"
#include "writer.h"

namespace sconce {

const char kPemCertificate[] SCONCE_FLASH_TEXT = "CERTIFICATE";
const char kPemKey[] SCONCE_FLASH_TEXT = "EC PRIVATE KEY";

namespace {

/** RFC 7468: 64 characters a line. */
constexpr size_t kLineCharacters = 64, kLineBytes = kLineCharacters / 4 * 3;

}  // namespace

LongFile::LongFile(Store& store, const char* name) : store_(store), name_(name) {
  Writer(fresh_, sizeof fresh_).text(name).text(".new");
}

void LongFile::add(const char* data, size_t length) {
  if (!good_) return;
  good_ = (length_ == 0 ? store_.write(fresh_, data, length) : store_.append(fresh_, data, length)) && holds(data, length);
  length_ += length;
  if (!good_) store_.remove(fresh_);
}

bool LongFile::keep() {
  if (good_ && store_.rename(fresh_, name_)) return true;
  store_.remove(fresh_);
  return good_ = false;
}

bool LongFile::holds(const char* data, size_t length) {
  char copy[64];
  bool same = true;
  for (size_t at = 0; same && at < length;) {
    const size_t wanted = length - at < sizeof copy ? length - at : sizeof copy;
    const int32_t got = store_.readPart(fresh_, length_ + at, copy, wanted);
    same = got == static_cast<int32_t>(wanted) && memcmp(copy, data + at, wanted) == 0;
    at += wanted;
  }
  wipe(copy, sizeof copy);
  return same;
}

void PemWriter::bytes(const char* label, Bytes bytes) {
  mark(SCONCE_FLASH("BEGIN "), label);
  for (size_t at = 0; at < bytes.length; at += kLineBytes) {
    line(bytes.data + at, bytes.length - at < kLineBytes ? bytes.length - at : kLineBytes);
  }
  mark(SCONCE_FLASH("END "), label);
}

void PemWriter::base64(const char* label, const Base64& bytes) {
  mark(SCONCE_FLASH("BEGIN "), label);
  for (size_t i = 0; i < bytes.length(); i++) {
    put(bytes.text()[i]);
    if ((i + 1) % kLineCharacters == 0 || i + 1 == bytes.length()) put('\n');
  }
  mark(SCONCE_FLASH("END "), label);
}

void PemWriter::file(const char* label, Store& store, const char* name) {
  mark(SCONCE_FLASH("BEGIN "), label);
  char part[kLineBytes];
  int32_t length = 0;
  for (size_t at = 0; (length = store.readPart(name, at, part, sizeof part)) > 0; at += sizeof part) {
    line(reinterpret_cast<const uint8_t*>(part), static_cast<size_t>(length));
  }
  mark(SCONCE_FLASH("END "), label);
}

void PemWriter::flush() {
  if (length_ > 0) file_.add(buffer_, length_);
  wipe(buffer_, length_);
  length_ = 0;
}

void PemWriter::mark(const char* what, const char* label) {
  flashText(SCONCE_FLASH("-----"));
  flashText(what);
  flashText(label);
  flashText(SCONCE_FLASH("-----\n"));
}

void PemWriter::flashText(const char* text) {
  for (char c; (c = flashCharacter(text)) != '\0'; text++) put(c);
}

void PemWriter::line(const uint8_t* bytes, size_t length) {
  char text[kLineCharacters];
  encodeBase64(bytes, length, text);
  for (size_t i = 0; i < base64Length(length); i++) put(text[i]);
  wipe(text, sizeof text);
  put('\n');
}

void PemWriter::put(char c) {
  if (length_ == capacity_) flush();
  buffer_[length_++] = c;
}

}  // namespace sconce
