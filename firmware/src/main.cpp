// The board on an ESP8266: the portable part on the chip's own clock, radio, Wi-Fi and flash.
#include <Arduino.h>
#include <ESP8266WiFi.h>
#include <board.h>
#include <build_date.h>
#include <firmware_version.h>
#include <improv.h>
#include <wipe.h>

#include <memory>
#include <optional>

#include "board_files.h"
#include "chip_clock.h"
#include "chip_credentials.h"
#include "chip_keys.h"
#include "chip_machine.h"
#include "chip_pins.h"
#include "chip_random.h"
#include "flash_slot.h"
#include "flash_store.h"
#include "pubsub_link.h"
#include "serial_log.h"
#include "timer_radio.h"
#include "wifi_network.h"

namespace {

using namespace sconce;

/** Half a second at first, then up to a minute: what a broker of one thread takes when a street has its power back. */
constexpr BackoffBounds kBackoff = {500, 60000};
/** Between two reminders that there is no identity, and two tries to join the Wi-Fi meanwhile: as long as one may take. */
constexpr uint64_t kRemindMicros = 20000000;

struct UsbLine final : SerialLine {
  void write(const uint8_t* bytes, size_t length) override { Serial.write(bytes, length); }
};

ChipMachine machine;
ChipClock chipClock;
ChipRandom chance;
FlashStore store;
BoardFiles files;
ChipCredentials credentials(store);
ChipKeys keys;
FlashSlot slot;
ChipPins pins(files.pins);
TimerRadio radio(files.pins);
WifiNetwork network(store);
SerialLog serialLog(chipClock);
UsbLine usb;

std::optional<Boots> boots;
std::optional<PubSubLink> broker;
std::optional<Improv> improv;
std::optional<Ports> ports;
std::optional<Settings> settings;
std::optional<Board> board;
std::optional<Light> light;

/** Words for a person at the USB line, before there is a board. */
struct Words {
  char text[200];
  Writer writer{text, sizeof text};

  void say() {
    if (writer.length() > 0) Serial.println(text);
  }
};

/** Why this is no board. */
std::unique_ptr<Words> complaint;

/** Everything that a board needs, in the order in which it needs one another. */
void beBoard() {
  broker.emplace(files.identity, credentials, chipClock);
  broker->begin();
  radio.begin(!boots->safeMode());
  const Identity& identity = files.identity;
  const About about = {kFirmwareVersion,      ARDUINO_BOARD_ID,
                       boots->reason(),       files.pins.relays,
                       files.pins.relayCount, boots->safeMode()};
  settings.emplace(Settings{identity.id, {identity.host, identity.port, identity.host}, network.name(), kBackoff,
                            builtAt(__DATE__), about});
  ports.emplace(Ports{chipClock, network, *broker, radio, pins, store, slot, keys, credentials, chance, machine, serialLog});
  board.emplace(*ports, *settings, *boots);
}

/** There is nothing to do but to say so; the Wi-Fi can be set up all the same. */
void waitForIdentity() {
  static uint64_t remindAt = 0;
  machine.alive();
  light->step(Signal::NO_IDENTITY);
  if (chipClock.micros() < remindAt) return;
  remindAt = chipClock.micros() + kRemindMicros;
  complaint->say();
  network.join();
}

void listenToUsb() {
  uint8_t bytes[64];
  size_t count = 0;
  while (count < sizeof bytes && Serial.available() > 0) bytes[count++] = static_cast<uint8_t>(Serial.read());
  improv->receive(bytes, count, chipClock.micros());
  wipe(bytes, count);
  improv->step(chipClock.micros());
}

}  // namespace

void setup() {
  Serial.begin(115200);
  Serial.println();
  boots.emplace(machine);
  machine.watch([] { boots->plan(Restart::STUCK); });
  Serial.printf_P(PSTR("Sconce %s on %s. Started: %s\n"), kFirmwareVersion, ARDUINO_BOARD_ID, boots->reason());

  if (!store.begin()) Serial.println(F("This board's flash holds no files: put its identity there with make flash."));
  Words pinWords, wifiWords;
  if (!files.readPins(store, pinWords.writer)) pinWords.say();
  pins.begin();
  if (!network.load(wifiWords.writer)) wifiWords.say();
  chipClock.begin();
  complaint.reset(new Words);
  if (files.readIdentity(store, complaint->writer) && credentials.load(complaint->writer)) {
    complaint.reset();
    beBoard();
  }
  light.emplace(chipClock, pins);
  const char* name = board ? files.identity.id : "a board without identity";
  improv.emplace(usb, network, ImprovAbout{kFirmwareVersion, ARDUINO_BOARD_ID, name});
}

void loop() {
  if (board) board->step();
  else waitForIdentity();
  listenToUsb();
}
