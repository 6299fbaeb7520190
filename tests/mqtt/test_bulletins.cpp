#include "crypto/digest.h"
#include "tests/mqtt/fixture.h"

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

struct BulletinFixture : MqttFixture {
    test::MqttClient operatorClient{broker.port(), "publisher", pki};
};

} // namespace

TEST_CASE_METHOD(BulletinFixture, "a kept bulletin is fetched once, and the next one as it is published") {
    const auto mqtt = upstream();
    const auto none = mqtt->fetchBulletin("catalogue", 0, {});
    REQUIRE(none);
    CHECK_FALSE(*none);

    const auto fourth = bulletin("catalogue", 4);
    operatorClient.retain("ykt/v1/bulletins/catalogue", fourth);
    REQUIRE(eventually([&] {
        const auto fetched = mqtt->fetchBulletin("catalogue", 3, {});
        return fetched && *fetched && toText(**fetched) == fourth;
    }));
    const auto again = mqtt->fetchBulletin("catalogue", 4, {});
    REQUIRE(again);
    CHECK_FALSE(*again);
    operatorClient.retain("ykt/v1/bulletins/catalogue", bulletin("catalogue", 5));
    REQUIRE(eventually([&] {
        const auto fetched = mqtt->fetchBulletin("catalogue", 4, {});
        return fetched && *fetched;
    }));
    CHECK(*upstream()->fetchBulletin("catalogue", 4, {})); // another connection, the same kept one
}

TEST_CASE_METHOD(BulletinFixture, "a broker that has lost a bulletin confirms nothing") {
    const auto mqtt = upstream();
    CHECK(mqtt->fetchBulletin("catalogue", 4, {}).error().error == Reason::upstream_rejected);
    operatorClient.retain("ykt/v1/bulletins/catalogue", bulletin("catalogue", 3));
    REQUIRE(eventually([&] { return upstream()->fetchBulletin("catalogue", 3, {}).has_value(); }));
    CHECK(mqtt->fetchBulletin("catalogue", 4, {}).error().error == Reason::upstream_rejected);
    operatorClient.retain("ykt/v1/bulletins/catalogue", ""); // taken back
    CHECK(eventually([&] { return !mqtt->fetchBulletin("catalogue", 3, {}).has_value(); }));
}

TEST_CASE_METHOD(BulletinFixture, "who has none, or not the delta's base, gets the whole list") {
    const auto whole = bulletin("revocation", 7);
    const auto delta = bulletin("revocation", 8);
    operatorClient.retain("ykt/v1/bulletins/revocation/whole", whole);
    operatorClient.retain("ykt/v1/bulletins/revocation", delta);
    const auto mqtt = upstream();
    CHECK(toText(**mqtt->fetchBulletin("revocation", 0, {})) == whole);
    CHECK(toText(**mqtt->fetchBulletin("revocation", 7, {})) == delta);
}

TEST_CASE_METHOD(BulletinFixture, "a kept bulletin that is garbage is handed on, for the courier to refuse") {
    const auto mqtt = upstream();
    for (const std::string garbage : {"garbage", "{}", R"({"content":"7"})", R"({"content":"e30="})"}) {
        operatorClient.retain("ykt/v1/bulletins/catalogue", garbage);
        CHECK(eventually([&] {
            const auto fetched = mqtt->fetchBulletin("catalogue", 4, {});
            return fetched && *fetched && toText(**fetched) == garbage;
        }));
    }
}

TEST_CASE_METHOD(BulletinFixture,
                 "a kept bulletin that is too large confirms nothing, also where none is installed") {
    const auto tooLarge = bulletin("catalogue", 9) + std::string(7'990'000, ' ');
    const std::string topic = GENERATE("ykt/v1/bulletins/catalogue", "ykt/v1/bulletins/catalogue/whole");
    operatorClient.retain(topic, tooLarge);
    const auto mqtt = [&] {
        auto made = settings();
        made.mostBulletinBytes = 100'000;
        return upstream(std::move(made));
    }();
    for (int asked = 0; asked < 2; ++asked) { // the second time nothing is sent anew
        const auto none = mqtt->fetchBulletin("catalogue", 0, {});
        REQUIRE_FALSE(none);
        CHECK(none.error().error == Reason::upstream_rejected);
        CHECK_FALSE(mqtt->fetchBulletin("catalogue", 4, {}));
    }
    operatorClient.retain(topic, bulletin("catalogue", 10));
    CHECK(eventually([&] {
        const auto fetched = mqtt->fetchBulletin("catalogue", 0, {});
        return fetched && *fetched;
    }));
}

