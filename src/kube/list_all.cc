#include "kube/list_all.h"

#include <iterator>

#include "base/strings.h"

namespace keyferry::kube {

namespace {

Result<ObjectList> list_once(KubeApi& api, const Resource& resource, ListOptions options,
                             const Patience& patience) {
  ObjectList list;
  do {
    KF_ASSIGN(Page page, api.list(resource, options, patience));
    list.items.insert(list.items.end(), std::make_move_iterator(page.items.begin()),
                      std::make_move_iterator(page.items.end()));
    list.resource_version = std::move(page.resource_version);
    options.next = std::move(page.next);
  } while (!options.next.empty());
  return list;
}

}  // namespace

Result<ObjectList> list_all(KubeApi& api, const Resource& resource, ListOptions options,
                            const Patience& patience) {
  constexpr int kTries = 3;
  for (int tried = 1;; ++tried) {
    options.next.clear();
    auto list = list_once(api, resource, options, patience);
    const bool expired = !list.ok() && list.error().code() == ErrorCode::kOutOfRange;
    if (!expired || tried == kTries) return list;
    options.not_older_than.reset();
  }
}

}  // namespace keyferry::kube
