#include "happening.h"

#include "writer.h"

namespace sconce {

namespace {

using Event = Happening::Event;

const char* word(Happening::Renewal step) {
  switch (step) {
    case Happening::Renewal::RENEW: return "renew";
    case Happening::Renewal::INSTALLED: return "installed";
    case Happening::Renewal::FORMER: return "former";
    case Happening::Renewal::TRUSTED: return "trusted";
  }
  return "";
}

const char* word(const Happening& happening) {
  switch (happening.event) {
    case Event::CONNECTED: return "connected";
    case Event::DISCONNECTED: return "disconnected";
    case Event::COMMAND: return "command";
    case Event::TRANSMITTED: return "transmitted";
    case Event::LEARN: return "learn";
    case Event::PIN: return "pin";
    case Event::IDENTIFY: return "identify";
    case Event::RESTART: return "restart";
    case Event::RECEIVED: return "received";
    case Event::REFUSED: return "refused";
    case Event::EXPIRED: return "expired";
    case Event::DUPLICATE: return "duplicate";
    case Event::ERROR: return "error";
    case Event::RENEWAL: return word(happening.renewal);
  }
  return "";
}

void formatRf(Writer& json, const RfCode& rf) {
  json.text(",\"code\":").number(rf.code).text(",\"bits\":").number(rf.bits);
  json.text(",\"protocol\":").number(rf.protocol).text(",\"pulse\":").number(rf.pulse);
}

void formatDetails(Writer& json, const Happening& h) {
  switch (h.event) {
    case Event::CONNECTED:
      json.text(",\"broker\":").quoted(h.word).text(",\"handshakeMs\":").number(h.ms);
      return;
    case Event::DISCONNECTED:
      json.text(",\"why\":").quoted(h.text);
      if (h.ms > 0) json.text(",\"nextTryMs\":").number(h.ms);
      return;
    case Event::COMMAND:
      json.text(",\"do\":").quoted(h.word);
      return;
    case Event::TRANSMITTED:
      formatRf(json, h.rf);
      json.text(",\"repeat\":").number(h.repeat).text(",\"began\":\"").iso(h.began).text("\",\"ms\":").tenths(h.tenthsOfMs);
      return;
    case Event::LEARN:
      json.text(",\"seconds\":").number(h.ms / 1000);
      return;
    case Event::PIN:
      json.text(",\"pin\":").number(h.pin).text(",\"on\":").text(h.on ? "true" : "false");
      return;
    case Event::RECEIVED:
      formatRf(json, h.rf);
      if (h.on) json.text(",\"learning\":true");
      return;
    case Event::REFUSED:
      if (*h.word) json.text(",\"reason\":").quoted(h.word);
      json.text(",\"why\":").quoted(h.text);
      return;
    case Event::EXPIRED:
      json.text(",\"lateMs\":").number(h.ms);
      return;
    case Event::ERROR:
      json.text(",\"code\":").quoted(h.word).text(",\"message\":").quoted(h.text);
      return;
    case Event::RENEWAL:
    case Event::IDENTIFY:
    case Event::RESTART:
    case Event::DUPLICATE:
      return;
  }
}

}  // namespace

size_t formatHappening(char* buffer, size_t capacity, uint64_t at, const char* device, const Happening& happening) {
  Writer json(buffer, capacity);
  json.text("{\"at\":\"").iso(at).text("\",\"device\":").quoted(device).text(",\"event\":").quoted(word(happening));
  if (*happening.id) json.text(",\"id\":").quoted(happening.id);
  formatDetails(json, happening);
  json.character('}');
  return json.length();
}

}  // namespace sconce
