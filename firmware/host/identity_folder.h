#pragma once

#include <string>
#include <vector>

#include <identity.h>

namespace sconce {

/** A folder as the chip's file system: what pki/mint makes and firmware/flash adds to. The files are PEM. */
struct IdentityFolder : Identity {
  std::string folder;
  /** What the next connection is made with; FolderCredentials changes these. */
  std::string caFile;
  std::string certFile;
  std::string keyFile;
  /** GPIO numbers, as pins.txt has them; none without pins.txt. */
  std::vector<uint8_t> relays;
};

/** Reads ca.pem, cert.pem, key.pem and device.json, and pins.txt and wifi.txt where they are. Throws UsageError. */
IdentityFolder readIdentityFolder(const std::string& folder);

}  // namespace sconce
