#pragma once

#include <algorithm>
#include <cstddef>
#include <map>

namespace keyferry {

// When a growing table is looked through for what has ended: each time it has doubled, so that an
// insertion costs the same however large the table is. Used under the table's own lock.
class DoublingPrune {
 public:
  template <class Table, class Predicate>
  void before_insertion(Table& table, const Predicate& has_ended) {
    if (table.size() < next_) return;
    std::erase_if(table, has_ended);
    next_ = std::max(kFirst, 2 * table.size());
  }

 private:
  static constexpr std::size_t kFirst = 64;
  std::size_t next_ = kFirst;
};

}  // namespace keyferry
