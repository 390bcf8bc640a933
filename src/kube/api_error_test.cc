#include "kube/api_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/fake_http.h"

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const WallTime kNow{std::chrono::seconds(1'700'000'000)};
const Asked kGetPod{Verb::kGet, pods(), {"shop", "web-0"}};
const Caller kKeyferry{"kube-system/keyferry", "the token in '/token'"};

Error error(int status, std::string_view body, const Asked& asked = kGetPod,
            const Caller& caller = kKeyferry) {
  return error_of(FakeHttp::response(status, body), asked, caller, kNow);
}

TEST(ApiError, AnObjectThatIsNotThereIsNotTheSameAsAKindThatIsNot) {
  const Error absent = error(404, R"({"kind":"Status","status":"Failure",
    "message":"pods \"web-0\" not found","reason":"NotFound",
    "details":{"name":"web-0","kind":"pods"},"code":404})");
  EXPECT_EQ(absent, Error(ErrorCode::kNotFound, R"(HTTP 404: pods "web-0" not found)"));
  const Asked about_class{Verb::kList, secret_provider_classes(), {}};
  const Error kindless = error(404, "404 page not found\n", about_class);
  EXPECT_EQ(kindless.code(), ErrorCode::kUnimplemented);
  EXPECT_THAT(kindless.message(),
              HasSubstr("secretproviderclasses.secrets-store.csi.x-k8s.io in version v1"));
  EXPECT_EQ(error(404, R"({"kind":"Status","reason":"NotFound","details":{},
                   "message":"the server could not find the requested resource"})")
                .code(),
            ErrorCode::kUnimplemented);
}

constexpr std::string_view kForbidden = R"({"kind":"Status","reason":"Forbidden","code":403,
  "message":"pods \"web-0\" is forbidden: User \"system:serviceaccount:kube-system:keyferry\" cannot get resource \"pods\" in API group \"\" in the namespace \"shop\"",
  "details":{"name":"web-0","kind":"pods"}})";

TEST(ApiError, ADenialNamesTheRuleThatIsMissing) {
  const Error denied = error(403, kForbidden);
  EXPECT_EQ(denied.code(), ErrorCode::kPermissionDenied);
  EXPECT_THAT(denied.message(),
              HasSubstr("; allow it to ServiceAccount kube-system/keyferry: a Role in namespace "
                        "shop with apiGroups [\"\"], resources [\"pods\"], verbs [\"get\"], and a "
                        "RoleBinding to it"));
}

TEST(ApiError, ADenialOfTheWholeClusterWantsAClusterRole) {
  const Asked about_class{Verb::kList, secret_provider_classes(), {}};
  const Error denied = error(403, R"({"kind":"Status","reason":"Forbidden","message":
    "secretproviderclasses.secrets-store.csi.x-k8s.io is forbidden: User \"kf\" cannot list resource \"secretproviderclasses\" in API group \"secrets-store.csi.x-k8s.io\" at the cluster scope"})",
                             about_class, {});
  EXPECT_THAT(denied.message(),
              HasSubstr("; allow it to that user: a ClusterRole with apiGroups "
                        "[\"secrets-store.csi.x-k8s.io\"], resources [\"secretproviderclasses\"], "
                        "verbs [\"list\"], and a ClusterRoleBinding to it"));
}

// Applying what is not there yet needs "create" beside "patch".
TEST(ApiError, TheVerbIsTheOneThatWasDenied) {
  const Asked apply{Verb::kPatch, pods(), {"shop", "web-0"}};
  const Error denied = error(403, R"({"kind":"Status","message":
    "pods \"web-0\" is forbidden: User \"kf\" cannot create resource \"pods\" in API group \"\""})",
                             apply);
  EXPECT_THAT(denied.message(), HasSubstr("verbs [\"create\"]"));
}

TEST(ApiError, AnotherReasonThanRbacIsNotBlamedOnIt) {
  const Error quota = error(403, R"({"kind":"Status","reason":"Forbidden",
    "message":"secrets \"x\" is forbidden: exceeded quota: q, requested: secrets=1"})");
  EXPECT_EQ(quota.code(), ErrorCode::kPermissionDenied);
  EXPECT_THAT(quota.message(), Not(HasSubstr("Role")));
  const Error ending = error(403, R"({"kind":"Status","reason":"Forbidden","message":
    "unable to create new content in namespace shop because it is being terminated",
    "details":{"causes":[{"reason":"NamespaceTerminating","field":"metadata.namespace"}]}})");
  EXPECT_EQ(ending.code(), ErrorCode::kFailedPrecondition);
}

