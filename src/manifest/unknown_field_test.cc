#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/manifest.h"

namespace keyferry::manifest {
namespace {

using testing::Contains;
using testing::Field;
using testing::Not;

// A line that lost its name (": …") was called "MendixApp shop: is not a known field": which one?
TEST(UnknownField, WithoutANameIsShownAsEmptyQuotes) {
  Manifests manifests;
  parse_manifest(
      "apiVersion: privatecloud.mendix.com/v1alpha1\n"
      "kind: MendixApp\n"
      "metadata: {name: shop}\n"
      ": {dtapMode: D}\n",
      "app.yaml", manifests);
  EXPECT_THAT(manifests.problems, Contains(Field(&Problem::field, "''")));
  EXPECT_THAT(manifests.problems, Not(Contains(Field(&Problem::field, ""))));
}

}  // namespace
}  // namespace keyferry::manifest
