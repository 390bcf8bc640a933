#include "cli/terminal.h"

#include <unistd.h>

#include <cstdlib>

#include "base/strings.h"

namespace keyferry::cli {

namespace {

bool wants_colour(std::FILE* stream) {
  // NOLINTBEGIN(concurrency-mt-unsafe): nobody here changes the environment
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  // NOLINTEND(concurrency-mt-unsafe)
  if (no_colour != nullptr && *no_colour != '\0') return false;
  if (term != nullptr && std::string_view(term) == "dumb") return false;
  return isatty(fileno(stream)) == 1;
}

std::string_view escape_of(Colour colour) {
  switch (colour) {
    case Colour::kNone:
      return "";
    case Colour::kRed:
      return "\033[31m";
    case Colour::kGreen:
      return "\033[32m";
    case Colour::kYellow:
      return "\033[33m";
    case Colour::kBold:
      return "\033[1m";
    case Colour::kDim:
      return "\033[2m";
  }
  return "";
}

std::string painted(std::string_view text, Colour colour, bool enabled) {
  if (!enabled || colour == Colour::kNone) return std::string(text);
  return cat(escape_of(colour), text, "\033[0m");
}

bool write(std::FILE* stream, std::string_view text) {
  const bool taken = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  return std::fflush(stream) == 0 && taken;
}

}  // namespace

Terminal::Terminal(std::FILE* out, std::FILE* err)
    : out_(out), err_(err), colour_out_(wants_colour(out)), colour_err_(wants_colour(err)) {}

void Terminal::print(std::string_view text) {
  if (!write(out_, text)) lost_output_ = true;
}
void Terminal::print_line(std::string_view text) { print(cat(text, '\n')); }
void Terminal::complain(std::string_view text) {
  (void)write(err_, cat(text, '\n'));  // where would one say so
}

std::string Terminal::paint(std::string_view text, Colour colour) const {
  return painted(text, colour, colour_out_);
}

std::string Terminal::paint_error(std::string_view text, Colour colour) const {
  return painted(text, colour, colour_err_);
}

}  // namespace keyferry::cli
