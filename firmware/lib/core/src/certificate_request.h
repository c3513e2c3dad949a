#pragma once

#include <stddef.h>
#include <stdint.h>

#include <keys.h>

namespace sconce {

/** Of a request; 234 with the longest signature. */
constexpr size_t kRequestBytes = 240;

/**
 * A certificate request (PKCS #10, RFC 2986) in DER: this board's id as its one name, this key, and no wish besides.
 * Into kRequestBytes; its length, 0: it could not be signed.
 */
size_t makeRequest(Keys& keys, const char* device, const KeyPair& key, uint8_t* request);

}  // namespace sconce
