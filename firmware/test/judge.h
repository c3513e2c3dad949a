#pragma once

#include <string>

/** Whether a payload is what services/protocol/src/messages.ts allows on this channel. Held against the samples. */
bool judgeMessage(const std::string& channel, const std::string& payload);
