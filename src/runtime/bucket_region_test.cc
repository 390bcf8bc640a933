#include "runtime/bucket_region.h"

#include <gtest/gtest.h>

#include "catalog/value_rules.h"
#include "net/fake_http.h"

namespace keyferry::runtime {
namespace {

constexpr const char* kGlobal = "https://bucket.s3.amazonaws.com";

EffectiveSettings settings_with(const std::string& endpoint, Source region_source) {
  EffectiveSettings settings;
  put({"com.mendix.storage.s3.EndPoint", catalog::json_text(endpoint), Source::kStore, "", {}},
      settings.settings);
  put({"com.mendix.storage.s3.Region", catalog::json_text("us-east-1"), region_source, "", {}},
      settings.settings);
  return settings;
}

Result<std::string> ask(FakeHttp& http, const std::string& endpoint = kGlobal) {
  return ask_bucket_region(http, endpoint, {}, {});
}

TEST(BucketToAsk, IsThatOfAGuessedRegionOnly) {
  EXPECT_EQ(bucket_to_ask(settings_with(kGlobal, Source::kDefault)), kGlobal);
  EXPECT_EQ(bucket_to_ask(settings_with(kGlobal, Source::kStoreCustom)), "");
  EXPECT_EQ(bucket_to_ask(settings_with("http://minio:9000", Source::kDefault)), "");
  EXPECT_EQ(bucket_to_ask({}), "");
}

// A stranger is told too: the answer's status says nothing about the region.
TEST(BucketRegion, IsInTheHeaderWhateverTheStatus) {
  for (const int status : {200, 301, 403}) {
    FakeHttp http;
    http.answer("HEAD https://bucket.s3.amazonaws.com", status, "",
                {{"X-Amz-Bucket-Region", "eu-central-1"}});
    EXPECT_EQ(ask(http).value(), "eu-central-1") << status;
    EXPECT_EQ(ask(http, "bucket.s3.amazonaws.com").value(), "eu-central-1") << "without a scheme";
  }
}

TEST(BucketRegion, ThatIsNotToldSaysWhatToGive) {
  FakeHttp http;
  http.answer("HEAD https://bucket.s3.amazonaws.com", 404, "");
  const auto region = ask(http);
  EXPECT_EQ(region.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(region.error().message().find("mx-runtime-com.mendix.storage.s3.Region"),
            std::string::npos);
}

}  // namespace
}  // namespace keyferry::runtime
