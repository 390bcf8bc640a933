#include "catalog/secret_setting.h"

#include <gtest/gtest.h>

#include "formats/json.h"

namespace keyferry::catalog {
namespace {

TEST(SecretSetting, ANameMaySayIt) {
  for (const char* name :
       {"DatabasePassword", "com.mendix.storage.s3.AccessKeyId",
        "com.mendix.storage.s3.SecretAccessKey", "com.mendix.storage.azure.SharedAccessSignature",
        "com.mendix.storage.s3.EncryptionKeys", "ClientCertificatePasswords", "api_token",
        "MyModule.ApiToken", "Mail.SmtpPass", "Mail.SmtpPwd", "Signing.Passphrase",
        "Ldap.BindPasswd", "DatabaseJdbcUrl", "sig"}) {
    EXPECT_TRUE(is_secret_setting(name)) << name;
  }
  for (const char* name : {"DatabaseHost", "DatabaseUserName", "DTAPMode",
                           "com.mendix.storage.s3.BucketName", "MyModule.Title", "Mail.SmtpHost",
                           "ApplicationRootUrl", "Transit.Passengers", "Signal.Strength"}) {
    EXPECT_FALSE(is_secret_setting(name)) << name;
  }
}

// Each of these was printed.
TEST(SecretSetting, AValueMayHoldOne) {
  for (const char* json : {
           R"({"user":"shop","password":"pw-one!"})",
           R"([{"deep":[{"apiToken":1}]}])",
           R"("https://shop:pw-one!@host/path")",
           R"("see http://a/ and https://pw@host")",
           R"("https://files.blob/x?sv=1&sig=abc")",
           R"("Server=db;Pwd=pw-one!;")",
           R"("jdbc:postgresql://db/shop")",
           R"("{\"list\": [\"{\\\"password\\\":1}\"]}")",
           "not JSON",
       }) {
    EXPECT_TRUE(is_secret_value("Shop.Value", json)) << json;
  }
  for (const char* json : {R"("title")", "5", "true", "null", R"("https://host/path?page=2")",
                           R"("mail@host")", R"({"user":"shop","list":["a"]})", R"("{not JSON")"}) {
    EXPECT_FALSE(is_secret_value("Shop.Value", json)) << json;
  }
  EXPECT_TRUE(is_secret_value("Shop.Password", "1"));
}

TEST(SecretSetting, WhatIsTooDeepToSeeIsHidden) {
  const auto nested = [](int levels) {
    std::string text = "title";
    for (int i = 0; i < levels; ++i) text = to_text(Json(Json::Array{Json(text)}));
    return to_text(Json(text));
  };
  EXPECT_FALSE(is_secret_value("Shop.Value", nested(5)));
  EXPECT_TRUE(is_secret_value("Shop.Value", nested(10)));
}

}  // namespace
}  // namespace keyferry::catalog
