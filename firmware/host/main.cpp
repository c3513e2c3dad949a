// sconce-board: the board as a Linux process.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <optional>
#include <random>

#include "board.h"
#include "build_date.h"
#include "control.h"
#include "file_slot.h"
#include "folder_credentials.h"
#include "folder_store.h"
#include "host_keys.h"
#include "linux_clock.h"
#include "mosquitto_link.h"
#include "options.h"
#include "record.h"
#include "recording_radio.h"
#include "serial_setup.h"
#include "usage_error.h"
#include "firmware_version.h"

namespace sconce {
namespace {

volatile sig_atomic_t signals = 0;

void onSignal(int) {
  if (++signals > 1) _exit(1);
  // A name server that is silent holds the process for longer than it may take to stop.
  alarm(2);
}

void onAlarm(int) {
  _exit(0);
}

/** Relays that nobody hears click; the record tells of them. */
struct RecordedPins final : Pins {
  bool set(uint8_t, bool) override { return true; }
  void light(bool) override {}
};

struct SystemRandom final : Random {
  uint32_t next() override { return device(); }
  std::random_device device;
};

/** The machine's own network: what is wrong with it shows when the board connects. With --serial it has a Wi-Fi. */
struct SystemNetwork final : Network {
  void join() override {}
  bool up() override { return true; }
  Fault fault() override { return Fault::NO_ROUTE; }
};

struct Process final : Machine {
  /** About what a board with TLS up has left; a process has no such bounds. */
  Vitals vitals() override { return {-55, 30000, 26000}; }
  Reset lastReset() override { return {restarted ? Reset::Cause::RESTART : Reset::Cause::POWER_ON, 0, 0}; }
  bool recall(void* data, size_t length) override {
    memcpy(data, memory, length);
    return true;
  }
  void retain(const void* data, size_t length) override { memcpy(memory, data, length); }
  /** A process that hangs is for whoever has started it to see. */
  void alive() override {}
  void restart() override { restarting = restarted = true; }
  bool restarting = false;

 private:
  bool restarted = false;
  uint8_t memory[64] = {};
};

/** What an ESP8266 takes to boot and join its Wi-Fi again. */
constexpr uint64_t kBootMicros = 300000;

class Lines {
 public:
  /** Reads what there is on stdin and gives one whole line; `false`: there is none. */
  bool next(std::string& line) {
    const size_t end = buffer_.find('\n');
    if (end == std::string::npos) return false;
    line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return true;
  }
  void read() {
    char chunk[4096];
    const ssize_t got = ::read(STDIN_FILENO, chunk, sizeof chunk);
    if (got > 0) buffer_.append(chunk, static_cast<size_t>(got));
    else open_ = false;
  }
  bool open() const { return open_; }

 private:
  std::string buffer_;
  bool open_ = true;
};

void obey(Lines& lines, const std::string& device, RecordingRadio& radio) {
  lines.read();
  for (std::string line; lines.next(line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      RfCode code;
      if (readPress(line, device, code)) radio.press(code);
    } catch (const UsageError& error) {
      fprintf(stderr, "%s\n", error.what());
    }
  }
}

int openRecord(const std::string& path) {
  if (path.empty()) return -1;
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) throw UsageError("--record: " + path + " cannot be written (" + strerror(errno) + ").");
  return file;
}

/** Line by line, so that a killed process leaves whole lines. */
FILE* openTrace(const std::string& path) {
  if (path.empty()) return nullptr;
  FILE* file = fopen(path.c_str(), "we");
  if (!file) throw UsageError("--trace: " + path + " cannot be written (" + strerror(errno) + ").");
  setvbuf(file, nullptr, _IOLBF, 0);
  return file;
}

/** Waits for the broker, for stdin, or for the loop's next turn: on the chip it turns as fast. */
void rest(const MosquittoLink& link, bool readStdin, int ms, bool& input) {
  pollfd ready[2] = {{-1, 0, 0}, {readStdin ? STDIN_FILENO : -1, POLLIN, 0}};
  ready[0].fd = link.socket(ready[0].events);
  poll(ready, 2, ms);
  input = readStdin && ready[1].revents != 0;
}

void run(const Options& options) {
  LinuxClock clock;
  IdentityFolder identity = readIdentityFolder(options.identity);
  FolderCredentials credentials(identity);
  const std::string host = options.host.value_or(identity.host);
  const uint16_t port = options.host ? options.port : identity.port;
  const std::vector<uint8_t>& relays = options.pins.empty() ? identity.relays : options.pins;
  MosquittoLink link(identity, host, port, clock);
  RecordingRadio radio(clock, options.airtime, openTrace(options.trace));
  RecordedPins pins;
  FolderStore store(options.identity);
  FileSlot slot(options.identity);
  HostKeys keys;
  SystemRandom random;
  SystemNetwork network;
  Process machine;
  Record record(clock, identity.id, openRecord(options.record));

  std::optional<SerialSetup> setup;
  if (!options.serial.empty()) {
    setup.emplace(clock, store, options.serial, options.networks,
                  ImprovAbout{kFirmwareVersion, "sconce-board", identity.id});
  }
  const Ports ports = {clock, setup ? setup->network() : network, link, radio, pins, store, slot, keys, credentials, random, machine, record};
  std::optional<Boots> boots(std::in_place, machine);
  Settings settings = {identity.id, {host.c_str(), port, identity.host}, "", options.backoff,
                       builtAt(__DATE__),
                       {kFirmwareVersion, "sconce-board", boots->reason(), relays.data(), relays.size(),
                        boots->safeMode()}};
  std::optional<Board> board(std::in_place, ports, settings, *boots);
  Lines lines;
  uint64_t bootedAt = 0;
  while (board || signals == 0) {
    bool input = false;
    rest(link, lines.open(), radio.sending() ? 1 : 5, input);
    if (input) obey(lines, identity.id, radio);
    if (setup) setup->step();
    if (!board) {
      if (clock.micros() < bootedAt) continue;
      boots.emplace(machine);
      settings.about.resetReason = boots->reason();
      board.emplace(ports, settings, *boots);
    }
    if (signals > 0) board->stop();
    board->step();
    if (board->state() != Board::State::STOPPED) continue;
    if (!machine.restarting) return;
    machine.restarting = false;
    bootedAt = clock.micros() + kBootMicros;
    board.reset();
  }
}

}  // namespace
}  // namespace sconce

int main(int count, char** words) {
  using namespace sconce;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGALRM, onAlarm);
  signal(SIGTERM, onSignal);
  signal(SIGINT, onSignal);
  try {
    const Options options = readOptions(count, words);
    if (options.help) printf("%s", kHelp);
    else run(options);
    return 0;
  } catch (const UsageError& error) {
    fprintf(stderr, "%s\nSee --help.\n", error.what());
    return 2;
  }
}
