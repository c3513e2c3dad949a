#include "options.h"

#include <getopt.h>
#include <string.h>

#include <sstream>

#include <sconce_protocol.h>

#include "usage_error.h"

namespace sconce {

const char* const kHelp =
    R"(A Sconce board as a process: the firmware's own code, with a radio that has no antenna.

  sconce-board --identity DIR [options]

  --identity DIR       the folder that pki/mint has made
  --broker HOST:PORT   where to connect, if not where the identity says; the certificate
                       must still be for the name in the identity
  --record FILE        append what happens to FILE, one JSON object a line; it goes to stdout, too
  --trace FILE         write each edge of the transmitter's pin to FILE: µs on the air, and 1 or 0
  --airtime FACTOR     1 (the default): a code takes as long as on a real radio; 0: no time at all
  --pins 4,5           GPIO numbers that have a relay; those of pins.txt in DIR unless told
  --backoff MIN,MAX    bounds in ms of the wait before connecting again; 500,60000 unless told
  --serial PATH        have a Wi-Fi, and listen on the Unix socket PATH, in place of a USB cable, for its
                       set-up by Improv; its settings are stored in wifi.txt in the identity's folder
  --networks FILE      the networks in the air, one a line: signal in dBm, name, password (none if the
                       network is open), with tabs between; none unless told
  --help

On stdin, one JSON object a line: {"press":{"code":5393}} presses a button of a hand remote near the board.
Beside "code" it may have "bits" (24; fewer than 8 are not heard), "protocol" (1), "pulse" (350), and "device" (heard
if it is this board's id).

SIGTERM or SIGINT: the board says that it goes, and the process ends within 2 seconds.
)";

namespace {

bool number(const std::string& text, uint32_t& value) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos) return false;
  value = static_cast<uint32_t>(std::stoul(text));
  return true;
}

std::vector<uint32_t> numbers(const std::string& text, const char* option) {
  std::vector<uint32_t> values;
  std::stringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    uint32_t value;
    if (!number(word, value)) {
      throw UsageError(std::string(option) + " takes whole numbers with commas between them, not \"" + word + "\".");
    }
    values.push_back(value);
  }
  return values;
}

void readBroker(const std::string& text, Options& options) {
  const size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  uint32_t port = 0;
  if (colon == std::string::npos || host.empty() || !number(text.substr(colon + 1), port) || port < 1 || port > 65535) {
    throw UsageError("--broker takes a host and a port, like lamps.example.org:8883, not \"" + text + "\".");
  }
  options.host = host;
  options.port = static_cast<uint16_t>(port);
}

double readAirtime(const std::string& text) {
  char* end = nullptr;
  const double factor = strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(factor >= 0 && factor <= 1)) {
    throw UsageError("--airtime takes a factor from 0 to 1, not \"" + text + "\".");
  }
  return factor;
}

std::vector<uint8_t> readPins(const std::string& text) {
  std::vector<uint8_t> pins;
  for (const uint32_t pin : numbers(text, "--pins")) {
    if (pin > protocol::kPinMax) throw UsageError("--pins takes GPIO numbers from 0 to 16, not \"" + text + "\".");
    pins.push_back(static_cast<uint8_t>(pin));
  }
  return pins;
}

BackoffBounds readBackoff(const std::string& text) {
  const std::vector<uint32_t> bounds = numbers(text, "--backoff");
  if (bounds.size() != 2 || bounds[0] == 0 || bounds[0] > bounds[1]) {
    throw UsageError("--backoff takes two numbers of milliseconds, the smaller first: 500,60000, not \"" + text + "\".");
  }
  return {bounds[0], bounds[1]};
}

}  // namespace

Options readOptions(int count, char** words) {
  static const option known[] = {
      {"identity", required_argument, nullptr, 'i'}, {"broker", required_argument, nullptr, 'b'},
      {"record", required_argument, nullptr, 'r'},   {"airtime", required_argument, nullptr, 'a'},
      {"pins", required_argument, nullptr, 'p'},     {"backoff", required_argument, nullptr, 'o'},
      {"serial", required_argument, nullptr, 's'},   {"networks", required_argument, nullptr, 'n'},
      {"trace", required_argument, nullptr, 't'},    {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  Options options;
  opterr = 0;
  for (int letter; (letter = getopt_long(count, words, "", known, nullptr)) != -1;) {
    switch (letter) {
      case 'i': options.identity = optarg; break;
      case 'b': readBroker(optarg, options); break;
      case 'r': options.record = optarg; break;
      case 't': options.trace = optarg; break;
      case 'a': options.airtime = readAirtime(optarg); break;
      case 'p': options.pins = readPins(optarg); break;
      case 'o': options.backoff = readBackoff(optarg); break;
      case 's': options.serial = optarg; break;
      case 'n': options.networks = optarg; break;
      case 'h': options.help = true; return options;
      default: throw UsageError(std::string("There is no option ") + words[optind - 1] + ", or it lacks its value.");
    }
  }
  if (optind < count) throw UsageError(std::string("What is \"") + words[optind] + "\"?");
  if (options.identity.empty()) throw UsageError("Name the board: --identity DIR");
  if (!options.networks.empty() && options.serial.empty()) throw UsageError("--networks is of use only with --serial.");
  return options;
}

}  // namespace sconce
