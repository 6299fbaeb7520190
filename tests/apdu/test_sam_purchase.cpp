#include "apdu/sam/lock.h"
#include "apdu/sam/purchase.h"
#include "direct_connection.h"
#include "scripted_connection.h"

#include <catch2/catch.hpp>
#include <future>

using namespace ykt;
using namespace ykt::apdu;
using apdu::sam::Sam;
using apdu::sam::SamPurchase;
using test::DirectConnection;
using test::ScriptedConnection;
using test::World;

namespace {

constexpr ByteArray<8> issuer{0x09, 0x99, 0x64, 0x01, 0xFF, 0xFF, 0xFF, 0xFF};
constexpr ByteArray<8> serial{0x99, 0x64, 0x00, 0x00, 0x12, 0x34, 0x56, 0x78};
constexpr ByteArray<4> mac2{0xC1, 0xC2, 0xC3, 0xC4};

Purchase purchase() {
    return {PurchaseKind::composite,
            200,
            {0x20, 0x26, 0x11, 0x24, 0x07, 0x58, 0x59},
            {0x64, 0x99, 0x99, 0x00, 0x00, 0x01}};
}
PurchaseStart start() {
    return {5000, 0x0102, 0, 0x05, 0x06, {0xA1, 0xA2, 0xA3, 0xA4}};
}

// A SAM that is opened, and then answers `answers`.
struct ScriptedSam {
    explicit ScriptedSam(const std::vector<std::string>& answers) {
        std::vector<std::string> all{"9000", "6499990000019000"};
        all.insert(all.end(), answers.begin(), answers.end());
        auto scripted = std::make_unique<ScriptedConnection>(std::move(all));
        connection = scripted.get();
        sam = Sam::open(std::move(scripted)).value();
        opening = sam->exchanges();
    }
    Result<SamPurchase> begin() { return SamPurchase::begin(*sam, purchase(), start(), issuer, serial); }

    ScriptedConnection* connection = nullptr;
    std::unique_ptr<Sam> sam;
    std::size_t opening = 0;
};

const std::string authorised = "00000007A1A2A3A49000";

Reason beginningFails(const std::vector<std::string>& answers) {
    return ScriptedSam(answers).begin().error().reason;
}
Reason confirmingFails(const std::string& answer) {
    ScriptedSam scripted({authorised, answer});
    return scripted.begin().value().confirm(mac2).error().reason;
}

} // namespace

TEST_CASE("A purchase takes two exchanges with the SAM, in the standard's form") {
    ScriptedSam scripted({authorised, "9000"});
    {
        auto begun = scripted.begin().value();
        CHECK(toHex(begun.authorisation().terminalSequence) == "00000007");
        CHECK(toHex(begun.authorisation().mac1) == "a1a2a3a4");
        CHECK(begun.confirm(mac2));
    }
    CHECK(scripted.sam->exchanges() - scripted.opening == 2);
    CHECK(scripted.connection->sent[2] == "8070000024"
                                          "a1a2a3a4"
                                          "0102"
                                          "000000c8"
                                          "09"
                                          "20261124075859"
                                          "05"
                                          "06"
                                          "9964000012345678"
                                          "09996401ffffffff"
                                          "08");
    CHECK(scripted.connection->sent[3] == "8072000004c1c2c3c4");
}

TEST_CASE("A SAM that will not authorise a purchase says so in its own words") {
    CHECK(beginningFails({}) == Reason::sam_missing);
    CHECK(beginningFails({"9403"}) == Reason::sam_refused);
    CHECK(beginningFails({"6A82"}) == Reason::sam_refused);
    CHECK(beginningFails({"9401"}) == Reason::sam_refused); // never the purse's balance
    CHECK(beginningFails({"6983"}) == Reason::sam_locked);
    CHECK(beginningFails({"9303"}) == Reason::sam_locked);
    CHECK(beginningFails({"9000"}) == Reason::sam_refused);
    CHECK(beginningFails({"00000007A1A2A39000"}) == Reason::sam_refused);
    CHECK(beginningFails({"00000007A1A2A3A4A59000"}) == Reason::sam_refused);
}

TEST_CASE("Only the SAM's word on the MAC speaks of the card") {
    CHECK(confirmingFails("9302") == Reason::card_not_genuine);
    CHECK(confirmingFails("6985") == Reason::sam_refused);
    CHECK(confirmingFails("6A88") == Reason::sam_refused);
    CHECK(confirmingFails("6983") == Reason::sam_locked);
    CHECK(confirmingFails("90") == Reason::sam_refused);
    ScriptedSam gone({authorised});
    CHECK(gone.begin().value().confirm(mac2).error() == Reason::sam_missing);
}

TEST_CASE("A purchase has the SAM for itself until it ends, and a failed one gives it back") {
    World world;
    auto connection = std::make_unique<DirectConnection>(world.issuer.makeSam().value());
    const auto& watched = *connection;
    const auto sam = Sam::open(std::move(connection)).value();
    auto wrongKey = start();
    wrongKey.keyVersion = 0x7F;
    CHECK(SamPurchase::begin(*sam, purchase(), wrongKey, issuer, serial).error() == Reason::sam_refused);
    CHECK(watched.exclusive() == 0);

    auto known = start();
    known.keyVersion = 0x01;
    known.algorithm = 0x00;
    std::future<std::size_t> other;
    {
        auto begun = SamPurchase::begin(*sam, purchase(), known, issuer, serial);
        REQUIRE(begun);
        CHECK(watched.exclusive() == 1);
        auto moved = std::move(*begun);
        CHECK(watched.exclusive() == 1);
        other = std::async(std::launch::async, [&] { return sam->exchanges(); });
        CHECK(other.wait_for(Milliseconds(20)) == std::future_status::timeout);
        CHECK(moved.confirm(mac2).error() == Reason::card_not_genuine);
    }
    CHECK(other.get() == 2 + 1 + 2); // opened, refused, begun and confirmed
    CHECK(watched.exclusive() == 0);
}

TEST_CASE("The MAC of a lock is asked for with the card's factors and challenge") {
    ScriptedSam scripted({"9000", "D1D2D3D49000"});
    const auto mac = sam::applicationLockMac(*scripted.sam, issuer, serial, {0xA1, 0xA2, 0xA3, 0xA4});
    CHECK(toHex(mac.value()) == "d1d2d3d4");
    CHECK(scripted.connection->sent[2] == "801a450210"
                                          "9964000012345678"
                                          "09996401ffffffff");
    CHECK(scripted.connection->sent[3] == "80fa050010"
                                          "a1a2a3a400000000"
                                          "841e000004800000"
                                          "04");
    const auto failing = [](const std::vector<std::string>& answers) {
        return sam::applicationLockMac(*ScriptedSam(answers).sam, issuer, serial, {}).error().reason;
    };
    CHECK(failing({"6A88"}) == Reason::sam_refused);
    CHECK(failing({"9000", "6985"}) == Reason::sam_refused);
    CHECK(failing({"9000", "D1D2D39000"}) == Reason::sam_refused);
    CHECK(failing({"9000"}) == Reason::sam_missing);
}
