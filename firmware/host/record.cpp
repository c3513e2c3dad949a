#include "record.h"

#include <stdio.h>
#include <unistd.h>

#include "happening.h"

namespace sconce {

namespace {

/** Who reads our stdout may leave, and a disk may be full; the board goes on. */
void writeAll(int file, const char* text, size_t length) {
  while (length > 0) {
    const ssize_t written = write(file, text, length);
    if (written <= 0) return;
    text += written;
    length -= static_cast<size_t>(written);
  }
}

}  // namespace

void Record::happened(const Happening& happening) {
  uint64_t now = 0;
  clock_.epochMs(now);
  char line[1024];
  size_t length = formatHappening(line, sizeof line - 1, now, device_.c_str(), happening);
  line[length++] = '\n';
  if (file_ >= 0) writeAll(file_, line, length);
  writeAll(STDOUT_FILENO, line, length);
  if (happening.event == Happening::Event::ERROR) fprintf(stderr, "%s: %s\n", device_.c_str(), happening.text);
}

}  // namespace sconce
