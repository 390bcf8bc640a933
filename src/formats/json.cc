#include "formats/json.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/secret.h"
#include "base/strings.h"

namespace keyferry {

namespace {

constexpr std::size_t kMaxDepth = 64;

// Builds our tree from the library's events; false stops the parser.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put(Json()); }
  bool boolean(bool value) override { return put(Json(value)); }
  bool number_integer(number_integer_t value) override {
    if (value == 0) return put(Json(Json::Number{"-0"}));  // only numbers with a minus come here
    return put(Json(std::int64_t{value}));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return put(Json(Json::Number{std::to_string(value)}));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return put(Json(Json::Number{text}));
  }
  bool string(string_t& text) override {
    Json value{std::string_view(text)};
    wipe(text.data(), text.size());
    return put(std::move(value));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json(Json::Object())); }
  bool start_array(std::size_t) override { return open(Json(Json::Array())); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    frames_.back().key = name;
    return true;
  }
  bool parse_error(std::size_t at, const std::string&,
                   const nlohmann::detail::exception&) override {
    failure_ = cat("not valid JSON at byte ", at);
    return false;
  }

  Json take() { return std::move(root_); }
  const std::string& failure() const { return failure_; }

 private:
  struct Frame {
    Json value;
    std::string key;
  };

  bool open(Json container) {
    if (frames_.size() >= kMaxDepth) {
      failure_ = cat("JSON nested deeper than ", kMaxDepth, " levels");
      return false;
    }
    frames_.push_back({std::move(container), {}});
    return true;
  }

  bool close() {
    Json done = std::move(frames_.back().value);
    frames_.pop_back();
    return put(std::move(done));
  }

  bool put(Json value) {
    if (frames_.empty()) {
      root_ = std::move(value);
    } else if (Json::Array* items = frames_.back().value.as_array()) {
      items->push_back(std::move(value));
    } else {
      frames_.back().value.set(std::move(frames_.back().key), std::move(value));
    }
    return true;
  }

  Json root_;
  std::vector<Frame> frames_;
  std::string failure_;
};

std::string escape(std::string_view text, JsonEscapes escapes) {
  std::string out = json_escape(text);
  if (escapes == JsonEscapes::kMinimal) return out;
  static constexpr std::pair<std::string_view, std::string_view> kHtml[] = {
      {"<", "\\u003c"},
      {">", "\\u003e"},
      {"&", "\\u0026"},
      {"\xE2\x80\xA8", "\\u2028"},
      {"\xE2\x80\xA9", "\\u2029"}};
  for (const auto& [from, to] : kHtml) {
    for (std::size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size()) {
      out.replace(at, from.size(), to);
    }
  }
  return out;
}

class Writer {
 public:
  Writer(JsonEscapes escapes, JsonLayout layout) : escapes_(escapes), layout_(layout) {}

  void write(const Json& value) {
    if (const bool* flag = value.as_bool()) {
      out_ += *flag ? "true" : "false";
    } else if (const Json::Number* number = value.as_number()) {
      out_ += number->text;
    } else if (const std::string* text = value.as_string()) {
      write_text(*text);
    } else if (const Json::Array* items = value.as_array()) {
      write_all('[', *items, ']', [this](const Json& item) { write(item); });
    } else if (const Json::Object* members = value.as_object()) {
      write_all('{', *members, '}', [this](const auto& member) {
        write_text(member.first);
        out_ += layout_ == JsonLayout::kIndented ? ": " : ":";
        write(member.second);
      });
    } else {
      out_ += "null";
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void write_text(std::string_view text) { out_ += cat('"', escape(text, escapes_), '"'); }

  template <class Things, class WriteOne>
  void write_all(char open, const Things& things, char close, const WriteOne& write_one) {
    out_ += open;
    ++level_;
    bool first = true;
    for (const auto& thing : things) {
      if (!first) out_ += ',';
      first = false;
      break_line();
      write_one(thing);
    }
    --level_;
    if (!first) break_line();
    out_ += close;
  }

  void break_line() {
    if (layout_ == JsonLayout::kIndented) out_.append(1, '\n').append(2 * level_, ' ');
  }

  JsonEscapes escapes_;
  JsonLayout layout_;
  std::string out_;
  std::size_t level_ = 0;
};

}  // namespace

std::optional<std::int64_t> Json::as_int() const {
  const Number* number = as_number();
  if (number == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const char* end = number->text.data() + number->text.size();
  const auto [stop, problem] = std::from_chars(number->text.data(), end, value);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

const Json* Json::find(std::string_view key) const {
  const Object* members = as_object();
  if (members == nullptr) return nullptr;
  const auto found = members->find(key);
  return found == members->end() ? nullptr : &found->second;
}

std::string_view Json::text_of(std::string_view key) const {
  const Json* member = find(key);
  const std::string* text = member == nullptr ? nullptr : member->as_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

Json& Json::set(std::string key, Json value) {
  if (as_object() == nullptr) value_ = Object();
  as_object()->insert_or_assign(std::move(key), std::move(value));
  return *this;
}

std::string_view Json::type_name() const {
  static constexpr std::string_view kNames[] = {"null",     "true or false", "a number",
                                                "a string", "an array",      "an object"};
  return kNames[value_.index()];
}

Result<Json> parse_json(std::string_view text) {
  // The library takes a NUL for the end of the text.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return Error(ErrorCode::kInvalidArgument, cat("not valid JSON at byte ", nul + 1));
  }
  TreeBuilder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) {
    return Error(ErrorCode::kInvalidArgument, builder.failure());
  }
  return builder.take();
}

std::string to_text(const Json& value, JsonEscapes escapes, JsonLayout layout) {
  Writer writer(escapes, layout);
  writer.write(value);
  return writer.take();
}

}  // namespace keyferry
