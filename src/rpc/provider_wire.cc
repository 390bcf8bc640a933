#include "rpc/provider_wire.h"

#include <proto/provider.pb.h>

#include <string>
#include <utility>

#include "rpc/protobuf_io.h"

namespace keyferry::rpc {

namespace {

using Versions = google::protobuf::RepeatedPtrField<v1alpha1::ObjectVersion>;

std::vector<ProvidedVersion> versions_of(const Versions& said) {
  std::vector<ProvidedVersion> versions;
  for (const auto& version : said) versions.push_back({version.id(), version.version()});
  return versions;
}

void add_versions(Versions& told, const std::vector<ProvidedVersion>& versions) {
  for (const ProvidedVersion& version : versions) {
    v1alpha1::ObjectVersion& one = *told.Add();
    one.set_id(version.id);
    one.set_version(version.version);
  }
}

// Whatever a string of a message held that must not be seen afterwards.
void wipe_string(std::string& text) {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace

Result<MountRequest> read_mount_request(const Secret& message) {
  KF_ASSIGN(auto said, parsed<v1alpha1::MountRequest>(message));
  MountRequest request;
  request.attributes = Secret::take(*said.mutable_attributes());
  request.secrets = Secret::take(*said.mutable_secrets());
  request.target_path = said.target_path();
  request.permission = said.permission();
  request.current_versions = versions_of(said.current_object_version());
  return request;
}

Secret write_mount_request(const MountRequest& request) {
  v1alpha1::MountRequest told;
  told.set_attributes(std::string(request.attributes.expose()));
  told.set_secrets(std::string(request.secrets.expose()));
  told.set_target_path(request.target_path);
  told.set_permission(request.permission);
  add_versions(*told.mutable_current_object_version(), request.current_versions);
  Secret message = serialized(told);
  wipe_string(*told.mutable_attributes());
  wipe_string(*told.mutable_secrets());
  return message;
}

Result<MountResponse> read_mount_response(const Secret& message) {
  KF_ASSIGN(auto said, parsed<v1alpha1::MountResponse>(message));
  MountResponse response;
  response.versions = versions_of(said.object_version());
  response.error_code = said.error().code();
  for (auto& file : *said.mutable_files()) {
    response.files.push_back({file.path(), file.mode(), Secret::take(*file.mutable_contents())});
  }
  return response;
}

Secret write_mount_response(const MountResponse& response) {
  v1alpha1::MountResponse told;
  add_versions(*told.mutable_object_version(), response.versions);
  if (!response.error_code.empty()) told.mutable_error()->set_code(response.error_code);
  for (const ProvidedFile& file : response.files) {
    v1alpha1::File& one = *told.add_files();
    one.set_path(file.path);
    one.set_mode(file.mode);
    one.set_contents(std::string(file.contents.expose()));
  }
  Secret message = serialized(told);
  for (auto& file : *told.mutable_files()) wipe_string(*file.mutable_contents());
  return message;
}

Secret write_version_request() {
  v1alpha1::VersionRequest told;
  told.set_version(kProviderApiVersion);
  return serialized(told);
}

Secret write_version(const ProviderVersion& version) {
  v1alpha1::VersionResponse told;
  told.set_version(version.version);
  told.set_runtime_name(version.runtime_name);
  told.set_runtime_version(version.runtime_version);
  return serialized(told);
}

Result<ProviderVersion> read_version(const Secret& message) {
  KF_ASSIGN(const auto said, parsed<v1alpha1::VersionResponse>(message));
  return ProviderVersion{said.version(), said.runtime_name(), said.runtime_version()};
}

}  // namespace keyferry::rpc
