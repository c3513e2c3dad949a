// The one place where jsmn's code is compiled; it converts signs in a way that our warnings dislike.
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wconversion"
#define JSMN_STRICT
#include <jsmn.h>
