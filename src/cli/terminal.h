#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace keyferry::cli {

enum class Colour { kNone, kRed, kGreen, kYellow, kBold, kDim };

// Where a verb speaks: answers on stdout, complaints on stderr, colours only where a person reads
// them (a terminal, NO_COLOR not set, TERM not dumb).
class Terminal {
 public:
  Terminal(std::FILE* out, std::FILE* err);

  void print(std::string_view text);       // stdout, as it is
  void print_line(std::string_view text);  // stdout, with a newline
  void complain(std::string_view text);    // stderr, with a newline

  // Whether something printed did not reach stdout (disk full, reader gone).
  bool has_lost_output() const { return lost_output_; }

  std::string paint(std::string_view text, Colour colour) const;        // for stdout
  std::string paint_error(std::string_view text, Colour colour) const;  // for stderr

 private:
  std::FILE* out_;
  std::FILE* err_;
  bool colour_out_;
  bool colour_err_;
  bool lost_output_ = false;
};

}  // namespace keyferry::cli
