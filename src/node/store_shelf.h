#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "fetch/fetcher.h"
#include "stores/store.h"

namespace keyferry::node {

// The stores of a node, each behind the fetcher that all its volumes share. Made when first asked
// for. Any thread may call.
class StoreShelf {
 public:
  using MakeStore = std::function<Result<std::unique_ptr<stores::Store>>(const std::string& name)>;

  // `freshness`: how old an answer may be that a new volume gets without asking the store.
  StoreShelf(MakeStore make, Clock& clock, Duration freshness)
      : make_(std::move(make)), clock_(clock), freshness_(freshness) {}

  // kNotFound: no store of that name.
  Result<fetch::Fetcher*> fetcher(const std::string& provider);

 private:
  struct Shelved {
    std::unique_ptr<stores::Store> store;
    std::unique_ptr<fetch::Fetcher> fetcher;
  };
  MakeStore make_;
  Clock& clock_;
  const Duration freshness_;
  std::mutex mutex_;
  std::map<std::string, Shelved> shelf_;
};

}  // namespace keyferry::node
