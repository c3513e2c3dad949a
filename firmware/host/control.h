#pragma once

#include <string>

#include <radio.h>

namespace sconce {

/**
 * One line of stdin: a press of a hand remote. `false` if it is for another board; throws UsageError, with what to write
 * instead, if it is not understood.
 */
bool readPress(const std::string& line, const std::string& device, RfCode& code);

}  // namespace sconce
