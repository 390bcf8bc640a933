#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

// RFC 4648 base64. Encoders pad; decoders take exactly the alphabet and padding they name and
// refuse anything else with kInvalidArgument, saying where, never showing the text.
std::string base64_encode(std::string_view bytes);
std::string base64url_encode(std::string_view bytes);
Result<Secret> base64_decode(std::string_view text);
Result<Secret> base64url_decode(std::string_view text);  // padding may be left out, as in JWTs

// Lower-case hexadecimal; decoding takes either case.
std::string hex_encode(std::string_view bytes);
Result<Secret> hex_decode(std::string_view text);

// RFC 3986: everything but unreserved characters becomes %XX (upper case).
std::string percent_encode(std::string_view text);
// Turns %XX back; a broken escape is kInvalidArgument.
Result<std::string> percent_decode(std::string_view text);

// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view bytes);

// The text as the inside of a JSON string literal, without the quotes. Bytes that are not UTF-8
// become U+FFFD.
std::string json_escape(std::string_view text);

// The text as one line for a terminal: control characters, which a terminal obeys, become \xNN
// (C1 ones too), bytes that are not UTF-8 become U+FFFD.
std::string printable(std::string_view text);

}  // namespace keyferry
