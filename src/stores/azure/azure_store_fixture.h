#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "formats/json.h"
#include "identity/static_token.h"
#include "net/fake_http.h"
#include "os/dir.h"
#include "stores/azure/azure_store.h"

namespace keyferry::stores::azure {

inline constexpr const char* kVault = "https://shop.vault.azure.net";
inline constexpr const char* kTenant = "8b4f2a1e-0000-4000-8000-000000000001";
inline constexpr const char* kClient = "2f1c7d9e-0000-4000-8000-000000000002";
inline const std::string kV1(32, '1');
inline const std::string kV2(32, '2');
inline const std::string kV3(32, '3');

// A vault of the public cloud, as far as the tests fill it.
class AzureStoreTest : public ::testing::Test {
 protected:
  AzureStoreTest() {
    entra("https://login.microsoftonline.com");
    spc.meta.name = "web";
    spc.parameters["keyvaultName"] = {"shop", 5};
    spc.parameters["tenantID"] = {kTenant, 6};
    spc.parameters["clientID"] = {kClient, 7};
  }

  void entra(const std::string& authority) {
    http.answer(cat("POST ", authority, "/", kTenant, "/oauth2/v2.0/token"), 200,
                R"({"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0b2tlbg"})");
  }
  void objects(const std::vector<std::string>& texts) {
    std::string list = "array:\n";
    for (const std::string& text : texts) list += cat("- '", text, "'\n");
    spc.parameters["objects"] = {list, 10};
  }
  static std::string url(const std::string& path) { return cat(kVault, path, "?api-version=7.4"); }
  // What a vault answers to who brings a token; a challenge to who does not.
  void vault(const std::string& path, int status, const std::string& body,
             const std::string& base = kVault) {
    http.script(cat("GET ", base, path, path.find('?') == path.npos ? "?api-version=7.4" : ""),
                [=, this](const FakeHttp::Sent& sent) -> Result<Response> {
                  if (sent.headers.contains("authorization")) {
                    EXPECT_EQ(sent.headers.at("authorization"), "Bearer eyJ0b2tlbg");
                    return FakeHttp::response(status, body);
                  }
                  return FakeHttp::response(401, "", {{"WWW-Authenticate", challenge}});
                });
  }
  static std::string id(const std::string& path, const std::string& version) {
    return cat(kVault, path, "/", version);
  }
  // What the first question, without a token, is about.
  void any_secret(const std::string& name) { secret(name, kV1, "x"); }
  void secret(const std::string& name, const std::string& version, const std::string& value,
              const std::string& asked_version = "") {
    Json body;
    body.set("id", id(cat("/secrets/", name), version)).set("value", value);
    vault(cat("/secrets/", name, "/", asked_version), 200, to_text(body));
  }
  // The secret of a certificate.
  void certificate_secret(const std::string& name, const std::string& type,
                          const std::string& value) {
    Json body;
    body.set("id", id(cat("/secrets/", name), kV1))
        .set("kid", id(cat("/keys/", name), kV1))
        .set("contentType", type)
        .set("value", value);
    vault(cat("/secrets/", name, "/"), 200, to_text(body));
  }

  Result<FetchResult> fetch(std::map<std::string, std::string> held = {}) {
    return store.fetch({{"shop", "web-0", "", "web", ""},
                        spc,
                        tokens,
                        std::move(held),
                        {},
                        {},
                        RequestPriority::kNormal,
                        secrets});
  }
  // What a file holds, or why there is none.
  static std::string file(const Result<FetchResult>& result, const std::string& name) {
    if (!result.ok()) return result.error().message();
    for (const FetchedObject& object : result->objects) {
      if (object.id != name) continue;
      return object.file.ok() ? std::string(object.file->contents.expose())
                              : object.file.error().message();
    }
    return "(absent)";
  }
  static std::vector<std::string> ids(const Result<FetchResult>& result) {
    std::vector<std::string> names;
    if (!result.ok()) return {result.error().message()};
    for (const FetchedObject& object : result->objects) names.push_back(object.id);
    return names;
  }
  // Paths asked of the vault with a token.
  std::vector<std::string> asked() const {
    std::vector<std::string> paths;
    for (const auto& sent : http.sent()) {
      if (sent.method == "GET" && sent.headers.contains("authorization")) {
        const auto path = sent.url.find('/', sent.url.find("://") + 3);
        paths.push_back(sent.url.substr(path, sent.url.find('?') - path));
      }
    }
    return paths;
  }

  std::string challenge = cat("Bearer authorization=\"https://login.microsoftonline.com/", kTenant,
                              "\", resource=\"https://vault.azure.net\"");
  FakeClock clock;
  FakeHttp http;
  StaticToken tokens{"a.b.c"};
  std::shared_ptr<const PublishSecrets> secrets;
  std::map<std::string, std::string, std::less<>> variables;
  manifest::SecretProviderClass spc;
  AzureStore store{{http, clock, [this](std::string_view name) {
                      const auto found = variables.find(name);
                      return found == variables.end() ? std::string() : found->second;
                    }}};
};

// Made by OpenSSL: see src/net/testdata/pkcs12/make.
inline std::string fixture(const std::string& name) {
  auto bytes = read_file(cat(KEYFERRY_SOURCE, "/src/net/testdata/pkcs12/", name), 100'000);
  EXPECT_TRUE(bytes.ok()) << name;
  return bytes.ok() ? std::string(bytes->expose()) : "";
}

// A page of the versions of the secret db, with when they were made; before 1970: disabled.
inline std::string versions(const std::vector<std::pair<std::string, int>>& created,
                            const std::string& next = "") {
  Json::Array list;
  for (const auto& [version, time] : created) {
    list.push_back(
        Json()
            .set("id", cat(kVault, "/secrets/db/", version))
            .set("attributes", Json().set("enabled", time >= 0).set("created", std::abs(time))));
  }
  return to_text(Json().set("value", std::move(list)).set("nextLink", next));
}

}  // namespace keyferry::stores::azure
