#pragma once

#include <stddef.h>

#include "scenario.h"
#include "writer.h"

namespace scenario {

/** One line of what is said; goes out at its end of life. There is one buffer, hence one line at a time. */
class Line {
 public:
  Line() : words(buffer_, sizeof buffer_) {}
  ~Line() {
    words.character('\n');
    say(buffer_, words.length());
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  sconce::Writer words;

 private:
  static inline char buffer_[2000];
};

}  // namespace scenario
