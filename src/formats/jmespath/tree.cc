#include "formats/jmespath/tree.h"

#include <algorithm>

#include "base/strings.h"

namespace keyferry::jmespath {

JmesPathError syntax_error(std::size_t offset, std::string message) {
  return {JmesPathError::Kind::kSyntax, offset, std::move(message)};
}

JmesPathError too_deep(std::size_t offset) {
  return syntax_error(offset, cat("the expression is nested deeper than ", kMaxDepth, " levels"));
}

Node leaf(Node::Kind kind, std::size_t offset) {
  Node node;
  node.kind = kind;
  node.offset = offset;
  return node;
}

Outcome<Node> parent(Node::Kind kind, std::size_t offset, std::vector<Node> children) {
  Node node = leaf(kind, offset);
  for (const Node& child : children) node.depth = std::max(node.depth, child.depth + 1);
  if (node.depth > kMaxDepth) return too_deep(offset);
  node.children = std::move(children);
  return node;
}

Outcome<Node> joined(Node::Kind kind, Node left, Node right) {
  if (left.kind != kind) {
    const std::size_t offset = left.offset;
    return parent_of(kind, offset, std::move(left), std::move(right));
  }
  left.depth = std::max(left.depth, right.depth + 1);
  if (left.depth > kMaxDepth) return too_deep(right.offset);
  left.children.push_back(std::move(right));
  return left;
}

}  // namespace keyferry::jmespath
