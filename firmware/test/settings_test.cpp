#include <doctest/doctest.h>

#include <string>
#include <tuple>
#include <vector>

#include "identity.h"
#include "pin_map.h"
#include "wifi_settings.h"

using namespace sconce;

namespace {

/** What the reader complains of; empty: nothing. */
template <typename Settings>
std::string complaint(bool (*read)(const char*, size_t, Settings&, Writer&), const std::string& text, Settings& settings) {
  char words[300];
  Writer writer(words, sizeof words);
  // On the heap and without a zero, so that the sanitizer sees a reader that goes too far.
  const std::vector<char> exact(text.begin(), text.end());
  const bool good = read(exact.data(), exact.size(), settings, writer);
  CHECK(good == (writer.length() == 0));
  CHECK(writer.fits());
  return words;
}

std::string device(const std::string& id, const std::string& broker, const std::string& end = "1795000000000") {
  return R"({ "id": )" + id + R"(, "name": "Tom's \"old\" \\ board", "broker": )" + broker +
         R"(, "certificateNotAfter": )" + end + " }\n";
}

}  // namespace

TEST_CASE("identity: device.json as pki/mint writes it") {
  const std::string id = "00112233445566778899aabbccddeeff", longest(kBrokerHostCharacters, 'x');
  for (const std::string& host : {std::string("lamps.example.org"), std::string("192.168.1.10"), std::string("fd00::1"), longest}) {
    Identity identity;
    CHECK(complaint(readIdentity, device("\"" + id + "\"", R"({ "host": ")" + host + R"(", "port": 65535 })"), identity) == "");
    CHECK(identity.id == id);
    CHECK(identity.host == host);
    CHECK(identity.port == 65535);
    CHECK(identity.certificateNotAfter == 1795000000000);
  }
}

TEST_CASE("identity: a device.json that cannot be used is named, with the remedy") {
  const std::string id = R"("00112233445566778899aabbccddeeff")", broker = R"({"host":"a.example","port":8883})";
  const std::string whole = device(id, broker);
  const auto damaged = [](const char* how) { return std::string("device.json is damaged (") + how + "). Mint the board anew."; };
  const std::pair<std::string, std::string> cases[] = {
      {"", damaged("not a JSON object")},
      {"[]", damaged("not a JSON object")},
      {whole + "{}", damaged("not a JSON object")},
      {"{}", damaged("id")},
      {device("7", broker), damaged("id")},
      {device(R"("00112233445566778899AABBCCDDEEFF")", broker), damaged("id")},
      {device(R"("00112233445566778899aabbccddeef")", broker), damaged("id")},
      {device(id, broker, "\"2026\""), damaged("certificateNotAfter")},
      {device(id, broker, "-1"), damaged("certificateNotAfter")},
      {device(id, "\"a.example:8883\""), damaged("broker")},
      {device(id, R"({"port":8883})"), damaged("broker.host")},
      {device(id, R"({"host":"","port":8883})"), damaged("broker.host")},
      {device(id, R"({"host":"a b","port":8883})"), damaged("broker.host")},
      {device(id, R"({"host":"a\u0000","port":8883})"), damaged("broker.host")},
      {device(id, R"({"host":"a.example"})"), damaged("broker.port")},
      {device(id, R"({"host":"a.example","port":0})"), damaged("broker.port")},
      {device(id, R"({"host":"a.example","port":65536})"), damaged("broker.port")},
      {device(id, R"({"host":"a.example","port":"8883"})"), damaged("broker.port")},
      {device(id, R"({"host":")" + std::string(65, 'x') + R"(","port":8883})"),
       "device.json has a broker's name of more than 64 characters. Mint the board anew, with a shorter BROKER_HOST."},
  };
  for (const auto& [text, words] : cases) {
    CAPTURE(text);
    Identity identity;
    CHECK(complaint(readIdentity, text, identity) == words);
  }
  for (size_t length = 0; length < whole.size() - 2; length++) {
    Identity identity;
    CHECK(complaint(readIdentity, whole.substr(0, length), identity) == damaged("not a JSON object"));
  }
}

