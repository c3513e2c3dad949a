#include "command_memory.h"

namespace sconce {

static_assert(protocol::kCommandsRemembered > protocol::kCommandsQueued + 1, "what waits must never be forgotten");

void Remembered::wait(const ReplicaId& replica) {
  for (size_t i = 0; i < waitingCount; i++) {
    if (same(waiting[i], replica)) return;
  }
  if (waitingCount < kWaiting) waiting[waitingCount++] = replica;
}

Remembered* Memory::find(const CommandId& id) {
  for (Remembered& entry : entries_) {
    if (entry.used && same(entry.ack.id, id)) return &entry;
  }
  return nullptr;
}

Remembered& Memory::add(const CommandId& id, uint32_t arrived) {
  Remembered* place = nullptr;
  for (Remembered& entry : entries_) {
    if (!entry.used) {
      place = &entry;
      break;
    }
    // The difference, so that the count may wrap.
    if (entry.answered && (!place || static_cast<int32_t>(entry.order - place->order) < 0)) place = &entry;
  }
  *place = Remembered();
  place->used = true;
  place->order = next_++;
  place->arrived = arrived;
  place->ack.id = id;
  return *place;
}

}  // namespace sconce
