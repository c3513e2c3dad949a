#pragma once

#include <stddef.h>
#include <stdint.h>

#include <serial_line.h>
#include <wifi_setup.h>

#include "improv_packet.h"
#include "wifi_settings.h"

namespace sconce {

struct ImprovAbout {
  const char* version;
  const char* hardware;
  /** What the person is to recognise the board by. */
  const char* device;
};

/**
 * Set-up of the Wi-Fi over the serial line: Improv via Serial, https://www.improv-wifi.com/serial/. New settings are
 * only tried at first; they are stored when the network has taken them. Until then those before stay where they are,
 * and are joined again if it does not: a mistyped password costs a working board some seconds and no more.
 */
class Improv {
 public:
  /** All must outlive it, and the strings in `about`. */
  Improv(SerialLine& line, WifiSetup& wifi, const ImprovAbout& about) : line_(line), wifi_(wifi), about_(about) {}

  /** What has come in. The caller wipes its own buffer after: there may be a password in it. */
  void receive(const uint8_t* bytes, size_t length, uint64_t nowMicros);
  /** Called again and again; never waits. */
  void step(uint64_t nowMicros);

 private:
  /** As the protocol numbers them. */
  enum class State : uint8_t { READY = 2, PROVISIONING = 3, PROVISIONED = 4 };
  enum class Error : uint8_t { NONE = 0, INVALID_RPC = 1, UNKNOWN_RPC = 2, UNABLE_TO_CONNECT = 3, UNKNOWN = 0xff };
  enum class Command : uint8_t { WIFI_SETTINGS = 1, CURRENT_STATE = 2, DEVICE_INFO = 3, WIFI_NETWORKS = 4 };

  void obey(uint64_t nowMicros);
  void take(const uint8_t* settings, size_t length, uint64_t nowMicros);
  void tellInfo();
  void awaitNetwork(uint64_t nowMicros);
  void giveUp(Error error);
  void awaitScan(uint64_t nowMicros);
  bool heardBetter(size_t index, const HeardNetwork& network);
  State state();
  void tellState();
  void tell(Error error);
  /** An empty list of strings. */
  void tellDone(Command command);
  void forget();

  SerialLine& line_;
  WifiSetup& wifi_;
  const ImprovAbout about_;
  ImprovReader reader_;
  uint64_t heardAt_ = 0;
  /** Whether somebody has spoken Improv to us; before that the line is the log's alone. */
  bool listening_ = false;
  State told_ = State::READY;

  bool trying_ = false;
  uint64_t tryUntil_ = 0;
  WifiSettings settings_ = {};

  bool scanning_ = false;
  uint64_t scanUntil_ = 0;
  /** The next of the scan to be told. */
  size_t next_ = 0;
};

}  // namespace sconce
