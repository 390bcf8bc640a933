#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/strings.h"

namespace keyferry::rpc {

// A folder for the sockets of one test, gone afterwards.
class SocketFolder {
 public:
  SocketFolder() {
    std::string name = "/tmp/kf-rpc-test-XXXXXX";
    path_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
  }
  ~SocketFolder() {
    if (!path_.empty()) std::filesystem::remove_all(path_);
  }
  SocketFolder(const SocketFolder&) = delete;
  SocketFolder& operator=(const SocketFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string at(std::string_view name) const { return cat(path_, "/", name); }

 private:
  std::string path_;
};

}  // namespace keyferry::rpc
