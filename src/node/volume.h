#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fetch/fetcher.h"
#include "identity/pod_tokens.h"
#include "node/class_source.h"
#include "node/mount_request.h"
#include "node/turns.h"

namespace keyferry::node {

// One volume that kubelet asked for. What is below `turns` belongs to whoever has the turn.
struct Volume {
  Volume(VolumeIdentity who, Clock& clock)
      : tokens(clock), turns(clock), identity(std::move(who)) {}

  PodTokens tokens;

  Turns turns;
  VolumeIdentity identity;
  // What kubelet brought with the last publish.
  std::shared_ptr<const stores::PublishSecrets> secrets;
  // What stands there: written by us, in this life of the program. Null: not known.
  std::shared_ptr<const fetch::SecretSet> set;
  KnownClassPtr known_class;
  bool set_is_of_class = false;  // the set was asked for with this class
  // The class with the volume's own attributes; stays where it is while it is being asked with.
  std::shared_ptr<const manifest::SecretProviderClass> spc;
  fetch::Fetcher* fetcher = nullptr;
  int failures = 0;  // in a row, of looks and writes
};
using VolumePtr = std::shared_ptr<Volume>;

}  // namespace keyferry::node
