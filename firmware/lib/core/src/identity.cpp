#include "identity.h"

#include <flash_text.h>
#include <string.h>

#include "ids.h"
#include "json_object.h"

namespace sconce {

namespace {

bool damaged(Writer& complaint, const char* how) {
  complaint.flashText(SCONCE_FLASH("device.json is damaged (")).text(how);
  complaint.flashText(SCONCE_FLASH("). Mint the board anew."));
  return false;
}

/** Letters, digits, dots, dashes and colons, as in pki/store.sh: what a name server or a name in a log can take. */
bool isHost(const JsonObject::Value& value) {
  if (!value.isString() || value.length == 0) return false;
  for (size_t i = 0; i < value.length; i++) {
    const char c = value.text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '.' && c != '-' && c != ':') return false;
  }
  return true;
}

void copy(const JsonObject::Value& value, char* to) {
  memcpy(to, value.text, value.length);
  to[value.length] = '\0';
}

}  // namespace

bool readIdentity(const char* text, size_t length, Identity& identity, Writer& complaint) {
  // One for both objects: it takes a quarter of the chip's stack.
  JsonObject json;
  JsonObject::Value id, end, broker, host, port;
  uint64_t number = 0;
  if (!json.parse(text, length)) return damaged(complaint, "not a JSON object");
  if (!json.find("id", id) || !id.isString() || !isDeviceId(id.text, id.length)) return damaged(complaint, "id");
  if (!json.find("certificateNotAfter", end) || !end.integer(identity.certificateNotAfter)) {
    return damaged(complaint, "certificateNotAfter");
  }
  if (!json.find("broker", broker) || !json.parse(broker.text, broker.length)) return damaged(complaint, "broker");
  if (!json.find("host", host) || !isHost(host)) return damaged(complaint, "broker.host");
  if (!json.find("port", port) || !port.integer(number) || number < 1 || number > 65535) {
    return damaged(complaint, "broker.port");
  }
  if (host.length > kBrokerHostCharacters) {
    complaint.flashText(SCONCE_FLASH("device.json has a broker's name of more than ")).number(kBrokerHostCharacters);
    complaint.flashText(SCONCE_FLASH(" characters. Mint the board anew, with a shorter BROKER_HOST."));
    return false;
  }
  copy(id, identity.id);
  copy(host, identity.host);
  identity.port = static_cast<uint16_t>(number);
  return true;
}

}  // namespace sconce
