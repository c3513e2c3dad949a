#include "flash_slot.h"

#include <Arduino.h>
#include <StackThunk.h>
#include <Updater.h>

#include <new>

extern "C" {

bool sconceCheckSignature(const br_ec_public_key* key, const char* text, const uint8_t* signature, size_t length) {
  br_sha256_context context;
  br_sha256_init(&context);
  br_sha256_update(&context, text, strlen(text));
  uint8_t digest[br_sha256_SIZE];
  br_sha256_out(&context, digest);
  return br_ecdsa_vrfy_asn1_get_default()(br_ec_get_default(), digest, sizeof digest, key, signature, length) == 1;
}

// On BearSSL's own stack, which its client keeps for as long as it lives: the loop's has 4 kB in all.
make_stack_thunk(sconceCheckSignature);
bool thunk_sconceCheckSignature(const br_ec_public_key* key, const char* text, const uint8_t* signature, size_t length);

}  // extern "C"

namespace sconce {

bool FlashSlot::isSigned(const char* text, const uint8_t* signature, size_t length) {
  for (size_t i = 0; i < authority_.getCount(); i++) {
    const br_x509_pkey& key = authority_.getTrustAnchors()[i].pkey;
    if (key.key_type == BR_KEYTYPE_EC && thunk_sconceCheckSignature(&key.key.ec, text, signature, length)) return true;
  }
  return false;
}

bool FlashSlot::begin(uint32_t size) {
  digest_.reset(new (std::nothrow) br_sha256_context);
  if (!digest_ || !::Update.begin(size)) return false;
  br_sha256_init(digest_.get());
  return true;
}

bool FlashSlot::write(const uint8_t* bytes, size_t length) {
  br_sha256_update(digest_.get(), bytes, length);
  return ::Update.write(const_cast<uint8_t*>(bytes), length) == length;
}

void FlashSlot::digest(uint8_t (&sha256)[32]) {
  br_sha256_out(digest_.get(), sha256);
}

bool FlashSlot::commit() {
  digest_.reset();
  return ::Update.end();
}

/** The Updater cannot be told to forget, and end() would make bootable what is complete: only an error stops it. */
void FlashSlot::abandon() {
  digest_.reset();
  ::Update.write(nullptr, ::Update.size() + 1);
}

}  // namespace sconce
