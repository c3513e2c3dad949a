#pragma once

#include <stddef.h>
#include <stdint.h>

#include <serial_line.h>

#include "wifi_settings.h"

namespace sconce {

/** https://www.improv-wifi.com/serial/: IMPROV, version, type, length, data, and the sum of all these as checksum. */
enum class ImprovType : uint8_t { CURRENT_STATE = 1, ERROR_STATE = 2, RPC = 3, RPC_RESULT = 4 };

/** Command, length, then name and password with a length each: no command is longer than Wi-Fi settings. */
constexpr size_t kImprovCommandBytes = 2 + 1 + kWifiNameBytes + 1 + kWifiPasswordBytes;

/** Finds commands in what comes in, byte by byte. What is no command (garbage, a log, our own echo) is passed over. */
class ImprovReader {
 public:
  enum class Heard : uint8_t {
    NOTHING,
    /** A whole command, in data() until the next byte. */
    COMMAND,
    /** A command with a wrong checksum, or longer than any is. */
    DAMAGED,
  };

  Heard take(uint8_t byte);
  /** Whether a command has begun and not ended. */
  bool within() const { return position_ >= kLengthAt; }
  /** Looks for a new beginning, and wipes what has come: there may be a password in it. */
  void startOver();

  const uint8_t* data() const { return data_; }
  /** Bytes of data(). */
  size_t length() const { return length_; }

 private:
  static constexpr size_t kTypeAt = 7;
  static constexpr size_t kLengthAt = 8;
  static constexpr size_t kDataAt = 9;

  void hunt(uint8_t byte);

  size_t position_ = 0;
  size_t length_ = 0;
  uint8_t sum_ = 0;
  uint8_t data_[kImprovCommandBytes];
};

/** One packet to the client. It stands on a line of its own: the official client looks for packets there only. */
class ImprovPacket {
 public:
  /** `first`: the state, the error, or the command that an RPC_RESULT answers. */
  ImprovPacket(ImprovType type, uint8_t first);

  /** Of an RPC_RESULT: one more string; what does not fit in is cut off. */
  ImprovPacket& string(const char* text);
  void writeTo(SerialLine& line);

 private:
  static constexpr size_t kLengthAt = 9;
  static constexpr size_t kDataAt = 10;
  static constexpr size_t kListLengthAt = 11;
  static constexpr size_t kEndMost = kDataAt + 255;

  size_t end_;
  uint8_t bytes_[kEndMost + 2];
};

}  // namespace sconce
