#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "cli/options.h"

namespace keyferry::cli {

// Flags that the programs share, and command lines read so that a complaint names the word that is
// wrong. CLI11's own words ("Check xml value in {json->2}") are for programmers.

// A flag whose value `set` reads; what it complains about is said with the flag's name.
CLI::Option* add_parsed(CLI::App& app, const std::string& flag, const std::string& help,
                        std::function<Status(const std::string&)> set);

// "500ms" to "1h" (base/duration.h).
void add_duration(CLI::App& app, const std::string& flag, const std::string& help,
                  std::function<void(std::chrono::milliseconds)> set);

// One of a few words, each with what it stands for; `standard` is the word for when none is given.
template <class T>
struct Choice {
  const char* word;
  T value;
};
Error no_such_choice(const std::string& word, const std::vector<std::string>& words);
template <class T>
void add_choice(CLI::App& app, const std::string& flag, const std::string& help, T& into,
                std::vector<Choice<T>> choices, const std::string& standard) {
  std::string shown;
  for (const auto& choice : choices) shown += (shown.empty() ? "" : "|") + std::string(choice.word);
  add_parsed(app, flag, help,
             [&into, choices = std::move(choices)](const std::string& word) -> Status {
               std::vector<std::string> words;
               for (const auto& choice : choices) {
                 if (word == choice.word) {
                   into = choice.value;
                   return {};
                 }
                 words.emplace_back(choice.word);
               }
               return no_such_choice(word, words);
             })
      ->option_text(shown + " [" + standard + "]");
}

// --log-level and --log-format
void add_log(CLI::App& app, log::Level& level, log::Format& format);

// Reads the command line into the options that the app's flags are bound to.
std::optional<Leave> read_command_line(CLI::App& app, int argc, const char* const* argv);

// Prints what there is to say where it belongs; the status to leave the program with.
int leave(const Leave& reason);

}  // namespace keyferry::cli
