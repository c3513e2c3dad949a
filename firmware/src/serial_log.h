#pragma once

#include <clock.h>
#include <log.h>

namespace sconce {

/** Tells a person at the USB line what happens, a line for each. */
class SerialLog final : public Log {
 public:
  explicit SerialLog(Clock& clock) : clock_(clock) {}
  void happened(const Happening& happening) override;

 private:
  Clock& clock_;
};

}  // namespace sconce
