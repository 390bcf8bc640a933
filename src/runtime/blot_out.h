#pragma once

#include <string>
#include <vector>

#include "base/secret.h"

namespace keyferry::runtime {

// The text with every occurrence of a secret replaced by "***"; one of under four bytes only where
// it stands as a word of its own. Found are the secret as it is and, character by character, with
// the escapes of JSON, URLs and HTML; whole, in hex and base64. Of a secret that is JSON, the texts
// in it; of one that is a JDBC URL, its passwords.
std::string blot_out(std::string text, const std::vector<const Secret*>& secrets);

}  // namespace keyferry::runtime
