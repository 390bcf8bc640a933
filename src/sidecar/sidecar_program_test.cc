#include "sidecar/sidecar_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "volume/temp_volume.h"

namespace keyferry::sidecar {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kApp = R"(apiVersion: privatecloud.mendix.com/v1alpha1
kind: MendixApp
metadata: {name: shop}
spec: {mendixRuntimeVersion: 10.24.14}
)";

// What a pod gets wrong before the first look at the runtime.
class SidecarProgram : public testing::Test {
 protected:
  SidecarProgram() {
    options_.app_file = file("app.yaml", kApp);
    options_.admin_password_file = file("password", "m2ee-pass\n");
    options_.termination_log = file("termination-log", "");
  }

  std::string file(const std::string& name, std::string_view text) {
    std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  // The error of the program, which must also be its termination message.
  std::string error() {
    const Status status = run_sidecar(options_, signals_);
    std::string message = status.ok() ? "" : status.error().message();
    EXPECT_EQ(read_file(options_.termination_log, 1U << 20)->expose(), message);
    return message;
  }

  SignalStop signals_;
  volume::TempVolume folder_;
  SidecarOptions options_;
};

TEST_F(SidecarProgram, FilesThatAreNotThereAreNamedWithTheirFlag) {
  options_.app_file = folder_.path() + "/none.yaml";
  EXPECT_THAT(error(), StartsWith("--app: open '" + options_.app_file));
  options_.app_file = file("app.yaml", kApp);
  options_.admin_password_file = "/nowhere/password";
  EXPECT_THAT(error(), StartsWith("--admin-password-file: open '/nowhere/password'"));
  options_.admin_password_file = file("password", "m2ee-pass");
  options_.model_metadata = "/nowhere/metadata.json";
  EXPECT_THAT(error(), StartsWith("--model-metadata: open '/nowhere/metadata.json'"));
}

TEST_F(SidecarProgram, AnAdminPasswordOfBlanksIsNone) {
  options_.admin_password_file = file("password", " \n");
  EXPECT_THAT(error(), HasSubstr("is empty; it must hold the app container's M2EE_ADMIN_PASS"));
}

TEST_F(SidecarProgram, WhichMendixAppMustBeClear) {
  std::string second(kApp);
  second.replace(second.find("shop"), 4, "cafe");
  options_.app_file = file("two.yaml", std::string(kApp) + "---\n" + second);
  EXPECT_THAT(error(), HasSubstr("holds the MendixApps shop, cafe; choose one with --app-name"));
  options_.app_name = "bank";
  EXPECT_THAT(error(), HasSubstr("choose one with --app-name"));
  options_.app_file = file("none.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
  EXPECT_THAT(error(), HasSubstr("holds no MendixApp; name its manifest with --app"));
}

TEST_F(SidecarProgram, EveryComplaintAboutTheManifestIsTold) {
  options_.app_file = file("bad.yaml",
                           "apiVersion: privatecloud.mendix.com/v1alpha1\nkind: MendixApp\n"
                           "metadata: {name: shop}\nspec:\n  replicas: many\n"
                           "  runtime: {customConfiguration: '{'}\n");
  EXPECT_THAT(error(),
              testing::AllOf(HasSubstr("spec.replicas"), HasSubstr("customConfiguration")));
}

TEST_F(SidecarProgram, MetadataOfNoModelIsRefused) {
  options_.model_metadata = file("metadata.json", "[]");
  EXPECT_NE(error(), "");
}

TEST_F(SidecarProgram, AnAddressThatCannotBeListenedAtIsNamedWithItsFlag) {
  options_.listen_address = "192.0.2.1";  // documentation only, never this machine's
  EXPECT_THAT(error(), StartsWith("--listen: "));
}

TEST_F(SidecarProgram, WithoutATerminationLogTheErrorIsReturnedAllTheSame) {
  options_.app_file = "/nowhere/app.yaml";
  options_.termination_log = "/nowhere/termination-log";
  EXPECT_FALSE(run_sidecar(options_, signals_).ok());
}

}  // namespace
}  // namespace keyferry::sidecar
