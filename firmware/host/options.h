#pragma once

#include <stdint.h>

#include <optional>
#include <string>
#include <vector>

#include "backoff.h"

namespace sconce {

struct Options {
  bool help = false;
  std::string identity;
  std::optional<std::string> host;
  uint16_t port = 0;
  std::string record;
  std::string trace;
  double airtime = 1;
  std::vector<uint8_t> pins;
  BackoffBounds backoff = {500, 60000};
  std::string serial;
  std::string networks;
};

extern const char* const kHelp;

/** Throws UsageError. */
Options readOptions(int count, char** words);

}  // namespace sconce
