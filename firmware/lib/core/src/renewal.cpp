#include "renewal.h"

#include <flash_text.h>
#include <string.h>

#include "certificate.h"
#include "certificate_request.h"
#include "long_file.h"
#include "safekeeping.h"
#include "wipe.h"
#include "writer.h"

namespace sconce {

using protocol::AckReason;

namespace {

/** With one key a board asks so often: the household may have its reasons to want another. */
constexpr uint8_t kAsksOfOneKey = 3;
/** An answer that has not come by then is not waited for: a twentieth of the lifetime, within these. */
constexpr uint64_t kAgainMostMs = 3600000;
/** The API looks at no more than a request in 5 s of each board. */
constexpr uint64_t kAgainLeastMs = 6000;
/** So often in a row the broker may refuse an identity before the board tries another. */
constexpr uint8_t kRefusalsMost = 3;
/** A certificate that begins so much later than the board's clock is a sign that a clock is wrong; as for a deadline. */
constexpr uint64_t kAheadMs = protocol::kDeadlineAheadMaxMs;

/** A private key (RFC 5915) up to the secret, and what comes after it: the curve, and no point. */
const uint8_t kKeyHead[] SCONCE_FLASH_TEXT = {0x30, 0x31, 2, 1, 1, 4, kSecretBytes};
const uint8_t kKeyTail[] SCONCE_FLASH_TEXT = {0xa0, 0x0a, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7};
constexpr size_t kKeyBytes = sizeof kKeyHead + kSecretBytes + sizeof kKeyTail;

void makeKeyDer(const uint8_t* secret, uint8_t (&der)[kKeyBytes]) {
  uint8_t* at = der;
  const auto flash = [&at](const uint8_t* from, size_t length) {
    for (size_t i = 0; i < length; i++) *at++ = static_cast<uint8_t>(flashCharacter(reinterpret_cast<const char*>(from) + i));
  };
  flash(kKeyHead, sizeof kKeyHead);
  memcpy(at, secret, kSecretBytes);
  at += kSecretBytes;
  flash(kKeyTail, sizeof kKeyTail);
}

Answer wrong(const char* why) {
  return {false, AckReason::WRONG_CERTIFICATE, why};
}

Answer notAsked() {
  return {false, AckReason::NOT_ASKED, SCONCE_FLASH("the board has asked for no certificate, or has it already")};
}

bool isOwnRefusal(Fault fault) {
  return fault == Fault::OWN_CERTIFICATE_EXPIRED || fault == Fault::OWN_CERTIFICATE_REVOKED ||
         fault == Fault::OWN_CERTIFICATE_NOT_TRUSTED || fault == Fault::OWN_CERTIFICATE_REFUSED;
}

/** The key of the last request, if the answer to it is still to come. */
struct Pending {
  explicit Pending(Store& store) {
    there = store.read(Renewal::kPendingFile, reinterpret_cast<char*>(&key), sizeof key) == sizeof key;
  }
  ~Pending() { wipe(&key, sizeof key); }
  KeyPair key;
  bool there;
};

}  // namespace

Renewal::Renewal(Keys& keys, Credentials& credentials, Store& store, Random& random, const char* device,
                 char (&scratch)[kMessageBytes])
    : keys_(keys), credentials_(credentials), store_(store), random_(random), device_(device), scratch_(scratch) {
  look();
  forgetUsedKey();
}

/** The power may have failed just after its certificate was kept. */
void Renewal::forgetUsedKey() {
  const Pending pending(store_);
  Certificate certificate;
  if (!pending.there || !readCertificate(credentials_.certificate(), certificate)) return;
  if (memcmp(pending.key.point, certificate.point, kPointBytes) == 0) store_.remove(kPendingFile);
}

void Renewal::look() {
  Certificate certificate;
  const bool read = readCertificate(credentials_.certificate(), certificate);
  notBefore_ = read ? certificate.notBefore : 0;
  notAfter_ = read ? certificate.notAfter : 0;
}

Answer Renewal::ask() {
  asked_ = true;
  return done();
}

bool Renewal::isDue(uint64_t micros, uint64_t now) const {
  if (installed_) return false;
  if (asked_) return true;
  const uint64_t lifetime = notAfter_ > notBefore_ ? notAfter_ - notBefore_ : 0;
  return lifetime > 0 && now >= notBefore_ + lifetime / 3 * 2 && micros >= nextAt_;
}

size_t Renewal::request(uint64_t micros) {
  asked_ = false;
  uint64_t wait = (notAfter_ - notBefore_) / 20;
  if (wait > kAgainMostMs) wait = kAgainMostMs;
  if (wait < kAgainLeastMs) wait = kAgainLeastMs;
  // By chance, so that the boards of a house do not ask in step.
  nextAt_ = micros + (wait + random_.next() % (wait / 4)) * 1000;

  Pending pending(store_);
  KeyPair& key = pending.key;
  if (!pending.there || asks_ >= kAsksOfOneKey) {
    asks_ = 0;
    if (!keys_.make(key) || !replaceFile(store_, kPendingFile, reinterpret_cast<const char*>(&key), sizeof key)) return 0;
    store_.remove(kIssuerFile);
  }
  asks_++;
  uint8_t der[kRequestBytes];
  const size_t length = makeRequest(keys_, device_, key, der);
  if (length == 0) return 0;
  Writer json(scratch_, sizeof scratch_);
  json.flashText(SCONCE_FLASH("{\"request\":\""));
  const size_t begin = json.length(), letters = base64Length(length);
  static_assert(sizeof scratch_ > base64Length(kRequestBytes) + 20, "a request fits");
  encodeBase64(der, length, scratch_ + begin);
  memcpy(scratch_ + begin + letters, "\"}", 3);
  return begin + letters + 2;
}

/** Into scratch_. */
size_t Renewal::decode(const Base64& certificate) {
  static_assert(sizeof scratch_ >= protocol::kCertificateBytesMax + 2, "a certificate fits");
  return certificate.decode(0, reinterpret_cast<uint8_t*>(scratch_), sizeof scratch_ / 3 * 3);
}

Answer Renewal::issuer(const Base64& certificate) {
  if (!Pending(store_).there) return notAsked();
  const size_t length = decode(certificate);
  Certificate read;
  if (!readCertificate({reinterpret_cast<uint8_t*>(scratch_), length}, read) || !read.isAuthority) {
    return wrong(SCONCE_FLASH("this is no authority's certificate, of EC P-256 with ECDSA and SHA-256"));
  }
  LongFile file(store_, kIssuerFile);
  file.add(scratch_, length);
  if (file.keep()) return done();
  return {false, AckReason::HARDWARE, SCONCE_FLASH("the flash does not take it")};
}

Answer Renewal::install(const Base64& certificate, uint64_t now) {
  const Pending pending(store_);
  char first;
  if (!pending.there || store_.readPart(kIssuerFile, 0, &first, 1) != 1) return notAsked();
  if (!fits(certificate, pending.key.point, now)) {
    return wrong(SCONCE_FLASH("it is not for this board's key and id and in date, or not by the issuer that was named"));
  }
  if (!keep(certificate, pending.key.secret)) {
    return {false, AckReason::HARDWARE, SCONCE_FLASH("the flash does not take it")};
  }
  store_.remove(kPendingFile);
  store_.remove(kIssuerFile);
  asks_ = 0;
  installed_ = true;
  return done();
}

bool Renewal::fits(const Base64& certificate, const uint8_t* point, uint64_t now) {
  const auto der = reinterpret_cast<uint8_t*>(scratch_);
  Certificate read;
  if (!readCertificate({der, decode(certificate)}, read)) return false;
  const Bytes id = {reinterpret_cast<const uint8_t*>(device_), strlen(device_)};
  if (memcmp(read.point, point, kPointBytes) != 0 || !same(read.commonName, id) || read.isAuthority) return false;
  if (read.notAfter <= now || read.notBefore >= read.notAfter || read.notBefore > now + kAheadMs) return false;

  // One certificate at a time fits into the scratch: of this one what its issuer's key is needed for stays.
  uint8_t sha256[kSha256Bytes], issuerName[kSha256Bytes], subjectName[kSha256Bytes], signature[kEcdsaBytes];
  const size_t signatureLength = read.signature.length;
  if (signatureLength > sizeof signature) return false;
  memcpy(signature, read.signature.data, signatureLength);
  keys_.digest(read.signedPart.data, read.signedPart.length, sha256);
  keys_.digest(read.issuer.data, read.issuer.length, issuerName);
  const int32_t length = store_.read(kIssuerFile, scratch_, sizeof scratch_);
  if (length < 0 || !readCertificate({der, static_cast<size_t>(length)}, read)) return false;
  keys_.digest(read.subject.data, read.subject.length, subjectName);
  return memcmp(issuerName, subjectName, sizeof issuerName) == 0 &&
         keys_.isSigned(read.point, sha256, signature, signatureLength);
}

/** In this order there is one whole identity, the old or the new, whenever the power fails. */
bool Renewal::keep(const Base64& certificate, const uint8_t* secret) {
  LongFile file(store_, kFile);
  PemWriter pem(file, scratch_, sizeof scratch_);
  uint8_t key[kKeyBytes];
  makeKeyDer(secret, key);
  pem.bytes(kPemKey, {key, sizeof key});
  wipe(key, sizeof key);
  pem.base64(kPemCertificate, certificate);
  pem.file(kPemCertificate, store_, kIssuerFile);
  pem.flush();
  if (!file.good()) return false;
  // What the broker has let in is what to go back to: not a newer one that it refused.
  if (credentials_.which() == Credentials::Which::RENEWED) store_.rename(kFile, kFormerFile);
  return file.keep();
}

void Renewal::changeOver() {
  installed_ = false;
  refusals_ = 0;
  credentials_.use(Credentials::Which::RENEWED);
  look();
}

bool Renewal::refused(Fault fault, uint64_t now) {
  if (!isOwnRefusal(fault) || ++refusals_ < kRefusalsMost) return false;
  refusals_ = 0;
  const Credentials::Which before = credentials_.which();
  for (size_t i = 1; i < Credentials::kWhichCount; i++) {
    const auto other = static_cast<Credentials::Which>((static_cast<size_t>(before) + i) % Credentials::kWhichCount);
    if (!credentials_.use(other)) continue;
    look();
    if (now >= notBefore_ && now < notAfter_) return true;
  }
  credentials_.use(before);
  look();
  return false;
}

void Renewal::describe(Standing& standing) {
  Certificate certificate;
  Writer serial(standing.serial, sizeof standing.serial);
  standing.notAfter = notAfter_;
  if (!readCertificate(credentials_.certificate(), certificate)) return;
  static const char kDigits[] SCONCE_FLASH_TEXT = "0123456789abcdef";
  for (size_t i = 0; i < certificate.serial.length; i++) {
    const uint8_t byte = certificate.serial.data[i];
    if (i > 0 || byte >> 4 > 0) serial.character(flashCharacter(kDigits + (byte >> 4)));
    serial.character(flashCharacter(kDigits + (byte & 15)));
  }
}

}  // namespace sconce
