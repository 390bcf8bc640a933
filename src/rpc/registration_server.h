#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace keyferry::rpc {

struct RegistrationOptions {
  // kubelet's plugins_registry as this program sees it; the socket is DIR/DRIVER-reg.sock.
  std::string directory = "/registration";
  std::string driver_name;
  // The driver's own socket as kubelet sees it: a path on the host, without unix://.
  std::string driver_socket;
  // How often it is looked whether the socket is still there, besides at every change there.
  std::chrono::milliseconds look_every{5'000};
};

// What kubelet made of the driver (csi.md 1.8).
struct RegistrationState {
  bool registered = false;           // the last word of kubelet's
  std::optional<WallTime> since;     // when that word came; none: nothing was heard yet
  std::string refusal;               // kubelet's reason, where it refused
  std::optional<WallTime> asked_at;  // kubelet's last GetInfo
  int notices = 0;                   // how often kubelet told either
  int served_anew = 0;               // how often the socket had vanished
};

// The socket by which kubelet finds the driver: pluginregistration.Registration, in place of the
// node-driver-registrar. Kubelet asks GetInfo, dials the driver's socket (NodeGetInfo), writes
// CSINode and tells what came of it; after a refusal it asks again by itself. A kubelet that starts
// anew walks through its folder, so the socket has only to be there: one that vanished, or belongs
// to somebody else, is made anew. Its removal at the end is what deregisters the driver.
// Start it when the driver's socket is served.
class RegistrationServer {
 public:
  // `clock` outlives the server. kInvalidArgument: an option, named; kUnavailable: the socket
  // cannot be made.
  static Result<std::unique_ptr<RegistrationServer>> start(const RegistrationOptions& options,
                                                           Clock& clock);
  ~RegistrationServer();  // stops
  RegistrationServer(const RegistrationServer&) = delete;
  RegistrationServer& operator=(const RegistrationServer&) = delete;

  void stop();
  RegistrationState state() const;  // any thread may call
  const std::string& socket_path() const;

 private:
  struct Parts;
  explicit RegistrationServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace keyferry::rpc
