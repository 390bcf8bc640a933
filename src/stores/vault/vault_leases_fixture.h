#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "identity/static_token.h"
#include "net/fake_http.h"
#include "stores/vault/vault_store.h"

namespace keyferry::stores::vault {

// As much of a server as leases need. Paths are what follows /v1/.
class FakeVault final : public Http {
 public:
  Result<Response> send(const Request& request, Deadline deadline) override {
    const std::string path = request.url.substr(request.url.find("/v1/") + 4);
    std::string token;
    for (const auto& header : request.secret_headers) token = header.value.expose();
    asked.push_back(path);
    if (const auto next = std::exchange(before_answer[path], nullptr)) next();
    if (down.contains(path)) return Error(ErrorCode::kUnavailable, "no route");
    if (hanging.contains(path)) {
      waited_until.push_back(deadline.at);
      return Error(ErrorCode::kDeadlineExceeded, "no answer in time");
    }
    if (is_standby && request.url.starts_with("https://vault:")) {
      return FakeHttp::response(307, "", {{"Location", cat("https://active:8200/v1/", path)}});
    }
    if (broken.contains(path)) return says(broken[path], R"({"errors":["broken"]})");
    const auto denied = [] { return says(403, R"({"errors":["permission denied"]})"); };
    if (path == "auth/kubernetes/login") return login();
    if (!tokens.contains(token) || forbidden.contains(path)) return denied();
    if (path == "auth/token/renew-self" && past_maximum) {
      return says(500,
                  R"({"errors":["1 error occurred:\n\t* past the max TTL, cannot renew\n\n"]})");
    }
    if (path == "auth/token/renew-self") return says(200, auth(token, token_renewal));
    if (path == "auth/token/lookup-self") return says(200, "{}");
    if (path == "auth/token/revoke-self") return revoke(token);
    const std::string body(request.body.expose());
    if (path.starts_with("sys/leases/")) return lease_call(path, body);
    if (path.starts_with("database/creds/shop")) return make(token);
    const auto found = answers.find(path);
    return found == answers.end() ? says(404, R"({"errors":[]})") : says(200, found->second);
  }

  std::vector<std::string> taken() { return std::exchange(asked, {}); }

  std::vector<std::string> asked;
  std::set<std::string> down;
  std::set<std::string> hanging;
  std::vector<SteadyTime> waited_until;  // by what hangs
  std::map<std::string, int> broken;     // path → status
  std::set<std::string> forbidden;
  bool is_standby = false;
  std::map<std::string, std::function<void()>> before_answer;  // once
  std::map<std::string, std::string> answers;
  std::set<std::string> tokens;
  std::map<std::string, std::string> leases;  // id → token
  int token_life = 3600;
  int token_renewal = 3600;
  int lease_life = 600;
  int lease_renewal = 600;
  bool past_maximum = false;

 private:
  static Response says(int status, const std::string& body) {
    return FakeHttp::response(status, body);
  }
  static std::string auth(const std::string& token, int life) {
    return cat(R"({"auth":{"client_token":")", token, R"(","lease_duration":)", life,
               R"(,"renewable":true}})");
  }
  Response login() {
    const std::string token = cat("tok-", ++logins_);
    tokens.insert(token);
    return says(200, auth(token, token_life));
  }
  Response revoke(const std::string& token) {
    tokens.erase(token);
    std::erase_if(leases, [&](const auto& lease) { return lease.second == token; });
    return says(204, "");
  }
  Response make(const std::string& token) {
    const std::string id = cat("lease-", ++made_);
    leases[id] = token;
    return says(200, cat(R"({"lease_id":")", id, R"(","lease_duration":)", lease_life,
                         R"(,"renewable":true,"data":{"username":"u)", made_, R"(","password":"p)",
                         made_, R"("}})"));
  }
  Response lease_call(const std::string& path, const std::string& body) {
    const std::string id(parse_json(body)->text_of("lease_id"));
    if (!leases.contains(id)) return says(400, R"({"errors":["invalid lease"]})");
    if (path == "sys/leases/renew") {
      return says(200, cat(R"({"lease_id":")", id, R"(","lease_duration":)", lease_renewal,
                           R"(,"renewable":true})"));
    }
    return says(200, "{}");
  }

  int logins_ = 0;
  int made_ = 0;
};

class FakeKeptState final : public KeptState {
 public:
  Result<Secret> load(const std::string& name) override {
    const auto found = texts.find(name);
    if (found == texts.end()) return Error(ErrorCode::kNotFound, "none");
    return Secret(found->second);
  }
  Status save(const std::string& name, const Secret& text) override {
    texts[name] = text.expose();
    return {};
  }
  Status erase(const std::string& name) override {
    texts.erase(name);
    return {};
  }
  Result<std::vector<std::string>> names() override {
    std::vector<std::string> names;
    for (const auto& [name, text] : texts) names.push_back(name);
    return names;
  }
  std::map<std::string, std::string> texts;
};

inline const std::string kLogin = "auth/kubernetes/login";
inline const std::string kMake = "database/creds/shop";
inline const std::string kLookUp = "sys/leases/lookup";
inline const std::string kRenew = "sys/leases/renew";
inline const std::string kRenewSelf = "auth/token/renew-self";
inline const std::string kLookupSelf = "auth/token/lookup-self";
inline const std::string kRevokeSelf = "auth/token/revoke-self";
inline const std::string kRevoke = "sys/leases/revoke";

class VaultLeasesTest : public testing::Test {
 protected:
  void SetUp() override {
    spc.meta.name = "shop";
    spc.parameters["vaultAddress"] = {"https://vault:8200", 1};
    spc.parameters["roleName"] = {"shop", 2};
    given_objects(
        "- {objectName: user, secretPath: database/creds/shop, secretKey: username}\n"
        "- {objectName: password, secretPath: database/creds/shop, secretKey: password}");
  }
  void given_objects(const std::string& objects) { spc.parameters["objects"] = {objects, 3}; }
  FetchRequest request(const manifest::SecretProviderClass& of, const std::string& pod = "pod") {
    return {{"web", pod, cat("uid of ", pod), "shop"},     of, tokens, {},
            Deadline::in(clock, std::chrono::minutes(10)), {}};
  }
  // Each object's id and contents, or why there are none.
  std::vector<std::string> look(VaultStore& asked) {
    const auto result = asked.fetch(request(spc));
    if (!result.ok()) return {result.error().message()};
    next = result->look_again_in;
    std::vector<std::string> lines;
    for (const auto& object : result->objects) {
      lines.push_back(object.file.ok() ? cat(object.id, '=', object.file->contents.expose())
                                       : cat(object.id, ": ", object.file.error().message()));
    }
    return lines;
  }
  std::vector<std::string> look() { return look(store); }
  // After the first look at a credential, which is over.
  void given_a_credential() {
    ASSERT_THAT(look(), ::testing::ElementsAre("user=u1", "password=p1"));
    vault.taken();
  }

  manifest::SecretProviderClass spc;
  FakeClock clock;
  FakeVault vault;
  FakeKeptState kept;
  StaticToken tokens{"a.b.c"};
  VaultStore store{{vault, clock, {}, &kept}};
  std::optional<Duration> next;
};

}  // namespace keyferry::stores::vault
