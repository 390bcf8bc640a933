#include "formats/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <istream>
#include <map>
#include <streambuf>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry {

namespace {

// Why a text was refused, thrown out of the library's callbacks and caught in parse_yaml.
struct Refused {
  int line;
  std::string message;
};

// A stream over text that is not copied.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf's interface; never written
    setg(begin, begin, begin + text.size());
  }
};

// Counted by node, so that a bomb of aliases is refused before it is expanded.
std::size_t node_count(const Yaml& node) {
  std::size_t count = 1;
  for (const Yaml& item : node.items) count += node_count(item);
  for (const auto& [key, value] : node.members) count += node_count(key) + node_count(value);
  return count;
}

// The library gives "\_" and "\N" as one byte each (A0, 85) instead of the character's two. The
// text itself is UTF-8, so that a byte which continues nothing can only come from them.
std::string with_whole_escapes(const std::string& scalar) {
  if (is_utf8(scalar)) return scalar;
  std::string out;
  int continues = 0;
  for (const char c : scalar) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xC0) {
      continues = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    } else if (byte >= 0x80 && continues > 0) {
      --continues;
    } else if (byte >= 0x80) {
      out += '\xC2';
    }
    out += c;
  }
  return out;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const YamlLimits& limits, std::string_view text)
      : limits_(limits), lines_(split(text, '\n')) {}

  void OnDocumentStart(const YAML::Mark&) override {
    anchors_.clear();
    root_ = Yaml();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    put(node_at(mark, Yaml::Kind::kNull), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{line_of(mark), "an alias to a node not yet ended"};
    count(found->second.nodes, mark);
    put(found->second.node, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Yaml node = node_at(mark, Yaml::Kind::kScalar);
    const bool plain = tag == "?" || tag.empty();
    node.style = plain ? Yaml::Style::kPlain : Yaml::Style::kQuoted;
    const bool null = plain && (value == "~" || value == "null" || value == "Null" ||
                                value == "NULL" || value.empty());
    if (null) node.kind = Yaml::Kind::kNull;
    node.scalar = with_whole_escapes(value);
    node.text_line = node.line + (!plain && opens_block(node.line, mark.column) ? 1 : 0);
    put(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node_at(mark, Yaml::Kind::kSequence), anchor, mark);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node_at(mark, Yaml::Kind::kMapping), anchor, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  Yaml take() { return std::move(root_); }

 private:
  struct Frame {
    Yaml node;
    YAML::anchor_t anchor;
    bool has_key = false;
    Yaml key;
  };
  struct Anchored {
    Yaml node;
    std::size_t nodes;
  };

  static int line_of(const YAML::Mark& mark) { return mark.line + 1; }

  Yaml node_at(const YAML::Mark& mark, Yaml::Kind kind) {
    count(1, mark);
    Yaml node;
    node.kind = kind;
    node.line = line_of(mark);
    node.column = mark.column + 1;
    return node;
  }

  void count(std::size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > limits_.max_nodes) {
      throw Refused{line_of(mark), cat("more than ", limits_.max_nodes,
                                       " nodes once aliases are expanded; write it out smaller")};
    }
  }

  void open(Yaml node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (frames_.size() >= limits_.max_depth) {
      throw Refused{line_of(mark),
                    cat("nested deeper than ", limits_.max_depth, " levels; write it flatter")};
    }
    frames_.push_back({std::move(node), anchor, false, {}});
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    put(std::move(frame.node), frame.anchor);
  }

  void put(Yaml node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = {node, node_count(node)};
    if (frames_.empty()) {
      root_ = std::move(node);
    } else if (frames_.back().node.kind == Yaml::Kind::kSequence) {
      frames_.back().node.items.push_back(std::move(node));
    } else {
      put_in_mapping(frames_.back(), std::move(node));
    }
  }

  static void put_in_mapping(Frame& frame, Yaml node) {
    if (frame.has_key) {
      frame.node.members.push_back({std::move(frame.key), std::move(node)});
      frame.has_key = false;
      return;
    }
    if (node.kind == Yaml::Kind::kSequence || node.kind == Yaml::Kind::kMapping) {
      throw Refused{node.line, "a key must be a scalar"};
    }
    if (node.style == Yaml::Style::kPlain && node.scalar == "<<") {
      throw Refused{node.line, "merge keys (<<) are not supported; write the members out"};
    }
    if (const Yaml* first = frame.node.find(node.scalar)) {
      throw Refused{node.line, cat("key '", node.scalar, "' stands here again (first near line ",
                                   first->line, "); keep one")};
    }
    frame.key = std::move(node);
    frame.has_key = true;
  }

  // Whether the scalar at that place is a block (| or >): its line ends so, and no quote opens it.
  bool opens_block(int line, int column) const {
    std::string_view text = lines_[static_cast<std::size_t>(line) - 1];
    const std::string_view scalar =
        text.substr(std::min(text.size(), static_cast<std::size_t>(column)));
    if (scalar.starts_with('"') || scalar.starts_with('\'')) return false;
    if (const auto comment = text.find(" #"); comment != std::string_view::npos) {
      text = text.substr(0, comment);
    }
    text = trim(text);
    while (!text.empty() && text.find_last_of("+-123456789") == text.size() - 1) {
      text.remove_suffix(1);
    }
    return text.ends_with('|') || text.ends_with('>');
  }

  const YamlLimits& limits_;
  std::vector<std::string_view> lines_;
  Yaml root_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
};

Error refused(int line, std::string_view message) {
  return Error(ErrorCode::kInvalidArgument, cat("line ", line, ": ", message));
}

int line_of_byte(std::string_view text, std::size_t at) {
  int line = 1;
  for (const char c : text.substr(0, at)) line += c == '\n' ? 1 : 0;
  return line;
}

// The first line that is not UTF-8 or holds a NUL byte; 0 when all are good.
int first_bad_line(std::string_view text) {
  if (is_utf8(text) && text.find('\0') == std::string_view::npos) return 0;
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (!is_utf8(line) || line.find('\0') != std::string_view::npos) return number;
  }
  return number;
}

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text.front() == '-' || text.front() == '+') ? text.substr(1) : text;
}

}  // namespace

