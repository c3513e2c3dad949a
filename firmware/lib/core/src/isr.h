#pragma once

/**
 * Stands before each function that an interrupt runs, at its definition in a .cpp file: gcc may ignore a section on
 * templates and inline functions. On the chip such code must lie in RAM; the flash cannot be read while it is written.
 */
#ifdef ESP8266
#include <c_types.h>
#define SCONCE_ISR IRAM_ATTR
#else
#define SCONCE_ISR
#endif
