#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

struct Bytes {
  const uint8_t* data = nullptr;
  size_t length = 0;
};

/**
 * Who the board is to the broker, and which authorities of the broker's certificate it believes: what connections are made
 * with, read from the files that core's renewal.h and trust.h name. What is given here is valid until the next change.
 */
struct Credentials {
  /** MINTED: as pki/mint made it and `make flash` put it there; RENEWED: the newest; FORMER: the one before that. */
  enum class Which : uint8_t { RENEWED, FORMER, MINTED };
  static constexpr size_t kWhichCount = 3;

  virtual Which which() = 0;
  /** The next connections are made with this one. `false`: it is not there or damaged, and all is as it was. */
  virtual bool use(Which which) = 0;
  /** The board's certificate, in DER. */
  virtual Bytes certificate() = 0;
  /** Reads anew whom to trust. `false`: it cannot be read, and all is as it was. */
  virtual bool trustAnew() = 0;
  /** The `index`th authority's certificate, in DER; empty: there are no more. */
  virtual Bytes authority(size_t index) = 0;

 protected:
  ~Credentials() = default;
};

}  // namespace sconce
