// How many records the next batch may have. Of one thread.
#pragma once

#include "firmware/courier/fitting_size.h"

namespace ykt::firmware::courier {

class BatchSize {
  public:
    // Begins small and doubles with each full batch that goes: a slow network shows its limits before much is
    // sent twice.
    explicit BatchSize(std::size_t most);

    [[nodiscard]] std::size_t next() const;

    // What became of a batch of `records`, of at most next():
    void delivered(std::size_t records);
    void tooMuch(std::size_t records); // for the back office, or for the time that a request has
    // One of these, or more, is refused. Halving finds it: after log2(records) more refusals one of 1 record
    // is refused.
    void refused(std::size_t records);

  private:
    FittingSize size_;
    std::size_t suspects_ = 0; // as many at the head of the queue have one among them that is refused
};

} // namespace ykt::firmware::courier
