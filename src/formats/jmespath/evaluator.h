#pragma once

#include "formats/jmespath/syntax.h"
#include "formats/jmespath/value.h"

namespace keyferry::jmespath {

// The budget is exhausted.
JmesPathError too_many_steps(const Node& node);

// One search: walks the tree on a value. What it gives may point into `made`.
class Evaluator {
 public:
  Evaluator(Made& made, Budget& budget) : made_(made), budget_(budget) {}

  Outcome<Value> evaluate(const Node& node, Value current);

  Made& made() { return made_; }
  Budget& budget() { return budget_; }

 private:
  Outcome<Value> chain(const Node& node, Value current);
  Outcome<Value> list_projection(const Node& node, Value current);
  Outcome<Value> object_projection(const Node& node, Value current);
  Outcome<Value> filter(const Node& node, Value current);
  Outcome<Value> flatten(const Node& node, Value current);
  Outcome<Value> comparison(const Node& node, Value current);
  Outcome<Value> first_that(bool is_false, const Node& node, Value current);
  Outcome<Value> multi_select_list(const Node& node, Value current);
  Outcome<Value> multi_select_hash(const Node& node, Value current);
  Outcome<Value> slice(const Node& node, Value current);
  Outcome<Value> call(const Node& node, Value current);

  Made& made_;
  Budget& budget_;
};

}  // namespace keyferry::jmespath
