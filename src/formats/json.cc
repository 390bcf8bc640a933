#include "formats/json.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>

#include "base/encoding.h"
#include "base/secret.h"
#include "base/strings.h"

namespace keyferry {

namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// NOLINTBEGIN(readability-identifier-naming): the library asks for these names.

// The library's memory for texts: from the heap that wipes what it takes back.
class WipedMemory {
 public:
  static constexpr bool kNeedFree = true;
  void* Malloc(std::size_t size) { return size == 0 ? nullptr : ::operator new(size); }
  void* Realloc(void* held, std::size_t held_size, std::size_t size) {
    void* grown = Malloc(size);
    if (held != nullptr && grown != nullptr) std::memcpy(grown, held, std::min(held_size, size));
    Free(held);
    return grown;
  }
  static void Free(void* memory) { ::operator delete(memory); }
};

// "\udc00" on its own comes out of the library as the bytes of half a character.
bool has_half_character(std::string_view text) {
  for (auto at = text.find('\xED'); at != text.npos; at = text.find('\xED', at + 1)) {
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  }
  return false;
}

// Builds our tree from the library's events; false stops the parser.
class TreeBuilder {
 public:
  using Size = rapidjson::SizeType;

  bool Null() { return put(Json()); }
  bool Bool(bool value) { return put(Json(value)); }
  bool RawNumber(const char* text, Size size, bool) {
    return put(Json(Json::Number{std::string(text, size)}));
  }
  bool String(const char* text, Size size, bool) {
    const std::string_view value(text, size);
    return !has_half_character(value) && put(Json(value));
  }
  bool StartObject() { return open(Json(Json::Object())); }
  bool Key(const char* name, Size size, bool) {
    frames_.back().key.assign(name, size);
    return !has_half_character(frames_.back().key);
  }
  bool EndObject(Size) { return close(); }
  bool StartArray() { return open(Json(Json::Array())); }
  bool EndArray(Size) { return close(); }
  // Numbers are taken as they are written.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  Json take() { return std::move(root_); }
  bool is_too_deep() const { return too_deep_; }

 private:
  struct Frame {
    Json value;
    std::string key;
  };

  bool open(Json container) {
    too_deep_ = frames_.size() >= kMaxDepth;
    if (too_deep_) return false;
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
  bool too_deep_ = false;
};

// NOLINTEND(readability-identifier-naming)

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
  const std::size_t mark = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  TreeBuilder builder;
  rapidjson::MemoryStream stream(text.data() + mark, text.size() - mark);
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, WipedMemory> reader;
  constexpr unsigned kFlags =
      rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult done = reader.Parse<kFlags>(stream, builder);
  if (builder.is_too_deep()) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("JSON nested deeper than ", kMaxDepth, " levels"));
  }
  if (done.IsError()) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("not valid JSON at byte ", mark + done.Offset() + 1));
  }
  return builder.take();
}

std::string to_text(const Json& value, JsonEscapes escapes, JsonLayout layout) {
  Writer writer(escapes, layout);
  writer.write(value);
  return writer.take();
}

}  // namespace keyferry
