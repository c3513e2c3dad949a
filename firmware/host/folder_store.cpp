#include "folder_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sconce {

int32_t FolderStore::read(const char* name, char* buffer, size_t capacity) {
  const int file = open(path(name).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  struct stat about;
  int32_t length = -1;
  if (fstat(file, &about) == 0 && static_cast<size_t>(about.st_size) <= capacity) {
    length = static_cast<int32_t>(::read(file, buffer, static_cast<size_t>(about.st_size)));
  }
  close(file);
  return length;
}

int32_t FolderStore::readPart(const char* name, size_t from, char* buffer, size_t capacity) {
  const int file = open(path(name).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  const ssize_t length = pread(file, buffer, capacity, static_cast<off_t>(from));
  close(file);
  return static_cast<int32_t>(length);
}

bool FolderStore::write(const char* name, const char* data, size_t length) {
  return put(name, O_CREAT | O_TRUNC, data, length);
}

bool FolderStore::append(const char* name, const char* data, size_t length) {
  return put(name, O_APPEND, data, length);
}

bool FolderStore::put(const char* name, int how, const char* data, size_t length) {
  const int file = open(path(name).c_str(), O_WRONLY | O_CLOEXEC | how, 0600);
  if (file < 0) return false;
  const bool whole = ::write(file, data, length) == static_cast<ssize_t>(length) && fsync(file) == 0;
  return close(file) == 0 && whole;
}

bool FolderStore::rename(const char* from, const char* to) {
  return ::rename(path(from).c_str(), path(to).c_str()) == 0;
}

bool FolderStore::remove(const char* name) {
  return unlink(path(name).c_str()) == 0;
}

}  // namespace sconce
