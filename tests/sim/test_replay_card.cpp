#include "contact.h"
#include "purse_world.h"
#include "sim/cards/replay_card.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

using namespace ykt;
using sim::ReplayCard;

namespace {

const std::string text = "ykt-trace 1\n"
                         "atr 3b6d00000081 ** ** 4d\n"
                         "# a select, a challenge under masked data, a warm reset and a pull\n"
                         "> 00a4040002a000\n"
                         "< 6f00 9000\n"
                         "> 00880000 04 ******** 08\n"
                         "< **************** 9000\n"
                         "reset\n"
                         "> 0084000004\n"
                         "< ******** 9000\n"
                         "> 00b2012c00\n"
                         "! card_gone\n";

std::shared_ptr<ReplayCard> card() {
    return std::make_shared<ReplayCard>(apdu::parseTrace(text).value());
}

std::optional<std::string> sent(ReplayCard& replayed, std::string_view command) {
    const auto answer = replayed.answer(fromHex(command).value());
    return answer ? std::optional(toHex(*answer)) : std::nullopt;
}

} // namespace

TEST_CASE("A trace is played back in its order, whatever stands in masked places") {
    const auto replayed = card();
    CHECK(toHex(replayed->atr()) == "3b6d0000008130304d");
    replayed->reset(); // power-up
    CHECK(sent(*replayed, "00a4040002a000") == "6f009000");
    CHECK(sent(*replayed, "00880000041122334408") == "30303030303030309000");
    replayed->reset(); // the one of the trace
    CHECK(sent(*replayed, "0084000004") == "303030309000");
    CHECK_FALSE(replayed->finished());
    CHECK_FALSE(sent(*replayed, "00b2012c00"));
    CHECK(replayed->finished());
    CHECK(replayed->divergences() == 0);
}

TEST_CASE("A command that the trace does not have is answered 6F00, counts, and moves nothing") {
    const auto replayed = card();
    CHECK(sent(*replayed, "00a4040002a001") == "6f00");       // another name
    CHECK(sent(*replayed, "00a4040003a00000") == "6f00");     // another length
    CHECK(sent(*replayed, "0088000004aabbccdd08") == "6f00"); // too early
    CHECK(sent(*replayed, "00a4040002a000") == "6f009000");
    CHECK(sent(*replayed, "0088000004aabbccddee08") == "6f00"); // masked data of another length
    CHECK(sent(*replayed, "0088010004aabbccdd08") == "6f00");   // another header
    CHECK(sent(*replayed, "0088000004aabbccdd08") == "30303030303030309000");
    CHECK(sent(*replayed, "0084000004") == "6f00"); // the trace has a reset here
    CHECK(replayed->divergences() == 6);
}

TEST_CASE("A reset that the trace does not have begins it again, and its end is its end") {
    const auto replayed = card();
    sent(*replayed, "00a4040002a000");
    replayed->reset();
    CHECK(sent(*replayed, "00a4040002a000") == "6f009000");
    sent(*replayed, "00880000041122334408");
    replayed->reset();
    sent(*replayed, "0084000004");
    sent(*replayed, "00b2012c00");
    CHECK(replayed->divergences() == 0);
    CHECK(sent(*replayed, "00b2012c00") == "6f00");
    CHECK(replayed->divergences() == 1);
    replayed->reset();
    CHECK(sent(*replayed, "00a4040002a000") == "6f009000");
}

TEST_CASE("A trace is loaded from a file, and refused where it is none") {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "session.trace";
    std::ofstream(file) << text;
    const auto replayed = ReplayCard::load(file).value();
    CHECK(sent(*replayed, "00a4040002a000") == "6f009000");
    std::ofstream(file) << "no trace";
    CHECK(ReplayCard::load(file).error() == Reason::input_malformed);
    CHECK(ReplayCard::load(folder.path() / "missing").error() == Reason::config_unreadable);
}

TEST_CASE("What was recorded from a card is played back, in the same lengths") {
    test::PurseWorld world;
    test::Contact contact(world.software);
    std::ostringstream recorded;
    apdu::TracedConnection traced(contact, recorded);
    const std::vector<std::string> commands{test::selectPurse, "00B095001E", "805C000204",
                                            "805001020B01000000646499990000010F", "0084000008"};
    std::vector<Bytes> answers;
    for (const auto& command : commands)
        answers.push_back(traced.transmit(fromHex(command).value()).value());

    ReplayCard replayed(apdu::parseTrace(recorded.str()).value());
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const auto answer = replayed.answer(fromHex(commands[i]).value()).value();
        CHECK(answer.size() == answers[i].size());
        CHECK(toHex(answer).ends_with("9000"));
    }
    CHECK(replayed.finished());
    CHECK(replayed.divergences() == 0);
}
