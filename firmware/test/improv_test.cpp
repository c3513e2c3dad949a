#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "improv.h"

using namespace sconce;

namespace {

using Words = std::vector<std::string>;

/** A packet as the specification writes it, with the newline that the official client sends behind it. */
std::string packet(uint8_t type, const std::string& data) {
  std::string bytes = std::string("IMPROV\x01") + static_cast<char>(type) + static_cast<char>(data.size()) + data;
  uint8_t sum = 0;
  for (const char c : bytes) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(c));
  return bytes + static_cast<char>(sum) + "\n";
}

std::string command(uint8_t number, const std::string& data = "") {
  return packet(3, std::string{static_cast<char>(number), static_cast<char>(data.size())} + data);
}

std::string withLength(const std::string& text) {
  return static_cast<char>(text.size()) + text;
}

std::string settings(const std::string& name, const std::string& password) {
  return command(1, withLength(name) + withLength(password));
}

struct Client final : SerialLine {
  void write(const uint8_t* bytes, size_t length) override {
    said.append(reinterpret_cast<const char*>(bytes), length);
  }

  /** What was said since the last call: "state 2", "error 0", "result 3: Sconce, 1.0.0". */
  Words heard() {
    Words words;
    for (size_t at; (at = said.find("\nIMPROV\x01")) != std::string::npos;) {
      REQUIRE(at == 0);
      const uint8_t length = static_cast<uint8_t>(said.at(9));
      const std::string data = said.substr(10, length), type = said.substr(8, 1);
      REQUIRE(said.substr(1, 10u + length) == packet(static_cast<uint8_t>(type[0]), data).substr(0, 10u + length));
      REQUIRE(said.at(11u + length) == '\n');
      said.erase(0, 12u + length);
      words.push_back(read(type[0], data));
    }
    CHECK(said.empty());
    return words;
  }
  static std::string read(char type, const std::string& data) {
    const std::string first = std::to_string(static_cast<uint8_t>(data.at(0)));
    if (type == 1) return "state " + first;
    if (type == 2) return "error " + first;
    REQUIRE(type == 4);
    REQUIRE(static_cast<size_t>(data.at(1)) == data.size() - 2);
    std::string words = "result " + first;
    for (size_t at = 2; at < data.size(); at += 1 + static_cast<uint8_t>(data[at])) {
      words += (at == 2 ? ": " : ", ") + data.substr(at + 1, static_cast<uint8_t>(data[at]));
    }
    return words;
  }

  std::string said;
};

struct HandWifi final : WifiSetup {
  void join(const char* name, const char* password) override {
    joined = std::string(name) + "/" + password;
    now = State::JOINING;
  }
  void rejoin() override {
    joined = stored;
    now = stored.empty() ? State::NOT_SET : State::JOINING;
  }
  State state() override { return now; }
  bool save(const char* name, const char* password) override {
    if (saves) stored = std::string(name) + "/" + password;
    return saves;
  }
  void startScan() override { scans++; }
  bool scanning() override { return !scanned_; }
  bool scanned(size_t index, HeardNetwork& network) override {
    if (index >= networks.size()) return false;
    network = networks[index];
    return true;
  }

  void endScan() override { networks.clear(); }

  State now = State::NOT_SET;
  std::string joined, stored;
  bool saves = true, scanned_ = true;
  int scans = 0;
  std::vector<HeardNetwork> networks;
};

struct Desk {
  Client client;
  HandWifi wifi;
  Improv improv{client, wifi, {"1.0.0", "ESP8266", "Hall"}};
  uint64_t now = 0;

  void say(const std::string& bytes) {
    // A copy of its own size, so that the sanitizer sees a byte read too far.
    const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
    improv.receive(copy.data(), copy.size(), now);
  }
  void pass(uint64_t ms) {
    now += ms * 1000;
    improv.step(now);
  }
  Words ask(const std::string& bytes) {
    say(bytes);
    pass(1);
    return client.heard();
  }
  /** A board that serves, set up before. */
  void setUp() {
    wifi.stored = wifi.joined = "Old/old password";
    wifi.now = WifiSetup::State::UP;
  }
};

const Words kIdle = {"error 0", "state 2"};

}  // namespace

