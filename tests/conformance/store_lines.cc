#include <stdlib.h>

#include <ostream>

#include "base/strings.h"
#include "conformance.h"

namespace keyferry::conformance {

// Each store's FOLDER_fixture.cc defines FOLDER_fixture(); one that is missing does not link.
#define KEYFERRY_STORE(folder, provider) \
  std::unique_ptr<StoreFixture> folder##_fixture(Http& http, const std::string& named);
#include "stores/stores.def"
#undef KEYFERRY_STORE

std::string needed(const char* variable) {
  const char* value = getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread so far
  EXPECT_NE(value, nullptr) << variable
                            << " is not set; the suite is run by ./run test conformance";
  return value == nullptr ? "" : value;
}

std::vector<StoreLine> store_lines() {
  return {
#define KEYFERRY_STORE(folder, provider) {provider, folder##_fixture},
#include "stores/stores.def"
#undef KEYFERRY_STORE
  };
}

std::ostream& operator<<(std::ostream& out, const StoreLine& line) { return out << line.provider; }

std::string provider_of(const testing::TestParamInfo<StoreLine>& line) {
  return line.param.provider;
}

}  // namespace keyferry::conformance
