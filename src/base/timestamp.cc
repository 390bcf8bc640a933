#include "base/timestamp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "base/strings.h"

namespace keyferry {

namespace {

// Takes digits and marks off the front of a text; once something is not as expected, nothing is.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    const std::string_view taken = rest_.substr(0, digits);
    const auto read = std::from_chars(taken.data(), taken.data() + taken.size(), value);
    good_ = good_ && taken.size() == digits && taken.front() != '-' &&
            read.ptr == taken.data() + taken.size() && read.ec == std::errc();
    rest_.remove_prefix(taken.size());
    return value;
  }
  void mark(std::string_view marks) {
    good_ = good_ && !rest_.empty() && marks.find(rest_.front()) != marks.npos;
    if (good_) rest_.remove_prefix(1);
  }
  // ".123": as nanoseconds, more digits than nine cut off.
  std::chrono::nanoseconds fraction() {
    if (!rest_.starts_with('.')) return {};
    rest_.remove_prefix(1);
    std::int64_t value = 0;
    int digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
      if (digits < 9) value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    good_ = good_ && digits > 0;
    for (; digits < 9; ++digits) value *= 10;
    return std::chrono::nanoseconds(value);
  }
  std::chrono::minutes offset() {
    if (rest_ == "Z" || rest_ == "z") return {};
    const int sign = rest_.starts_with('-') ? -1 : 1;
    mark("+-");
    const std::chrono::minutes ahead = std::chrono::hours(number(2));
    mark(":");
    const auto whole = ahead + std::chrono::minutes(number(2));
    good_ = good_ && rest_.empty();
    return sign * whole;
  }
  bool good() const { return good_; }
  void expect(bool fact) { good_ = good_ && fact; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

Result<WallTime> parse_timestamp(std::string_view text) {
  Reader reader(text);
  const std::chrono::year year(reader.number(4));
  reader.mark("-");
  const std::chrono::month month(static_cast<unsigned>(reader.number(2)));
  reader.mark("-");
  const std::chrono::year_month_day date(year, month,
                                         std::chrono::day(static_cast<unsigned>(reader.number(2))));
  reader.mark("Tt ");
  const int hours = reader.number(2);
  reader.mark(":");
  const int minutes = reader.number(2);
  reader.mark(":");
  const int seconds = reader.number(2);
  const auto fraction = reader.fraction();
  const auto offset = reader.offset();
  reader.expect(date.ok() && hours < 24 && minutes < 60 && seconds <= 60);  // 60: a leap second
  if (!reader.good()) {
    return Error(ErrorCode::kInvalidArgument, "not a time such as 2026-01-31T12:00:00Z");
  }
  // The clock's nanoseconds end in 2262; "9999-12-31", never, is as late as can be said.
  using std::chrono::sys_days;
  using std::chrono::sys_seconds;
  constexpr sys_seconds kEarliest = sys_days(std::chrono::year(1700) / 1 / 1);
  constexpr sys_seconds kLatest = sys_days(std::chrono::year(2250) / 1 / 1);
  const sys_seconds said = sys_days(date) + std::chrono::hours(hours) +
                           std::chrono::minutes(minutes) + std::chrono::seconds(seconds) - offset;
  const sys_seconds time = std::clamp(said, kEarliest, kLatest);
  return WallTime(time) + std::chrono::duration_cast<WallTime::duration>(fraction);
}

std::string to_timestamp(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace keyferry
