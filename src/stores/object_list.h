#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "formats/yaml.h"
#include "manifest/secret_provider_class.h"

namespace keyferry::stores {

// Where the text of spec.parameters.objects stands, and where complaints about it go. References
// outlive it.
struct ObjectsPlace {
  const manifest::SecretProviderClass& spc;
  Problems& problems;
  int first_line = 0;  // of the text, in the file

  void complain(Severity severity, int line_in_text, std::string field, std::string message,
                std::string remedy) const;
};

// The longest text of a parameter or a field that anything sensible has: no ARN, path or expression
// comes near it.
inline constexpr std::size_t kLongestText = 8192;

// How a store reads the names of fields: as they are (yaml.v3) or in any case (Go's JSON).
enum class FieldNames { kExact, kAnyCase };

// One mapping inside `objects`. Complaints name its file, line, object, field and remedy. A view:
// the ObjectList outlives it.
class ObjectEntry {
 public:
  ObjectEntry(const ObjectsPlace& place, const Yaml& yaml, std::string path, FieldNames names)
      : place_(&place), yaml_(&yaml), path_(std::move(path)), names_(names) {}

  int line() const;  // in the file

  const Yaml* find(std::string_view field) const;  // null when absent or null
  // A scalar as written, as Go's YAML reads one into a string; "" when absent. Anything else is
  // complained about.
  std::string text(std::string_view field) const;
  // The same of a field that must be there; `why` says what it is for.
  std::string needed_text(std::string_view field, std::string_view why) const;
  // A boolean, as the word itself or as a text ("true"), in the words of Go's strconv.ParseBool;
  // false when absent or complained about.
  bool flag(std::string_view field) const;
  // The mappings of a list; the mapping of a field; none when absent or complained about.
  std::vector<ObjectEntry> entries(std::string_view field) const;
  std::vector<ObjectEntry> entry(std::string_view field) const;

  // A field that nearly has a known name was meant for us and is an error; any other a warning. One
  // longer than kLongestText is an error.
  void check_fields(const std::vector<std::string_view>& known,
                    const std::vector<std::string_view>& retired = {}) const;

  // About a field, at its line; "" is about the entry itself.
  void error(std::string_view field, std::string message, std::string remedy) const;
  void warning(std::string_view field, std::string message, std::string remedy) const;

 private:
  void complain(Severity severity, std::string_view field, std::string message,
                std::string remedy) const;
  std::string path_of(std::string_view field) const;

  const ObjectsPlace* place_;
  const Yaml* yaml_;
  std::string path_;  // "spec.parameters.objects[3]"
  FieldNames names_;
};

// How spec.parameters.objects lists its mappings: as a list, or as texts of YAML below `array`
// (Azure's).
enum class ListForm { kMappings, kTextsInArray };

// The list in spec.parameters.objects (YAML or JSON text).
class ObjectList {
 public:
  ObjectList(const manifest::SecretProviderClass& spc, Problems& problems, FieldNames names,
             ListForm form = ListForm::kMappings);
  ObjectList(const ObjectList&) = delete;
  ObjectList& operator=(const ObjectList&) = delete;

  // Its mappings; none where the whole text is complained about.
  const std::vector<ObjectEntry>& entries() const { return entries_; }

 private:
  void read(std::string_view text, FieldNames names);
  void read_array(std::string_view text, FieldNames names);
  void read_text(const Yaml& item, const std::string& path, FieldNames names);
  const std::vector<Yaml>* items_of_array() const;
  void complain_about_yaml(const std::string& message, const std::string& path, int lines_above,
                           std::string_view remedy) const;

  ObjectsPlace place_;
  std::vector<Yaml> documents_;
  std::deque<Yaml> texts_;  // the documents inside the texts of an array
  std::vector<ObjectEntry> entries_;
};

// A file that an entry gives: `field` of the entry names it.
struct NamedEntry {
  std::string_view name;
  const ObjectEntry* entry = nullptr;
  std::string_view field;
};

// Complains about names that cannot be files of one mount (base/mount_path.h). Which are bad.
std::vector<bool> check_file_names(const std::vector<NamedEntry>& files);

}  // namespace keyferry::stores
