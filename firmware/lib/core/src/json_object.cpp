#include "json_object.h"

#include <string.h>

namespace sconce {

namespace {

constexpr uint64_t kLargestExact = (1ull << 53) - 1;

bool isSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/** Where a token's text begins and ends in the message, quotation marks included. */
int outerStart(const jsmntok_t& token) {
  return token.type == JSMN_STRING ? token.start - 1 : token.start;
}
int outerEnd(const jsmntok_t& token) {
  return token.type == JSMN_STRING ? token.end + 1 : token.end;
}

}  // namespace

bool JsonObject::Value::is(const char* word) const {
  return type == JSMN_STRING && strlen(word) == length && memcmp(word, text, length) == 0;
}

bool JsonObject::Value::integer(uint64_t& number) const {
  if (type != JSMN_PRIMITIVE || length == 0 || length > 16) return false;
  if (length > 1 && text[0] == '0') return false;
  uint64_t sum = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    sum = sum * 10 + static_cast<uint64_t>(text[i] - '0');
  }
  if (sum > kLargestExact) return false;
  number = sum;
  return true;
}

bool JsonObject::Value::boolean(bool& truth) const {
  if (type != JSMN_PRIMITIVE) return false;
  truth = length == 4 && memcmp(text, "true", 4) == 0;
  return truth || (length == 5 && memcmp(text, "false", 5) == 0);
}

bool JsonObject::parse(const char* text, size_t length) {
  text_ = text;
  length_ = length;
  size_ = 0;
  jsmn_parser parser;
  jsmn_init(&parser);
  const int count = jsmn_parse(&parser, text, length, tokens_, kTokens);
  return count > 0 && tokens_[0].type == JSMN_OBJECT && walk(count);
}

bool JsonObject::walk(int count) {
  const jsmntok_t& root = tokens_[0];
  int at = root.start + 1;
  int token = 1;
  while (token < count && tokens_[token].start < root.end) {
    if (size_ == kKeys || token + 1 >= count) return false;
    const jsmntok_t& key = tokens_[token];
    const jsmntok_t& value = tokens_[token + 1];
    if (key.type != JSMN_STRING || !only(size_ > 0 ? ',' : '\0', at, outerStart(key))) return false;
    if (!only(':', outerEnd(key), outerStart(value))) return false;
    keys_[size_] = static_cast<uint8_t>(token);
    values_[size_] = static_cast<uint8_t>(token + 1);
    size_++;
    at = outerEnd(value);
    token += 2;
    while (token < count && tokens_[token].start < value.end) token++;
  }
  // After the last value nothing but the brace, and after that nothing at all: "two objects" are no command.
  return only('\0', at, root.end - 1) && only('\0', root.end, static_cast<int>(length_)) && only('\0', 0, root.start);
}

/** Whether from..to is white space with exactly one `mark` in it (none, for a zero). */
bool JsonObject::only(char mark, int from, int to) const {
  int marks = 0;
  for (int i = from; i < to; i++) {
    if (mark != '\0' && text_[i] == mark) marks++;
    else if (!isSpace(text_[i])) return false;
  }
  return marks == (mark == '\0' ? 0 : 1);
}

bool JsonObject::find(const char* key, Value& found) const {
  for (size_t i = size_; i > 0; i--) {
    if (!value(keys_[i - 1]).is(key)) continue;
    found = value(values_[i - 1]);
    return true;
  }
  return false;
}

JsonObject::Value JsonObject::value(uint8_t token) const {
  const jsmntok_t& t = tokens_[token];
  Value value;
  value.text = text_ + t.start;
  value.length = static_cast<size_t>(t.end - t.start);
  value.type = t.type;
  return value;
}

}  // namespace sconce
