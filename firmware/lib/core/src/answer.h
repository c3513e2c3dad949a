#pragma once

#include <sconce_protocol.h>

namespace sconce {

/** What became of a command that is carried out at once. */
struct Answer {
  bool done;
  /** Unless done. `why`: in the flash. */
  protocol::AckReason reason;
  const char* why;
};

inline Answer done() {
  return {true, protocol::AckReason::UNKNOWN_COMMAND, ""};
}

}  // namespace sconce
