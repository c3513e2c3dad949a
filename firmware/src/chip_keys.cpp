#include "chip_keys.h"

#include <Arduino.h>
#include <StackThunk.h>
#include <bearssl_keys.h>
#include <wipe.h>

extern "C" {

make_stack_thunk(sconceMakeKey);
bool thunk_sconceMakeKey(const uint8_t* seed, uint8_t* secret, uint8_t* point);
make_stack_thunk(sconceSign);
size_t thunk_sconceSign(const uint8_t* secret, const uint8_t* sha256, uint8_t* signature);
make_stack_thunk(sconceIsSigned);
bool thunk_sconceIsSigned(const uint8_t* point, const uint8_t* sha256, const uint8_t* signature, size_t length);

}  // extern "C"

namespace sconce {

bool ChipKeys::make(KeyPair& key) {
  // The chip's noise is fed by the radio receiver, which is on: a key is made only while the board is connected. The core
  // reads it no faster than it comes.
  uint8_t seed[kSeedBytes];
  ESP.random(seed, sizeof seed);
  const bool made = thunk_sconceMakeKey(seed, key.secret, key.point);
  wipe(seed, sizeof seed);
  return made;
}

size_t ChipKeys::sign(const KeyPair& key, const uint8_t* data, size_t length, uint8_t* signature) {
  uint8_t sha256[kSha256Bytes];
  digest(data, length, sha256);
  return thunk_sconceSign(key.secret, sha256, signature);
}

bool ChipKeys::isSigned(const uint8_t* point, const uint8_t (&sha256)[kSha256Bytes], const uint8_t* signature, size_t length) {
  return thunk_sconceIsSigned(point, sha256, signature, length);
}

void ChipKeys::digest(const uint8_t* data, size_t length, uint8_t (&sha256)[kSha256Bytes]) {
  sconceDigest(data, length, sha256);
}

}  // namespace sconce