TEST_CASE("improv: bytes as they go over the line") {
  Desk desk;
  desk.say(std::string("IMPROV\x01\x03\x02\x02\x00\xe5", 12));
  CHECK(desk.client.said == std::string("\nIMPROV\x01\x02\x01\x00\xe1\n\nIMPROV\x01\x01\x01\x02\xe2\n", 26));
}

TEST_CASE("improv: every command and its answer") {
  using S = WifiSetup::State;
  const struct { const char* why; S wifi; std::string bytes; Words answer; } cases[] = {
      {"state, never set up", S::NOT_SET, command(2), {"error 0", "state 2"}},
      {"state, still joining", S::JOINING, command(2), {"error 0", "state 2"}},
      {"state, its network away", S::FAILED, command(2), {"error 0", "state 2"}},
      {"state, set up", S::UP, command(2), {"error 0", "state 4", "result 2"}},
      {"information", S::NOT_SET, command(3), {"error 0", "result 3: Sconce, 1.0.0, ESP8266, Hall"}},
      {"networks, none about", S::NOT_SET, command(4), {"error 0", "result 4"}},
      {"the specification's example", S::NOT_SET, command(1, "\x0cMyWirelessAP\x10mysecurepassword"),
       {"error 0", "state 3"}},
      {"host name", S::NOT_SET, command(5), {"error 0", "error 2"}},
      {"device name", S::NOT_SET, command(6, "Lamp"), {"error 0", "error 2"}},
      {"network state", S::NOT_SET, command(7), {"error 0", "error 2"}},
      {"a command of the future", S::NOT_SET, command(0x77), {"error 0", "error 2"}},
      {"no command at all", S::NOT_SET, packet(3, ""), {"error 1"}},
      {"a command without length", S::NOT_SET, packet(3, "\x02"), {"error 1"}},
      {"a command whose length is wrong", S::NOT_SET, packet(3, "\x02\x01"), {"error 1"}},
  };
  for (const auto& [why, wifi, bytes, answer] : cases) {
    CAPTURE(why);
    Desk desk;
    desk.wifi.now = wifi;
    CHECK(desk.ask(bytes) == answer);
  }
}

TEST_CASE("improv: what comes in broken, and what comes in between") {
  const std::string state = command(2), info = command(3);
  std::string wrongSum = state, wrongVersion = state;
  wrongSum[11] = static_cast<char>(wrongSum[11] + 1);
  wrongVersion[6] = 2;
  const Words told = {"error 0", "result 3: Sconce, 1.0.0, ESP8266, Hall"};
  const auto then = [](Words first, const Words& next) {
    first.insert(first.end(), next.begin(), next.end());
    return first;
  };
  const struct { const char* why; std::string bytes; Words answer; } cases[] = {
      {"a wrong checksum", wrongSum + info, then({"error 1"}, told)},
      {"another version", wrongVersion + info, told},
      {"longer than any command", packet(3, std::string(kImprovCommandBytes + 1, 'x')) + info, then({"error 1"}, told)},
      {"the longest length", packet(3, std::string(255, '\xff')) + info, then({"error 1"}, told)},
      {"as long as may be", packet(3, std::string(kImprovCommandBytes, 'x')) + info, then({"error 1"}, told)},
      {"garbage before", std::string(5000, '\xff') + "\r\nImprov IMPRO" + info, told},
      {"the header begun twice", "IMPRIIMPROVIMPROV" + info, told},
      {"our own words echoed", packet(1, "\x04") + packet(2, "\x01") + packet(4, std::string(200, 'x')) + info, told},
      {"two in one read", state + info, then(kIdle, told)},
      {"two without a newline", state.substr(0, state.size() - 1) + info, then(kIdle, told)},
      {"nothing", "", {}},
      {"only a log", "wifi: joined\nmqtt: up\n", {}},
  };
  for (const auto& [why, bytes, answer] : cases) {
    CAPTURE(why);
    Desk desk;
    CHECK(desk.ask(bytes) == answer);
  }
}

TEST_CASE("improv: a packet may come in any two pieces, or byte by byte") {
  const std::string whole = "log\n" + settings("Home", "good password");
  const Words answer = {"error 0", "state 3"};
  for (size_t cut = 0; cut <= whole.size(); cut++) {
    CAPTURE(cut);
    Desk desk;
    desk.say(whole.substr(0, cut));
    desk.pass(100);
    desk.say(whole.substr(cut));
    CHECK(desk.client.heard() == answer);
    CHECK(desk.wifi.joined == "Home/good password");
  }
  Desk desk;
  for (const char byte : whole) desk.say({byte});
  CHECK(desk.client.heard() == answer);
}

