#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "formats/yaml.h"
#include "manifest/object_meta.h"

namespace keyferry::manifest {

// Reads the members of one mapping of an object and collects what is wrong with them. A member
// that is absent or of the wrong type gives the empty value; the latter also a problem.
class ObjectReader {
 public:
  // `path` names the mapping in problems ("spec.runtime"; "" for the object itself). A null or
  // absent mapping has no members; a node of another type is a problem.
  ObjectReader(const Yaml* mapping, std::string path, const ObjectMeta& meta, Problems& problems);

  const Yaml* member(std::string_view key) const;
  ObjectReader below(std::string_view key) const;

  // A string. Numbers and booleans without quotes, which the API server refuses, are an error when
  // `Quoting` is kStrict, a warning otherwise; they are taken as written.
  enum class Quoting { kStrict, kLenient };
  std::string text(std::string_view key, Quoting quoting = Quoting::kStrict) const;
  std::optional<long long> whole_number(std::string_view key) const;
  std::optional<bool> truth(std::string_view key) const;
  std::map<std::string, std::string, std::less<>> text_map(std::string_view key) const;
  std::vector<std::string> text_list(std::string_view key) const;
  // The items of a sequence, each with a reader of its own ("spec.secretObjects[2]").
  std::vector<ObjectReader> items(std::string_view key) const;

  // Warns about members that are none of `known`, naming the nearest that is.
  void warn_unknown(std::initializer_list<std::string_view> known) const;

  int line() const { return mapping_ == nullptr ? meta_.line : mapping_->line; }
  int line_of(std::string_view key) const;
  std::string field(std::string_view key) const;
  const Yaml* node() const { return mapping_; }

  void error(std::string_view key, std::string message, std::string remedy) const;
  void warning(std::string_view key, std::string message, std::string remedy) const;

 private:
  void complain(Severity severity, std::string_view key, int line, std::string message,
                std::string remedy) const;
  std::string text_of(const Yaml& node, std::string_view key, Quoting quoting) const;

  const Yaml* mapping_;
  std::string path_;
  const ObjectMeta& meta_;
  Problems& problems_;
};

// Whether a plain scalar is something other than a string to a YAML reader (a number, a boolean).
bool is_typed_scalar(const Yaml& node);

}  // namespace keyferry::manifest
