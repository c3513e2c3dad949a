#pragma once

#include <stdint.h>

#include <sconce_protocol.h>

namespace sconce {

enum class Timing : uint8_t { IN_TIME, EXPIRED, TOO_FAR };

/** Both ms since 1970. At its deadline a command is late already. */
inline Timing judge(uint64_t deadline, uint64_t now) {
  if (now >= deadline) return Timing::EXPIRED;
  return deadline - now > protocol::kDeadlineAheadMaxMs ? Timing::TOO_FAR : Timing::IN_TIME;
}

}  // namespace sconce
