#include "net/http.h"

#include "base/strings.h"

namespace keyferry {

std::string_view Response::header(std::string_view name) const {
  const std::string wanted = to_lower(name);
  for (const Header& header : headers) {
    if (to_lower(header.name) == wanted) return header.value;
  }
  return {};
}

}  // namespace keyferry
