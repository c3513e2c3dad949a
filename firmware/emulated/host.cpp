#include <stdio.h>
#include <stdlib.h>

#include "scenario.h"

void scenario::say(const char* text, size_t length) {
  fwrite(text, 1, length, stdout);
}

void scenario::fail(const char* why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

int main() {
  for (const scenario::Part& part : scenario::kParts) part.run();
}
