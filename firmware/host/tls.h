#pragma once

#include <openssl/ssl.h>
#include <stdint.h>

#include <string>

#include <clock.h>
#include <fault.h>

#include "identity_folder.h"

namespace sconce {

/**
 * Mutual TLS 1.2, as the chip speaks it, and what became of it. The broker's certificate must be for the name in the
 * identity, wherever one knocks. libmosquitto's own settings could not tell the two apart.
 */
class Tls {
 public:
  Tls(const IdentityFolder& identity, Clock& clock) : identity_(identity), clock_(clock) {}

  /** A new context for one connection; the caller frees it. This object must outlive it. Throws UsageError. */
  SSL_CTX* begin();
  bool done() const { return done_; }
  uint32_t handshakeMs() const { return handshakeMs_; }
  /** Whether the handshake has failed; libmosquitto does not always say so. */
  bool broken() const { return broken_; }
  /** Whether TLS knows why the connection failed. */
  bool failed(Fault& fault) const;
  /** errno, where the handshake failed by it; 0: not known. */
  int systemError() const { return systemError_; }

 private:
  static void onInfo(const SSL* ssl, int where, int value);
  static int onVerify(int good, X509_STORE_CTX* store);

  const IdentityFolder& identity_;
  Clock& clock_;
  uint64_t began_ = 0;
  uint32_t handshakeMs_ = 0;
  bool done_ = false;
  bool broken_ = false;
  int systemError_ = 0;
  /** What the broker said, RFC 5246, 7.2; 0: nothing. */
  int alert_ = 0;
  /** X509_V_ERR_… */
  int verifyError_ = 0;
  /** SSL_R_… */
  int reason_ = 0;
};

}  // namespace sconce
