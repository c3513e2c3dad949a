#include "certificate.h"

#include <flash_text.h>

namespace sconce {

const uint8_t kPointHead[kPointHeadBytes] SCONCE_FLASH_TEXT = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
const uint8_t kEcdsaSha256[kEcdsaSha256Bytes] SCONCE_FLASH_TEXT = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

namespace {

bool begins(Bytes bytes, const uint8_t* flash, size_t length) {
  if (bytes.length < length) return false;
  for (size_t i = 0; i < length; i++) {
    if (bytes.data[i] != static_cast<uint8_t>(flashCharacter(reinterpret_cast<const char*>(flash) + i))) return false;
  }
  return true;
}

/** Days from 1970-01-01; as Writer::day(), the other way round. */
uint64_t daysOf(uint64_t year, uint64_t month, uint64_t day) {
  if (month <= 2) year--;
  const uint64_t yearOfEra = year % 400;
  const uint64_t inYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return year / 400 * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + inYear - 719468;
}

/** RFC 5280, 4.1.2.5: to the second and in UTC; two digits of the year until 2049, then four. */
bool takeTime(Der& der, uint64_t& ms) {
  Bytes text;
  const bool four = der.tag() == kDerTime;
  if (!der.take(four ? kDerTime : kDerUtcTime, text)) return false;
  if (text.length != (four ? 15u : 13u) || text.data[text.length - 1] != 'Z') return false;
  for (size_t i = 0; i + 1 < text.length; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
  }
  const uint8_t* digit = text.data;
  const auto two = [&digit] {
    digit += 2;
    return static_cast<uint64_t>((digit[-2] - '0') * 10 + digit[-1] - '0');
  };
  uint64_t year = two();
  year = four ? year * 100 + two() : year + (year < 50 ? 2000 : 1900);
  const uint64_t month = two(), day = two(), hour = two(), minute = two(), second = two();
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return false;
  ms = (((daysOf(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
  return true;
}

/** 2.5.4.3 */
bool isCommonName(Bytes object) {
  return object.length == 3 && object.data[0] == 0x55 && object.data[1] == 4 && object.data[2] == 3;
}

void readCommonName(Bytes subject, Bytes& name) {
  Bytes names, set, pair, object;
  Der whole(subject);
  if (!whole.take(kDerSequence, names)) return;
  Der sets(names);
  if (!sets.take(kDerSet, set) || !sets.done()) return;
  Der pairs(set);
  if (!pairs.take(kDerSequence, pair) || !pairs.done()) return;
  Der parts(pair);
  if (!parts.take(kDerObject, object) || !isCommonName(object)) return;
  if (!parts.take(parts.tag() == kDerPrintable ? kDerPrintable : kDerUtf8, name) || !parts.done()) name = Bytes();
}

/** 2.5.29.19 */
bool isBasicConstraints(Bytes object) {
  return object.length == 3 && object.data[0] == 0x55 && object.data[1] == 29 && object.data[2] == 19;
}

/** Of the extensions, which stand last: SEQUENCE OF { object, BOOLEAN critical or nothing, what it says in DER }. */
bool saysAuthority(Der& part) {
  Bytes all, list, one, object, truth, said, constraints;
  while (!part.done() && part.tag() != kDerFourth) {
    if (!part.take(part.tag(), all)) return false;
  }
  if (!part.take(kDerFourth, all)) return false;
  Der inner(all);
  if (!inner.take(kDerSequence, list)) return false;
  for (Der extensions(list); extensions.take(kDerSequence, one);) {
    Der parts(one);
    if (!parts.take(kDerObject, object) || !isBasicConstraints(object)) continue;
    parts.take(kDerBoolean, truth);
    if (!parts.take(kDerOctetString, said)) return false;
    Der sequence(said);
    if (!sequence.take(kDerSequence, constraints)) return false;
    return Der(constraints).take(kDerBoolean, truth) && truth.length == 1 && *truth.data != 0;
  }
  return false;
}

bool takePoint(Der& der, const uint8_t*& point) {
  Bytes key;
  if (!der.takeWhole(kDerSequence, key) || key.length != kPointHeadBytes + kPointBytes) return false;
  point = key.data + kPointHeadBytes;
  return begins(key, kPointHead, kPointHeadBytes) && *point == 4;
}

bool takeAlgorithm(Der& der) {
  Bytes algorithm;
  return der.takeWhole(kDerSequence, algorithm) && algorithm.length == kEcdsaSha256Bytes &&
         begins(algorithm, kEcdsaSha256, kEcdsaSha256Bytes);
}

bool readSignedPart(Bytes content, Certificate& certificate) {
  Bytes version, validity;
  Der part(content);
  if (!part.take(kDerFirst, version) || !part.take(kDerInteger, certificate.serial)) return false;
  while (certificate.serial.length > 1 && *certificate.serial.data == 0) {
    certificate.serial.data++;
    certificate.serial.length--;
  }
  if (!takeAlgorithm(part) || !part.takeWhole(kDerSequence, certificate.issuer)) return false;
  if (!part.take(kDerSequence, validity) || !part.takeWhole(kDerSequence, certificate.subject)) return false;
  Der times(validity);
  if (!takeTime(times, certificate.notBefore) || !takeTime(times, certificate.notAfter)) return false;
  certificate.commonName = Bytes();
  readCommonName(certificate.subject, certificate.commonName);
  if (!takePoint(part, certificate.point)) return false;
  certificate.isAuthority = saysAuthority(part);
  return true;
}

}  // namespace

bool readCertificate(Bytes der, Certificate& certificate) {
  Bytes content, bits, signedContent;
  Der outer(der);
  if (!outer.take(kDerSequence, content) || !outer.done()) return false;
  Der parts(content);
  Der again(content);
  if (!parts.take(kDerSequence, signedContent) || !again.takeWhole(kDerSequence, certificate.signedPart)) return false;
  if (!takeAlgorithm(parts) || !parts.take(kDerBitString, bits) || !parts.done()) return false;
  // The first byte says how many bits of the last one are none: 0.
  if (bits.length < 2 || bits.data[0] != 0) return false;
  certificate.signature.data = bits.data + 1;
  certificate.signature.length = bits.length - 1;
  return readSignedPart(signedContent, certificate);
}

bool isSignedBy(Keys& keys, const Certificate& certificate, const uint8_t* issuerPoint) {
  uint8_t sha256[kSha256Bytes];
  keys.digest(certificate.signedPart.data, certificate.signedPart.length, sha256);
  return keys.isSigned(issuerPoint, sha256, certificate.signature.data, certificate.signature.length);
}

}  // namespace sconce
