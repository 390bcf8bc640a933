#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"

namespace keyferry {

// Either a T or the error that says why there is none: an Error, or a type of one room's own where
// its caller needs more than code and message.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  // By value, so that `for (auto& x : f().value())` does not outlive what it walks over.
  T value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const E& error() const& { return std::get<1>(state_); }
  E&& error() && { return std::get<1>(std::move(state_)); }

  // The same result, a failure carrying one more level of context.
  Result with_context(std::string_view context) && {
    if (ok()) return std::move(*this);
    return std::move(*this).error().with_context(context);
  }
  // The same result, a failure saying what to do about it.
  Result with_remedy(std::string_view remedy) && {
    if (ok()) return std::move(*this);
    return std::move(*this).error().with_remedy(remedy);
  }

 private:
  std::variant<T, E> state_;
};

// Success without a value, or the error.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(E error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }

  const E& error() const& { return error_.value(); }
  E&& error() && { return std::move(error_).value(); }

  Result with_context(std::string_view context) && {
    if (ok()) return {};
    return std::move(*this).error().with_context(context);
  }
  Result with_remedy(std::string_view remedy) && {
    if (ok()) return {};
    return std::move(*this).error().with_remedy(remedy);
  }

 private:
  std::optional<E> error_;
};

using Status = Result<void>;

}  // namespace keyferry

// NOLINTBEGIN(bugprone-macro-parentheses): declarations and types cannot stand in parentheses
#define KF_CONCAT_INNER_(a, b) a##b
#define KF_CONCAT_(a, b) KF_CONCAT_INNER_(a, b)

// Leaves the function with the error of a Status (or Result) that failed.
#define KF_TRY(expression)                                                                      \
  do {                                                                                          \
    if (auto kf_status_ = (expression); !kf_status_.ok()) return std::move(kf_status_).error(); \
  } while (false)

// KF_ASSIGN(auto x, f()): declares x from a Result's value, or leaves the function with its error.
#define KF_ASSIGN(declaration, expression) \
  KF_ASSIGN_(KF_CONCAT_(kf_result_, __LINE__), declaration, expression)
#define KF_ASSIGN_(result, declaration, expression)     \
  auto result = (expression);                           \
  if (!(result).ok()) return std::move(result).error(); \
  declaration = std::move(result).value()
// NOLINTEND(bugprone-macro-parentheses)
