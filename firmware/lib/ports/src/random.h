#pragma once

#include <stdint.h>

namespace sconce {

struct Random {
  /** Any number, each as likely; not for secrets. */
  virtual uint32_t next() = 0;

 protected:
  ~Random() = default;
};

}  // namespace sconce
