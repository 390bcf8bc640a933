#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

// One line per event on stderr: text (logfmt) or JSON. Any thread may write.
namespace keyferry::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

// Values of the --log-level and --log-format flags.
Result<Level> level_of(std::string_view name);
Result<Format> format_of(std::string_view name);

// Once, at start; before it: info, text.
void set_up(Level level, Format format);

// One key=value of an event. There is no way to make one from a Secret.
struct Field {
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Field(std::string_view k, T v)
      : key(k), value(std::to_string(v)), is_text(false) {}
  template <std::same_as<bool> T>  // a pointer or a fraction must not become true
  Field(std::string_view k, T v) : key(k), value(v ? "true" : "false"), is_text(false) {}
  Field(std::string_view k, const Secret&) = delete;

  std::string_view key;
  std::string value;
  bool is_text = true;
};

using Fields = std::initializer_list<Field>;

void write(Level level, std::string_view event, Fields fields);
inline void debug(std::string_view event, Fields f = {}) { write(Level::kDebug, event, f); }
inline void info(std::string_view event, Fields f = {}) { write(Level::kInfo, event, f); }
inline void warning(std::string_view event, Fields f = {}) { write(Level::kWarning, event, f); }
inline void error(std::string_view event, Fields f = {}) { write(Level::kError, event, f); }

// The line write() would print after the time stamp; for tests.
std::string render(Level level, std::string_view event, Fields fields, Format format);

}  // namespace keyferry::log
