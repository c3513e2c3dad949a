#include "serial_log.h"

#include <Arduino.h>
#include <happening_words.h>
#include <writer.h>

namespace sconce {

void SerialLog::happened(const Happening& happening) {
  // On the stack, of which no more than a third is in use wherever something happens; RAM is scarcer.
  char line[360];
  Writer words(line, sizeof line);
  uint64_t now = 0;
  if (clock_.epochMs(now)) words.iso(now).character(' ');
  tellHappening(words, happening);
  Serial.println(line);
}

}  // namespace sconce
