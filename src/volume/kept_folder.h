#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/kept_state.h"
#include "os/dir.h"

namespace keyferry::volume {

// A KeptState of files in a folder in memory, each for its owner alone and replaced as a whole. A
// file that others may read or write is kFailedPrecondition, one over 4 MiB kResourceExhausted.
class KeptFolder final : public KeptState {
 public:
  explicit KeptFolder(std::unique_ptr<Dir> dir) : dir_(std::move(dir)) {}

  Result<Secret> load(const std::string& name) override;
  Status save(const std::string& name, const Secret& text) override;
  Status erase(const std::string& name) override;

 private:
  std::mutex mutex_;
  std::unique_ptr<Dir> dir_;
};

// The folder at `path`, made (for its owner alone) where it is missing and its parent is in memory.
// kFailedPrecondition where it is not in memory.
Result<std::unique_ptr<KeptState>> open_kept_folder(const std::string& path);

}  // namespace keyferry::volume
