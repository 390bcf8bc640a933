#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "manifest/secret_provider_class.h"
#include "node/mount_request.h"

namespace keyferry::node {

// What a volume shows: id → version, as the status of the pod has it.
using ShownVersions = std::map<std::string, std::string>;

struct VolumeNews {
  const VolumeIdentity& volume;
  const manifest::SecretProviderClass& spc;
  const ShownVersions& versions;
};

// Is told what happens to volumes: pod status, Secrets, events, metrics. Never waits, never fails a
// mount. Any thread may call.
class VolumeObserver {
 public:
  virtual ~VolumeObserver() = default;
  virtual void mounted(const VolumeNews& news) = 0;  // a first set stands
  virtual void rotated(const VolumeNews& news, const std::vector<std::string>& changed) = 0;
  // A look or a write failed; the last good set stays. `failures`: in a row.
  virtual void failed(const VolumeIdentity& volume, const Error& error, int failures) = 0;
  virtual void recovered(const VolumeIdentity& volume) = 0;
  virtual void gone(const VolumeIdentity& volume) = 0;
};

}  // namespace keyferry::node
