#pragma once

#include <stddef.h>
#include <stdint.h>

#include <credentials.h>
#include <fault.h>
#include <keys.h>
#include <random.h>
#include <store.h>

#include "answer.h"
#include "base64.h"
#include "messages.h"

namespace sconce {

/**
 * The board's certificate made anew, with a new key that never leaves the board: it asks from two thirds of the lifetime
 * on or when it is told to, keeps the key until the answer, takes only what fits it, and connects anew as that. The
 * identity of before stays for the case that the broker does not let the new one in.
 */
class Renewal {
 public:
  /** Key, certificate, issuer, in PEM: the identity in use once it is there, in place of cert.pem and key.pem. */
  static constexpr char kFile[] = "renewed.pem";
  /** The same, of the one before. */
  static constexpr char kFormerFile[] = "former.pem";
  /** The key of the last request: a KeyPair. */
  static constexpr char kPendingFile[] = "pending.key";
  /** Who has signed what is to come, in DER. */
  static constexpr char kIssuerFile[] = "issuer.der";

  /** `scratch`: to work in, during a call. All must outlive it. */
  Renewal(Keys& keys, Credentials& credentials, Store& store, Random& random, const char* device,
          char (&scratch)[kMessageBytes]);

  /** certificate.renew */
  Answer ask();
  /** certificate.issuer */
  Answer issuer(const Base64& certificate);
  /** certificate.install; `now`: ms since 1970. */
  Answer install(const Base64& certificate, uint64_t now);

  /** Whether it is time for a request: it is asked for, or two thirds are over. `micros`: of the clock. */
  bool isDue(uint64_t micros, uint64_t now) const;
  /**
   * A request, as the message that asks, into `scratch`; its length, 0: it failed. For a new key, or the one that is
   * pending: the answer may be on its way, or have got lost. It takes a while.
   */
  size_t request(uint64_t micros);

  /** A new identity is kept, and the board to connect anew. */
  bool installed() const { return installed_; }
  /** The next connection is made with it. */
  void changeOver();
  /** The broker's refusals, and that it has let the board in. `true`: the next try is with another identity. */
  bool refused(Fault fault, uint64_t now);
  void accepted() { refusals_ = 0; }

  /** When the present certificate ends, ms since 1970; 0: not known. */
  uint64_t notAfter() const { return notAfter_; }
  void describe(Standing& standing);

 private:
  void look();
  void forgetUsedKey();
  bool fits(const Base64& certificate, const uint8_t* point, uint64_t now);
  bool keep(const Base64& certificate, const uint8_t* secret);
  size_t decode(const Base64& certificate);

  Keys& keys_;
  Credentials& credentials_;
  Store& store_;
  Random& random_;
  const char* device_;
  char (&scratch_)[kMessageBytes];
  uint64_t notBefore_ = 0;
  uint64_t notAfter_ = 0;
  /** Of the clock's micros: no other request before. */
  uint64_t nextAt_ = 0;
  /** By the broker, in a row. */
  uint8_t refusals_ = 0;
  /** With the key that is pending. */
  uint8_t asks_ = 0;
  bool asked_ = false;
  bool installed_ = false;
};

}  // namespace sconce
