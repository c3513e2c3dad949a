#pragma once

#include <stdexcept>

namespace sconce {

/** Something that the person who started the process must change; the message says what is wrong and what to do. */
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace sconce
