#include "firmware/courier/batch_size.h"

#include <catch2/catch.hpp>
#include <cmath>

using ykt::firmware::courier::BatchSize;

TEST_CASE("batches begin small and double with each success, up to their bound") {
    BatchSize size(300);
    for (const std::size_t expected : {64, 128, 256, 300, 300}) {
        CHECK(size.next() == expected);
        size.delivered(size.next());
    }
    CHECK(BatchSize(7).next() == 7);
}

TEST_CASE("what is too much is halved down to one record") {
    BatchSize size(64);
    for (const std::size_t expected : {32, 16, 8, 4, 2, 1, 1}) {
        size.tooMuch(size.next());
        CHECK(size.next() == expected);
    }
}

TEST_CASE("what was too much is tried again rarely") {
    constexpr std::size_t limit = 100;
    BatchSize size(500);
    int refusals = 0;
    std::size_t carried = 0;
    while (carried < 1'000) {
        if (size.next() > limit) {
            ++refusals;
            size.tooMuch(size.next());
        } else {
            carried += size.next();
            size.delivered(size.next());
        }
    }
    CHECK(refusals <= 3);
    int more = 0;
    for (int batch = 0; batch < 1'000; ++batch) {
        if (size.next() > limit) {
            ++more;
            size.tooMuch(size.next());
        } else {
            size.delivered(size.next());
        }
    }
    CHECK(more >= 1); // it may fit by now
    CHECK(more <= 10);
}

TEST_CASE("batches grow again when what was too much fits") {
    BatchSize size(500);
    size.tooMuch(64);
    CHECK(size.next() == 32);
    for (int batch = 0; batch < 20; ++batch)
        size.delivered(size.next());
    CHECK(size.next() == 500);
}

TEST_CASE("a batch that was not full says nothing about a larger one") {
    BatchSize size(500);
    size.tooMuch(64);
    for (int batch = 0; batch < 100; ++batch)
        size.delivered(1);
    CHECK(size.next() == 32);
}

TEST_CASE("a single record that is too large says nothing about batches") {
    BatchSize size(64);
    while (size.next() > 1)
        size.tooMuch(size.next());
    size.tooMuch(1);
    for (const std::size_t expected : {2, 4, 8, 16, 32, 64}) {
        size.delivered(size.next());
        CHECK(size.next() == expected);
    }
}

TEST_CASE("halving finds the one record that is refused, wherever it stands, at the price of log2(n) more "
          "refusals") {
    constexpr std::size_t count = 64;
    for (std::size_t poison = 0; poison < count; ++poison) {
        CAPTURE(poison);
        BatchSize size(count);
        std::size_t head = 0; // records delivered
        int more = -1;        // refusals beyond the first
        bool found = false;
        while (!found) {
            const auto records = std::min(size.next(), count - head);
            if (poison >= head && poison < head + records) {
                ++more;
                size.refused(records);
                found = records == 1;
            } else {
                size.delivered(records);
                head += records;
            }
        }
        CHECK(more <= std::log2(count));
        CHECK(size.next() > 1); // and the others go in large batches again
    }
}
