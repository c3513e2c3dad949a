#pragma once

namespace sconce {

/** Of the firmware, by semver.org. */
constexpr const char* kFirmwareVersion = "1.0.0";

}  // namespace sconce
