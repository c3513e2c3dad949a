#pragma once

#include <stddef.h>

#include "ids.h"

namespace sconce {

/** Long enough for the longest, the ack's. */
constexpr size_t kTopicBytes = 80;

/** The topics of one board, in a buffer of kTopicBytes. `format`: one of protocol::kTopic…; `replica` for the ack's. */
void makeTopic(char* buffer, const char* format, const char* device, const ReplicaId* replica = nullptr);

}  // namespace sconce
