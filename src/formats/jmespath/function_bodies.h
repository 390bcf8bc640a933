#pragma once

#include "formats/jmespath/functions.h"

// What each function does with arguments of the right number and types.
namespace keyferry::jmespath {

// function_numbers.cc
Outcome<Value> run_abs(const Call& call);
Outcome<Value> run_avg(const Call& call);
Outcome<Value> run_ceil(const Call& call);
Outcome<Value> run_floor(const Call& call);
Outcome<Value> run_sum(const Call& call);
Outcome<Value> run_to_number(const Call& call);

// function_texts.cc
Outcome<Value> run_ends_with(const Call& call);
Outcome<Value> run_join(const Call& call);
Outcome<Value> run_length(const Call& call);
Outcome<Value> run_reverse(const Call& call);
Outcome<Value> run_starts_with(const Call& call);
Outcome<Value> run_to_string(const Call& call);
Outcome<Value> run_type(const Call& call);

// function_lists.cc
Outcome<Value> run_contains(const Call& call);
Outcome<Value> run_keys(const Call& call);
Outcome<Value> run_max(const Call& call);
Outcome<Value> run_merge(const Call& call);
Outcome<Value> run_min(const Call& call);
Outcome<Value> run_not_null(const Call& call);
Outcome<Value> run_sort(const Call& call);
Outcome<Value> run_to_array(const Call& call);
Outcome<Value> run_values(const Call& call);

// function_expressions.cc
Outcome<Value> run_map(const Call& call);
Outcome<Value> run_max_by(const Call& call);
Outcome<Value> run_min_by(const Call& call);
Outcome<Value> run_sort_by(const Call& call);

// Below 0, 0, above 0, of two numbers or two strings; strings by code point.
int compare_keys(Value a, Value b);

}  // namespace keyferry::jmespath