// Here, where Member is a whole type.
Yaml::Yaml() = default;
Yaml::Yaml(const Yaml& other) = default;
Yaml::Yaml(Yaml&& other) noexcept = default;
Yaml& Yaml::operator=(const Yaml& other) = default;
Yaml& Yaml::operator=(Yaml&& other) noexcept = default;
Yaml::~Yaml() = default;

const Yaml* Yaml::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.scalar == key) return &value;
  }
  return nullptr;
}

std::string_view Yaml::type_name() const {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kScalar:
      return "a scalar";
    case Kind::kSequence:
      return "a sequence";
    case Kind::kMapping:
      return "a mapping";
  }
  return "null";
}

Result<std::vector<Yaml>> parse_yaml(std::string_view text, const YamlLimits& limits) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const int line = first_bad_line(text); line > 0) {
    return refused(line, "not UTF-8 text; save the file as UTF-8");
  }
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  std::vector<Yaml> documents;
  TreeBuilder builder(limits, text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
      Yaml document = builder.take();
      if (document.kind != Yaml::Kind::kNull) documents.push_back(std::move(document));
    }
  } catch (const Refused& problem) {
    return refused(problem.line, problem.message);
  } catch (const YAML::Exception& problem) {
    const int line =
        problem.mark.is_null() ? line_of_byte(text, text.size()) : problem.mark.line + 1;
    return refused(line, cat("not valid YAML: ", problem.msg));
  }
  return documents;
}

Result<long long> yaml_int(const Yaml& node) {
  const Error no_int(ErrorCode::kInvalidArgument, "not a whole number");
  if (node.kind != Yaml::Kind::kScalar || node.style != Yaml::Style::kPlain) return no_int;
  std::string text = node.scalar;
  std::erase(text, '_');  // 1_000_000
  const bool negative = text.starts_with('-');
  std::string digits = to_lower(without_sign(text));
  int base = 10;
  if (digits.starts_with("0x")) base = 16;
  if (digits.starts_with("0o")) base = 8;
  if (digits.starts_with("0b")) base = 2;
  if (base != 10) {
    digits.erase(0, 2);
  } else if (digits.size() > 1 && digits.front() == '0') {
    base = 8;
  }
  if (digits.empty() || digits.front() == '-') return no_int;
  if (negative) digits.insert(0, 1, '-');  // with its sign, as the smallest number has no positive
  long long value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value, base);
  if (problem != std::errc() || stop != end) return no_int;
  return value;
}

Result<bool> yaml_bool(const Yaml& node) {
  if (node.kind == Yaml::Kind::kScalar && node.style == Yaml::Style::kPlain) {
    const std::string& text = node.scalar;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
  }
  return Error(ErrorCode::kInvalidArgument, "not true or false");
}

}  // namespace keyferry
