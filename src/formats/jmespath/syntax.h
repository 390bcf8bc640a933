#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/jmespath.h"
#include "formats/json.h"

// The tree of an expression, shared by the parser that grows it and the evaluator that walks it.
namespace keyferry::jmespath {

template <class T>
using Outcome = Result<T, JmesPathError>;

struct Function;

enum class Comparator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// [start:stop:step]
struct Slice {
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
  std::optional<std::int64_t> step;
};

// Each kind says what its children are and which other members it uses.
struct Node {
  enum class Kind {
    kCurrent,           // @, and wherever nothing is written
    kField,             // name
    kIndex,             // index
    kSlice,             // slice; the projection that comes with it is a node of its own
    kLiteral,           // literal
    kChain,             // a.b, a[0], a | b: each is evaluated on what the one before it gave
    kListProjection,    // {list, what is asked of each}
    kObjectProjection,  // {object, what is asked of each value}
    kFilter,            // {list, what is asked of each, condition}
    kFlatten,           // {list}
    kComparison,        // {left, right}; comparator
    kOr,                // two or more
    kAnd,               // two or more
    kNot,               // {one}
    kMultiSelectList,   // one or more
    kMultiSelectHash,   // one or more; keys
    kCall,              // the arguments; name, function
    kReference,         // &a: {a}
  };

  Kind kind = Kind::kCurrent;
  std::size_t offset = 0;  // where errors of this node point
  std::size_t depth = 1;   // levels of nodes from here down
  std::vector<Node> children;

  std::string name;
  std::int64_t index = 0;
  Slice slice;
  Json literal;
  Comparator comparator = Comparator::kEqual;
  std::vector<std::string> keys;
  const Function* function = nullptr;  // null: there is none of that name
};

}  // namespace keyferry::jmespath
