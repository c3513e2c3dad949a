#include "certificate_request.h"

#include <flash_text.h>
#include <sconce_protocol.h>
#include <string.h>

#include "certificate.h"
#include "der.h"

namespace sconce {

namespace {

/** Lengths count what comes after them; all are known beforehand but the signature's. */
constexpr uint8_t kId = protocol::kDeviceIdLength;
constexpr uint8_t kPair = 2 + 3 + 2 + kId;
constexpr uint8_t kName = 2 + 2 + kPair;
constexpr uint8_t kInfo = 3 + 2 + kName + kPointHeadBytes + kPointBytes + 2;
static_assert(kInfo >= 0x80 && kName < 0x80, "the lengths below are written in one byte, or in one after 0x81");

const uint8_t kHead[] SCONCE_FLASH_TEXT = {kDerSequence, 0x81, kInfo, kDerInteger, 1, 0, kDerSequence, kName, kDerSet, kPair + 2,
                                        kDerSequence, kPair, kDerObject, 3, 0x55, 4, 3, kDerUtf8, kId};
constexpr size_t kInfoBytes = kInfo + 3;
static_assert(kInfoBytes == sizeof kHead + kId + kPointHeadBytes + kPointBytes + 2, "the lengths above are right");
/** Of the outermost, with a length of one byte after 0x81. */
constexpr size_t kOuter = 3;
static_assert(kOuter + kInfoBytes + kEcdsaSha256Bytes + 3 + kEcdsaBytes <= kRequestBytes, "there is room");

uint8_t* copy(const uint8_t* from, size_t length, uint8_t* to) {
  memcpy(to, from, length);
  return to + length;
}

uint8_t* copyFlash(const uint8_t* from, size_t length, uint8_t* to) {
  for (size_t i = 0; i < length; i++) *to++ = static_cast<uint8_t>(flashCharacter(reinterpret_cast<const char*>(from) + i));
  return to;
}

}  // namespace

size_t makeRequest(Keys& keys, const char* device, const KeyPair& key, uint8_t* request) {
  uint8_t* const info = request + kOuter;
  uint8_t* at = copyFlash(kHead, sizeof kHead, info);
  at = copy(reinterpret_cast<const uint8_t*>(device), kId, at);
  at = copyFlash(kPointHead, kPointHeadBytes, at);
  at = copy(key.point, kPointBytes, at);
  // No attributes.
  *at++ = kDerFirst;
  *at++ = 0;
  at = copyFlash(kEcdsaSha256, kEcdsaSha256Bytes, at);
  const size_t signature = keys.sign(key, info, kInfoBytes, at + 3);
  if (signature == 0) return 0;
  *at++ = kDerBitString;
  *at++ = static_cast<uint8_t>(signature + 1);
  *at = 0;
  const size_t length = kInfoBytes + kEcdsaSha256Bytes + 3 + signature;
  request[0] = kDerSequence;
  request[1] = 0x81;
  request[2] = static_cast<uint8_t>(length);
  return kOuter + length;
}

}  // namespace sconce
