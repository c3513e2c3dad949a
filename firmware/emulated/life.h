#pragma once

namespace scenario {

/** A board that is refused 1,000 times, and then takes 10,000 commands; what it said, in short. */
void liveALife();

}  // namespace scenario