TEST_CASE("wifi: wifi.txt as people write it, and back") {
  const std::string key(64, 'A'), longest(63, 'p');
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"Hall\nold password\n", "Hall", "old password"},
      {"Hall\nold password", "Hall", "old password"},
      {"Hall\r\nold password\r\n", "Hall", "old password"},
      {"Hall\n\n", "Hall", ""},
      {"Hall\r\n\r\n", "Hall", ""},
      {" spaces \n  spaces  \n", " spaces ", "  spaces  "},
      {"K\xc3\xbc" "che #1 \"x\" \\n\n\"8\\n#~ \"\n", "K\xc3\xbc" "che #1 \"x\" \\n", "\"8\\n#~ \""},
      {std::string(32, 'n') + "\n" + key + "\n", std::string(32, 'n'), key},
      {std::string(32, 'n') + "\r\n" + key + "\r\n", std::string(32, 'n'), key},
      {"n\n" + longest + "\n", "n", longest},
      {"n\n12345678\n", "n", "12345678"},
  };
  for (const auto& [text, name, password] : cases) {
    CAPTURE(text);
    WifiSettings settings, back;
    CHECK(complaint(readWifiSettings, text, settings) == "");
    CHECK(settings.name == name);
    CHECK(settings.password == password);
    char out[kWifiFileBytes];
    const size_t length = formatWifiSettings(out, sizeof out, settings);
    CHECK(complaint(readWifiSettings, std::string(out, length), back) == "");
    CHECK(back.name == name);
    CHECK(back.password == password);
    CHECK(formatWifiSettings(out, length, settings) == 0);
  }
}

TEST_CASE("wifi: what no network can have is said in words, without the password") {
  const std::string noSecond = "wifi.txt has no second line. Write the Wi-Fi network's name on the first line and the password "
                               "on the second, which stays empty for a network without one.";
  const std::string control = "The Wi-Fi network's name has a control character, a tab perhaps. Leave it out.";
  const std::string unprintable = "The Wi-Fi password has a character that no password can have: letters of ASCII, digits, "
                                  "signs and spaces can be.";
  const std::pair<std::string, std::string> cases[] = {
      {"", noSecond},
      {"Hall", noSecond},
      {"Hall\n", noSecond},
      {"Hall\npassword\n\n", "wifi.txt has more than two lines. Leave only the network's name and the password in it."},
      {"\npassword\n", "The Wi-Fi network's name is missing. Write it on the first line of wifi.txt."},
      {std::string(33, 'n') + "\npassword\n",
       "The Wi-Fi network's name has more than 32 bytes, which no network's has. Correct it."},
      {"Ha\tll\npassword\n", control},
      {std::string("Ha\0ll\npassword\n", 15), control},
      {"Hall\npasswor\n", "The Wi-Fi password has fewer than 8 characters, which no network takes. Correct it."},
      {"Hall\n" + std::string(64, 'g') + "\n", "The Wi-Fi password has 64 characters: then they must be hexadecimal digits. "
                                               "A pass phrase has 63 at most."},
      {"Hall\n" + std::string(65, 'a') + "\n",
       "The Wi-Fi password has more than 63 characters, which no network takes. Correct it."},
      {"Hall\npass\tword\n", unprintable},
      {"Hall\np\xc3\xa4ssword\n", unprintable},
      {std::string("Hall\npassword\0\n", 15), unprintable},
  };
  for (const auto& [text, words] : cases) {
    CAPTURE(text);
    WifiSettings settings;
    CHECK(complaint(readWifiSettings, text, settings) == words);
  }
}

