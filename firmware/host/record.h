#pragma once

#include <string>

#include <clock.h>
#include <log.h>

namespace sconce {

/** Writes each happening as one JSON line, at once: what a killed process has done is in its record. */
class Record final : public Log {
 public:
  /** `file`: descriptor to append to, -1 for none; the lines go to stdout, too. */
  Record(Clock& clock, std::string device, int file) : clock_(clock), device_(std::move(device)), file_(file) {}

  void happened(const Happening& happening) override;

 private:
  Clock& clock_;
  std::string device_;
  int file_;
};

}  // namespace sconce
