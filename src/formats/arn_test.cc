#include "formats/arn.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

TEST(Arn, IsTakenApartAtItsFirstColons) {
  const auto arn =
      parse_arn("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/b:c-AbCdEf");
  ASSERT_TRUE(arn);
  EXPECT_EQ(arn->partition, "aws-cn");
  EXPECT_EQ(arn->service, "secretsmanager");
  EXPECT_EQ(arn->region, "cn-north-1");
  EXPECT_EQ(arn->account, "123456789012");
  EXPECT_EQ(arn->resource, "secret:a/b:c-AbCdEf");
  EXPECT_EQ(parse_arn("arn:aws:iam::1:role/r")->region, "");
}

TEST(Arn, WhatIsNoneIsNotTaken) {
  for (const char* text : {"", "arn", "arn:aws:ssm:r:1", "arn:aws:ssm:r:1:", "ARN:aws:ssm:r:1:p",
                           "arn::ssm:r:1:p", "arn:aws::r:1:p", "/a/b", "urn:aws:ssm:r:1:p"}) {
    EXPECT_FALSE(parse_arn(text)) << text;
  }
}

TEST(Arn, RegionsAreToldByTheirShape) {
  for (const char* text : {"eu-west-1", "us-gov-east-1", "ap-southeast-12", "eusc-de-east-1"}) {
    EXPECT_TRUE(is_aws_region(text)) << text;
  }
  for (const char* text : {"", "eu", "eu-west", "eu-west-", "eu-west-a", "EU-west-1", "bucket-a-1",
                           "eu--1", "eu-w3st-1"}) {
    EXPECT_FALSE(is_aws_region(text)) << text;
  }
}

}  // namespace
}  // namespace keyferry
