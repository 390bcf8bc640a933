#pragma once

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/strings.h"
#include "cli/verbs.h"

// Verbs run in the test's own process, on files of a folder that is gone at the end.
namespace keyferry::cli::trial {

class TempFolder {
 public:
  TempFolder() {
    std::string path = std::filesystem::temp_directory_path() / "keyferry-test-XXXXXX";
    path_ = mkdtemp(path.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  // Writes a file, making the folders above it; its path.
  std::string write(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string path(const std::string& name = "") const { return cat(path_, "/", name); }

  // The text with this folder's path taken out of it.
  std::string without_path(std::string text) const {
    const std::string path = path_ + "/";
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) {
      text.erase(at, path.size());
    }
    return text;
  }

 private:
  std::string path_;
};

struct Said {
  int status = 0;
  std::string out;
  std::string err;
};

inline std::string text_of_stream(std::FILE* stream) {
  std::rewind(stream);
  std::string text;
  for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) text += static_cast<char>(c);
  std::fclose(stream);
  return text;
}

// What a verb answers to a command line, without the program's name.
inline Said run_words(std::vector<std::string> words) {
  words.insert(words.begin(), "keyferry");
  std::vector<const char*> argv;
  argv.reserve(words.size());
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::FILE* out = std::tmpfile();
  std::FILE* err = std::tmpfile();
  Terminal terminal(out, err);
  const Command command = parse_command_line(static_cast<int>(argv.size()), argv.data());
  Said said;
  said.status =
      std::visit([&](const auto& options) { return run_verb(options, terminal); }, command);
  said.out = text_of_stream(out);
  said.err = text_of_stream(err);
  return said;
}

// The lines of a text, without an empty one at its end.
inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace keyferry::cli::trial
