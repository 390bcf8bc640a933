#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/kept_state.h"
#include "os/dir.h"

namespace keyferry::volume {

// A KeptState of files in a folder in memory, each for its owner alone and replaced as a whole. A
// file that others may read or write, or that another user put there, is kFailedPrecondition, one
// over 4 MiB kResourceExhausted. The folder itself may be open to others, as an emptyDir is.
class KeptFolder final : public KeptState {
 public:
  KeptFolder(std::unique_ptr<Dir> dir, uid_t owner) : dir_(std::move(dir)), owner_(owner) {}

  Result<Secret> load(const std::string& name) override;
  Status save(const std::string& name, const Secret& text) override;
  Status erase(const std::string& name) override;
  Result<std::vector<std::string>> names() override;

 private:
  std::mutex mutex_;
  std::unique_ptr<Dir> dir_;
  const uid_t owner_;
};

// The folder at `path`, made (for its owner alone) where it is missing and its parent is in memory.
// kFailedPrecondition where it is not in memory, or while another program has it open.
Result<std::unique_ptr<KeptState>> open_kept_folder(const std::string& path);

}  // namespace keyferry::volume
