// Answers searches for tests that compare us with others: a line {"expression": …, "given": …} in,
// a line {"result": …} or {"error": …, "offset": …} out.
#include <iostream>
#include <string>

#include "formats/jmespath.h"

namespace keyferry {
namespace {

Json failure(const JmesPathError& error) {
  Json answer;
  answer.set("error", name_of(error.kind)).set("message", error.message);
  return answer.set("offset", static_cast<std::int64_t>(error.offset));
}

Json answer_to(const Json& question) {
  const auto expression = JmesPath::parse(question.text_of("expression"));
  if (!expression.ok()) return failure(expression.error());
  const auto found = expression->search(*question.find("given"));
  if (!found.ok()) return failure(found.error());
  return Json().set("result", found->json());
}

}  // namespace
}  // namespace keyferry

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto question = keyferry::parse_json(line);
    if (!question.ok() || question->find("given") == nullptr) {
      std::cerr << "jmespath_judge: a line is no question\n";
      return 1;
    }
    std::cout << to_text(keyferry::answer_to(*question)) << std::endl;
  }
  return 0;
}
