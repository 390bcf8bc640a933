// What the Kubernetes API may answer. Of the input, one byte chooses the status, one what was asked
// about, one how the body is cut into pieces; then comes the body: an object, a list, a Status or
// the lines of a watch.
#include "base/encoding.h"
#include "base/strings.h"
#include "fuzz/promise.h"
#include "kube/api_answer.h"
#include "kube/api_error.h"
#include "kube/objects.h"
#include "net/line_splitter.h"

namespace keyferry::fuzz {
namespace {

using namespace kube;

constexpr int kStatuses[] = {200, 400, 401, 403, 404, 409, 410, 422, 429, 500, 504};
const WallTime kNow{std::chrono::seconds(1'700'000'000)};

void promise_words(const Error& error) {
  promise(!error.message().empty(), "an error has words");
  promise(printable(error.message()) == error.message(), "an error is one line");
  promise(error.message().size() < 4000, "an error is not endless");
}

// Where an answer is good but not what it should be, nothing of it is shown.
template <class T>
void promise_silent(const Result<T>& read, const Marked& body) {
  if (read.ok()) return;
  promise_words(read.error());
  promise(!body.is_shown_in(read.error().message()), "an answer is not shown");
}

// Written and read again, an object of ours stays what it is.
template <class T>
void check_type(Result<T> (*parse)(const Json&), const Json& object) {
  const Result<T> first = parse(object);
  if (!first.ok()) return promise_words(first.error());
  const Json written = to_json(*first);
  const Result<T> second = parse(written);
  promise(second.ok(), "what was written can be read");
  promise(to_json(*second) == written, "what was read is what was written");
}

void check_types(const Json& object) {
  check_type(parse_pod, object);
  check_type(parse_node, object);
  check_type(parse_secret, object);
  check_type(parse_service_account, object);
  check_type(parse_event, object);
  check_type(parse_pod_status, object);
  check_type(parse_secret_provider_class, object);
}

// The lines of a watch are the same however they come.
void check_lines(std::string_view text, std::size_t size, const Asked& asked) {
  std::vector<std::string> lines;
  LineSplitter splitter(text.size(), [&](std::string_view line) -> Status {
    lines.emplace_back(line);
    const auto event = read_event(line, asked);
    if (!event.ok()) promise_words(event.error());
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += size) {
    promise(splitter.add(text.substr(at, size)).ok(), "no line is longer than the text");
  }
  auto expected = split(text, '\n');
  const bool has_rest = !expected.back().empty();
  expected.pop_back();
  promise(std::equal(lines.begin(), lines.end(), expected.begin(), expected.end()),
          "lines do not depend on pieces");
  promise(splitter.has_rest() == has_rest, "what has no end is a rest");
}

}  // namespace
}  // namespace keyferry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keyferry;
  fuzz::Choices choices(data, size);
  Response response;
  response.status = choices.one_of(fuzz::kStatuses);
  const kube::Resource kinds[] = {kube::pods(), kube::secrets(), kube::nodes()};
  const kube::Asked asked{kube::Verb::kCreate, choices.one_of(kinds), {"shop", "web"}};
  const std::size_t piece = choices.take() + 1;
  const fuzz::Marked body = fuzz::marked(choices.rest());
  response.body = Secret(body.text);
  fuzz::promise_words(kube::error_of(response, asked, {}, fuzz::kNow));
  fuzz::promise_silent(kube::read_object(response), body);
  fuzz::promise_silent(kube::read_page(response), body);
  fuzz::promise_silent(kube::read_issued_token(response), body);
  fuzz::check_lines(choices.rest(), piece, asked);
  if (const auto object = parse_json(choices.rest()); object.ok()) fuzz::check_types(*object);
  return 0;
}
