#include "trust.h"

#include <flash_text.h>
#include <string.h>

#include "certificate.h"
#include "long_file.h"
#include "writer.h"

namespace sconce {

using protocol::AckReason;

namespace {

/** The digest in words, all of it or its beginning. */
void writeHex(Writer& words, const uint8_t* bytes, size_t length) {
  for (size_t i = 0; i < length; i += 4) {
    const uint8_t* b = bytes + i;
    words.hex(uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3]);
  }
}

/** The text that pki/rotate knows. It names its purpose: no signature of a certificate or a firmware is over it. */
bool isNamed(Trust& trust, const uint8_t (&sha256)[kSha256Bytes], const Base64& base64, bool alone, size_t& by) {
  char text[100];
  Writer words(text, sizeof text);
  words.flashText(SCONCE_FLASH("sconce authority v1\n")).text(alone ? "alone" : "add").character('\n');
  writeHex(words, sha256, sizeof sha256);
  words.character('\n');
  uint8_t signature[(protocol::kSignatureBytesMax + 2) / 3 * 3];
  const size_t length = base64.decode(0, signature, sizeof signature);
  return words.fits() && trust.isHouseholds(text, signature, length, by);
}

}  // namespace

bool Trust::isHouseholds(const char* text, const uint8_t* signature, size_t length, size_t& by) {
  uint8_t sha256[kSha256Bytes];
  keys_.digest(reinterpret_cast<const uint8_t*>(text), strlen(text), sha256);
  Certificate authority;
  for (by = 0;; by++) {
    const Bytes der = credentials_.authority(by);
    if (der.length == 0) return false;
    if (readCertificate(der, authority) && keys_.isSigned(authority.point, sha256, signature, length)) return true;
  }
}

Answer Trust::trust(const Base64& certificate, const Base64& signature, bool alone) {
  const auto der = reinterpret_cast<uint8_t*>(scratch_);
  static_assert(sizeof scratch_ >= protocol::kCertificateBytesMax + 2, "a certificate fits");
  const Bytes given = {der, certificate.decode(0, der, sizeof scratch_ / 3 * 3)};
  Certificate read;
  if (!readCertificate(given, read) || !read.isAuthority) {
    return {false, AckReason::WRONG_CERTIFICATE,
            SCONCE_FLASH("this is no authority's certificate, of EC P-256 with ECDSA and SHA-256")};
  }
  uint8_t sha256[kSha256Bytes];
  keys_.digest(given.data, given.length, sha256);
  size_t by = 0;
  if (!isNamed(*this, sha256, signature, alone, by)) {
    return {false, AckReason::NOT_SIGNED, SCONCE_FLASH("no authority that this board trusts has named this one: pki/rotate")};
  }
  size_t count = 0;
  bool known = false;
  for (Bytes one; (one = credentials_.authority(count)).length > 0; count++) known = known || same(one, given);
  if (known && (!alone || count == 1)) return done();
  if (!keep(alone ? Bytes() : credentials_.authority(by), certificate)) {
    return {false, AckReason::HARDWARE, SCONCE_FLASH("the flash does not take it, or the board has no memory")};
  }
  changed_ = true;
  return done();
}

bool Trust::keep(Bytes besides, const Base64& certificate) {
  LongFile file(store_, kFile);
  PemWriter pem(file, scratch_, sizeof scratch_);
  if (besides.length > 0) pem.bytes(kPemCertificate, besides);
  pem.base64(kPemCertificate, certificate);
  pem.flush();
  return file.keep() && credentials_.trustAnew();
}

void Trust::describe(Standing& standing) {
  standing.trustCount = 0;
  for (Bytes one; standing.trustCount < kTrustsMost && (one = credentials_.authority(standing.trustCount)).length > 0;) {
    uint8_t sha256[kSha256Bytes];
    keys_.digest(one.data, one.length, sha256);
    Writer words(standing.trusts[standing.trustCount++], sizeof standing.trusts[0]);
    writeHex(words, sha256, kFingerprintDigits / 2);
  }
}

}  // namespace sconce
