// What Secrets Manager, Parameter Store, STS and the Pod Identity agent may answer. Of the input,
// one byte chooses the status; the rest of the first line is x-amzn-ErrorType, and then comes the
// body.
#include "base/strings.h"
#include "fuzz/promise.h"
#include "identity/aws_error.h"
#include "identity/pod_identity.h"
#include "identity/sts.h"
#include "stores/aws/aws_wire.h"

namespace keyferry::fuzz {
namespace {

using stores::aws::ObjectQuery;

constexpr int kStatuses[] = {200, 301, 400, 401, 403, 404, 429, 500, 503};
const WallTime kNow{std::chrono::seconds(1'700'000'000)};

std::vector<ObjectQuery> queries() {
  std::vector<ObjectQuery> list(3);
  list[0].id = "shop/database";
  list[1].id = "/shop/port";
  list[2].id = "/shop/port";
  list[2].version = "3";
  return list;
}

// What a service says of a refusal is told; a value never is.
void promise_silent(const Error& error, const Marked& body, const AwsError& said) {
  const bool told = body.is_shown_in(said.code) || body.is_shown_in(said.message);
  promise(told || !body.is_shown_in(error.message()), "why there is no value shows none");
}

void check_credentials(const Response& response, const Marked& body, const AwsError& said) {
  for (const auto& credentials :
       {sts::read_credentials(response, kNow), pod_identity::read_credentials(response, kNow)}) {
    if (!credentials.ok()) {
      promise_silent(credentials.error(), body, said);
      continue;
    }
    promise(response.status == 200, "credentials come with a good answer");
    promise(!credentials->access_key_id.empty() && !credentials->secret_access_key.empty(),
            "credentials are whole");
  }
}

void check_values(const Response& response, const Marked& body, const AwsError& said) {
  const std::vector<ObjectQuery> asked = queries();
  const auto value = stores::aws::read_secret_value(response);
  if (!value.ok()) promise_silent(value.error(), body, said);
  const auto current = stores::aws::read_is_current(response, asked[0], "v1");
  if (!current.ok()) promise_silent(current.error(), body, said);
  const auto batch = stores::aws::read_secret_batch(response, asked);
  promise(!batch.ok() || batch->size() == asked.size(), "a batch answers each question");
  if (!batch.ok()) promise_silent(batch.error(), body, said);
  const auto parameters = stores::aws::read_parameters(response, {asked[0], asked[1]});
  promise(!parameters.ok() || parameters->size() == 2, "parameters answer each question");
  if (!parameters.ok()) promise_silent(parameters.error(), body, said);
}

}  // namespace
}  // namespace keyferry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keyferry;
  fuzz::Choices choices(data, size);
  Response response;
  response.status = choices.one_of(fuzz::kStatuses);
  const std::string_view rest = choices.rest();
  const std::string_view line = rest.substr(0, rest.find('\n'));
  if (!trim(line).empty())
    response.headers.push_back({"x-amzn-ErrorType", std::string(trim(line))});
  const fuzz::Marked body =
      fuzz::marked(line.size() < rest.size() ? rest.substr(line.size() + 1) : std::string_view());
  response.body = Secret(body.text);
  const AwsError said = read_aws_error(response);
  const Error refused = aws_error_of(response, fuzz::kNow);
  fuzz::promise(!refused.message().empty(), "a refusal has words");
  fuzz::check_credentials(response, body, said);
  fuzz::check_values(response, body, said);
  return 0;
}
