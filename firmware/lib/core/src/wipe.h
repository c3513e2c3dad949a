#pragma once

#include <stddef.h>

namespace sconce {

/** Overwrites a secret. By volatile, since compilers leave a memset out when nobody reads what it has set. */
inline void wipe(void* memory, size_t length) {
  volatile unsigned char* byte = static_cast<volatile unsigned char*>(memory);
  while (length-- > 0) *byte++ = 0;
}

}  // namespace sconce
