#pragma once

#include <machine.h>

namespace sconce {

class ChipMachine final : public Machine {
 public:
  /** From now on somebody must hear alive() each minute; if not, `stuck` is called and the chip restarted. */
  void watch(void (*stuck)());

  Vitals vitals() override;
  Reset lastReset() override;
  bool recall(void* data, size_t length) override;
  void retain(const void* data, size_t length) override;
  void alive() override;
  void restart() override;
};

}  // namespace sconce
