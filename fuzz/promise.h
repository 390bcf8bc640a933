#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "formats/json.h"

// What the fuzz targets say about their input, and what they build it from.
namespace keyferry::fuzz {

// Ends the program with the words of a promise that was not kept: a finding.
void promise(bool kept, std::string_view words);

// A text with a word put into it somewhere. Word and place follow from the whole text, so that the
// fuzzer cannot write the word itself, as it would with any that stands in our code.
struct Marked {
  std::string text;
  std::string word;

  // Whether a message shows half of the word or more.
  bool is_shown_in(std::string_view message) const;
};
Marked marked(std::string_view text);
// The same for a text that is a part of the input: the word follows from the whole input.
Marked marked(std::string_view text, std::string_view input);

// Every problem has a message, fits on one line and names a line that is there (`lines`: of the
// file; 0 unknown). A problem about an object names its field.
void promise_good(const Problems& problems, int lines = 0);

// Whether it is the text of one JSON object.
bool is_json_object(std::string_view text);

int line_count(std::string_view text);

// The input, its first bytes taken off one by one to decide things.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size)
      : bytes_(reinterpret_cast<const char*>(data), size) {}

  // The next byte; 0 when there is none left.
  unsigned take() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  // One of the things, by the next byte.
  template <class T, std::size_t kCount>
  const T& one_of(const T (&things)[kCount]) {
    return things[take() % kCount];
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace keyferry::fuzz

// One run over one input; always 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // NOLINT
