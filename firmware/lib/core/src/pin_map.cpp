#include "pin_map.h"

#include <flash_text.h>
#include <string.h>

#include <sconce_protocol.h>

namespace sconce {

namespace {

constexpr size_t kWords = 4;
/** More than any word that is known has, so that none is known by its beginning. */
constexpr size_t kWordBytes = 16;

struct Line {
  char words[kWords][kWordBytes] = {};
  size_t count = 0;
};

bool isSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/** The words up to `#` or the line's end; of a long one its beginning. One word too many is enough to refuse. */
Line readLine(const char* text, size_t length) {
  Line line;
  for (size_t at = 0; at < length && text[at] != '#' && line.count < kWords;) {
    if (isSpace(text[at])) {
      at++;
      continue;
    }
    Writer word(line.words[line.count++], kWordBytes);
    while (at < length && text[at] != '#' && !isSpace(text[at])) word.character(text[at++]);
  }
  return line;
}

enum Job : size_t { kTransmitter, kReceiver, kLed, kRelay, kJobs };
constexpr const char* kJobWords[kJobs] = {"transmitter", "receiver", "led", "relay"};

size_t jobOf(const char* word) {
  size_t job = 0;
  while (job < kJobs && strcmp(word, kJobWords[job]) != 0) job++;
  return job;
}

class Reader {
 public:
  Reader(PinMap& map, Writer& complaint) : map_(map), complaint_(complaint) {}

  bool take(const Line& line) {
    line_++;
    if (line.count == 0) return true;
    const size_t job = jobOf(line.words[0]);
    if (job == kJobs) {
      return no(wrong().quoted(line.words[0]).flashText(SCONCE_FLASH(" is no job of a pin. Write relay, transmitter, receiver or led.")));
    }
    if (line.count < 2) return no(wrong().flashText(SCONCE_FLASH("the GPIO number is missing. Write it as in: relay 5")));
    uint8_t pin = 0;
    if (!readPin(line.words[1], pin) || !isUsable(pin, job) || !isFree(pin, job) || !readPolarity(line, pin, job)) return false;
    if (job == kRelay) map_.relays[map_.relayCount++] = pin;
    else pinOf(job) = pin;
    jobLines_[job] = pinLines_[pin] = line_;
    return true;
  }

  /** Whoever has no line has the usual pin, unless a line gave that away. */
  bool end() {
    for (size_t job = 0; job < kRelay; job++) {
      const uint8_t pin = pinOf(job);
      if (jobLines_[job] != 0 || pinLines_[pin] == 0) continue;
      line_ = pinLines_[pin];
      return no(wrong().text("GPIO ").number(pin).text(" is the ").text(kJobWords[job]).flashText(SCONCE_FLASH("'s. Take another, or give the "))
                    .text(kJobWords[job]).flashText(SCONCE_FLASH(" another one on a line of its own.")));
    }
    map_.activeLow = activeLow_ | (jobLines_[kLed] == 0 ? map_.activeLow : 0);
    return true;
  }

 private:
  static bool no(const Writer&) { return false; }
  Writer& wrong() { return complaint_.flashText(SCONCE_FLASH("pins.txt, line ")).number(line_).text(": "); }

  uint8_t& pinOf(size_t job) {
    return job == kLed ? map_.led : job == kReceiver ? map_.receiver : map_.transmitter;
  }

  bool readPin(const char* word, uint8_t& pin) {
    const size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > 2 || word[digits] != '\0') {
      return no(wrong().quoted(word).flashText(SCONCE_FLASH(" is no GPIO number, 0 to 16. What is printed on a board as D1 is 5, D2 is 4.")));
    }
    pin = static_cast<uint8_t>(digits == 1 ? word[0] - '0' : (word[0] - '0') * 10 + word[1] - '0');
    return true;
  }

  bool isUsable(uint8_t pin, size_t job) {
    const char* why = nullptr;
    if (pin > protocol::kPinMax) why = SCONCE_FLASH(" does not exist");
    else if (pin >= 6 && pin <= 11) why = SCONCE_FLASH(" is the flash chip's");
    else if (pin == 1 || pin == 3) why = SCONCE_FLASH(" is the serial line's");
    else if (pin == 16 && job == kReceiver) why = SCONCE_FLASH(" has no interrupt, which the receiver needs");
    if (!why) return true;
    return no(wrong().text("GPIO ").number(pin).flashText(why).flashText(SCONCE_FLASH(". Take one of 0, 2, 4, 5 and 12 to "))
                  .number(job == kReceiver ? 15 : 16).character('.'));
  }

  bool isFree(uint8_t pin, size_t job) {
    if (pinLines_[pin] != 0) {
      return no(wrong().text("GPIO ").number(pin).flashText(SCONCE_FLASH(" is taken already, on line ")).number(pinLines_[pin])
                    .flashText(SCONCE_FLASH(". Give each its own.")));
    }
    if (job == kRelay || jobLines_[job] == 0) return true;
    return no(wrong().text("the ").text(kJobWords[job]).flashText(SCONCE_FLASH(" has its pin already, on line ")).number(jobLines_[job])
                  .flashText(SCONCE_FLASH(". Leave one of the two lines out.")));
  }

  bool readPolarity(const Line& line, uint8_t pin, size_t job) {
    if (line.count == 2) return true;
    if (line.count > 3 || strcmp(line.words[2], "active-low") != 0) {
      return no(wrong().flashText(SCONCE_FLASH("after the number there can be active-low, and nothing else. Leave it out.")));
    }
    if (job != kRelay && job != kLed) return no(wrong().flashText(SCONCE_FLASH("only a relay and a led can be active-low. Leave it out.")));
    activeLow_ |= 1u << pin;
    return true;
  }

  PinMap& map_;
  Writer& complaint_;
  uint32_t line_ = 0;
  uint32_t activeLow_ = 0;
  /** The line that gave it away, 0: none. */
  uint32_t pinLines_[protocol::kPinMax + 1] = {};
  uint32_t jobLines_[kJobs] = {};
};

}  // namespace

bool readPinMap(const char* text, size_t length, PinMap& map, Writer& complaint) {
  map = PinMap();
  Reader reader(map, complaint);
  for (size_t at = 0; at < length;) {
    size_t end = at;
    while (end < length && text[end] != '\n') end++;
    if (!reader.take(readLine(text + at, end - at))) return false;
    at = end + 1;
  }
  return reader.end();
}

}  // namespace sconce
