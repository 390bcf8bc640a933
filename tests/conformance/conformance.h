#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/curl_http.h"
#include "os/system_clock.h"
#include "store_fixture.h"
#include "troubled_http.h"

namespace keyferry::conformance {

// A line of stores.def.
struct StoreLine {
  std::string provider;
  std::unique_ptr<StoreFixture> (*fixture)(Http&, const std::string& provider);
};
std::vector<StoreLine> store_lines();
std::ostream& operator<<(std::ostream& out, const StoreLine& line);
std::string provider_of(const testing::TestParamInfo<StoreLine>& line);

// A store of ours, its real server, and the way between them, on which things can go wrong.
class Conformance : public testing::TestWithParam<StoreLine> {
 protected:
  Conformance()
      : fixture_(GetParam().fixture(*http_, GetParam().provider)),
        store_(stores::store_kind_of(GetParam().provider)->make({way_, clock_})) {}

  Result<stores::FetchResult> fetch(const manifest::SecretProviderClass& spc, TokenSource& tokens,
                                    Duration within = std::chrono::seconds(30),
                                    std::stop_token stop = {},
                                    std::map<std::string, std::string> held = {}) {
    return store_->fetch({{"web", "shop-0", "uid-1", "shop", fixture_->aws_role_arn()},
                          spc,
                          tokens,
                          std::move(held),
                          Deadline::in(clock_, within),
                          std::move(stop)});
  }
  Result<stores::FetchResult> fetch(const manifest::SecretProviderClass& spc) {
    return fetch(spc, fixture_->pod());
  }
  // The version of the only object of a class.
  std::string version_of(const manifest::SecretProviderClass& spc) {
    const auto result = fetch(spc);
    EXPECT_TRUE(result.ok() && result->objects.at(0).file.ok());
    return result.ok() ? result->objects.at(0).file->version : "";
  }

  SystemClock clock_;
  std::unique_ptr<Http> http_ = make_curl_http();
  TroubledHttp way_{*http_};
  std::unique_ptr<StoreFixture> fixture_;
  std::unique_ptr<stores::Store> store_;
};

}  // namespace keyferry::conformance
