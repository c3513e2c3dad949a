#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/** Of EC P-256; the point uncompressed (SEC 1, 2.3.3), as it stands in a certificate. */
constexpr size_t kSecretBytes = 32;
constexpr size_t kPointBytes = 65;
/** Of an ECDSA signature in DER. */
constexpr size_t kEcdsaBytes = 72;
constexpr size_t kSha256Bytes = 32;

struct KeyPair {
  uint8_t secret[kSecretBytes];
  uint8_t point[kPointBytes];
};

/** The arithmetic of certificates: EC P-256 and SHA-256. Each but digest() takes up to half a second on the chip. */
struct Keys {
  /** A new key, of noise that nobody can know. `false`: there is none. */
  virtual bool make(KeyPair& key) = 0;
  /** ECDSA over the data's SHA-256, into kEcdsaBytes; its length, 0 if that fails. */
  virtual size_t sign(const KeyPair& key, const uint8_t* data, size_t length, uint8_t* signature) = 0;
  /** Whether `signature` (ECDSA over SHA-256, in DER) is over this digest, by the key of this point. */
  virtual bool isSigned(const uint8_t* point, const uint8_t (&sha256)[kSha256Bytes], const uint8_t* signature, size_t length) = 0;
  virtual void digest(const uint8_t* data, size_t length, uint8_t (&sha256)[kSha256Bytes]) = 0;

 protected:
  ~Keys() = default;
};

}  // namespace sconce
