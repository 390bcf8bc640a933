// What a Vault server may answer. Of the input, one byte chooses the status and one the object that
// was asked for; the rest of the first line is Retry-After, and then comes the body.
#include "base/encoding.h"
#include "base/strings.h"
#include "fuzz/promise.h"
#include "net/retry.h"
#include "stores/vault/vault_error.h"
#include "stores/vault/vault_wire.h"

namespace keyferry::fuzz {
namespace {

using stores::vault::Encoding;
using stores::vault::ObjectSpec;

constexpr int kStatuses[] = {200, 204, 301, 307, 400, 403, 404, 405,
                             412, 429, 473, 500, 501, 503, 599, 0};
constexpr auto kLongest = std::chrono::hours(24) * 365 * 100;  // whatever the clock, no overflow
const WallTime kNow{std::chrono::seconds(1'700'000'000)};

ObjectSpec object_of(unsigned choice) {
  static constexpr Encoding kEncodings[] = {Encoding::kUtf8, Encoding::kBase64, Encoding::kHex};
  ObjectSpec object;
  object.name = "database-password";
  object.path = "/v1/kv/data/shop?version=2";  // shorter than a long slice
  object.encoding = kEncodings[choice % 3];
  if (choice % 4 != 3) object.key = "password";
  if (choice % 8 >= 4) object.method = "POST";
  return object;
}

void check_login(const Response& response, const Marked& body) {
  const auto login = stores::vault::read_login(response);
  if (login.ok()) {
    promise(!login->token.empty(), "a login has a token");
    promise(login->lifetime.count() >= 0, "a login's life is not negative");
    promise(login->lifetime <= kLongest, "a login's life can be added to a time");
  } else {
    promise(!body.is_shown_in(login.error().message()),
            "why a login was not understood does not quote it");
  }
}

// The members of data, and of data.data, as one text.
std::string keys_of(const Json* data) {
  std::string keys;
  const Json::Object* members = data == nullptr ? nullptr : data->as_object();
  if (members == nullptr) return keys;
  for (const auto& [key, value] : *members) keys += cat(key, ", ");
  return keys + (data->find("data") != data ? keys_of(data->find("data")) : "");
}

void check_whole(const Json& secret, const Secret& contents) {
  const auto whole = parse_json(contents.expose());
  if (!whole.ok()) {
    promise(false, "the whole answer is JSON");
    return;
  }
  const Json* data = secret.find("data");  // an answer with auth or wrap_info has none
  const Json* written = whole->find("data");
  const bool has_none = written == nullptr || written->is_null();
  promise(data == nullptr ? has_none : written != nullptr && *written == *data,
          "the whole answer has the same data");
}

// But for the last bits of the last group, which say nothing and need not be 0.
bool is_base64_of(std::string_view text, std::string_view bytes) {
  const std::string exact = base64_encode(bytes);
  const std::size_t whole = text.size() < 4 ? 0 : text.size() - 4;
  return exact.size() == text.size() && text.substr(0, whole) == exact.substr(0, whole);
}

void check_value(const ObjectSpec& object, const Json& secret, const Secret& contents) {
  const Json* data = secret.find("data");
  const Json* inner = data->find("data");
  const Json* value =
      (inner != nullptr && inner->as_object() != nullptr ? inner : data)->find(object.key);
  promise(value != nullptr, "contents come from the key");
  const std::string* string = value->as_string();
  const std::string text = string != nullptr ? *string : to_text(*value, JsonEscapes::kHtmlSafe);
  switch (object.encoding) {
    case Encoding::kUtf8:
      promise(contents.expose() == text, "a file is the value, byte for byte");
      return;
    case Encoding::kBase64:
      promise(is_base64_of(text, contents.expose()), "a file is the value without its base64");
      return;
    case Encoding::kHex:
      promise(hex_encode(contents.expose()) == to_lower(text), "a file is the value without hex");
      return;
  }
}

void check_contents(const ObjectSpec& object, Json secret, const Marked& body) {
  const auto contents = stores::vault::contents_of(object, secret);
  if (!contents.ok()) {
    promise(!body.is_shown_in(contents.error().message()) ||
                body.is_shown_in(keys_of(secret.find("data"))),
            "why there are no contents names keys, never values");
    return;
  }
  if (object.key.empty()) {
    check_whole(secret, *contents);
  } else {
    check_value(object, secret, *contents);
  }
  const Secret stable = stores::vault::stable_contents_of(object, secret, *contents);
  secret.set("request_id", "another");
  const auto later = stores::vault::contents_of(object, secret);
  promise(later.ok(), "a second read of the secret gives contents too");
  promise(stores::vault::stable_contents_of(object, secret, *later) == stable,
          "a second read of the same secret has the same version");
}

void check_secret(const ObjectSpec& object, const Response& response, const Marked& body) {
  const auto secret = stores::vault::read_secret(response, object);
  if (!secret.ok()) {
    promise(!body.is_shown_in(secret.error().message()) ||
                body.is_shown_in(stores::vault::complaints_of(response)),
            "why an answer is no secret does not quote it");
    return;
  }
  if (const auto lease = stores::vault::made_for(object, *secret, kNow)) {
    promise(lease->duration.count() >= 0, "a lease is not negative");
    promise(lease->duration <= kLongest, "a lease can be added to a time");
  }
  if (const auto rotation = stores::vault::rotates_in(*secret)) {
    promise(rotation->count() >= 0 && *rotation <= kLongest, "a rotation can be waited for");
  }
  check_contents(object, *secret, body);
}

void check_refusals(const ObjectSpec& object, const Response& response) {
  stores::vault::VaultConfig config;
  config.role = "shop";
  const auto mount = stores::vault::read_mount(response);
  if (mount) {
    promise(mount->path.ends_with('/'), "a mount's path ends in a slash");
    promise(mount->version >= 0 && mount->version <= 2, "a mount's version is one of KV, or none");
  }
  for (const Error& error :
       {stores::vault::login_error(config, response, kNow),
        stores::vault::read_error(config, object, response, std::nullopt, kNow),
        stores::vault::read_error(config, object, response, mount, kNow)}) {
    promise(error.message().find(cat("HTTP ", response.status)) != std::string::npos,
            "a refusal names the status");
    const auto wait = error.retry_after();
    promise(!wait || (wait->count() >= 0 && *wait <= kLongest), "a wait can be added to a time");
    promise(wait.has_value() == retry_after_of(response, kNow).has_value(),
            "a refusal keeps the wait that was asked for");
  }
}

void check_body(const ObjectSpec& object, Response& response, std::string_view text,
                const Marked& body) {
  response.body = Secret(text);
  check_login(response, body);
  check_secret(object, response, body);
  check_refusals(object, response);
}

void check(Choices input) {
  Response response;
  response.status = input.one_of(kStatuses);
  const ObjectSpec object = object_of(input.take());
  const auto line_end = input.rest().find('\n');
  const std::string_view wait = input.rest().substr(0, line_end);
  if (!wait.empty()) response.headers.push_back({"Retry-After", std::string(wait)});
  const std::string_view text =
      line_end == std::string_view::npos ? "" : input.rest().substr(line_end + 1);
  const Marked body = marked(text);
  check_body(object, response, text, body);
  check_body(object, response, body.text, body);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({data, size});
  return 0;
}
