#include "cli/class_check.h"

namespace keyferry::cli {

stores::ParameterCheck check_class(const manifest::SecretProviderClass& spc) {
  const auto kind = stores::store_kind_of(spc.provider);
  if (kind.ok()) return kind->check(spc);
  if (spc.provider.empty()) return {};  // the reader of the manifest complained
  return {{{Severity::kError, spc.meta.file, spc.provider_line, spc.meta.display_name(),
            "spec.provider", kind.error().message(), ""}},
          {}};
}

}  // namespace keyferry::cli