TEST_CASE("pins: pins.txt as people write it") {
  struct Case {
    std::string text;
    uint8_t transmitter, receiver, led;
    std::vector<uint8_t> relays;
    uint32_t activeLow;
  };
  const Case cases[] = {
      {"", 14, 12, 2, {}, 1u << 2},
      {"# nothing but the usual\n\n   \n", 14, 12, 2, {}, 1u << 2},
      {"relay 5\nrelay 4 active-low\n", 14, 12, 2, {5, 4}, 1u << 2 | 1u << 4},
      {"\trelay\t5#lamp\r\n  relay 4   active-low # fan", 14, 12, 2, {5, 4}, 1u << 2 | 1u << 4},
      {"transmitter 12\nreceiver 14\n", 12, 14, 2, {}, 1u << 2},
      {"relay 12\nreceiver 13\nrelay 2\nled 16\n", 14, 13, 16, {12, 2}, 0},
      {"led 2 active-low\n", 14, 12, 2, {}, 1u << 2},
      {"led 2\n", 14, 12, 2, {}, 0},
      {"relay 0\nrelay 4\nrelay 5\nrelay 13\nrelay 15\nrelay 16 active-low\n", 14, 12, 2, {0, 4, 5, 13, 15, 16}, 1u << 2 | 1u << 16},
  };
  for (const Case& expected : cases) {
    CAPTURE(expected.text);
    PinMap map;
    CHECK(complaint(readPinMap, expected.text, map) == "");
    CHECK(map.transmitter == expected.transmitter);
    CHECK(map.receiver == expected.receiver);
    CHECK(map.led == expected.led);
    CHECK(std::vector<uint8_t>(map.relays, map.relays + map.relayCount) == expected.relays);
    CHECK(map.activeLow == expected.activeLow);
    for (uint8_t pin = 0; pin <= 16; pin++) CHECK(map.isActiveLow(pin) == ((expected.activeLow & 1u << pin) != 0));
  }
}

TEST_CASE("pins: what a board cannot do is said in words, with the line") {
  const std::string instead = " Take one of 0, 2, 4, 5 and 12 to 16.";
  const std::string noNumber = " is no GPIO number, 0 to 16. What is printed on a board as D1 is 5, D2 is 4.";
  const std::string polarity = "after the number there can be active-low, and nothing else. Leave it out.";
  std::vector<std::pair<std::string, std::string>> cases = {
      {"relais 5", "1: \"relais\" is no job of a pin. Write relay, transmitter, receiver or led."},
      {"Relay 5", "1: \"Relay\" is no job of a pin. Write relay, transmitter, receiver or led."},
      {"transmittertransmitter 5", "1: \"transmittertran\" is no job of a pin. Write relay, transmitter, receiver or led."},
      {"\n# one\nrelay", "3: the GPIO number is missing. Write it as in: relay 5"},
      {"relay D1", "1: \"D1\"" + noNumber},
      {"relay -1", "1: \"-1\"" + noNumber},
      {"relay 005", "1: \"005\"" + noNumber},
      {"relay 5,4", "1: \"5,4\"" + noNumber},
      {"relay 17", "1: GPIO 17 does not exist." + instead},
      {"relay 1", "1: GPIO 1 is the serial line's." + instead},
      {"led 3", "1: GPIO 3 is the serial line's." + instead},
      {"receiver 16", "1: GPIO 16 has no interrupt, which the receiver needs. Take one of 0, 2, 4, 5 and 12 to 15."},
      {"relay 5\nrelay 4\nrelay 5", "3: GPIO 5 is taken already, on line 1. Give each its own."},
      {"relay 14", "1: GPIO 14 is the transmitter's. Take another, or give the transmitter another one on a line of its own."},
      {"\nrelay 12", "2: GPIO 12 is the receiver's. Take another, or give the receiver another one on a line of its own."},
      {"transmitter 2", "1: GPIO 2 is the led's. Take another, or give the led another one on a line of its own."},
      {"led 4\nled 5", "2: the led has its pin already, on line 1. Leave one of the two lines out."},
      {"relay 5 active-high", "1: " + polarity},
      {"relay 5 4", "1: " + polarity},
      {"relay 5 active-low active-low", "1: " + polarity},
      {"transmitter 14 active-low", "1: only a relay and a led can be active-low. Leave it out."},
      {"receiver 12 active-low", "1: only a relay and a led can be active-low. Leave it out."},
  };
  for (int pin = 6; pin <= 11; pin++) {
    const std::string number = std::to_string(pin);
    cases.push_back({"relay " + number, "1: GPIO " + number + " is the flash chip's." + instead});
  }
  std::string every;
  for (const int pin : {0, 2, 4, 5, 12, 13, 14, 15, 16}) every += "relay " + std::to_string(pin) + "\n";
  cases.push_back({every, "7: GPIO 14 is the transmitter's. Take another, or give the transmitter another one on a line of its own."});
  for (const auto& [text, words] : cases) {
    CAPTURE(text);
    PinMap map;
    CHECK(complaint(readPinMap, text, map) == "pins.txt, line " + words);
  }
}
