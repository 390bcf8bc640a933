#pragma once

#include <map>
#include <string>

#include "identity/token_source.h"

namespace keyferry {

// Tokens from files, one per audience, read anew at each call.
class FileTokenSource final : public TokenSource {
 public:
  // Audience → path of the file.
  explicit FileTokenSource(std::map<std::string, std::string> files) : files_(std::move(files)) {}

  // kNotFound: no file for that audience (names those there are) or the file is missing;
  // kFailedPrecondition: what is in it is no JSON web token.
  Result<Secret> token(const std::string& audience) override;

 private:
  const std::map<std::string, std::string> files_;
};

// Whether the text has the shape of a JSON web token (RFC 7519): three base64url parts.
bool looks_like_jwt(std::string_view text);

}  // namespace keyferry
