#pragma once

#include <stddef.h>
#include <stdint.h>

// BearSSL's part of the port Keys, in C: on the chip each but the digest runs on a stack of its own, to which only
// registers lead. All take up to 3 kB of stack.

extern "C" {

/** `seed`: 64 bytes of noise, never to be used again; into 32 and 65 bytes. */
bool sconceMakeKey(const uint8_t* seed, uint8_t* secret, uint8_t* point);
/** Into 72 bytes; the length, 0: it failed. */
size_t sconceSign(const uint8_t* secret, const uint8_t* sha256, uint8_t* signature);
bool sconceIsSigned(const uint8_t* point, const uint8_t* sha256, const uint8_t* signature, size_t length);
/** Takes 0.5 kB of stack. */
void sconceDigest(const uint8_t* data, size_t length, uint8_t* sha256);

}  // extern "C"

namespace sconce {

constexpr size_t kSeedBytes = 64;

}  // namespace sconce
