#include "catalog/s3_region.h"

#include <gtest/gtest.h>

namespace keyferry::catalog {
namespace {

struct Row {
  std::string_view endpoint;
  std::string_view region;
};

void expect_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows)
    EXPECT_EQ(s3_region_of(row.endpoint).region, row.region) << row.endpoint;
}

TEST(S3Region, StandsInTheEndpointsName) {
  expect_rows({
      {"https://my-app-bucket.s3.eu-west-1.amazonaws.com", "eu-west-1"},
      {"my-app-bucket.s3.eu-west-1.amazonaws.com", "eu-west-1"},
      {"https://s3.us-east-2.amazonaws.com/", "us-east-2"},
      {"https://s3.us-east-2.amazonaws.com:443/folder", "us-east-2"},
      {"https://user:pass@s3.us-east-2.amazonaws.com:443/folder", "us-east-2"},
      {"HTTPS://Bucket.S3.EU-Central-1.AmazonAWS.com", "eu-central-1"},
      {"https://bucket.s3.dualstack.ap-southeast-12.amazonaws.com", "ap-southeast-12"},
      {"https://bucket.s3.us-gov-east-1.amazonaws.com", "us-gov-east-1"},
      {"https://bucket.s3.cn-north-1.amazonaws.com.cn", "cn-north-1"},
  });
}

TEST(S3Region, TheLegacyDashIsTakenOff) {
  expect_rows({
      {"https://bucket.s3-eu-west-1.amazonaws.com", "eu-west-1"},
      {"https://s3-us-west-2.amazonaws.com", "us-west-2"},
      {"https://s3-us-gov-west-1.amazonaws.com", "us-gov-west-1"},
  });
}

// Read naively, the label before amazonaws.com is the "region" s3.
TEST(S3Region, AGlobalNameHasNoneAndGetsTheLastResort) {
  expect_rows({
      {"https://bucket.s3.amazonaws.com", "us-east-1"},
      {"https://s3.amazonaws.com", "us-east-1"},
      {"https://eu-west-1.s3.amazonaws.com", "us-east-1"},  // a bucket of that name
      {"https://s3-external-1.amazonaws.com", "us-east-1"},
      {"https://bucket.s3-accelerate.amazonaws.com", "us-east-1"},
  });
  EXPECT_EQ(s3_region_of("https://bucket.s3.amazonaws.com").reason, "the endpoint names no region");
}

TEST(S3Region, OnlyAGlobalNameOfOneBucketLeavesItToTheBucket) {
  EXPECT_TRUE(s3_region_of("https://bucket.s3.amazonaws.com/folder").bucket_knows);
  EXPECT_TRUE(s3_region_of("eu-west-1.s3.amazonaws.com").bucket_knows);
  for (const std::string_view known :
       {"https://s3.amazonaws.com", "https://bucket.s3.eu-west-1.amazonaws.com",
        "https://bucket.s3-eu-west-1.amazonaws.com", "http://minio:9000",
        "https://bucket.s3-accelerate.amazonaws.com"}) {
    EXPECT_FALSE(s3_region_of(known).bucket_knows) << known;
  }
}

TEST(S3Region, AForeignEndpointGetsTheLastResort) {
  expect_rows({
      {"https://storage.googleapis.com/bucket", "us-east-1"},
      {"http://minio.storage.svc:9000", "us-east-1"},
      {"http://minio.eu-west-1.example.com", "us-east-1"},
      {"https://amazonaws.com", "us-east-1"},
      {"https://minio.example.com/x.eu-west-1.amazonaws.com", "us-east-1"},
      {"", "us-east-1"},
  });
  EXPECT_NE(s3_region_of("http://minio:9000").reason,
            s3_region_of("https://s3.amazonaws.com").reason);
}

TEST(S3Region, OnlyLabelsShapedLikeARegionAreTaken) {
  expect_rows({
      {"https://bucket.s3.eu-west.amazonaws.com", "us-east-1"},
      {"https://bucket.s3.europe-west-1.amazonaws.com", "us-east-1"},
      {"https://bucket.s3.eu-west-1a.amazonaws.com", "us-east-1"},
      {"https://bucket.s3.eu-w3st-1.amazonaws.com", "us-east-1"},
      {"https://bucket.s3.eu--1.amazonaws.com", "us-east-1"},
  });
}

TEST(S3Region, SaysWhereItWasFound) {
  EXPECT_EQ(s3_region_of("https://b.s3.eu-west-1.amazonaws.com").reason, "in the endpoint's name");
}

}  // namespace
}  // namespace keyferry::catalog
