#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/json.h"

namespace keyferry {

// A YAML node with the place it was written at. Aliases are expanded, anchors forgotten.
struct Yaml {
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  enum class Style { kPlain, kQuoted };  // quoted: '…', "…", | and > (always a string)
  struct Member;                         // a key with its value

  Yaml();
  Yaml(const Yaml& other);
  Yaml(Yaml&& other) noexcept;
  Yaml& operator=(const Yaml& other);
  Yaml& operator=(Yaml&& other) noexcept;
  ~Yaml();

  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  std::string scalar;
  std::vector<Yaml> items;
  std::vector<Member> members;  // in the order written
  int line = 0;                 // 1-based
  int text_line = 0;            // of the scalar's first character: below `line` for | and >
  int column = 0;               // 1-based

  // The member's value; null when absent or not a mapping.
  const Yaml* find(std::string_view key) const;
  std::string_view type_name() const;  // "null", "a scalar", "a sequence", "a mapping"
};

struct Yaml::Member {
  Yaml key;
  Yaml value;
};

struct YamlLimits {
  std::size_t max_nodes = 100'000;  // after expansion of aliases
  std::size_t max_depth = 64;
};

// Every document of the text; empty documents are left out. A mapping with a key twice, a bomb of
// aliases, too deep nesting or text that is not UTF-8 is kInvalidArgument with "line N: …". A quote
// still open at the end of the text is taken as closed there.
Result<std::vector<Yaml>> parse_yaml(std::string_view text, const YamlLimits& limits = {});

// A plain scalar as Go's yaml.v3 reads it (YAML 1.2 core schema, plus 1.1 octals: 0644 is 420,
// and 0o644). kInvalidArgument when it is none.
Result<long long> yaml_int(const Yaml& node);
// true/True/TRUE/false/False/FALSE, plain. kInvalidArgument when it is none.
Result<bool> yaml_bool(const Yaml& node);

// The node as Go programs turn YAML into JSON: plain scalars become null, booleans and numbers
// where they look so, the rest strings. kInvalidArgument: a key that is no scalar.
Result<Json> to_json(const Yaml& node);
// The other way: strings become quoted scalars, everything else plain ones; there are no lines.
Yaml to_yaml(const Json& value);

}  // namespace keyferry
