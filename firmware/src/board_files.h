#pragma once

#include <identity.h>
#include <pin_map.h>
#include <store.h>
#include <writer.h>

#include "pubsub_link.h"

namespace sconce {

/** What a board is told by the files in its flash: `make flash` puts them there. */
struct BoardFiles {
  Identity identity = {};
  Credentials credentials;
  PinMap pins;

  /** `false`: without these it cannot be a board; `complaint` says what is wrong, and what to do. */
  bool readIdentity(Store& store, Writer& complaint);
  /** `false`: the pins are as on a board that says nothing of them; `complaint` says what is wrong. */
  bool readPins(Store& store, Writer& complaint);
};

}  // namespace sconce
