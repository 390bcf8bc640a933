#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/strings.h"
#include "formats/json.h"
#include "identity/file_token_source.h"
#include "identity/sigv4.h"
#include "os/system_clock.h"
#include "store_fixture.h"

namespace keyferry::conformance {

namespace {

// Each field of a secret is a secret of its own: "conformance/SECRET/FIELD".
class AwsFixture final : public StoreFixture {
 public:
  explicit AwsFixture(Http& http) : http_(http) {}

  void put(const std::string& secret, const std::map<std::string, std::string>& fields) override {
    for (const auto& [field, value] : fields) put_one(name_of(secret, field), value);
  }

  manifest::SecretProviderClass class_of(const std::vector<WantedObject>& objects) override {
    manifest::SecretProviderClass spc;
    spc.meta.kind = "SecretProviderClass";
    spc.meta.namespace_name = "web";
    spc.meta.name = "shop";
    spc.provider = "aws";
    spc.parameters["region"] = {region_, 1};
    spc.parameters["endpointUrl"] = {url_, 2};
    std::string list;
    for (const WantedObject& object : objects) {
      list += cat("- objectName: \"", name_of(object.secret, object.field),
                  "\"\n  objectType: secretsmanager\n  objectAlias: \"", object.file, "\"\n");
      if (!object.mode.empty()) list += cat("  filePermission: \"", object.mode, "\"\n");
    }
    spc.parameters["objects"] = {list, 3};
    return spc;
  }

  manifest::SecretProviderClass unreachable(manifest::SecretProviderClass spc) override {
    spc.parameters["endpointUrl"] = {"http://127.0.0.1:1", 2};
    return spc;
  }

  void revoke() override {
    EXPECT_EQ(ask_iam("Action=DeleteRolePolicy&Version=2010-05-08&PolicyName=read"), 200);
  }
  void admit() override {
    const Json statement =
        Json().set("Effect", "Allow").set("Action", "secretsmanager:*").set("Resource", "*");
    const Json policy =
        Json().set("Version", "2012-10-17").set("Statement", Json::Array{statement});
    EXPECT_EQ(ask_iam(cat("Action=PutRolePolicy&Version=2010-05-08&PolicyName=read&PolicyDocument=",
                          percent_encode(to_text(policy)))),
              200);
  }

  TokenSource& pod() override { return pod_; }
  TokenSource& stranger() override { return stranger_; }
  bool keeps_fields_together() const override { return false; }
  std::size_t largest_value() const override { return 65'536; }
  std::string aws_role_arn() const override { return needed("KEYFERRY_AWS_ROLE_ARN"); }

 private:
  static std::string name_of(const std::string& secret, const std::string& field) {
    return cat("conformance/", secret, '/', field);
  }

  void put_one(const std::string& name, const std::string& value) {
    const Json secret = Json().set("SecretId", name).set("SecretString", value);
    if (ask("PutSecretValue", secret) == 200) return;
    EXPECT_EQ(ask("CreateSecret", Json().set("Name", name).set("SecretString", value)), 200);
  }

  int ask(std::string_view action, const Json& body) {
    return send("secretsmanager",
                {{"Content-Type", "application/x-amz-json-1.1"},
                 {"X-Amz-Target", cat("secretsmanager.", action)}},
                to_text(body));
  }

  int ask_iam(const std::string& form) {
    const std::string arn = aws_role_arn();
    return send("iam", {{"Content-Type", "application/x-www-form-urlencoded"}},
                cat(form, "&RoleName=", arn.substr(arn.rfind('/') + 1)));
  }

  int send(const std::string& service, std::vector<Header> headers, const std::string& body) {
    Request request;
    request.method = "POST";
    request.url = url_ + "/";
    request.headers = std::move(headers);
    request.body = Secret(body);
    const AwsCredentials root{key_id_, Secret(key_), Secret(), {}};
    const sigv4::Scope scope{region_, service, clock_.wall_now()};
    EXPECT_TRUE(sign(request, root, scope, sigv4::PathRule::kEncodedAgain).ok());
    const auto response = http_.send(request, Deadline::in(clock_, std::chrono::seconds(20)));
    EXPECT_TRUE(response.ok());
    return response.ok() ? response->status : 0;
  }

  Http& http_;
  SystemClock clock_;
  const std::string url_ = needed("KEYFERRY_AWS_URL");
  const std::string region_ = needed("KEYFERRY_AWS_REGION");
  const std::string key_id_ = needed("KEYFERRY_AWS_KEY_ID");
  const std::string key_ = needed("KEYFERRY_AWS_KEY");
  FileTokenSource pod_{{{"sts.amazonaws.com", needed("KEYFERRY_AWS_TOKEN_FILE")}}};
  FileTokenSource stranger_{{{"sts.amazonaws.com", needed("KEYFERRY_AWS_STRANGER_TOKEN_FILE")}}};
};

}  // namespace

std::unique_ptr<StoreFixture> aws_fixture(Http& http, const std::string&) {
  return std::make_unique<AwsFixture>(http);
}

}  // namespace keyferry::conformance
