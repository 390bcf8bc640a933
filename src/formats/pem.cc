#include "formats/pem.h"

#include <optional>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

std::string_view line_at(std::string_view text) { return text.substr(0, text.find('\n')); }

// What is left of a text after its first line.
std::string_view after_line(std::string_view text) {
  const auto end = text.find('\n');
  return end == text.npos ? std::string_view() : text.substr(end + 1);
}

// "CERTIFICATE" of "-----BEGIN CERTIFICATE-----"; nothing of any other line.
std::optional<std::string> label_of(std::string_view line, std::string_view begin) {
  line = trim(line);
  if (line.size() < begin.size() + kDashes.size()) return std::nullopt;
  if (!line.starts_with(begin) || !line.ends_with(kDashes)) return std::nullopt;
  return std::string(line.substr(begin.size(), line.size() - begin.size() - kDashes.size()));
}

// The base64 of a block, whose lines follow; `rest` then begins after its end. Nothing where there
// is no end to it.
std::optional<Secret> body_of(std::string_view& rest, const std::string& label) {
  Secret base64;
  for (std::string_view at = rest; !at.empty(); at = after_line(at)) {
    const std::string_view line = trim(line_at(at));
    if (line.starts_with(kBegin)) return std::nullopt;
    if (line.starts_with(kEnd)) {
      if (label_of(line, kEnd) != label) return std::nullopt;
      rest = after_line(at);
      return base64;
    }
    if (line.find(':') == line.npos) base64.append(line);
  }
  return std::nullopt;
}

}  // namespace

Secret to_pem(std::string_view label, std::string_view bytes) {
  constexpr std::size_t kLine = 64;
  std::string base64 = base64_encode(bytes);
  const Secret body = Secret::take(base64);
  const std::string begin = cat(kBegin, label, kDashes, '\n');
  const std::string end = cat(kEnd, label, kDashes, '\n');
  Secret text;
  text.reserve(begin.size() + body.size() + body.size() / kLine + 1 + end.size());
  text.append(begin);
  for (std::size_t at = 0; at < body.size(); at += kLine) {
    text.append(body.expose().substr(at, kLine));
    text.append("\n");
  }
  text.append(end);
  return text;
}

std::vector<PemBlock> parse_pem(std::string_view text) {
  std::vector<PemBlock> blocks;
  while (!text.empty()) {
    const auto label = label_of(line_at(text), kBegin);
    text = after_line(text);
    if (!label) continue;
    const auto base64 = body_of(text, *label);
    if (!base64) continue;
    auto bytes = base64_decode(base64->expose());
    if (bytes.ok()) blocks.push_back({*label, std::move(bytes).value()});
  }
  return blocks;
}

}  // namespace keyferry
