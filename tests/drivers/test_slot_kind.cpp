#include "drivers/pcsc/slot.h"
#include "drivers/pcsc/slot_kind.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::drivers::pcsc;
using Kind = hal::SlotKind;

TEST_CASE("the names of readers tell what kind of slot they are") {
    struct Row {
        const char* name;
        std::optional<Kind> kind;
    };
    const std::vector<Row> rows{
        {"ACS ACR1281 1S Dual Reader PICC 0", Kind::contactless},
        {"ACS ACR1281 1S Dual Reader ICC 0", Kind::contact},
        {"ACS ACR1281 1S Dual Reader SAM 0", Kind::sam},
        {"ACS ACR1281U-C1 [ACR1281 1S Dual Reader PICC] 00 01", Kind::contactless},
        {"ACS ACR1281U-C1 [ACR1281 1S Dual Reader ICC] 00 00", Kind::contact},
        {"ACS ACR1281U-C1 [ACR1281 1S Dual Reader SAM] 00 02", Kind::sam},
        {"ACS ACR1252 Dual Reader [ACR1252 Dual Reader PICC] 00 00", Kind::contactless},
        {"ACS ACR1252 Dual Reader [ACR1252 Dual Reader SAM] 01 00", Kind::sam},
        {"ACS ACR1222 1SAM PICC Reader [PICC] 00 00", Kind::contactless},
        {"ACS ACR122U PICC Interface 00 00", Kind::contactless},
        {"ACS ACR38U-CCID 00 00", std::nullopt},
        {"HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422CL Smartcard Reader] 00 00",
         Kind::contactless},
        {"HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422 Smartcard Reader] 01 00", std::nullopt},
        {"OMNIKEY AG CardMan 5321 (USB iClass Reader) CL 00 00", Kind::contactless},
        {"HID OMNIKEY 5021 CL 00 00", Kind::contactless},
        {"Identiv uTrust 3700 F CL Reader [CCID Interface] (53201517200133) 00 00", Kind::contactless},
        {"Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F CL Reader] 00 00", Kind::contactless},
        {"Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F Contact Reader] 01 00", Kind::contact},
        {"SCM Microsystems Inc. SDI011 [SDI011 Contactless Reader] 00 01", Kind::contactless},
        {"SCM Microsystems Inc. SDI011 [SDI011 Contact Reader] 00 00", Kind::contact},
        {"SCM Micro SCL3711-NFC&RW 00 00", Kind::contactless},
        {"SCM Microsystems Inc. SCR3310 v2.0 USB SC Reader 00 00", std::nullopt},
        {"Gemalto PC Twin Reader 00 00", std::nullopt},
        {"Gemalto Prox-DU [Prox-DU Contactless_09A00795] (09A00795) 00 00", Kind::contactless},
        {"Gemalto Prox-DU [Prox-DU Contact_09A00795] (09A00795) 01 00", Kind::contact},
        {"Feitian R502 [R502 Contactless Reader] 00 00", Kind::contactless},
        {"Feitian R502 [R502 Contact Reader] 01 00", Kind::contact},
        {"Feitian R502 [R502 SAM1 Reader] 02 00", Kind::sam},
        {"Watchdata W5181  [Contact Reader ] 00 00", Kind::contact},
        {"Watchdata W5181  [Contactless Reader ] 01 00", Kind::contactless},
        {"Watchdata W5181  [SAM Reader ] 02 00", Kind::sam},
        {"Samsung Cyclone ICC", Kind::contact}, // no SAM, no CL
        {"Some Reader Contact and Contactless 00 00", std::nullopt},
        {"Virtual PCD 00 00", std::nullopt},
        {"[", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        CHECK(kindByName(row.name) == row.kind);
    }
}

TEST_CASE("the card type that a driver gives tells the kind of slot") {
    CHECK(kindByCardType(0) == std::nullopt);
    for (std::uint8_t type = 1; type <= 4; ++type)
        CHECK(kindByCardType(type) == Kind::contact);
    for (std::uint8_t type = 5; type <= 7; ++type)
        CHECK(kindByCardType(type) == Kind::contactless);
    CHECK(kindByCardType(8) == std::nullopt);
}

TEST_CASE("an ATR as PC/SC composes it is a contactless card's") {
    CHECK(kindByAtr(Bytes{0x3B, 0x80, 0x80, 0x01, 0x01}) == Kind::contactless);
    CHECK(kindByAtr(Bytes{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00,
                          0x03, 0x06, 0x03, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x68}) == Kind::contactless);
    CHECK(kindByAtr(Bytes{0x3B, 0x7D, 0x94, 0x00, 0x00, 0x57}) == Kind::contact);
    CHECK(kindByAtr(Bytes{0x3F, 0x80, 0x80, 0x01, 0x01}) == Kind::contact);
    CHECK(kindByAtr(Bytes{0x3B, 0x80, 0x80, 0x01}) == Kind::contact);
    CHECK(kindByAtr(Bytes{}) == Kind::contact);
}

TEST_CASE("a slot is contact until its name, its driver or its card tells") {
    const auto card = [](const char* name, Bytes atr) {
        return Sight{.service = true, .readers = {{.name = name, .card = true, .events = 1, .atr = atr}}};
    };
    const Bytes contactless{0x3B, 0x80, 0x80, 0x01, 0x01};
    Slot slot("Reader");
    CHECK(slot.kind() == Kind::contact);
    slot.observe({.service = true, .readers = {{.name = "Plain Reader", .atr = {}}}}, {});
    CHECK(slot.kind() == Kind::contact);
    CHECK(slot.asksForKind());
    slot.observe(card("Plain Reader", contactless), {});
    CHECK(slot.kind() == Kind::contactless);
    slot.observe({.service = true, .readers = {{.name = "Plain Reader", .events = 2, .atr = {}}}}, {});
    CHECK(slot.kind() == Kind::contactless); // remembered while the reader is empty

    SECTION("the driver knows better than the ATR") {
        slot.learnKind(Kind::contact);
        CHECK(slot.kind() == Kind::contact);
        CHECK_FALSE(slot.asksForKind());
    }
    SECTION("a driver that does not know is not asked again") {
        slot.learnKind(std::nullopt);
        CHECK(slot.kind() == Kind::contactless);
        CHECK_FALSE(slot.asksForKind());
    }
    SECTION("another reader is another matter") {
        slot.learnKind(Kind::contactless);
        slot.observe({.service = true, .readers = {{.name = "Other Reader", .atr = {}}}}, {});
        CHECK(slot.kind() == Kind::contact);
        CHECK(slot.asksForKind());
    }
    SECTION("a name that tells goes before all") {
        slot.observe(card("Reader [SAM Reader] 00 00", contactless), {});
        CHECK(slot.kind() == Kind::sam);
        CHECK_FALSE(slot.asksForKind());
    }
}
