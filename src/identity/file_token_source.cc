#include "identity/file_token_source.h"

#include "base/strings.h"
#include "os/dir.h"

namespace keyferry {

bool looks_like_jwt(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 3) return false;
  for (const std::string_view part : parts) {
    if (part.empty()) return false;
    for (const char c : part) {
      const bool in_alphabet = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || c == '-' || c == '_';
      if (!in_alphabet) return false;
    }
  }
  return true;
}

Result<Secret> FileTokenSource::token(const std::string& audience) {
  const auto found = files_.find(audience);
  if (found == files_.end()) {
    std::vector<std::string> known;
    for (const auto& [name, path] : files_) known.push_back(cat("'", name, "'"));
    return Error(ErrorCode::kNotFound,
                 cat("no service-account token for audience '", audience, "'",
                     known.empty() ? std::string("; none was given")
                                   : cat("; there are tokens for ", join(known, ", ")),
                     "; give one with --token-file ", audience, "=PATH"));
  }
  constexpr std::size_t kLargestToken = std::size_t{64} << 10;
  auto text = read_regular_file(found->second, kLargestToken);
  if (!text.ok()) {
    return std::move(text)
        .with_context(cat("token for audience '", audience, "'"))
        .with_remedy(cat("write the service account's token there, or name its file with "
                         "--token-file ",
                         audience, "=PATH"));
  }
  const std::string_view token = trim(text->expose());
  if (!looks_like_jwt(token)) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat("token for audience '", audience, "': '", found->second,
                     "' does not hold a JSON web token; kubectl create token makes one"));
  }
  return Secret(token);
}

}  // namespace keyferry
