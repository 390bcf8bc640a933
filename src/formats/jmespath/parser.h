#pragma once

#include <string_view>

#include "formats/jmespath/syntax.h"

namespace keyferry::jmespath {

// kSyntax where it is no expression, or a tree of it would be deeper than kMaxDepth.
Outcome<Node> parse_expression(std::string_view expression);

}  // namespace keyferry::jmespath