TEST(ApiError, ARefusedCredentialIsNamed) {
  const std::string body = R"({"kind":"Status","message":"Unauthorized","reason":"Unauthorized"})";
  EXPECT_EQ(error(401, body),
            Error(ErrorCode::kUnauthenticated,
                  "HTTP 401: Unauthorized; the API server does not take the token in '/token'; is "
                  "it of this cluster, and in date?"));
  EXPECT_THAT(error(401, body, kGetPod, {}).message(), HasSubstr("a caller without credentials"));
}

TEST(ApiError, AConflictAndAnObjectThatExistsAreTwoThings) {
  EXPECT_EQ(error(409, R"({"kind":"Status","reason":"AlreadyExists","message":"exists"})").code(),
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(error(409, R"({"kind":"Status","reason":"Conflict","message":"modified"})").code(),
            ErrorCode::kAborted);
  const Error managed = error(409, R"({"kind":"Status","reason":"Conflict",
    "message":"Apply failed with 1 conflict: conflict with \"other\": .spec.provider",
    "details":{"causes":[{"reason":"FieldManagerConflict",
      "message":"conflict with \"other\"","field":".spec.provider"}]}})");
  EXPECT_EQ(managed.code(), ErrorCode::kAborted);
  EXPECT_THAT(managed.message(), HasSubstr("conflict with \"other\": .spec.provider"));
  EXPECT_THAT(managed.message(), HasSubstr("apply with force"));
}

constexpr std::string_view kInvalid = R"({"kind":"Status","reason":"Invalid","code":422,
  "message":"Secret \"x\" is invalid: data[k]: Invalid value: \"pw-one\": no",
  "details":{"causes":[{"reason":"FieldValueInvalid","message":"Invalid value: \"pw-one\": no",
    "field":"data[k]"},{"reason":"FieldValueRequired","message":"Required value","field":"type"}]}})";

TEST(ApiError, AnInvalidObjectNamesItsFields) {
  const Error invalid = error(422, kInvalid);
  EXPECT_EQ(invalid.code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(invalid.message(), HasSubstr("data[k]: Invalid value"));
  // Where the causes are all there is.
  const Error bare = error(422, R"({"kind":"Status","details":{"causes":[
    {"message":"Required value","field":"spec.provider"},{"message":"too long","field":"x"}]}})");
  EXPECT_EQ(bare.message(), "HTTP 422: spec.provider: Required value; x: too long");
}

TEST(ApiError, WhatWasSentForASecretIsNeverRepeated) {
  const Asked create{Verb::kCreate, secrets(), {"shop", "x"}};
  const Error invalid = error(422, kInvalid, create);
  EXPECT_EQ(invalid.message(), "HTTP 422: fields data[k]; type");
  const Error garbled = error(400, R"({"kind":"Status","reason":"BadRequest",
    "message":"illegal base64 data in ...|\"k\":\"pw-one\"|..."})",
                              create);
  EXPECT_EQ(garbled.message(), "HTTP 400: BadRequest");
  EXPECT_EQ(garbled.code(), ErrorCode::kInvalidArgument);
}

TEST(ApiError, WhatIsTooOldIsOutOfRange) {
  EXPECT_EQ(error(410, R"({"kind":"Status","reason":"Expired","message":"too old"})").code(),
            ErrorCode::kOutOfRange);
  EXPECT_EQ(
      error(504, R"({"kind":"Status","reason":"Timeout","message":"Too large resource version",
    "details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large"}]}})")
          .code(),
      ErrorCode::kOutOfRange);
}

TEST(ApiError, AServerInTroubleIsUnavailableAndSaysForHowLong) {
  for (const int status : {408, 500, 502, 503, 504}) {
    EXPECT_EQ(error(status, "<html>").code(), ErrorCode::kUnavailable) << status;
  }
  EXPECT_EQ(error(503, "<html>nginx").message(), "HTTP 503 without a Kubernetes Status");
  const Error busy =
      error_of(FakeHttp::response(429, "{}", {{"Retry-After", "3"}}), kGetPod, {}, kNow);
  EXPECT_EQ(busy.code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(busy.retry_after(), 3s);
}

TEST(ApiError, AnErrorEventMeansToListAnewOrToWait) {
  const Asked watch{Verb::kWatch, pods(), {}};
  const auto event = [&](std::string_view text) {
    return error_of_event(*parse_json(text), watch);
  };
  EXPECT_EQ(event(R"({"kind":"Status","code":410,"message":"too old resource version: 5"})"),
            Error(ErrorCode::kOutOfRange, "HTTP 410: too old resource version: 5"));
  EXPECT_EQ(event(R"({"kind":"Status","code":500})").code(), ErrorCode::kOutOfRange);
  const Error busy = event(R"({"kind":"Status","code":429,"details":{"retryAfterSeconds":5}})");
  EXPECT_EQ(busy.code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(busy.retry_after(), 5s);
  EXPECT_EQ(event("null").code(), ErrorCode::kOutOfRange);
}

}  // namespace
}  // namespace keyferry::kube
