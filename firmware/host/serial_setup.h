#pragma once

#include <improv.h>

#include "linux_clock.h"
#include "listed_wifi.h"
#include "socket_line.h"
#include "wipe.h"

namespace sconce {

/** The Wi-Fi's set-up as a person with a cable finds it. */
class SerialSetup {
 public:
  /** `networks`: file that lists those in the air; empty: there are none. Throws UsageError. */
  SerialSetup(LinuxClock& clock, Store& store, const std::string& socket, const std::string& networks,
              const ImprovAbout& about)
      : clock_(clock),
        line_(socket),
        wifi_(clock, store, networks.empty() ? std::vector<ListedNetwork>() : readNetworks(networks)),
        improv_(line_, wifi_, about) {}

  void step() {
    uint8_t bytes[256];
    const uint64_t now = clock_.micros();
    improv_.receive(bytes, line_.read(bytes, sizeof bytes), now);
    wipe(bytes, sizeof bytes);
    improv_.step(now);
  }
  Network& network() { return wifi_; }

 private:
  LinuxClock& clock_;
  SocketLine line_;
  ListedWifi wifi_;
  Improv improv_;
};

}  // namespace sconce
