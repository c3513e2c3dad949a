#pragma once

/**
 * Text that stays in the flash chip. The ESP8266 copies constants into its 80 kB of RAM unless they are marked, and reads
 * marked ones by whole words only: hence a function for each character.
 *
 * SCONCE_FLASH_TEXT marks a constant array; SCONCE_FLASH("…") is a marked literal, inside functions.
 */
#ifdef ESP8266
#include <pgmspace.h>
#define SCONCE_FLASH_TEXT PROGMEM
#define SCONCE_FLASH(literal) PSTR(literal)
#else
#define SCONCE_FLASH_TEXT
#define SCONCE_FLASH(literal) (literal)
#endif

namespace sconce {

inline char flashCharacter(const char* at) {
#ifdef ESP8266
  return static_cast<char>(pgm_read_byte(at));
#else
  return *at;
#endif
}

}  // namespace sconce
