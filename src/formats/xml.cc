#include "formats/xml.h"

#include <pugixml.hpp>

#include "base/strings.h"

namespace keyferry {

struct Xml::Document {
  pugi::xml_document tree;
};

Xml::Xml(std::unique_ptr<Document> document) : document_(std::move(document)) {}
Xml::Xml(Xml&& other) noexcept = default;
Xml& Xml::operator=(Xml&& other) noexcept = default;
Xml::~Xml() = default;

Result<Xml> Xml::parse(std::string_view text) {
  // The library's memory is ours, which the programs wipe (base/wiping_heap).
  static const bool once = [] {
    pugi::set_memory_management_functions([](std::size_t size) { return ::operator new(size); },
                                          [](void* memory) { ::operator delete(memory); });
    return true;
  }();
  (void)once;
  auto document = std::make_unique<Document>();
  const auto read = document->tree.load_buffer(text.data(), text.size(), pugi::parse_default,
                                               pugi::encoding_utf8);
  if (!read) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("not valid XML: ", read.description(), " at byte ", read.offset));
  }
  return Xml(std::move(document));
}

std::string Xml::text_at(std::string_view path) const {
  pugi::xml_node node = document_->tree;
  for (const std::string_view name : split(path, '/')) {
    node = node.child(std::string(name).c_str());
  }
  return std::string(trim(node.child_value()));
}

}  // namespace keyferry
