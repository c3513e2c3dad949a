#include "update.h"

#include <flash_text.h>
#include <string.h>

#include "writer.h"

namespace sconce {

using protocol::AckReason;

namespace {

/** Bytes decoded at a time: the loop's stack is small. A multiple of 3, as base64 wants it. */
constexpr size_t kStep = 96;

Answer outOfOrder(const char* why) {
  return {false, AckReason::OUT_OF_ORDER, why};
}

}  // namespace

Answer Update::begin(const FirmwareOffer& offer, uint64_t now) {
  if (!isSigned(offer)) {
    return {false, AckReason::NOT_SIGNED, SCONCE_FLASH("this household has not signed this firmware: pki/sign-firmware")};
  }
  if (offer.signedAt < builtAt_) {
    return {false, AckReason::NOT_SIGNED, SCONCE_FLASH("it was signed before the firmware here was built: sign it anew")};
  }
  heardAt_ = now;
  if (underWay() && offer.size == size_ && memcmp(offer.sha256, sha256_, sizeof sha256_) == 0) return done();
  abandon();
  if (!slot_.begin(offer.size)) return fail(SCONCE_FLASH("the flash has no room for it, or the board no memory"));
  size_ = offer.size;
  at_ = 0;
  memcpy(sha256_, offer.sha256, sizeof sha256_);
  return done();
}

/** The text that services/protocol and pki/sign-firmware know. It names its purpose: no signature of a certificate is over it. */
bool Update::isSigned(const FirmwareOffer& offer) const {
  char text[128];
  Writer words(text, sizeof text);
  words.flashText(SCONCE_FLASH("sconce firmware v1\n")).number(offer.size).character('\n');
  for (size_t i = 0; i < sizeof offer.sha256; i += 4) {
    const uint8_t* b = offer.sha256 + i;
    words.hex(uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3]);
  }
  words.character('\n').number(offer.signedAt).character('\n');
  uint8_t signature[(protocol::kSignatureBytesMax + 2) / 3 * 3];
  const size_t length = offer.signature.decode(0, signature, sizeof signature);
  return words.fits() && trust_.isHouseholds(text, signature, length);
}

Answer Update::data(uint32_t at, const Base64& bytes, uint64_t now) {
  if (!underWay()) return outOfOrder(SCONCE_FLASH("no update is under way: begin"));
  heardAt_ = now;
  const size_t length = bytes.size();
  if (at + length <= at_) return done();
  if (at != at_ || length > size_ - at_) return outOfOrder(SCONCE_FLASH("another part of the firmware is next"));
  uint8_t piece[kStep];
  for (size_t offset = 0; offset < length;) {
    const size_t count = bytes.decode(offset, piece, sizeof piece);
    if (!slot_.write(piece, count)) return fail(SCONCE_FLASH("the flash does not take it"));
    offset += count;
  }
  at_ += static_cast<uint32_t>(length);
  return done();
}

Answer Update::end() {
  if (!underWay()) return outOfOrder(SCONCE_FLASH("no update is under way: begin"));
  if (at_ < size_) return outOfOrder(SCONCE_FLASH("there is more to come of the firmware"));
  uint8_t sha256[32];
  slot_.digest(sha256);
  if (memcmp(sha256, sha256_, sizeof sha256) != 0) return fail(SCONCE_FLASH("what has arrived is not what was signed"));
  if (!slot_.commit()) return fail(SCONCE_FLASH("the flash does not hold what was written"));
  size_ = 0;
  return done();
}

void Update::step(uint64_t now) {
  if (underWay() && now - heardAt_ >= uint64_t{protocol::kUpdateSilenceMs} * 1000) abandon();
}

void Update::abandon() {
  if (underWay()) slot_.abandon();
  size_ = 0;
}

Answer Update::fail(const char* why) {
  abandon();
  return {false, AckReason::UPDATE_FAILED, why};
}

}  // namespace sconce
