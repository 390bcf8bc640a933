#pragma once

#include <string>
#include <vector>

namespace keyferry::cli {

// Columns as wide as their widest cell, two blanks between, no trailing blanks, one line per row.
// The first row is the heading.
std::string render_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace keyferry::cli
