#include "base/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::log {

namespace {

std::atomic<Format> current_format = Format::kText;

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
    auto made = std::make_shared<spdlog::logger>("keyferry", std::move(sink));
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%v%$", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

// A JSON text without any control character: a terminal obeys DEL and C1 as it does the others.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  const std::string escaped = json_escape(text);  // UTF-8 now, whatever it was
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const auto byte = static_cast<unsigned char>(escaped[i]);
    const auto next = static_cast<unsigned char>(i + 1 < escaped.size() ? escaped[i + 1] : 0);
    const bool is_c1 = byte == 0xC2 && next < 0xA0;
    if (byte == 0x7F || is_c1) {
      out += cat("\\u00", hex_encode(is_c1 ? std::string_view(&escaped[++i], 1) : "\x7F"));
    } else {
      out += escaped[i];
    }
  }
  return out + '"';
}

// Whether a value can stand without quotes. Control characters cannot: a terminal obeys them.
bool is_bare(std::string_view value) {
  const bool special = std::any_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7F || c == '=' || c == '"' || c == '\\';
  });
  return !value.empty() && !special && quoted(value).size() == value.size() + 2;
}

std::string render_text(Level level, std::string_view event, Fields fields) {
  std::string line = cat("level=", name_of(level), " event=", quoted(event));
  for (const Field& field : fields) {
    line += cat(" ", field.key, "=");
    line += is_bare(field.value) ? field.value : quoted(field.value);
  }
  return line;
}

std::string render_json(Level level, std::string_view event, Fields fields) {
  std::string line = cat("\"level\":\"", name_of(level), "\",\"event\":", quoted(event));
  for (const Field& field : fields) {
    line += cat(",", quoted(field.key), ":", field.is_text ? quoted(field.value) : field.value);
  }
  return line + "}";
}

}  // namespace

Result<Level> level_of(std::string_view name) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    if (name == name_of(level)) return level;
  }
  return Error(ErrorCode::kInvalidArgument,
               cat("log level '", name, "' is not one of debug, info, warning, error"));
}

Result<Format> format_of(std::string_view name) {
  if (name == "text") return Format::kText;
  if (name == "json") return Format::kJson;
  return Error(ErrorCode::kInvalidArgument, cat("log format '", name, "' is not text or json"));
}

void set_up(Level level, Format format) {
  current_format = format;
  logger().set_level(spdlog_level(level));
  logger().set_pattern(format == Format::kText ? "%Y-%m-%dT%H:%M:%S.%eZ %^%v%$"
                                               : "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v",
                       spdlog::pattern_time_type::utc);
}

std::string render(Level level, std::string_view event, Fields fields, Format format) {
  return format == Format::kText ? render_text(level, event, fields)
                                 : render_json(level, event, fields);
}

void write(Level level, std::string_view event, Fields fields) {
  if (!logger().should_log(spdlog_level(level))) return;
  logger().log(spdlog_level(level),
               spdlog::string_view_t(render(level, event, fields, current_format)));
}

}  // namespace keyferry::log
