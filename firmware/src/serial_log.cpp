#include "serial_log.h"

#include <Arduino.h>
#include <happening_words.h>
#include <writer.h>

namespace sconce {

void SerialLog::happened(const Happening& happening) {
  Writer words(line_, sizeof line_);
  uint64_t now = 0;
  if (clock_.epochMs(now)) words.iso(now).character(' ');
  tellHappening(words, happening);
  Serial.println(line_);
}

}  // namespace sconce
