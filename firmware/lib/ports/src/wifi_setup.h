#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/** IEEE 802.11: a network's name (SSID) has 1 to 32 bytes. */
constexpr size_t kWifiNameBytes = 32;

struct HeardNetwork {
  /** Ended by a zero; empty if the network hides its name. */
  char name[kWifiNameBytes + 1];
  /** dBm */
  int8_t rssi;
  bool secured;
};

/**
 * Wi-Fi, as whoever sets a board up needs it. Nothing here waits. From join() to save() or rejoin() a try is under way:
 * Network::join() does nothing then.
 */
struct WifiSetup {
  enum class State : uint8_t {
    /** Nothing is stored, and nothing was tried. */
    NOT_SET,
    JOINING,
    /** There is an address to speak from. */
    UP,
    FAILED,
  };

  /** Leaves the network and tries this one; an empty password: it has none. Stores nothing. */
  virtual void join(const char* name, const char* password) = 0;
  /** Joins the network that is stored, as at boot; NOT_SET if there is none. */
  virtual void rejoin() = 0;
  /** Of the last join() or rejoin(), never of the one before. */
  virtual State state() = 0;
  /** Stores these in place of what was stored: all or nothing, whenever the power fails. `false`: it could not. */
  virtual bool save(const char* name, const char* password) = 0;

  /** May be asked at any time; a scan that cannot be is over at once. */
  virtual void startScan() = 0;
  virtual bool scanning() = 0;
  /** The `index`th of the last scan, in any order, again and again; `false`: it has no more. Names may come twice. */
  virtual bool scanned(size_t index, HeardNetwork& network) = 0;
  /** Frees what the scan has found. */
  virtual void endScan() = 0;

 protected:
  ~WifiSetup() = default;
};

}  // namespace sconce
