#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace keyferry {

// An XML document that was read, for answers of services that speak it (AWS STS). No DTDs are
// followed and no entities but the five of XML are known, so nothing can grow or reach out.
class Xml {
 public:
  // kInvalidArgument says what is wrong and at which byte, never quoting the text.
  static Result<Xml> parse(std::string_view text);

  Xml(Xml&& other) noexcept;
  Xml& operator=(Xml&& other) noexcept;
  ~Xml();

  // Text of the first element on the path from the root, "Answer/Result/Name"; white space at its
  // ends taken off, empty when there is none. Namespaces are not looked at.
  std::string text_at(std::string_view path) const;

 private:
  struct Document;
  explicit Xml(std::unique_ptr<Document> document);
  std::unique_ptr<Document> document_;
};

}  // namespace keyferry
