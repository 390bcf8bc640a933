#pragma once

#include <vector>

#include "runtime/runtime_admin.h"

namespace keyferry::runtime {

// A runtime's admin API whose refusals are fit for logs: in message and cause the secrets that are
// hidden are blotted out (see blot_out.h). Feedback is as it came. One thread uses it.
class DiscreetAdmin final : public RuntimeAdmin {
 public:
  static constexpr std::string_view kWithheld =
      "not shown: it may quote a value from before the sidecar's own start";

  explicit DiscreetAdmin(RuntimeAdmin& admin) : admin_(admin) {}

  Result<AdminReply> call(std::string_view action, const Secret& params,
                          Deadline deadline) override;

  // These are hidden too from now on. Copies are kept.
  void hide(const std::vector<const Secret*>& secrets);
  // From now on these and no others.
  void hide_only(const std::vector<const Secret*>& secrets);
  // Whether the runtime may hold secrets that we do not know: then a refusal is kWithheld.
  void withhold_words(bool withhold) { withhold_ = withhold; }

  std::string blotted(std::string text) const;

 private:
  RuntimeAdmin& admin_;
  std::vector<Secret> hidden_;
  bool withhold_ = false;
};

}  // namespace keyferry::runtime
