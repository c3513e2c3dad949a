#pragma once

#include <string.h>
#include <sys/random.h>

#include <bearssl_keys.h>
#include <keys.h>

namespace sconce {

/** The chip's arithmetic, with noise of this machine. */
struct HostKeys final : Keys {
  bool make(KeyPair& key) override {
    uint8_t seed[kSeedBytes];
    return getrandom(seed, sizeof seed, 0) == static_cast<ssize_t>(sizeof seed) && sconceMakeKey(seed, key.secret, key.point);
  }
  size_t sign(const KeyPair& key, const uint8_t* data, size_t length, uint8_t* signature) override {
    uint8_t sha256[kSha256Bytes];
    digest(data, length, sha256);
    return sconceSign(key.secret, sha256, signature);
  }
  bool isSigned(const uint8_t* point, const uint8_t (&sha256)[kSha256Bytes], const uint8_t* signature, size_t length) override {
    return sconceIsSigned(point, sha256, signature, length);
  }
  void digest(const uint8_t* data, size_t length, uint8_t (&sha256)[kSha256Bytes]) override {
    sconceDigest(data, length, sha256);
  }
};

}  // namespace sconce
