#include "publisher.h"

using namespace ykt;
using namespace ykt::offline_store;
using nlohmann::json;

TEST_CASE_METHOD(BulletinFixture, "a signed bulletin is installed and outlives the process") {
    REQUIRE(open()->install(publisher.publish("catalogue", 3, {{"services", json::array()}}), trusted));
    const auto store = open();
    const auto found = *store->bulletin("catalogue");
    REQUIRE(found);
    CHECK(found->kind == "catalogue");
    CHECK(found->version == 3);
    CHECK(found->notBefore == start - std::chrono::minutes{1});
    CHECK(found->notAfter == start + std::chrono::hours{1});
    CHECK(found->installed == start);
    CHECK(json::parse(found->body) == json{{"services", json::array()}});
    CHECK_FALSE(*store->bulletin("revocation"));
}

TEST_CASE_METHOD(BulletinFixture, "what is not newer, in date, trusted and well formed changes nothing") {
    const auto store = open();
    const json body{{"services", json::array({"A"})}};
    REQUIRE(store->install(publisher.publish("catalogue", 3, body), trusted));
    const auto refusal = [&](const Bytes& bulletin) {
        const auto installed = store->install(bulletin, trusted);
        const auto found = *store->bulletin("catalogue");
        CHECK(found->version == 3);
        CHECK(json::parse(found->body) == body);
        REQUIRE_FALSE(installed);
        return installed.error().reason;
    };
    CHECK(refusal(publisher.publish("catalogue", 2, json::object())) == Reason::bulletin_not_newer);
    CHECK(refusal(publisher.publish("catalogue", 3, json::object())) == Reason::bulletin_not_newer);
    CHECK(refusal(Publisher{}.publish("catalogue", 4, json::object())) == Reason::bulletin_untrusted);
    CHECK(refusal(publisher.publish("weather", 4, json::object())) == Reason::bulletin_malformed);
    CHECK(refusal(publisher.publish("catalogue", 4, json::array())) == Reason::bulletin_malformed);

    auto content = Publisher::content("catalogue", 4, json::object());
    content["not_after"] = unixSeconds(start);
    CHECK(refusal(publisher.sign(content.dump())) == Reason::bulletin_out_of_date);
    content = Publisher::content("catalogue", 4, json::object());
    content["not_before"] = unixSeconds(start) + 1;
    CHECK(refusal(publisher.sign(content.dump())) == Reason::bulletin_out_of_date);

    for (const auto* field : {"kind", "version", "not_before", "not_after", "body"}) {
        content = Publisher::content("catalogue", 4, json::object());
        content.erase(field);
        CHECK(refusal(publisher.sign(content.dump())) == Reason::bulletin_malformed);
        content[field] = -1;
        CHECK(refusal(publisher.sign(content.dump())) == Reason::bulletin_malformed);
    }
    content = Publisher::content("catalogue", 4, json::object());
    content["version"] = 18'446'744'073'709'551'615U;
    CHECK(refusal(publisher.sign(content.dump())) == Reason::bulletin_malformed);
    content["version"] = 4.5;
    CHECK(refusal(publisher.sign(content.dump())) == Reason::bulletin_malformed);
    CHECK(refusal(publisher.sign("not JSON")) == Reason::bulletin_malformed);
}

TEST_CASE_METHOD(BulletinFixture, "an envelope that was changed in any place is refused") {
    const auto store = open();
    const auto good = publisher.publish("catalogue", 1, json::object());
    auto envelope = json::parse(good);
    envelope["content"] = toBase64(asBytes(Publisher::content("catalogue", 9, json::object()).dump()));
    CHECK(store->install(toBytes(envelope.dump()), trusted).error() == Reason::bulletin_untrusted);
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        const Bytes truncated(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut));
        REQUIRE(store->install(truncated, trusted).error() == Reason::bulletin_malformed);
    }
    for (const auto* bad :
         {"[]", "{}", R"({"content":1,"signature":2})", R"({"content":"e30=","signature":""})"})
        CHECK(store->install(toBytes(bad), trusted).error() == Reason::bulletin_malformed);
    CHECK_FALSE(*store->bulletin("catalogue"));
    CHECK(store->install(good, trusted));
}

