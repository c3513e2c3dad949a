#pragma once

#include <string>

#include <serial_line.h>

namespace sconce {

/** The serial line of a process: a Unix socket on which it listens. As on a cable, there is one at the other end. */
class SocketLine final : public SerialLine {
 public:
  /** Throws UsageError. What stands at `path` is replaced if it is a socket. */
  explicit SocketLine(const std::string& path);
  ~SocketLine();
  SocketLine(const SocketLine&) = delete;
  SocketLine& operator=(const SocketLine&) = delete;

  /** What nobody reads is lost, as on a cable. */
  void write(const uint8_t* bytes, size_t length) override;
  /** Reads what has come, without waiting; 0: nothing. */
  size_t read(uint8_t* bytes, size_t capacity);

 private:
  void hangUp();

  std::string path_;
  int listener_ = -1;
  int client_ = -1;
};

}  // namespace sconce
