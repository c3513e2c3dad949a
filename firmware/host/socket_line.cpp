#include "socket_line.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "usage_error.h"

namespace sconce {

SocketLine::SocketLine(const std::string& path) : path_(path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw UsageError("--serial takes a path of at most 107 bytes, as Unix sockets do, not \"" + path + "\".");
  }
  memcpy(address.sun_path, path.data(), path.size());
  struct stat there;
  if (lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) unlink(path.c_str());
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  // Whoever may write here may send the board to another network.
  const mode_t before = umask(0077);
  const bool bound = bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  umask(before);
  if (bound && listen(listener_, 1) == 0) return;
  close(listener_);
  throw UsageError("--serial: a socket cannot be made at " + path + " (" + strerror(bound ? errno : error) + ").");
}

SocketLine::~SocketLine() {
  hangUp();
  close(listener_);
  unlink(path_.c_str());
}

void SocketLine::write(const uint8_t* bytes, size_t length) {
  if (client_ >= 0) send(client_, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

size_t SocketLine::read(uint8_t* bytes, size_t capacity) {
  if (client_ < 0) client_ = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client_ < 0) return 0;
  const ssize_t got = recv(client_, bytes, capacity, 0);
  if (got > 0) return static_cast<size_t>(got);
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) hangUp();
  return 0;
}

void SocketLine::hangUp() {
  if (client_ >= 0) close(client_);
  client_ = -1;
}

}  // namespace sconce
