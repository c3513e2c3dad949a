#include "happening_words.h"

#include <flash_text.h>

namespace sconce {

namespace {

using Event = Happening::Event;

void tellCode(Writer& words, const RfCode& rf) {
  words.flashText(SCONCE_FLASH("code ")).number(rf.code).flashText(SCONCE_FLASH(" (")).number(rf.bits);
  words.flashText(SCONCE_FLASH(" bits, protocol ")).number(rf.protocol).flashText(SCONCE_FLASH(", pulse ")).number(rf.pulse);
  words.flashText(SCONCE_FLASH(" us)"));
}

void tellRenewal(Writer& words, Happening::Renewal step) {
  switch (step) {
    case Happening::Renewal::RENEW:
      words.flashText(SCONCE_FLASH("Asking for a new certificate, with a new key."));
      return;
    case Happening::Renewal::INSTALLED:
      words.flashText(SCONCE_FLASH("A new certificate is here; connecting with it."));
      return;
    case Happening::Renewal::FORMER:
      words.flashText(SCONCE_FLASH("The broker refuses this certificate; trying the other one that the board has."));
      return;
    case Happening::Renewal::TRUSTED:
      words.flashText(SCONCE_FLASH("The authorities that this board trusts are other ones now."));
      return;
  }
}

}  // namespace

void tellHappening(Writer& words, const Happening& h) {
  switch (h.event) {
    case Event::CONNECTED:
      words.flashText(SCONCE_FLASH("Connected to ")).text(h.word).flashText(SCONCE_FLASH("; TLS took "));
      words.number(h.ms).flashText(SCONCE_FLASH(" ms."));
      return;
    case Event::DISCONNECTED:
      words.flashText(SCONCE_FLASH("Disconnected"));
      if (h.ms > 0) words.flashText(SCONCE_FLASH("; next try in ")).number(h.ms).flashText(SCONCE_FLASH(" ms"));
      words.character('.');
      return;
    case Event::COMMAND:
      words.flashText(SCONCE_FLASH("Asked to: ")).text(h.word);
      return;
    case Event::TRANSMITTED:
      words.flashText(SCONCE_FLASH("Sent "));
      tellCode(words, h.rf);
      words.character(' ').number(h.repeat).flashText(SCONCE_FLASH(" times, done after ")).tenths(h.tenthsOfMs);
      words.flashText(SCONCE_FLASH(" ms."));
      return;
    case Event::LEARN:
      words.flashText(SCONCE_FLASH("Learning: for ")).number(h.ms / 1000).flashText(SCONCE_FLASH(" s each frame counts."));
      return;
    case Event::PIN:
      words.flashText(SCONCE_FLASH("GPIO ")).number(h.pin).text(h.on ? " on." : " off.");
      return;
    case Event::IDENTIFY:
      words.flashText(SCONCE_FLASH("Blinking: here I am."));
      return;
    case Event::RESTART:
      words.flashText(SCONCE_FLASH("Restarting, as asked."));
      return;
    case Event::RECEIVED:
      words.flashText(SCONCE_FLASH("Heard "));
      tellCode(words, h.rf);
      return;
    case Event::REFUSED:
      words.flashText(SCONCE_FLASH("Refused: ")).text(h.text);
      return;
    case Event::EXPIRED:
      words.flashText(SCONCE_FLASH("Came too late by ")).number(h.ms).flashText(SCONCE_FLASH(" ms; not done."));
      return;
    case Event::DUPLICATE:
      words.flashText(SCONCE_FLASH("Had that one already; answered again, not done again."));
      return;
    case Event::RENEWAL:
      return tellRenewal(words, h.renewal);
    case Event::ERROR:
      words.text(h.text).flashText(SCONCE_FLASH(" [")).text(h.word).character(']');
      return;
  }
}

}  // namespace sconce
