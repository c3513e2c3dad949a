#pragma once

#include <stddef.h>
#include <stdint.h>

#include <credentials.h>
#include <keys.h>
#include <store.h>

#include "answer.h"
#include "base64.h"
#include "messages.h"

namespace sconce {

/**
 * The authorities of the broker's certificate: those of ca.pem, until the household has named others. What bears one's
 * signature is the household's word: new firmware, and the next authority.
 */
class Trust {
 public:
  /** Beside ca.pem, and in its place once it is there. */
  static constexpr char kFile[] = "trusted.pem";

  /** `scratch`: to work in, during a call. */
  Trust(Keys& keys, Credentials& credentials, Store& store, char (&scratch)[kMessageBytes])
      : keys_(keys), credentials_(credentials), store_(store), scratch_(scratch) {}

  /** Whether an authority that is trusted has signed this text, and which. */
  bool isHouseholds(const char* text, const uint8_t* signature, size_t length, size_t& by);
  bool isHouseholds(const char* text, const uint8_t* signature, size_t length) {
    size_t by = 0;
    return isHouseholds(text, signature, length, by);
  }
  /** Trusts this authority besides the one that vouches for it, or alone. */
  Answer trust(const Base64& certificate, const Base64& signature, bool alone);
  /** Whom it trusts, for info. */
  void describe(Standing& standing);
  /** Once after each change. */
  bool changed() {
    const bool was = changed_;
    changed_ = false;
    return was;
  }

 private:
  bool keep(Bytes besides, const Base64& certificate);

  Keys& keys_;
  Credentials& credentials_;
  Store& store_;
  char (&scratch_)[kMessageBytes];
  bool changed_ = false;
};

}  // namespace sconce
