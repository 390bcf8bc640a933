#include "kube/objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

Json json(std::string_view text) {
  auto parsed = parse_json(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return std::move(parsed).value();
}

// As the API server gives one, managedFields and all.
constexpr std::string_view kPod = R"({
  "apiVersion": "v1", "kind": "Pod",
  "metadata": {
    "name": "web-0", "namespace": "shop", "uid": "u-1", "resourceVersion": "812",
    "creationTimestamp": "2026-01-31T12:00:00Z", "labels": {"app": "web"},
    "annotations": {"a": "b"},
    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web",
      "uid": "u-0", "controller": true, "blockOwnerDeletion": true}],
    "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:status": {}}}]},
  "spec": {
    "nodeName": "node1", "serviceAccountName": "web", "containers": [{"name": "c"}],
    "volumes": [
      {"name": "tmp", "emptyDir": {}},
      {"name": "secrets", "csi": {"driver": "secrets-store.csi.k8s.io", "readOnly": true,
        "volumeAttributes": {"secretProviderClass": "shop-web"}}}]},
  "status": {"phase": "Running"}})";

TEST(Objects, APodIsReadAsFarAsItIsUsed) {
  const auto pod = parse_pod(json(kPod));
  ASSERT_TRUE(pod.ok()) << pod.error().message();
  EXPECT_EQ(pod->meta.object_name(), (ObjectName{"shop", "web-0"}));
  EXPECT_EQ(pod->meta.uid, "u-1");
  EXPECT_EQ(pod->meta.resource_version, "812");
  EXPECT_THAT(pod->meta.labels, ElementsAre(Pair("app", "web")));
  EXPECT_THAT(pod->meta.owner_references,
              ElementsAre(OwnerReference{"apps/v1", "StatefulSet", "web", "u-0", true, true}));
  EXPECT_EQ(pod->meta.creation_timestamp, WallTime(std::chrono::seconds(1'769'860'800)));
  EXPECT_EQ(pod->node_name, "node1");
  EXPECT_EQ(pod->service_account_name, "web");
  EXPECT_THAT(pod->csi_volumes,
              ElementsAre(CsiVolume{
                  "secrets", "secrets-store.csi.k8s.io", {{"secretProviderClass", "shop-web"}}}));
  EXPECT_FALSE(pod->has_ended());
  EXPECT_EQ(*parse_pod(to_json(*pod)), *pod);
}

TEST(Objects, APodHasEndedOnceItIsDeletedOrItsContainersRunNoMore) {
  Json pod = json(kPod);
  for (const char* phase : {"Succeeded", "Failed"}) {
    pod.set("status", Json().set("phase", phase));
    EXPECT_TRUE(parse_pod(pod)->has_ended()) << phase;
  }
  pod = json(kPod);
  (*pod.as_object())["metadata"].set("deletionTimestamp", "2026-01-31T12:00:30Z");
  EXPECT_TRUE(parse_pod(pod)->has_ended());
}

TEST(Objects, FieldsOfAnotherTypeAreEmptyAndNoNameIsAnError) {
  const auto pod = parse_pod(json(R"({"metadata": {"name": "x", "labels": ["a"], "uid": 7,
    "ownerReferences": {}, "creationTimestamp": "soon"}, "spec": [], "status": null})"));
  ASSERT_TRUE(pod.ok());
  EXPECT_EQ(*pod, (Pod{{"x"}, {}, {}, {}, {}}));
  for (const char* text : {"{}", "[]", R"({"metadata": {}})", R"({"metadata": {"name": 1}})"}) {
    const auto none = parse_pod(json(text));
    ASSERT_FALSE(none.ok()) << text;
    EXPECT_EQ(none.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(none.error().message(), HasSubstr("metadata.name"));
  }
}

TEST(Objects, ASecretsValuesAreDecodedAndNeverTold) {
  const auto secret = parse_secret(json(R"({"kind": "Secret", "metadata":
    {"name": "key", "namespace": "ns"}, "type": "Opaque", "immutable": true,
    "data": {"key": "AAEC", "text": "cHctb25l"}})"));
  ASSERT_TRUE(secret.ok()) << secret.error().message();
  EXPECT_EQ(secret->data.at("text").expose(), "pw-one");
  EXPECT_EQ(secret->data.at("key").expose(), std::string_view("\0\1\2", 3));
  EXPECT_TRUE(secret->immutable);
  const auto again = parse_secret(to_json(*secret));
  EXPECT_EQ(again->data.at("key").expose(), secret->data.at("key").expose());
  EXPECT_EQ(again->type, "Opaque");

  const auto broken = parse_secret(
      json(R"({"metadata": {"name": "key", "namespace": "ns"}, "data": {"a": "pw-one!"}})"));
  ASSERT_FALSE(broken.ok());
  EXPECT_THAT(broken.error().message(), HasSubstr("Secret ns/key: data.a"));
  EXPECT_THAT(broken.error().message(), Not(HasSubstr("pw-one")));
}

TEST(Objects, ANodesLabelsAndTaintsAreReadAndWritten) {
  const auto node = parse_node(json(R"({"metadata": {"name": "node1",
    "labels": {"topology.kubernetes.io/region": "eu-west-1"}},
    "spec": {"taints": [{"key": "agent-not-ready", "effect": "NoExecute"}]}})"));
  EXPECT_THAT(node->taints, ElementsAre(Taint{"agent-not-ready", "", "NoExecute"}));
  EXPECT_EQ(node->meta.labels.at("topology.kubernetes.io/region"), "eu-west-1");
  EXPECT_EQ(*parse_node(to_json(*node)), *node);
}

TEST(Objects, AServiceAccountKeepsItsAnnotations) {
  const auto account = parse_service_account(json(R"({"metadata": {"name": "web",
    "namespace": "shop", "annotations": {"eks.amazonaws.com/role-arn": "arn:x"}}})"));
  EXPECT_EQ(account->meta.annotations.at("eks.amazonaws.com/role-arn"), "arn:x");
  EXPECT_EQ(*parse_service_account(to_json(*account)), *account);
}

TEST(Objects, AnEventIsWrittenAsTheStockDriverDoes) {
  Event event;
  event.meta.name = "web-0.1";
  event.meta.namespace_name = "shop";
  event.about = {"v1", "Pod", "shop", "web-0", "u-1"};
  event.type = "Warning";
  event.reason = "FailedToCreateSecret";
  event.message = "no such file";
  event.component = "csi-secrets-store-controller";
  event.host = "node1";
  event.first_seen = WallTime(std::chrono::seconds(1'769'860'800));
  event.last_seen = event.first_seen + std::chrono::seconds(30);
  event.count = 4;
  EXPECT_EQ(to_text(to_json(event)),
            R"({"apiVersion":"v1","count":4,"firstTimestamp":"2026-01-31T12:00:00Z",)"
            R"("involvedObject":{"apiVersion":"v1","kind":"Pod","name":"web-0",)"
            R"("namespace":"shop","uid":"u-1"},"kind":"Event",)"
            R"("lastTimestamp":"2026-01-31T12:00:30Z","message":"no such file",)"
            R"("metadata":{"name":"web-0.1","namespace":"shop"},"reason":"FailedToCreateSecret",)"
            R"("source":{"component":"csi-secrets-store-controller","host":"node1"},)"
            R"("type":"Warning"})");
  EXPECT_EQ(*parse_event(to_json(event)), event);
}

// csi.md 3.3: sorted by id, one owner, neither controller nor blocking.
TEST(Objects, APodStatusIsWrittenAsTheStockDriverDoes) {
  SecretProviderClassPodStatus status;
  status.meta.name = "web-0-shop-shop-web";
  status.meta.namespace_name = "shop";
  status.meta.labels[kNodeNameLabel] = "node1";
  status.meta.owner_references = {owner_reference_to(pods(), parse_pod(json(kPod))->meta)};
  status.pod_name = "web-0";
  status.secret_provider_class_name = "shop-web";
  status.mounted = true;
  status.target_path = "/var/lib/kubelet/pods/u-1/volumes/kubernetes.io~csi/secrets/mount";
  status.objects = {{"b", "2"}, {"a", "1"}};
  EXPECT_EQ(
      to_text(to_json(status)),
      R"({"apiVersion":"secrets-store.csi.x-k8s.io/v1",)"
      R"("kind":"SecretProviderClassPodStatus","metadata":{"labels":)"
      R"({"internal.secrets-store.csi.k8s.io/node-name":"node1"},)"
      R"("name":"web-0-shop-shop-web","namespace":"shop","ownerReferences":)"
      R"([{"apiVersion":"v1","kind":"Pod","name":"web-0","uid":"u-1"}]},"status":{)"
      R"("mounted":true,"objects":[{"id":"a","version":"1"},{"id":"b","version":"2"}],)"
      R"("podName":"web-0","secretProviderClassName":"shop-web",)"
      R"("targetPath":"/var/lib/kubelet/pods/u-1/volumes/kubernetes.io~csi/secrets/mount"}})");
  std::swap(status.objects[0], status.objects[1]);
  EXPECT_EQ(*parse_pod_status(to_json(status)), status);
}

constexpr std::string_view kClass = R"({
  "apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass",
  "metadata": {"name": "shop-web", "namespace": "shop", "resourceVersion": "9",
    "annotations": {"privatecloud.mendix.com/x": "true"}, "generation": 1, "managedFields": []},
  "spec": {"provider": "vault",
    "parameters": {"roleName": "shop", "objects": "- objectName: a\n  secretPath: b\n"},
    "secretObjects": [{"secretName": " shop ", "type": "Opaque", "labels": {"l": "1"},
      "annotations": {"n": "2"}, "data": [{"objectName": "a", "key": "k"}]}]}})";

TEST(Objects, AClassOfTheApiServerIsTheSameAsOneOfAManifest) {
  const auto spc = parse_secret_provider_class(json(kClass));
  ASSERT_TRUE(spc.ok()) << spc.error().message();
  EXPECT_THAT(spc->problems, IsEmpty());
  EXPECT_EQ(spc->meta.resource_version, "9");
  EXPECT_EQ(spc->spc.meta.display_name(), "SecretProviderClass shop/shop-web");
  EXPECT_EQ(spc->spc.meta.annotations.size(), 1U);
  EXPECT_EQ(spc->spc.provider, "vault");
  EXPECT_EQ(spc->spc.parameter("roleName"), "shop");
  ASSERT_EQ(spc->spc.secret_objects.size(), 1U);
  const manifest::SecretObject& object = spc->spc.secret_objects[0];
  EXPECT_EQ(object.secret_name, "shop");
  EXPECT_THAT(object.labels, ElementsAre(Pair("l", "1")));
  EXPECT_THAT(object.annotations, ElementsAre(Pair("n", "2")));
  EXPECT_EQ(object.data.at(0).object_name, "a");
  EXPECT_EQ(object.data.at(0).key, "k");
  EXPECT_EQ(to_text(to_json(*parse_secret_provider_class(to_json(*spc)))), to_text(to_json(*spc)));
}

// The API server takes it; that nothing can be fetched for it is told with it.
TEST(Objects, WhatIsWrongWithAClassIsToldWithIt) {
  const auto spc = parse_secret_provider_class(
      json(R"({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"parameters": {}}})"));
  ASSERT_TRUE(spc.ok());
  ASSERT_EQ(spc->problems.size(), 2U);
  EXPECT_EQ(to_text(spc->problems[0]),
            "error: SecretProviderClass shop/web: spec.provider: is missing; name the store, such "
            "as 'provider: vault'");
  EXPECT_TRUE(has_errors(spc->problems));
}

}  // namespace
}  // namespace keyferry::kube