TEST_CASE("improv: cut off anywhere, the next packet is read all the same") {
  const std::string whole = settings("Home", "good password");
  for (size_t length = 0; length < whole.size() - 1; length++) {
    CAPTURE(length);
    Desk desk;
    desk.say(whole.substr(0, length));
    desk.pass(600);
    const Words heard = desk.ask(command(2));
    CHECK(heard == (length >= 8 ? Words{"error 1", "error 0", "state 2"} : kIdle));
    CHECK(desk.wifi.joined.empty());
  }
}

TEST_CASE("improv: names and passwords that no network has are refused, and nothing is tried") {
  const std::string good = "good password", hex(64, 'a');
  const struct { const char* why; std::string bytes; bool fits; } cases[] = {
      {"the shortest", settings("H", "12345678"), true},
      {"the longest name", settings(std::string(32, 'h'), good), true},
      {"the longest pass phrase", settings("Home", std::string(63, '~')), true},
      {"a key in hexadecimal digits", settings("Home", hex), true},
      {"the longest of both", settings(std::string(32, 'h'), hex), true},
      {"no password", settings("Home", ""), true},
      {"a name in UTF-8", settings("Zuh\xc3\xa4use", good), true},
      {"no name", settings("", good), false},
      {"a name too long", settings(std::string(33, 'h'), ""), false},
      {"a newline in the name", settings("Ho\nme", good), false},
      {"a zero in the name", settings(std::string("Ho\0me", 5), good), false},
      {"a password of 7", settings("Home", "1234567"), false},
      {"64 that are no key", settings("Home", std::string(63, 'a') + "g"), false},
      {"65", settings("H", std::string(65, 'a')), false},
      {"a newline in the password", settings("Home", "good\npassword"), false},
      {"a password of no ASCII", settings("Home", "gut gesch\xc3\xbctzt"), false},
      {"no data", command(1), false},
      {"a name without password", command(1, withLength("Home")), false},
      {"a name beyond the end", command(1, std::string("\x20Home\x00", 6)), false},
      {"a password beyond the end", command(1, withLength("Home") + "\x20" + good), false},
      {"something behind", command(1, withLength("Home") + withLength(good) + "x"), false},
  };
  for (const auto& [why, bytes, fits] : cases) {
    CAPTURE(why);
    Desk desk;
    const Words heard = desk.ask(bytes);
    CHECK(heard.back() == (fits ? "state 3" : "error 1"));
    CHECK(desk.wifi.joined.empty() == !fits);
  }
}

TEST_CASE("improv: settings are stored when their network has taken them, and not before") {
  Desk desk;
  desk.setUp();
  CHECK(desk.ask(settings("Home", "good password")) == Words{"error 0", "state 3"});
  desk.pass(5000);
  CHECK(desk.client.heard().empty());
  CHECK(desk.wifi.stored == "Old/old password");
  desk.wifi.now = WifiSetup::State::UP;
  desk.pass(1);
  CHECK(desk.client.heard() == Words{"state 4", "result 1"});
  CHECK(desk.wifi.stored == "Home/good password");
}

TEST_CASE("improv: settings that do not work leave those before, and the board joins them again") {
  using S = WifiSetup::State;
  const struct { const char* why; S end; bool saves; uint64_t afterMs; const char* error; } cases[] = {
      {"refused", S::FAILED, true, 1, "error 3"},
      {"no end", S::JOINING, true, 25000, "error 3"},
      {"an adapter that lost them", S::NOT_SET, true, 1, "error 3"},
      {"a store that is full", S::UP, false, 1, "error 255"},
  };
  for (const auto& [why, end, saves, afterMs, error] : cases) {
    CAPTURE(why);
    Desk desk;
    desk.setUp();
    desk.ask(settings("Home", "bad password"));
    desk.wifi.saves = saves;
    if (afterMs > 1) desk.pass(afterMs - 2);
    CHECK(desk.client.heard().empty());
    desk.wifi.now = end;
    desk.pass(2);
    CHECK(desk.client.heard() == Words{error, "state 2"});
    CHECK(desk.wifi.stored == "Old/old password");
    CHECK(desk.wifi.joined == "Old/old password");
    desk.wifi.now = S::UP;
    desk.pass(1);
    CHECK(desk.client.heard() == Words{"state 4"});
  }
}

