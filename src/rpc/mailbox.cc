#include "rpc/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace keyferry::rpc {

Mailbox::Mailbox() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Mailbox::post(HandledCall handled) {
  {
    const std::lock_guard lock(mutex_);
    contents_.handled.push_back(std::move(handled));
  }
  ring();
}

void Mailbox::ask_to_stop() {
  {
    const std::lock_guard lock(mutex_);
    contents_.stop = true;
  }
  ring();
}

Mailbox::Contents Mailbox::take() {
  std::uint64_t rings = 0;
  (void)!::read(event_.get(), &rings, sizeof rings);
  const std::lock_guard lock(mutex_);
  return {std::exchange(contents_.handled, {}), contents_.stop};
}

void Mailbox::ring() {
  const std::uint64_t one = 1;
  (void)!::write(event_.get(), &one, sizeof one);
}

}  // namespace keyferry::rpc