TEST_CASE_METHOD(BulletinFixture, "trust anchors are checked before they are installed") {
    const auto store = open();
    const auto point = toHex(trusted.uncompressed());
    const json good{{"format", "transit_code"}, {"index", "FE"}, {"public_key", point}};
    std::uint64_t version = 1;
    const auto install = [&](const json& anchor) {
        return store->install(publisher.publish("trust_anchors", version++, {{"ca_keys", {anchor}}}),
                              trusted);
    };
    CHECK(install(good));
    auto changed = good;
    changed["public_key"] = "04" + std::string(128, '1'); // not on the curve
    CHECK(install(changed).error() == Reason::bulletin_malformed);
    for (const auto* field : {"format", "index", "public_key"}) {
        changed = good;
        changed[field] = "0102";
        CHECK(install(changed).error() == Reason::bulletin_malformed);
        changed[field] = 7;
        CHECK(install(changed).error() == Reason::bulletin_malformed);
    }
    CHECK(install(7).error() == Reason::bulletin_malformed);
    CHECK((*store->bulletin("trust_anchors"))->version == 1);
}

TEST_CASE("a revocation key is the documented digest") {
    // printf 'ykt-revocation\0card\0A1' | sha256sum | cut -c1-32
    CHECK(toHex(revocationKey("card", "A1")) == "ddd876e4c1e240f45e0fc9bf78de4d7c");
    CHECK(revocationKey("card", "A1") != revocationKey("cardA", "1"));
}

TEST_CASE_METHOD(BulletinFixture, "the revocation list is asked exactly, and replaced as a whole") {
    auto store = open();
    const auto holder = [](int number) { return revocationKey("card", std::to_string(number)); };
    CHECK(store->isRevoked(holder(1)).error() == Reason::look_up_failed); // no list is not an empty list

    std::vector<RevocationKey> odd;
    for (int number = 1; number < 2000; number += 2)
        odd.push_back(holder(number));
    REQUIRE(store->install(publisher.publish("revocation", 1, entries(odd)), trusted));
    for (int time = 0; time < 2; ++time) {
        for (int number = 0; number < 2000; ++number)
            REQUIRE(*store->isRevoked(holder(number)) == (number % 2 == 1));
        store.reset();
        store = open();
    }
    REQUIRE(store->install(publisher.publish("revocation", 2, entries({holder(2)})), trusted));
    CHECK(*store->isRevoked(holder(2)));
    CHECK_FALSE(*store->isRevoked(holder(1)));
    REQUIRE(store->install(publisher.publish("revocation", 3, entries({})), trusted));
    CHECK_FALSE(*store->isRevoked(holder(2)));
}

TEST_CASE_METHOD(BulletinFixture, "a malformed or older revocation list leaves the installed one in force") {
    const auto store = open();
    const auto listed = revocationKey("card", "listed");
    REQUIRE(store->install(publisher.publish("revocation", 5, entries({listed})), trusted));
    const std::string low(32, '1');
    const std::string high(32, '2');
    for (const auto& bad : {json{{"entries", {high, low}}}, json{{"entries", {low, low}}},
                            json{{"entries", {"11"}}}, json{{"entries", {std::string(32, 'g')}}},
                            json{{"entries", {11}}}, json{{"entries", 1}}, json::object()})
        CHECK(store->install(publisher.publish("revocation", 6, bad), trusted).error() ==
              Reason::bulletin_malformed);
    CHECK(store->install(publisher.publish("revocation", 4, entries({})), trusted).error() ==
          Reason::bulletin_not_newer);
    CHECK(*store->isRevoked(listed));
}

TEST_CASE_METHOD(BulletinFixture, "the kinds that firmware reads need only be objects here") {
    const auto store = open();
    for (const auto* kind : {"catalogue", "legacy_map", "region_rules", "fare_tables", "directives"})
        CHECK(store->install(publisher.publish(kind, 1, json::object()), trusted));
}

TEST_CASE_METHOD(BulletinFixture, "a confirmation outlives a restart, at most five minutes older") {
    auto store = open();
    CHECK_FALSE(store->confirmed("revocation"));
    REQUIRE(store->confirm("revocation"));
    clock.advance(std::chrono::minutes{4});
    REQUIRE(store->confirm("revocation"));
    CHECK(store->confirmed("revocation") == start + std::chrono::minutes{4});
    CHECK_FALSE(store->confirmed("catalogue"));
    store.reset();
    store = open();
    CHECK(store->confirmed("revocation") == start); // the second was too soon to be written

    clock.advance(std::chrono::minutes{2});
    REQUIRE(store->confirm("revocation"));
    store.reset();
    CHECK(open()->confirmed("revocation") == start + std::chrono::minutes{6});
}

TEST_CASE_METHOD(BulletinFixture,
                 "a confirmation by a clock that was set back replaces the one of the future") {
    auto store = open();
    REQUIRE(store->confirm("revocation"));
    clock.stepWall(start - std::chrono::hours{1});
    REQUIRE(store->confirm("revocation"));
    store.reset();
    CHECK(open()->confirmed("revocation") == start - std::chrono::hours{1});
}
