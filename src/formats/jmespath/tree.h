#pragma once

#include <utility>
#include <vector>

#include "formats/jmespath/syntax.h"

// How nodes are put together, so that no tree is deeper than kMaxDepth.
namespace keyferry::jmespath {

// Levels of nodes that a tree may have: parser, evaluator and destructor recurse so deep at most.
inline constexpr std::size_t kMaxDepth = 128;

JmesPathError syntax_error(std::size_t offset, std::string message);
JmesPathError too_deep(std::size_t offset);

Node leaf(Node::Kind kind, std::size_t offset);

Outcome<Node> parent(Node::Kind kind, std::size_t offset, std::vector<Node> children);

template <class... Children>
Outcome<Node> parent_of(Node::Kind kind, std::size_t offset, Children... children) {
  std::vector<Node> list;
  list.reserve(sizeof...(children));
  (list.push_back(std::move(children)), ...);
  return parent(kind, offset, std::move(list));
}

// a.b.c as one node with three children: long expressions are wide, not deep.
Outcome<Node> joined(Node::Kind kind, Node left, Node right);

}  // namespace keyferry::jmespath
