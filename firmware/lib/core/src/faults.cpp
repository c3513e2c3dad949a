#include "faults.h"

#include <flash_text.h>
#include <sconce_protocol.h>

namespace sconce {

namespace {

/** Arrays, not pointers: these 8 kB stay in the flash chip as one piece. */
struct Row {
  char code[36];
  /** {name}, {host}, {port}, {wifi}, {day}, {keepAlive}, {said} are filled in. */
  char words[208];
};

// The shared ones as services/protocol/src/faults.ts has them for a board; a test compares.
const Row kRows[kFaultCount] SCONCE_FLASH_TEXT = {
    {"broker_certificate_expired",
     "The broker's certificate has expired. On the server, run make pki. If it is in date there, the clock here is "
     "wrong."},
    {"broker_certificate_not_yet_valid",
     "The broker's certificate is not valid yet. A clock is wrong: check the one here and the server's."},
    {"broker_certificate_wrong_name",
     "The broker's certificate is not for {name}. On the server, run make pki BROKER_HOST={name}."},
    {"broker_certificate_not_trusted",
     "The broker's certificate is not from the authority that this board trusts (ca.pem). It is another household's broker, "
     "or the authority was made anew: then mint the board anew."},
    {"broker_certificate_wrong_use",
     "The broker shows a certificate that is not made for a server. On the server, move pki/store/broker away and run make pki."},
    {"own_certificate_expired", "The certificate of this board ended on {day}: mint the board anew."},
    {"own_certificate_revoked",
     "The certificate of this board has been revoked. If that was a mistake, mint the board anew."},
    {"own_certificate_not_trusted",
     "The broker does not trust the authority of the certificate of this board: mint the board anew, with the store of this "
     "broker's household."},
    {"own_certificate_refused",
     "The broker refuses the certificate of this board. Its log says why; mint the board anew if the certificate is damaged."},
    {"tls_version", "The broker does not speak TLS 1.2, the newest that a board knows. Use the shipped mosquitto.conf."},
    {"tls_ciphers", "The broker and this board have no cipher in common. Use the shipped mosquitto.conf."},
    {"not_tls",
     "What listens at {host}:{port} does not speak TLS. Give the broker's port: as a rule 8883 for boards, 8884 for the API."},
    {"name_unknown", "No such name: {host}. Correct the broker's host in device.json, or its DNS record."},
    {"name_server_silent", "The name server did not answer for {host}. Is the network up?"},
    {"port_closed", "Nothing listens at {host}:{port}. Start the broker, or correct the port in device.json."},
    {"no_route", "There is no way to {host}. Is the network up?"},
    {"silent", "{host}:{port} does not answer. Check that the broker runs and that no firewall drops the port."},
    {"keep_alive", "The broker has not answered for {keepAlive} seconds. Is the network up?"},
    {"mqtt_version", "The broker does not speak our version of MQTT. Use the shipped mosquitto.conf."},
    {"mqtt_id_refused", "The broker refuses our client id. Use the shipped mosquitto.conf."},
    {"mqtt_unavailable", "The broker says that it is not available now. Its log says why."},
    {"not_authorised",
     "The broker does not authorise this board. Use the shipped mosquitto.conf and access lists; or mint the board anew."},
    {"closed_early",
     "The broker closed the connection before letting this board in. Its log says why; a certificate it does not accept is "
     "the most common reason."},
    {"connection_lost",
     "The connection to the broker was lost. If it keeps happening, check the network, and that no second board has this "
     "identity."},
    {"unknown", "The connection to {host}:{port} failed: {said}"},

    {"wifi_not_set",
     "No Wi-Fi network is set. Connect the board by USB and give it one: in Chrome at improv-wifi.com, or by make flash."},
    {"wifi_not_found",
     "The Wi-Fi network \"{wifi}\" is not in the air. Is its router on, and does it offer 2.4 GHz? This board has no 5 GHz."},
    {"wifi_password",
     "The Wi-Fi network \"{wifi}\" refuses the password. Set it anew by USB: in Chrome at improv-wifi.com, or by make flash."},
    {"wifi_no_address",
     "The Wi-Fi network \"{wifi}\" let the board in and gives it no address. Restart the router, and look at its DHCP settings."},
    {"wifi_silent", "The Wi-Fi network \"{wifi}\" does not let the board in. Is the board too far away from the router?"},
    {"time_silent", "No time server has answered. Does the network let UDP port 123 out? TLS cannot begin without the time."},
    {"time_past",
     "The time servers say {said}, which is past for certain: something in the network gives a wrong time. The board waits "
     "for a right one."},
    {"out_of_memory", "The memory does not suffice for TLS. If it keeps happening, restart the board and report it."},
};

/** Whether the flash's text goes on with this word; then it is passed over. */
bool eat(const char*& text, const char* word) {
  const char* at = text;
  for (; *word; word++, at++) {
    if (flashCharacter(at) != *word) return false;
  }
  text = at;
  return true;
}

}  // namespace

void faultCode(Writer& code, Fault fault) {
  code.flashText(kRows[static_cast<size_t>(fault)].code);
}

void faultWords(Writer& words, Fault fault, const Circumstances& circumstances) {
  const auto& [broker, wifi, notAfter, said] = circumstances;
  const char* text = kRows[static_cast<size_t>(fault)].words;
  while (flashCharacter(text) != '\0') {
    if (eat(text, "{name}")) words.text(broker.name);
    else if (eat(text, "{host}")) words.text(broker.host);
    else if (eat(text, "{port}")) words.number(broker.port);
    else if (eat(text, "{wifi}")) words.text(wifi);
    else if (eat(text, "{day}")) words.day(notAfter);
    else if (eat(text, "{keepAlive}")) words.number(protocol::kKeepAliveSeconds);
    else if (eat(text, "{said}")) words.text(said);
    else words.character(flashCharacter(text++));
  }
}

Fault clarify(Fault fault, uint64_t notAfter, uint64_t now) {
  const bool maybeOwn = fault == Fault::CLOSED_EARLY || fault == Fault::OWN_CERTIFICATE_REFUSED;
  return maybeOwn && now >= notAfter ? Fault::OWN_CERTIFICATE_EXPIRED : fault;
}

}  // namespace sconce
