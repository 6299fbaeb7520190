// The parts that the reader's passes are made of, and their order.
#include "qr/schedule.h"
#include "tests/qr/symbol_pictures.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::test;

namespace {

std::vector<std::string_view> namesOf(const qr::Schedule& schedule) {
    std::vector<std::string_view> names;
    for (const auto* pass : schedule.order())
        names.push_back(pass->name);
    return names;
}

} // namespace

TEST_CASE("passes: cheap ones first, of each kind what last read, and last what was in vain") {
    const std::array passes{
        qr::Pass{"a", &qr::Workbench::half, 1.0}, qr::Pass{"b", &qr::Workbench::half, 1.0},
        qr::Pass{"c", &qr::Workbench::half, 1.0}, qr::Pass{"x", &qr::Workbench::half, 1.0, true},
        qr::Pass{"y", &qr::Workbench::half, 1.0, true}};
    qr::Schedule schedule(passes);
    using Names = std::vector<std::string_view>;
    CHECK(namesOf(schedule) == Names{"x", "y", "a", "b", "c"});
    schedule.failed(passes[0]);
    CHECK(namesOf(schedule) == Names{"x", "y", "b", "c", "a"});
    schedule.succeeded(passes[2]);
    CHECK(namesOf(schedule) == Names{"x", "y", "c", "b", "a"});
    schedule.succeeded(passes[4]);
    schedule.failed(passes[4]); // a cheap one keeps its place
    CHECK(namesOf(schedule) == Names{"y", "x", "c", "b", "a"});
}

TEST_CASE("passes: the time that one will take follows what is dearer at once, what is cheaper slowly") {
    const std::array passes{qr::Pass{"a", &qr::Workbench::half, 10.0}};
    qr::Schedule schedule(passes);
    using Time = qr::Schedule::Duration;
    CHECK(schedule.expected(passes[0], 100.0) == Time{1000});
    schedule.took(passes[0], 200.0, Time{8000});
    CHECK(schedule.expected(passes[0], 100.0) == Time{4000});
    schedule.took(passes[0], 100.0, Time{0});
    CHECK(schedule.expected(passes[0], 100.0) == Time{3500});
}

TEST_CASE("passes: a hiccup of the machine ends none for good") {
    const std::array passes{qr::Pass{"a", &qr::Workbench::half, 10.0}};
    qr::Schedule schedule(passes);
    using Time = qr::Schedule::Duration;
    schedule.took(passes[0], 100.0, Time{1e9});
    CHECK(schedule.expected(passes[0], 100.0) == Time{4000}); // not more than four times what was known
    for (int frame = 0; frame < 40; ++frame)
        schedule.skipped(passes[0]);
    CHECK(schedule.expected(passes[0], 100.0) < Time{1100});
    CHECK(schedule.expected(passes[0], 100.0) >= Time{1000}); // not below what it began with
}

TEST_CASE("passes: regions lie in the frame and hold at least a pixel") {
    const sim::Image image{40, 30, Bytes(1200)};
    const auto frame = image.frame();
    const auto regionOf = [&](std::initializer_list<qr::Point> points, float margin) {
        const std::vector<qr::Point> all(points);
        const auto region = qr::around(all, margin, frame);
        return std::array{region.left, region.top, region.width, region.height};
    };
    CHECK(regionOf({{10.5F, 5.0F}, {20.0F, 8.0F}}, 1.0F) == std::array{9, 4, 12, 5});
    CHECK(regionOf({{-50.0F, -50.0F}, {90.0F, 90.0F}}, 3.0F) == std::array{0, 0, 40, 30});
    CHECK(regionOf({{-50.0F, -50.0F}, {-40.0F, -40.0F}}, 1.0F) == std::array{0, 0, 1, 1});
    CHECK(regionOf({{80.0F, 80.0F}, {90.0F, 90.0F}}, 1.0F) == std::array{39, 29, 1, 1});
}

TEST_CASE("passes: sharpening keeps flat areas and moves a pixel away from its neighbours") {
    qr::Sharpener sharpener;
    Bytes sharp;
    const sim::Image flat{5, 3, Bytes(15, 77)};
    sharpener.apply(flat.frame(), sharp);
    CHECK(sharp == Bytes(15, 77));
    const sim::Image spot{3, 3, {100, 100, 100, 100, 116, 100, 100, 100, 100}};
    sharpener.apply(spot.frame(), sharp); // the mean of the middle is 104, of its neighbours 102 and 101
    CHECK(sharp == Bytes{99, 98, 99, 98, 128, 98, 99, 98, 99});
}
