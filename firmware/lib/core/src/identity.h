#pragma once

#include <stddef.h>
#include <stdint.h>

#include <sconce_protocol.h>

#include "writer.h"

namespace sconce {

/** Of device.json; pki/mint writes about 250 bytes. */
constexpr size_t kIdentityFileBytes = 1024;
/** pki/mint refuses a longer one. */
constexpr size_t kBrokerHostCharacters = 64;

/** What device.json says: who the board is, and where its broker stands. */
struct Identity {
  char id[protocol::kDeviceIdLength + 1];
  char host[kBrokerHostCharacters + 1];
  uint16_t port;
  /** When the board's certificate ends, ms since 1970. */
  uint64_t certificateNotAfter;
};

/** `false`: `complaint` says what is wrong with device.json, and what to do. */
bool readIdentity(const char* text, size_t length, Identity& identity, Writer& complaint);

}  // namespace sconce
