#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace keyferry::catalog {

// A Mendix runtime version: major.minor.patch, further parts (the build number) left out.
struct RuntimeVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  friend auto operator<=>(const RuntimeVersion&, const RuntimeVersion&) = default;
};

// "9.22", "10.24.14", "9.4.0.24572"; nothing when it is no version.
std::optional<RuntimeVersion> runtime_version_of(std::string_view text);
std::string to_text(const RuntimeVersion& version);

// First versions of what a secret store can use (Mendix release notes).
inline constexpr RuntimeVersion kS3ByRoleSince{9, 20, 0};
inline constexpr RuntimeVersion kLiveDatabasePasswordSince{9, 22, 0};
inline constexpr RuntimeVersion kAzureIdentitySince{10, 10, 0};  // Blob and SQL by managed identity
// Its AWS SDK reads AES keys only and has no version 2 signatures (Mendix docs, custom settings).
inline constexpr RuntimeVersion kAesOnlySince{11, 6, 0};

// Whether the runtime's AWS SDK needs com.mendix.storage.s3.Region (9.24.41, 10.24.14, 11.6).
bool needs_s3_region(const RuntimeVersion& version);
// Whether PerformDeleteFromStorage knows NoFiles (9.12, and 9.6.11 within 9.6).
bool knows_no_files(const RuntimeVersion& version);

}  // namespace keyferry::catalog
