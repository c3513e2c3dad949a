#include "vectors.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "json_object.h"

namespace {

std::string unescape(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'n': plain += '\n'; break;
      case 't': plain += '\t'; break;
      case '"':
      case '\\':
      case '/': plain += text[i]; break;
      default: throw std::runtime_error("an escape that the samples do not use");
    }
  }
  return plain;
}

}  // namespace

std::string protocolFile(const std::string& path) {
  std::ifstream file("../services/protocol/" + path);
  if (!file) throw std::runtime_error("cannot read services/protocol/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Sample> readVectors(const std::string& name) {
  const std::string text = protocolFile("vectors/" + name + ".json");
  std::vector<jsmntok_t> tokens(10000);
  jsmn_parser parser;
  jsmn_init(&parser);
  const int count = jsmn_parse(&parser, text.data(), text.size(), tokens.data(), static_cast<unsigned>(tokens.size()));
  if (count < 1 || tokens[0].type != JSMN_ARRAY) throw std::runtime_error(name + ".json is no array");

  std::vector<Sample> samples;
  const auto slice = [&](const jsmntok_t& token) {
    const std::string raw = text.substr(static_cast<size_t>(token.start), static_cast<size_t>(token.end - token.start));
    return token.type == JSMN_STRING ? unescape(raw) : raw;
  };
  for (size_t at = 1; at < static_cast<size_t>(count);) {
    const int end = tokens[at++].end;
    Sample& sample = samples.emplace_back();
    while (at < static_cast<size_t>(count) && tokens[at].start < end) {
      const int valueEnd = tokens[at + 1].end;
      sample[slice(tokens[at])] = slice(tokens[at + 1]);
      for (at += 2; at < static_cast<size_t>(count) && tokens[at].start < valueEnd;) at++;
    }
  }
  return samples;
}
