#pragma once

#include <map>
#include <string>
#include <vector>

/** One sample: strings unescaped, everything else as it stands in the file. */
using Sample = std::map<std::string, std::string>;

/** The text of a file under services/protocol; throws if it cannot be read. Tests run in firmware/. */
std::string protocolFile(const std::string& path);
/** A file of services/protocol/vectors, which TypeScript's tests read, too. */
std::vector<Sample> readVectors(const std::string& name);
