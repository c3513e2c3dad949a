#pragma once

#include <stddef.h>
#include <stdint.h>

#include <keys.h>

#include "der.h"

namespace sconce {

/** What a board reads of an X.509 certificate (RFC 5280), of the kind that a household makes: EC P-256, ECDSA, SHA-256. */
struct Certificate {
  /** What the signature is over, and the signature, in DER. */
  Bytes signedPart, signature;
  /** Big-endian, without zeros in front. */
  Bytes serial;
  /** Whole names, to compare. */
  Bytes issuer, subject;
  /** The subject, if it is one common name and nothing else; else empty. */
  Bytes commonName;
  /** ms since 1970. */
  uint64_t notBefore, notAfter;
  /** kPointBytes. */
  const uint8_t* point;
  /** It may sign certificates (basic constraints: CA). */
  bool isAuthority;
};

/** Reads it in place. `false`: no certificate, or of another kind. */
bool readCertificate(Bytes der, Certificate& certificate);
/** Whether the key of `issuer` has signed it. */
bool isSignedBy(Keys& keys, const Certificate& certificate, const uint8_t* issuerPoint);

/** 26 bytes in the flash that stand before a point of P-256 in a certificate and in a request (RFC 5480, 2). */
constexpr size_t kPointHeadBytes = 26;
extern const uint8_t kPointHead[kPointHeadBytes];
/** ecdsa-with-SHA256 (RFC 5758, 3.2), in the flash. */
constexpr size_t kEcdsaSha256Bytes = 12;
extern const uint8_t kEcdsaSha256[kEcdsaSha256Bytes];

}  // namespace sconce
