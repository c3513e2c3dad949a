#include "topics.h"

#include "writer.h"

namespace sconce {

void makeTopic(char* buffer, const char* format, const char* device, const ReplicaId* replica) {
  Writer topic(buffer, kTopicBytes);
  const ReplicaIdText asker(replica ? *replica : ReplicaId());
  const char* next = device;
  for (; *format; format++) {
    if (format[0] == '%' && format[1] == 's') {
      topic.text(next);
      next = asker.text;
      format++;
    } else {
      topic.character(*format);
    }
  }
}

}  // namespace sconce
