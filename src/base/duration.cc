#include "base/duration.h"

#include <charconv>

#include "base/strings.h"

namespace keyferry {

Result<std::chrono::milliseconds> duration_of(std::string_view text) {
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  constexpr std::int64_t kLongest = std::int64_t{366} * 24 * 3'600'000;
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, count);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  for (const auto& [name, factor] : kUnits) {
    if (problem == std::errc() && unit == name && count > 0 && count <= kLongest / factor) {
      return std::chrono::milliseconds(count * factor);
    }
  }
  return Error(ErrorCode::kInvalidArgument,
               cat("'", text, "' is not a duration; write a number and ms, s, m or h, such as 2m"));
}

}  // namespace keyferry
