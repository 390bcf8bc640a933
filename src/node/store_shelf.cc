#include "node/store_shelf.h"

namespace keyferry::node {

Result<fetch::Fetcher*> StoreShelf::fetcher(const std::string& provider) {
  const std::lock_guard lock(mutex_);  // making one asks nobody
  auto found = shelf_.find(provider);
  if (found == shelf_.end()) {
    KF_ASSIGN(auto store, make_(provider));
    auto fetcher = std::make_unique<fetch::Fetcher>(*store, clock_, freshness_);
    found = shelf_.emplace(provider, Shelved{std::move(store), std::move(fetcher)}).first;
  }
  return found->second.fetcher.get();
}

}  // namespace keyferry::node
