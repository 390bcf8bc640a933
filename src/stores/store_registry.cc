#include "base/strings.h"
#include "stores/store.h"

namespace keyferry::stores {

// Each store's folder defines its kind().
#define KEYFERRY_STORE(folder, provider) \
  namespace folder {                     \
  StoreKind kind();                      \
  }
#include "stores/stores.def"
#undef KEYFERRY_STORE

const std::vector<StoreKind>& store_kinds() {
  static const std::vector<StoreKind> kinds = [] {
    std::vector<StoreKind> all;
#define KEYFERRY_STORE(folder, provider) \
  all.push_back(folder::kind());         \
  all.back().name = provider;
#include "stores/stores.def"
#undef KEYFERRY_STORE
    return all;
  }();
  return kinds;
}

Result<StoreKind> store_kind_of(std::string_view provider) {
  std::vector<std::string_view> names;
  for (const StoreKind& kind : store_kinds()) {
    if (kind.name == provider) return kind;
    names.push_back(kind.name);
  }
  const std::string_view near = nearest_name(provider, names);
  std::string known;
  for (const std::string_view name : names) known += cat(known.empty() ? "" : ", ", name);
  return Error(ErrorCode::kNotFound,
               cat("no store is called '", provider, "'; ",
                   near.empty() ? cat("there are: ", known) : cat("did you mean '", near, "'?")));
}

}  // namespace keyferry::stores
