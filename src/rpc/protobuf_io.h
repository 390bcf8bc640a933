#pragma once

#include <google/protobuf/message_lite.h>

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/strings.h"

// Messages of protobuf from and to bytes. Only for .cc files of this room.
namespace keyferry::rpc {

// What a message's strings held is wiped with the heap (docs/decisions/0002); what is known to be a
// secret is taken out by Secret::take() before.
template <class Message>
Result<Message> parsed(const Secret& bytes) {
  Message message;
  const std::string_view all = bytes.expose();
  if (message.ParseFromArray(all.data(), static_cast<int>(all.size()))) return message;
  return Error(ErrorCode::kInternal, cat("the bytes are no ", message.GetTypeName()));
}

template <class Message>
Secret serialized(const Message& message) {
  std::string bytes = message.SerializeAsString();
  return Secret::take(bytes);
}

}  // namespace keyferry::rpc
