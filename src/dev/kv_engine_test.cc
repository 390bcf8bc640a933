#include "dev/kv_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry::dev {
namespace {

using ::testing::HasSubstr;

constexpr WallTime kNow{std::chrono::seconds(1'700'000'000)};

template <class Engine>
class EngineFixture : public testing::Test {
 protected:
  VaultReply ask(Operation operation, const std::string& path, std::string_view body = "null",
                 std::map<std::string, std::string, std::less<>> query = {}) {
    return engine_.handle({operation, path, std::move(query), "", *parse_json(body), kNow});
  }
  // The data of a version-2 secret as JSON, or "STATUS".
  std::string read(const std::string& path, const std::string& version = "") {
    std::map<std::string, std::string, std::less<>> query;
    if (!version.empty()) query["version"] = version;
    const VaultReply reply = ask(Operation::kRead, "data/" + path, "null", query);
    if (reply.status != 200) return std::to_string(reply.status);
    return to_text(*reply.body.find("data")->find("data"));
  }
  int write(const std::string& path, std::string_view body) {
    return ask(Operation::kWrite, path, body).status;
  }

  Engine engine_;
};

using KvV1Test = EngineFixture<KvV1>;
using KvV2Test = EngineFixture<KvV2>;

TEST_F(KvV1Test, APathHoldsOneObject) {
  EXPECT_EQ(write("shop", R"({"password":"one"})"), 204);
  EXPECT_EQ(write("shop", R"({"password":"two","ttl":"1h"})"), 204);
  const VaultReply reply = ask(Operation::kRead, "shop");
  EXPECT_EQ(reply.body.find("data")->text_of("password"), "two");
  EXPECT_EQ(reply.body.find("lease_duration")->as_int(), 3600);
  EXPECT_TRUE(engine_.exists("shop"));
  EXPECT_EQ(ask(Operation::kList, "").status, 200);
  EXPECT_EQ(ask(Operation::kDelete, "shop").status, 204);
  EXPECT_EQ(ask(Operation::kRead, "shop").status, 404);
  EXPECT_EQ(ask(Operation::kDelete, "shop").status, 204) << "gone is gone";
}

TEST_F(KvV1Test, ALeaseIsTheServersWhereTheSecretNamesNone) {
  write("shop", R"({"password":"one"})");
  EXPECT_EQ(ask(Operation::kRead, "shop").body.find("lease_duration")->as_int(), 2'764'800);
}

TEST_F(KvV1Test, NothingIsNoSecret) {
  for (const char* body : {"null", "{}", "[]", "7"}) EXPECT_EQ(write("shop", body), 400) << body;
}

TEST_F(KvV2Test, EachWriteIsAVersion) {
  EXPECT_EQ(write("data/shop", R"({"data":{"p":"one"}})"), 200);
  EXPECT_EQ(write("data/shop", R"({"data":{"p":"two"}})"), 200);
  EXPECT_EQ(read("shop"), R"({"p":"two"})");
  EXPECT_EQ(read("shop", "1"), R"({"p":"one"})");
  EXPECT_EQ(read("shop", "0"), R"({"p":"two"})") << "0 is the current one";
  EXPECT_EQ(read("shop", "3"), "404");
  EXPECT_EQ(read("none"), "404");
}

TEST_F(KvV2Test, AWriteAnswersItsVersion) {
  const VaultReply reply = ask(Operation::kWrite, "data/shop", R"({"data":{"p":"one"}})");
  EXPECT_EQ(to_text(*reply.body.find("data")),
            R"({"created_time":"2023-11-14T22:13:20.000000000Z","custom_metadata":null,)"
            R"("deletion_time":"","destroyed":false,"version":1})");
}

TEST_F(KvV2Test, BodiesWithoutDataAreRefused) {
  for (const char* body : {"null", "{}", R"({"data":7})", R"({"p":"one"})"}) {
    EXPECT_EQ(write("data/shop", body), 400) << body;
  }
  EXPECT_EQ(read("shop"), "404");
}

TEST_F(KvV2Test, CheckAndSetKeepsWritersApart) {
  const std::pair<const char*, int> rows[] = {
      {R"({"data":{"p":"1"},"options":{"cas":1}})", 400},  // not there yet: 0 is right
      {R"({"data":{"p":"1"},"options":{"cas":0}})", 200},
      {R"({"data":{"p":"2"},"options":{"cas":0}})", 400},
      {R"({"data":{"p":"2"},"options":{"cas":1}})", 200},
      {R"({"data":{"p":"3"}})", 200},  // not required: not looked at
  };
  for (const auto& [body, status] : rows) EXPECT_EQ(write("data/shop", body), status) << body;
}

TEST_F(KvV2Test, CheckAndSetMayBeRequiredOfASecretOrOfAll) {
  write("metadata/shop", R"({"cas_required":true})");
  EXPECT_EQ(write("data/shop", R"({"data":{}})"), 400);
  EXPECT_EQ(write("data/cafe", R"({"data":{}})"), 200);
  write("config", R"({"cas_required":true})");
  EXPECT_EQ(write("data/cafe", R"({"data":{}})"), 400);
}

TEST_F(KvV2Test, ADeletedVersionComesBackADestroyedOneDoesNot) {
  write("data/shop", R"({"data":{"p":"one"}})");
  EXPECT_EQ(ask(Operation::kDelete, "data/shop").status, 204);
  EXPECT_EQ(read("shop"), "404");
  const VaultReply gone = ask(Operation::kRead, "data/shop");
  EXPECT_TRUE(gone.body.find("data")->find("data")->is_null());
  EXPECT_EQ(gone.body.find("data")->find("metadata")->text_of("deletion_time"), rfc3339(kNow));
  write("undelete/shop", R"({"versions":[1]})");
  EXPECT_EQ(read("shop"), R"({"p":"one"})");
  write("delete/shop", R"({"versions":[1]})");
  EXPECT_EQ(read("shop"), "404");
  write("destroy/shop", R"({"versions":[1]})");
  write("undelete/shop", R"({"versions":[1]})");
  EXPECT_EQ(read("shop"), "404");
}

TEST_F(KvV2Test, ChangesOfVersionsNeedTheirNumbers) {
  write("data/shop", R"({"data":{"p":"one"}})");
  EXPECT_EQ(write("destroy/shop", "{}"), 400);
  EXPECT_EQ(write("destroy/shop", R"({"versions":[]})"), 400);
  EXPECT_EQ(write("destroy/shop", R"({"versions":[9]})"), 204) << "no such version, nothing done";
  EXPECT_EQ(write("destroy/none", R"({"versions":[1]})"), 204);
  EXPECT_EQ(ask(Operation::kRead, "destroy/shop").status, 405);
  EXPECT_EQ(read("shop"), R"({"p":"one"})");
}

TEST_F(KvV2Test, OldVersionsAreDropped) {
  for (int i = 0; i < 12; ++i) write("data/shop", R"({"data":{}})");
  EXPECT_EQ(read("shop", "2"), "404") << "ten are kept";
  EXPECT_EQ(read("shop", "3"), "{}");
  write("metadata/shop", R"({"max_versions":2})");
  EXPECT_EQ(read("shop", "10"), "404");
  const VaultReply metadata = ask(Operation::kRead, "metadata/shop");
  const Json& data = *metadata.body.find("data");
  EXPECT_EQ(data.find("current_version")->as_int(), 12);
  EXPECT_EQ(data.find("oldest_version")->as_int(), 11);
  EXPECT_EQ(data.find("versions")->as_object()->size(), 2U);
}

TEST_F(KvV2Test, MetadataIsListedReadAndDeletedWhole) {
  write("data/web/shop", R"({"data":{}})");
  write("metadata/web/shop", R"({"custom_metadata":{"owner":"web"}})");
  const VaultReply list = ask(Operation::kList, "metadata/web");
  EXPECT_EQ(to_text(*list.body.find("data")), R"({"keys":["shop"]})");
  const VaultReply metadata = ask(Operation::kRead, "metadata/web/shop");
  EXPECT_EQ(metadata.body.find("data")->find("custom_metadata")->text_of("owner"), "web");
  EXPECT_TRUE(engine_.exists("data/web/shop"));
  EXPECT_EQ(ask(Operation::kDelete, "metadata/web/shop").status, 204);
  EXPECT_EQ(ask(Operation::kRead, "metadata/web/shop").status, 404);
  EXPECT_FALSE(engine_.exists("data/web/shop"));
}

TEST_F(KvV2Test, PathsOfTheOldEngineAreExplained) {
  const std::pair<Operation, const char*> rows[] = {{Operation::kRead, "vault kv get"},
                                                    {Operation::kWrite, "vault kv put"},
                                                    {Operation::kDelete, "vault kv delete"},
                                                    {Operation::kList, "vault kv list"}};
  for (const auto& [operation, words] : rows) {
    const VaultReply reply = ask(operation, "shop");
    EXPECT_EQ(reply.status, 404);
    EXPECT_THAT(to_text(*reply.body.find("warnings")), HasSubstr(words));
  }
}

}  // namespace
}  // namespace keyferry::dev
