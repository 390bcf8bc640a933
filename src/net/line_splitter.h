#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

// Makes lines of bytes that come in pieces. Not for several threads at once.
class LineSplitter {
 public:
  using Line = std::function<Status(std::string_view line)>;  // without its end

  // A line may have `longest` bytes.
  LineSplitter(std::size_t longest, Line line) : longest_(longest), line_(std::move(line)) {}

  // Gives every line that is whole now; an error of the line's ends it. kOutOfRange: a line is
  // longer than the longest, nothing of it is told.
  Status add(std::string_view bytes);

  // Whether a line has begun and not ended.
  bool has_rest() const { return !rest_.empty(); }

 private:
  const std::size_t longest_;
  const Line line_;
  Secret rest_;
};

}  // namespace keyferry
