#pragma once

#include <stdint.h>

#include <string>

namespace sconce {

/** Who a board is, and where its broker stands. The files are PEM. */
struct Identity {
  std::string id;
  std::string host;
  uint16_t port;
  std::string caFile;
  std::string certFile;
  std::string keyFile;
  /** When the certificate ends, ms since 1970, as the certificate itself says. */
  uint64_t notAfter;
};

/** Reads a folder as pki/mint makes it: ca.pem, cert.pem, key.pem, device.json. Throws UsageError. */
Identity readIdentity(const std::string& folder);

}  // namespace sconce