TEST_CASE_METHOD(BulletinFixture, "the courier installs what the broker keeps") {
    operatorClient.retain("ykt/v1/bulletins/catalogue", bulletin("catalogue", 4));
    const auto mqtt = upstream();
    RunningCourier running(*this, *mqtt);
    const auto installed = [&](std::uint64_t version) {
        const auto found = store->bulletin("catalogue");
        return found && *found && (*found)->version == version;
    };
    REQUIRE(eventually([&] { return installed(4); }));
    operatorClient.retain("ykt/v1/bulletins/catalogue", bulletin("catalogue", 3)); // a rollback
    operatorClient.retain("ykt/v1/bulletins/catalogue", bulletin("catalogue", 5));
    REQUIRE(eventually([&] { return installed(5); }));
    broker.kill();
    broker.start();
    operatorClient.retain("ykt/v1/bulletins/catalogue", bulletin("catalogue", 6));
    REQUIRE(eventually([&] { return installed(6); }));
}

TEST_CASE_METHOD(BulletinFixture, "a file that a bulletin names comes in parts, from any offset") {
    std::string file;
    while (file.size() < attachmentPartBytes + 1'000)
        file += std::to_string(file.size()) + ",";
    const auto digest = crypto::sha256(asBytes(file));
    for (std::size_t part = 0; part * attachmentPartBytes < file.size(); ++part)
        operatorClient.retain(topics::attachmentPart(digest, part),
                              file.substr(part * attachmentPartBytes, attachmentPartBytes));
    const auto mqtt = upstream();
    std::string fetched;
    const std::size_t steps = GENERATE(std::size_t{100'000}, attachmentPartBytes, std::size_t{1'000'000});
    while (fetched.size() < file.size()) {
        const auto more = mqtt->fetchAttachment(digest, fetched.size(), steps, {});
        REQUIRE(more);
        REQUIRE_FALSE(more->empty());
        REQUIRE(more->size() <= steps);
        fetched += toText(*more);
    }
    CHECK(fetched == file);
    CHECK(mqtt->fetchAttachment(digest, file.size(), 10, {}).error().isMissing);
    CHECK(mqtt->fetchAttachment(digest, 1'000'000'000, 10, {}).error().isMissing);
    CHECK(mqtt->fetchAttachment(crypto::sha256({}), 0, 10, {}).error().isMissing);
}

TEST_CASE_METHOD(BulletinFixture, "a part that is asked for bit by bit comes over the link once") {
    const std::string file(1'000, 'x');
    const auto digest = crypto::sha256(asBytes(file));
    const auto mqtt = upstream();
    CHECK(mqtt->fetchAttachment(digest, 0, 400, {}).error().isMissing);
    operatorClient.retain(topics::attachmentPart(digest, 0), file);
    CHECK(mqtt->fetchAttachment(digest, 0, 400, {})->size() == 400);
    operatorClient.retain(topics::attachmentPart(digest, 0), std::string(1'000, 'y'));
    // Who begins anew gets what is there now.
    CHECK(mqtt->fetchAttachment(digest, 0, 400, {})->front() == 'y');
    operatorClient.retain(topics::attachmentPart(digest, 0), "");
    CHECK(mqtt->fetchAttachment(digest, 400, 400, {})->size() == 400);
    CHECK(mqtt->fetchAttachment(digest, 800, 400, {})->size() == 200);
    CHECK(mqtt->fetchAttachment(digest, 0, 400, {}).error().isMissing); // and is not held for ever
}
