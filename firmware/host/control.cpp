#include "control.h"

#include <sconce_protocol.h>

#include "json_object.h"
#include "usage_error.h"

namespace sconce {

namespace {

[[noreturn]] void complain(const std::string& line, const char* why) {
  throw UsageError("This line on stdin was not understood: " + line + "\n" + why +
                   "\nWrite, for example: {\"press\":{\"code\":5393}}");
}

}  // namespace

bool readPress(const std::string& line, const std::string& device, RfCode& code) {
  JsonObject outer, press;
  JsonObject::Value inner;
  if (!outer.parse(line.data(), line.size()) || outer.size() != 1 || !outer.find("press", inner) ||
      !press.parse(inner.text, inner.length)) {
    complain(line, "It is not one object with a \"press\" in it.");
  }
  uint64_t number = 0, bits = 24, protocol = 1, pulse = 350;
  bool hasCode = false, here = true;
  for (size_t i = 0; i < press.size(); i++) {
    const JsonObject::Value key = press.key(i), value = press.at(i);
    if (key.is("device")) here = value.is(device.c_str());
    else if (key.is("code")) hasCode = value.integer(number);
    else if (!(key.is("bits") && value.integer(bits)) && !(key.is("protocol") && value.integer(protocol)) &&
             !(key.is("pulse") && value.integer(pulse))) {
      complain(line, "A key is not known, or its value is no whole number.");
    }
  }
  using namespace protocol;
  const bool within = bits >= kRfBitsMin && bits <= kRfBitsMax && protocol >= kRfProtocolMin && protocol <= kRfProtocolMax &&
                      pulse >= kRfPulseMin && pulse <= kRfPulseMax;
  if (!hasCode || !within || number >> bits) complain(line, "The code is missing, or something is out of bounds.");
  code = {static_cast<uint32_t>(number), static_cast<uint8_t>(bits), static_cast<uint8_t>(protocol),
          static_cast<uint16_t>(pulse)};
  return here;
}

}  // namespace sconce
