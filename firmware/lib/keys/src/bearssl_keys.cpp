#include "bearssl_keys.h"

#if __has_include(<bearssl/bearssl.h>)
#include <bearssl/bearssl.h>
#else
#include <bearssl.h>
#endif
#include <keys.h>
#include <string.h>

using namespace sconce;

bool sconceMakeKey(const uint8_t* seed, uint8_t* secret, uint8_t* point) {
  br_hmac_drbg_context noise;
  br_hmac_drbg_init(&noise, &br_sha256_vtable, seed, kSeedBytes);
  br_ec_private_key key;
  // br_ec_keygen wants room for any curve's; P-256 takes the beginning.
  unsigned char bytes[BR_EC_KBUF_PRIV_MAX_SIZE];
  const size_t length = br_ec_keygen(&noise.vtable, br_ec_get_default(), &key, bytes, BR_EC_secp256r1);
  br_ec_public_key half;
  unsigned char pointBytes[BR_EC_KBUF_PUB_MAX_SIZE];
  const bool made = length == kSecretBytes &&
                    br_ec_compute_pub(br_ec_get_default(), &half, pointBytes, &key) == kPointBytes;
  if (made) {
    memcpy(secret, key.x, kSecretBytes);
    memcpy(point, half.q, kPointBytes);
  }
  // As wipe.h of the core: a memset that nobody reads after is left out.
  for (volatile unsigned char* byte = bytes; byte < bytes + sizeof bytes; byte++) *byte = 0;
  volatile unsigned char* state = reinterpret_cast<volatile unsigned char*>(&noise);
  for (size_t i = 0; i < sizeof noise; i++) state[i] = 0;
  return made;
}

size_t sconceSign(const uint8_t* secret, const uint8_t* sha256, uint8_t* signature) {
  const br_ec_private_key key = {BR_EC_secp256r1, const_cast<unsigned char*>(secret), kSecretBytes};
  return br_ecdsa_sign_asn1_get_default()(br_ec_get_default(), &br_sha256_vtable, sha256, &key, signature);
}

bool sconceIsSigned(const uint8_t* point, const uint8_t* sha256, const uint8_t* signature, size_t length) {
  const br_ec_public_key key = {BR_EC_secp256r1, const_cast<unsigned char*>(point), kPointBytes};
  return br_ecdsa_vrfy_asn1_get_default()(br_ec_get_default(), sha256, kSha256Bytes, &key, signature, length) == 1;
}

void sconceDigest(const uint8_t* data, size_t length, uint8_t* sha256) {
  br_sha256_context context;
  br_sha256_init(&context);
  br_sha256_update(&context, data, length);
  br_sha256_out(&context, sha256);
}
