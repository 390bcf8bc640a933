// Signatures of a request as Secrets Manager gets it, header form; bench/run_bench.py times
// botocore's signer on the same.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "identity/sigv4.h"

namespace keyferry {
namespace {

void sign(benchmark::State& state) {
  const AwsCredentials credentials{"AKIDEXAMPLE",
                                   Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                                   Secret("a-session-token"),
                                   {}};
  const sigv4::Scope scope{"eu-west-1", "secretsmanager",
                           WallTime(std::chrono::seconds(1'700'000'000))};
  for (auto _ : state) {
    Request request;
    request.method = "POST";
    request.url = "https://secretsmanager.eu-west-1.amazonaws.com/";
    request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                       {"X-Amz-Target", "secretsmanager.GetSecretValue"}};
    request.body = Secret(R"({"SecretId":"shop/database"})");
    const Status signed_well =
        sigv4::sign(request, credentials, scope, sigv4::PathRule::kEncodedAgain);
    if (!signed_well.ok()) {
      std::fprintf(stderr, "sigv4_bench: %s\n", signed_well.error().message().c_str());
      std::exit(1);
    }
    benchmark::DoNotOptimize(request);
  }
}
BENCHMARK(sign)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace keyferry

BENCHMARK_MAIN();
