#pragma once

#include <keys.h>

namespace sconce {

/** BearSSL on its own stack, which its TLS client keeps for as long as it lives: the loop's has 4 kB in all. */
struct ChipKeys final : Keys {
  bool make(KeyPair& key) override;
  size_t sign(const KeyPair& key, const uint8_t* data, size_t length, uint8_t* signature) override;
  bool isSigned(const uint8_t* point, const uint8_t (&sha256)[kSha256Bytes], const uint8_t* signature, size_t length) override;
  void digest(const uint8_t* data, size_t length, uint8_t (&sha256)[kSha256Bytes]) override;
};

}  // namespace sconce
