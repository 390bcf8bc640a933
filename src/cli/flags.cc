#include "cli/flags.h"

#include <algorithm>
#include <cstdio>

#include "base/duration.h"
#include "base/strings.h"
#include "cli/cli.h"

namespace keyferry::cli {

namespace {

// "keyferry pull"
std::string full_name(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : cat(full_name(*parent), ' ', app.get_name());
}

// The verb that was given, or the program itself.
const CLI::App& verb_of(const CLI::App& app) {
  const auto given = app.get_subcommands();
  return given.empty() ? app : *given.front();
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> flags_of(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(cat("--", name));
  }
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
  const std::string_view near = nearest_name(word, {names.begin(), names.end()});
  return near.empty() ? "" : cat("; did you mean '", near, "'?");
}

// What stands before "=": what comes after it may be nothing for a log.
std::string flag_in(const std::string& word) { return word.substr(0, word.find('=')); }

std::string unknown_word(const CLI::App& app, const CLI::App& verb, const std::string& word) {
  const std::vector<std::string> verbs = verbs_of(verb);
  if (word.starts_with('-')) {
    const std::string flag = flag_in(word);
    return cat("'", flag, "' is not a flag of '", full_name(verb), "'",
               did_you_mean(flag, flags_of(verb)));
  }
  if (&verb == &app && !verbs.empty()) {
    return cat("'", word, "' is not a verb", did_you_mean(word, verbs),
               "; there are: ", join(verbs, ", "));
  }
  return cat("'", word, "' is a word too many for '", full_name(verb), "'; flags begin with --");
}

// The words that nobody took; where there are flags among them, only those: the rest may be meant
// as their values.
std::vector<std::string> unknown_words(const CLI::App& app) {
  std::vector<std::string> words = app.remaining(true);
  const auto is_flag = [](const std::string& word) { return word.starts_with('-'); };
  if (std::any_of(words.begin(), words.end(), is_flag)) {
    std::erase_if(words, [&](const std::string& word) { return !is_flag(word); });
  } else if (words.size() > 1) {
    words.resize(1);
  }
  return words;
}

std::vector<std::string> repeated_flags(const CLI::App& verb) {
  std::vector<std::string> complaints;
  for (const CLI::Option* option : verb.get_options()) {
    const bool takes_one = option->get_items_expected_max() == 1 && !option->get_lnames().empty();
    if (!takes_one || option->count() < 2) continue;
    complaints.push_back(cat("--", option->get_lnames().front(), " is given ", option->count(),
                             " times; give it once"));
  }
  return complaints;
}

std::vector<std::string> complaints_of(const CLI::App& app, const CLI::ParseError& problem) {
  const CLI::App& verb = verb_of(app);
  std::vector<std::string> complaints;
  for (const std::string& word : unknown_words(app)) {
    complaints.push_back(unknown_word(app, verb, word));
  }
  if (complaints.empty()) complaints = repeated_flags(verb);
  if (!complaints.empty()) return complaints;
  const std::vector<std::string> verbs = verbs_of(verb);
  if (!verbs.empty() && dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr) {
    return {cat("a verb is missing; there are: ", join(verbs, ", "))};
  }
  const std::string words = problem.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&problem) != nullptr) {  // "--out: 1 required …"
    return {cat(words.substr(0, words.find(':')), " needs a value")};
  }
  return {words};
}

std::string usage_text(const CLI::App& app, const CLI::ParseError& problem) {
  std::string text;
  for (const std::string& complaint : complaints_of(app, problem)) {
    text += cat(app.get_name(), ": ", complaint, '\n');
  }
  return cat(text, "'", full_name(verb_of(app)), " --help' shows what is possible\n");
}

}  // namespace

CLI::Option* add_parsed(CLI::App& app, const std::string& flag, const std::string& help,
                        std::function<Status(const std::string&)> set) {
  const std::string name = flag.substr(0, flag.find(','));
  return app.add_option_function<std::string>(
      flag,
      [name, set = std::move(set)](const std::string& text) {
        const Status read = set(text);
        if (!read.ok()) throw CLI::ValidationError(name, read.error().message());
      },
      help);
}

void add_duration(CLI::App& app, const std::string& flag, const std::string& help,
                  std::function<void(std::chrono::milliseconds)> set) {
  add_parsed(app, flag, help, [set = std::move(set)](const std::string& text) -> Status {
    KF_ASSIGN(const auto parsed, duration_of(text));
    set(parsed);
    return {};
  })->type_name("DURATION");
}

Error no_such_choice(const std::string& word, const std::vector<std::string>& words) {
  return Error(ErrorCode::kInvalidArgument,
               cat("'", word, "' is none of ", join(words, ", "), did_you_mean(word, words)));
}

void add_log(CLI::App& app, log::Level& level, log::Format& format) {
  using namespace log;
  add_choice<Level>(app, "--log-level", "least important events to print", level,
                    {{"debug", Level::kDebug},
                     {"info", Level::kInfo},
                     {"warning", Level::kWarning},
                     {"error", Level::kError}},
                    "info");
  add_choice<Format>(app, "--log-format", "how to print events", format,
                     {{"text", Format::kText}, {"json", Format::kJson}}, "text");
}

std::optional<Leave> read_command_line(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wish) {  // --help, --version
    std::ostringstream text;
    app.exit(wish, text, text);
    return Leave{0, text.str()};
  } catch (const CLI::ParseError& problem) {
    return Leave{kWrongUsage, usage_text(app, problem)};
  }
  return std::nullopt;
}

int leave(const Leave& reason) {
  std::FILE* stream = reason.status == 0 ? stdout : stderr;
  std::fputs(reason.text.c_str(), stream);
  return std::fflush(stream) == 0 ? reason.status : 1;
}

}  // namespace keyferry::cli
