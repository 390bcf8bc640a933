#include "net/line_splitter.h"

#include <utility>

#include "base/strings.h"

namespace keyferry {

Status LineSplitter::add(std::string_view bytes) {
  for (;;) {
    const auto end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (rest_.size() + piece.size() > longest_) {
      return Error(ErrorCode::kOutOfRange, cat("a line of the answer is longer than the limit of ",
                                               longest_, " bytes; keep less in one place"));
    }
    if (end == std::string_view::npos) {
      rest_.append(piece);
      return {};
    }
    if (rest_.empty()) {
      KF_TRY(line_(piece));
    } else {
      rest_.append(piece);
      const Secret whole = std::exchange(rest_, Secret());
      KF_TRY(line_(whole.expose()));
    }
    bytes.remove_prefix(end + 1);
  }
}

}  // namespace keyferry
