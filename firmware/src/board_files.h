#pragma once

#include <identity.h>
#include <pin_map.h>
#include <store.h>
#include <writer.h>

#include <memory>

namespace sconce {

/** Of a PEM file: as pki/mint and the board itself write them. */
constexpr size_t kPemBytes = 2048;

/** On the heap, with room for a zero behind it; empty if there is no memory. */
using Buffer = std::unique_ptr<char[]>;
Buffer makeBuffer(size_t bytes);

/** `false`, and what is to be done about this file. */
bool complainOf(Writer& complaint, const char* file);

/** What a board is told by the files in its flash: `make flash` puts them there. */
struct BoardFiles {
  Identity identity = {};
  PinMap pins;

  /** `false`: without device.json it cannot be a board; `complaint` says what is wrong, and what to do. */
  bool readIdentity(Store& store, Writer& complaint);
  /** `false`: the pins are as on a board that says nothing of them; `complaint` says what is wrong. */
  bool readPins(Store& store, Writer& complaint);
};

}  // namespace sconce
