#pragma once

#include <stddef.h>
#include <stdint.h>

#define JSMN_STRICT
#define JSMN_HEADER
#include <jsmn.h>

namespace sconce {

/**
 * One flat JSON object, read in place. jsmn finds the tokens; it lets missing commas and the like pass, so that the marks
 * between the object's own keys and values are checked here. What is nested deeper is nothing that a board is ever sent,
 * and is skipped.
 */
class JsonObject {
 public:
  struct Value {
    const char* text = nullptr;
    size_t length = 0;
    jsmntype_t type = JSMN_UNDEFINED;

    bool is(const char* word) const;
    bool isString() const { return type == JSMN_STRING; }
    /** A whole number from 0 to 2^53, the last that TypeScript holds exactly; no sign, fraction or exponent. */
    bool integer(uint64_t& number) const;
    bool boolean(bool& truth) const;
  };

  /** The text must stay where it is. `false`: not one object, or one with more parts than any message has. */
  bool parse(const char* text, size_t length);

  size_t size() const { return size_; }
  Value key(size_t index) const { return value(keys_[index]); }
  Value at(size_t index) const { return value(values_[index]); }
  /** The last with this key, as in TypeScript; `false`: none. */
  bool find(const char* key, Value& found) const;

 private:
  static constexpr unsigned kTokens = 64;
  static constexpr size_t kKeys = 16;

  Value value(uint8_t token) const;
  bool walk(int count);
  bool only(char mark, int from, int to) const;

  const char* text_ = nullptr;
  size_t length_ = 0;
  jsmntok_t tokens_[kTokens];
  uint8_t keys_[kKeys];
  uint8_t values_[kKeys];
  size_t size_ = 0;
};

}  // namespace sconce