TEST_CASE("improv: newer settings replace those that are being tried") {
  Desk desk;
  desk.ask(settings("Home", "bad password"));
  desk.pass(20000);
  CHECK(desk.ask(settings("Home", "good password")) == Words{"error 0", "state 3"});
  desk.pass(20000);
  CHECK(desk.client.heard().empty());
  desk.wifi.now = WifiSetup::State::UP;
  desk.pass(1);
  CHECK(desk.client.heard() == Words{"state 4", "result 1"});
  CHECK(desk.wifi.stored == "Home/good password");
}

TEST_CASE("improv: a refused command does not disturb what is being tried") {
  Desk desk;
  desk.ask(settings("Home", "good password"));
  CHECK(desk.ask(settings("", "")) == Words{"error 0", "error 1"});
  CHECK(desk.ask(command(2)) == Words{"error 0", "state 3"});
  desk.wifi.now = WifiSetup::State::UP;
  desk.pass(1);
  CHECK(desk.wifi.stored == "Home/good password");
}

TEST_CASE("improv: networks are told one a step, each name once, the loudest") {
  Desk desk;
  desk.wifi.networks = {{"Home", -80, true}, {"Guest", -60, false}, {"Home", -50, true}, {"", -40, true},
                        {"Guest", -60, false}, {"Far", -100, true}};
  desk.wifi.scanned_ = false;
  CHECK(desk.ask(command(4)) == Words{"error 0"});
  CHECK(desk.wifi.scans == 1);
  desk.pass(3000);
  CHECK(desk.client.heard().empty());
  desk.wifi.scanned_ = true;
  const Words told = {"result 4: Guest, -60, NO", "result 4: Home, -50, YES", "result 4: Far, -100, YES", "result 4"};
  for (const std::string& word : told) {
    CHECK(!desk.wifi.networks.empty());
    desk.pass(1);
    CHECK(desk.client.heard() == Words{word});
  }
  CHECK(desk.wifi.networks.empty());
  desk.pass(1);
  CHECK(desk.client.heard().empty());
}

TEST_CASE("improv: a scan that never ends is answered all the same") {
  Desk desk;
  desk.wifi.scanned_ = false;
  desk.ask(command(4));
  desk.pass(9990);
  CHECK(desk.client.heard().empty());
  desk.pass(10);
  CHECK(desk.client.heard() == Words{"result 4"});
}

TEST_CASE("improv: nobody is told of the Wi-Fi before he has asked; then of every change") {
  Desk desk;
  desk.wifi.now = WifiSetup::State::UP;
  desk.pass(1);
  CHECK(desk.client.heard().empty());
  desk.ask(command(2));
  desk.wifi.now = WifiSetup::State::JOINING;
  desk.pass(1);
  CHECK(desk.client.heard() == Words{"state 2"});
}

TEST_CASE("improv: the password is never said, and nowhere in memory once it was used") {
  using S = WifiSetup::State;
  const std::string secret = "correct horse battery";
  const std::string whole = settings("Home", secret);
  std::string damaged = whole;
  damaged[damaged.size() - 2] = static_cast<char>(damaged[damaged.size() - 2] + 1);
  const struct { const char* why; std::string bytes; S outcome; } cases[] = {
      {"it worked", whole, S::UP},
      {"it did not", whole, S::FAILED},
      {"a wrong checksum", damaged, S::NOT_SET},
      {"refused for its name", settings("", secret), S::NOT_SET},
      {"refused for its length", settings("Home", secret + std::string(44, 'x')), S::NOT_SET},
      {"cut off, and then silence", whole.substr(0, whole.size() - 2), S::NOT_SET},
  };
  for (const auto& [why, bytes, outcome] : cases) {
    CAPTURE(why);
    Desk desk;
    desk.say(bytes);
    desk.wifi.now = outcome;
    desk.pass(600);
    desk.say("x");
    desk.pass(1);
    CHECK(desk.client.said.size() > 0);
    CHECK(desk.client.said.find(secret) == std::string::npos);
    const char* const memory = reinterpret_cast<const char*>(&desk.improv);
    const char* const end = memory + sizeof desk.improv;
    CHECK(std::search(memory, end, secret.begin(), secret.end()) == end);
  }
}
