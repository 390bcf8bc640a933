#include "kube/api_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// "GET /api/v1/pods?limit=500" and, where there is one, " type: body".
std::string line_of(const Result<ApiRequest>& request) {
  if (!request.ok()) return cat("? ", request.error().message());
  const Request http = http_request(*request, "");
  std::string line = cat(http.method, ' ', http.url);
  if (!http.body.empty()) line += cat(' ', request->content_type, ": ", http.body.expose());
  return line;
}

Json object(const std::string& name) {
  Json json;
  return json.set("metadata", Json().set("name", name).set("namespace", "shop"));
}

TEST(ApiRequest, AddressesFollowGroupNamespaceAndName) {
  EXPECT_EQ(line_of(get_request(pods(), {"shop", "web-0"})),
            "GET /api/v1/namespaces/shop/pods/web-0");
  EXPECT_EQ(line_of(get_request(nodes(), {"", "node1"})), "GET /api/v1/nodes/node1");
  EXPECT_EQ(line_of(get_request(secret_provider_classes(), {"shop", "web"})),
            "GET /apis/secrets-store.csi.x-k8s.io/v1/namespaces/shop/secretproviderclasses/web");
  EXPECT_EQ(line_of(get_request(csi_drivers(), {"", "secrets-store.csi.k8s.io"})),
            "GET /apis/storage.k8s.io/v1/csidrivers/secrets-store.csi.k8s.io");
}

TEST(ApiRequest, AListSaysHowFreshAndHowMuch) {
  ListOptions options;
  EXPECT_EQ(line_of(list_request(pods(), options)), "GET /api/v1/pods?limit=500");
  options.namespace_name = "shop";
  options.label_selector = "app=web,tier!=db";
  options.field_selector = "spec.nodeName=node1";
  options.not_older_than = "0";
  EXPECT_EQ(line_of(list_request(pods(), options)),
            "GET /api/v1/namespaces/shop/pods?limit=500&labelSelector=app%3Dweb%2Ctier%21%3Ddb&"
            "fieldSelector=spec.nodeName%3Dnode1&resourceVersion=0&"
            "resourceVersionMatch=NotOlderThan");
  options = {};
  options.not_older_than = "0";
  options.next = "a+b";  // has a version of its own
  EXPECT_EQ(line_of(list_request(pods(), options)), "GET /api/v1/pods?limit=500&continue=a%2Bb");
}

TEST(ApiRequest, AWatchAsksForBookmarksAndItsEnd) {
  WatchOptions options;
  options.resource_version = "7";
  options.server_ends_in = 250s;
  EXPECT_EQ(line_of(watch_request(pods(), options)),
            "GET /api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=250&"
            "resourceVersion=7");
  options.detail = Detail::kMetadataOnly;
  EXPECT_EQ(watch_request(pods(), options)->accept,
            "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json");
  ListOptions list;
  list.detail = Detail::kMetadataOnly;
  EXPECT_EQ(list_request(pods(), list)->accept,
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json");
}

TEST(ApiRequest, EachWayToWriteHasItsMethodAndType) {
  const std::string path = "/api/v1/namespaces/shop/pods";
  const std::string body = R"({"metadata":{"name":"web","namespace":"shop"}})";
  EXPECT_EQ(line_of(create_request(pods(), object("web"), "kf")),
            cat("POST ", path, "?fieldManager=kf application/json: ", body));
  EXPECT_EQ(line_of(update_request(pods(), object("web"), Part::kObject, "kf")),
            cat("PUT ", path, "/web?fieldManager=kf application/json: ", body));
  EXPECT_EQ(line_of(update_request(pods(), object("web"), Part::kStatus, "kf")),
            cat("PUT ", path, "/web/status?fieldManager=kf application/json: ", body));
  EXPECT_EQ(
      line_of(apply_request(pods(), object("web"), {"kf"})),
      cat("PATCH ", path, "/web?fieldManager=kf&force=false application/apply-patch+yaml: ", body));
  EXPECT_EQ(
      line_of(apply_request(pods(), object("web"), {"kf", ApplyConflict::kForce, Part::kStatus})),
      cat("PATCH ", path,
          "/web/status?fieldManager=kf&force=true application/apply-patch+yaml: ", body));
  EXPECT_EQ(line_of(merge_request(pods(), {"shop", "web"}, object("web"), Part::kObject, "kf")),
            cat("PATCH ", path, "/web?fieldManager=kf application/merge-patch+json: ", body));
  EXPECT_FALSE(create_request(pods(), object("web"), "kf")->repeatable);
  EXPECT_TRUE(update_request(pods(), object("web"), Part::kObject, "kf")->repeatable);
}

TEST(ApiRequest, ADeletionCarriesItsPreconditions) {
  EXPECT_EQ(line_of(delete_request(pods(), {"shop", "web"}, {})),
            "DELETE /api/v1/namespaces/shop/pods/web");
  EXPECT_EQ(line_of(delete_request(pods(), {"shop", "web"}, {"u-1", "7"})),
            "DELETE /api/v1/namespaces/shop/pods/web application/json: "
            R"({"apiVersion":"v1","kind":"DeleteOptions",)"
            R"("preconditions":{"resourceVersion":"7","uid":"u-1"}})");
}

TEST(ApiRequest, ATokenIsAskedForBelowItsAccount) {
  const auto request = token_request({"shop", "web"}, {{"vault"}, 600s, "web-0", "u-1"});
  EXPECT_EQ(line_of(request),
            "POST /api/v1/namespaces/shop/serviceaccounts/web/token application/json: "
            R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":)"
            R"({"audiences":["vault"],"boundObjectRef":{"apiVersion":"v1","kind":"Pod",)"
            R"("name":"web-0","uid":"u-1"},"expirationSeconds":600}})");
  EXPECT_TRUE(request->repeatable);
}

// Such a name would be another address: of another object, or of all.
TEST(ApiRequest, ANameThatIsNoPartOfAPathIsRefused) {
  for (const char* name : {"", ".", "..", "a/b", "a%2fb"}) {
    EXPECT_EQ(get_request(pods(), {"shop", name}).error().code(), ErrorCode::kInvalidArgument)
        << name;
    EXPECT_FALSE(create_request(pods(), object(name), "").ok()) << name;
  }
  for (const char* space : {"", "..", "a/pods/b"}) {
    EXPECT_FALSE(get_request(pods(), {space, "web"}).ok()) << space;
  }
  EXPECT_EQ(line_of(get_request(pods(), {"", "web"})),
            "? get pods web: metadata.namespace is missing");
  EXPECT_FALSE(list_request(pods(), {.namespace_name = ".."}).ok());
  EXPECT_EQ(line_of(get_request(pods(), {"shop", "a b?c#d"})),
            "GET /api/v1/namespaces/shop/pods/a%20b%3Fc%23d");
}

TEST(ApiRequest, MessagesSayWhatWasAsked) {
  EXPECT_EQ(list_request(pods(), {})->asked.display_name(), "list pods in all namespaces");
  EXPECT_EQ(list_request(nodes(), {})->asked.display_name(), "list nodes");
  EXPECT_EQ(list_request(pods(), {.namespace_name = "shop"})->asked.display_name(),
            "list pods in namespace shop");
  EXPECT_EQ(token_request({"shop", "web"}, {})->asked.display_name(),
            "create serviceaccounts/token shop/web");
}

}  // namespace
}  // namespace keyferry::kube
