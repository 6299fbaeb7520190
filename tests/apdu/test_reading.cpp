#include "base/hex.h"
#include "direct_connection.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::apdu::social_security;
using namespace std::chrono;
using test::DirectConnection;
using test::readCard;
using test::readThrough;
using test::World;

namespace {

void checkHolder(const CardEvidence& evidence, const sim::CardSpec& spec) {
    REQUIRE(evidence.holder);
    CHECK(evidence.holder->socialSecurityNumber.reveal() == spec.socialSecurityNumber);
    CHECK(evidence.holder->name.reveal() == spec.name);
}

} // namespace

TEST_CASE("A genuine card of every version and published algorithm is read and authenticated") {
    World world;
    const auto version = GENERATE(Version::v1_0, Version::v2_0, Version::v3_0);
    const auto algorithm = GENERATE(Algorithm::triple_des, Algorithm::sm4);
    const auto interface = GENERATE(sim::CardInterface::contact, sim::CardInterface::contactless);
    auto spec = World::person(version, algorithm);
    spec.interface = interface;
    spec.cityCode = "640300";
    spec.cardNumber8 = "D2143569";
    const auto evidence = readCard(world.card(spec), world.sam.get()).value();
    CHECK(evidence.algorithm == algorithm);
    CHECK(evidence.issuer.version == version);
    CHECK(evidence.issuer.cityCode == "640300");
    CHECK(evidence.issuer.cardNumber == "D2143569X");
    CHECK(evidence.issuer.cardClass == '3');
    CHECK(evidence.issuer.issued == 2024y / March / 1);
    CHECK(evidence.issuer.expires == 2034y / February / 28);
    CHECK(evidence.issuer.cardIdentifier.size() == 16);
    CHECK(evidence.cardAuthenticated);
    CHECK(evidence.terminalAuthenticated == (version == Version::v3_0));
    checkHolder(evidence, spec);
}

TEST_CASE("Reading a 3.x card keeps to its budget of exchanges") {
    World world;
    const auto interface = GENERATE(sim::CardInterface::contact, sim::CardInterface::contactless);
    auto spec = World::person();
    spec.interface = interface;
    DirectConnection connection(world.card(spec));
    apdu::Channel channel(connection);
    const auto samBefore = world.sam->exchanges();
    REQUIRE(SocialSecurityCard(channel, world.sam.get()).read());
    CHECK(channel.exchanges() <= (interface == sim::CardInterface::contact ? 10 : 8));
    CHECK(world.sam->exchanges() - samBefore <= 4);
    CHECK(connection.exclusive() == 0);
}

TEST_CASE("Without a SAM nothing is authenticated, and a 3.x card keeps its holder to itself") {
    World world;
    const auto version = GENERATE(Version::v1_0, Version::v2_0, Version::v3_0);
    const auto spec = World::person(version, Algorithm::triple_des);
    const auto evidence = readCard(world.card(spec), nullptr).value();
    CHECK_FALSE(evidence.cardAuthenticated);
    CHECK_FALSE(evidence.terminalAuthenticated);
    CHECK(evidence.issuer.cardNumber.starts_with(spec.cardNumber8));
    CHECK(evidence.holder.has_value() == (version != Version::v3_0));
    if (evidence.holder)
        checkHolder(evidence, spec);
}

TEST_CASE("A forged card with the right data is not genuine") {
    World world;
    const auto version = GENERATE(Version::v1_0, Version::v2_0, Version::v3_0);
    const auto algorithm = GENERATE(Algorithm::triple_des, Algorithm::sm4);
    auto spec = World::person(version, algorithm);
    spec.forged = true;
    CHECK(readCard(world.card(spec), world.sam.get()).error() == Reason::card_not_genuine);
}

TEST_CASE("A genuine card of another issuer is not genuine here") {
    World world;
    World elsewhere;
    CHECK(readCard(elsewhere.card(World::person()), world.sam.get()).error() == Reason::card_not_genuine);
}

TEST_CASE("A card without keys is not genuine") {
    World world;
    auto spec = World::person(Version::v2_0, Algorithm::ssf33); // holds none, and is made to claim SM4
    auto claims = [](std::size_t index, Bytes answer) {
        if (index == 1) { // the FCI, fetched by GET RESPONSE
            REQUIRE(answer.size() > 3);
            answer[answer.size() - 3] = 0x03;
        }
        return answer;
    };
    DirectConnection connection(world.card(spec), claims);
    CHECK(readThrough(connection, world.sam.get()).error() == Reason::card_not_genuine);
}

TEST_CASE("SSF33 is refused by name, from the FCI or by the rule for Beijing") {
    World world;
    CHECK(readCard(world.card(World::person(Version::v3_0, Algorithm::ssf33)), world.sam.get()).error() ==
          Reason::algorithm_unpublished);
    auto beijing = World::person(Version::v2_0, Algorithm::ssf33);
    beijing.cityCode = "110100"; // the FCI of this card names no algorithm
    CHECK(readCard(world.card(beijing), world.sam.get()).error() == Reason::algorithm_unpublished);
    const auto evidence = readCard(world.card(beijing), nullptr).value();
    CHECK(evidence.algorithm == Algorithm::ssf33);
    CHECK_FALSE(evidence.cardAuthenticated);
}

TEST_CASE("An algorithm that nobody defined is refused by name") {
    World world;
    DirectConnection connection(world.card(World::person()), [](std::size_t index, Bytes answer) {
        if (index == 1)
            answer[answer.size() - 3] = 0x07;
        return answer;
    });
    CHECK(readThrough(connection, world.sam.get()).error() == Reason::algorithm_unknown);
}

TEST_CASE("A SAM with other keys finds no card genuine, and cannot make a 3.x card let it in") {
    World world;
    World elsewhere;
    CHECK(readCard(world.card(World::person()), elsewhere.sam.get()).error() == Reason::card_not_genuine);
}

TEST_CASE("A 3.x card refuses a terminal whose reading key is wrong") {
    World world;
    auto connection = std::make_unique<DirectConnection>(world.issuer.makeSam().value());
    apdu::sam::SamKeyReferences references;
    references.readingKey = references.internalKey; // a SAM that holds the IRK where RKSSSE should be
    const auto sam = apdu::sam::Sam::open(std::move(connection), references).value();
    CHECK(readCard(world.card(World::person()), sam.get()).error() == Reason::terminal_refused_by_card);
    CHECK(readCard(world.card(World::person(Version::v2_0, Algorithm::sm4)), sam.get()).has_value());
}

TEST_CASE("A card without the application says so") {
    World world;
    CHECK(readCard(world.issuer.makeSam().value(), world.sam.get()).error() == Reason::application_missing);
}

TEST_CASE("Names of all lengths arrive whole") {
    World world;
    const auto version = GENERATE(Version::v2_0, Version::v3_0);
    const auto* name =
        GENERATE("李", "阿不都热合曼·买买提",
                 "一二三四五六七八九十一二三四五",                     // 30 bytes: tag 09 is full
                 "一二三四五六七八九十一二三四五六",                   // one more in tag 4E
                 "一二三四五六七八九十一二三四五六七八九十一二三四五", // 50 bytes: both are full
                 "A一二三四五六七八九十一二三四五六七",                // a character is cut between the two
                 "𠮷野家", "一二三四五六七八九十一二三四𠮷", "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷");
    auto spec = World::person(version, Algorithm::sm4);
    spec.name = name;
    checkHolder(readCard(world.card(spec), world.sam.get()).value(), spec);
}

TEST_CASE("A long name costs one exchange more, a short one none") {
    World world;
    const auto exchangesFor = [&](const char* name) {
        auto spec = World::person(Version::v2_0, Algorithm::sm4);
        spec.name = name;
        DirectConnection connection(world.card(spec));
        apdu::Channel channel(connection);
        REQUIRE(SocialSecurityCard(channel, world.sam.get()).read());
        return channel.exchanges();
    };
    CHECK(exchangesFor("一二三四五六七八九十一二三四五") == exchangesFor("李") + 1);
}

TEST_CASE("Data that the standard does not allow is not an identity") {
    World world;
    auto spec = World::person(Version::v2_0, Algorithm::triple_des);
    SECTION("a card number with a wrong check character") {
        DirectConnection connection(world.card(spec), [](std::size_t index, Bytes answer) {
            if (index == 2) // EF05, whose last record is the card number
                answer[answer.size() - 3] ^= 0x01;
            return answer;
        });
        CHECK(readThrough(connection, world.sam.get()).error() == Reason::card_data_malformed);
    }
    SECTION("a name that is not GB 18030") {
        const auto card = world.card(spec);
        DirectConnection connection(card, [](std::size_t, Bytes answer) {
            if (answer.size() > 4 && answer[0] == 0x09 && answer[1] == 0x1E)
                answer[2] = answer[3] = 0xFF;
            return answer;
        });
        CHECK(readThrough(connection, world.sam.get()).error() == Reason::card_data_malformed);
    }
}

TEST_CASE("A card that cannot read several records at once is read by tag") {
    World world;
    const auto status = GENERATE(0x6981, 0x6A81, 0x6A86, 0x6B00);
    const auto spec = World::person();
    DirectConnection connection(world.card(spec), [status](std::size_t index, Bytes answer) {
        if (index != 2)
            return answer;
        Bytes refusal;
        appendBigEndian(refusal, static_cast<std::uint64_t>(status), 2);
        return refusal;
    });
    const auto evidence = readThrough(connection, world.sam.get()).value();
    CHECK(evidence.issuer.cardClass == '3');
    CHECK(evidence.issuer.expires == 2034y / February / 28);
    checkHolder(evidence, spec);
}

TEST_CASE("Each card proves itself anew: two readings send different numbers") {
    World world;
    const auto card = world.card(World::person());
    std::vector<Bytes> proofs;
    for (int i = 0; i < 2; ++i) {
        DirectConnection connection(card, [&proofs](std::size_t index, Bytes answer) {
            if (index == 4) // the proof, fetched by GET RESPONSE
                proofs.push_back(answer);
            return answer;
        });
        REQUIRE(readThrough(connection, world.sam.get()));
    }
    REQUIRE(proofs.size() == 2);
    CHECK(proofs[0].size() == 10);
    CHECK(proofs[0] != proofs[1]);
}

TEST_CASE("A recorded reading of a genuine card does not pass for the card") {
    World world;
    const auto card = world.card(World::person());
    std::vector<Bytes> tape;
    DirectConnection recorded(
        card, [&tape](std::size_t, Bytes answer) { return tape.emplace_back(std::move(answer)); });
    REQUIRE(readThrough(recorded, world.sam.get()));
    DirectConnection replayed(card, [&tape](std::size_t index, const Bytes&) { return tape.at(index); });
    CHECK(readThrough(replayed, world.sam.get()).error() == Reason::card_not_genuine);
}

TEST_CASE("The application is found at the MF, below it, and below a payment system environment") {
    World world;
    auto spec = World::person();
    spec.place = GENERATE(sim::SocialSecurityPlace::below_mf, sim::SocialSecurityPlace::at_mf,
                          sim::SocialSecurityPlace::below_pse);
    spec.interface = GENERATE(sim::CardInterface::contact, sim::CardInterface::contactless);
    const auto evidence = readCard(world.card(spec), world.sam.get()).value();
    CHECK(evidence.terminalAuthenticated);
    checkHolder(evidence, spec);
}

TEST_CASE("A card that does not find the application by name is asked for its directory") {
    World world;
    auto spec = World::person();
    spec.interface = sim::CardInterface::contactless;
    DirectConnection connection(world.card(spec), [](std::size_t index, Bytes answer) {
        return index == 0 ? Bytes{0x6A, 0x82} : answer;
    });
    checkHolder(readThrough(connection, world.sam.get()).value(), spec);
}

TEST_CASE("A directory that bears another name is not the application") {
    World world;
    auto spec = World::person();
    spec.interface = sim::CardInterface::contactless;
    const auto* fci = GENERATE("9000", "6F04840212349000", "6F009000", "84029000");
    DirectConnection connection(world.card(spec), [fci](std::size_t index, Bytes answer) {
        if (index > 1)
            return answer;
        return index == 0 ? Bytes{0x6A, 0x82} : fromHex(fci).value();
    });
    CHECK(readThrough(connection, world.sam.get()).error() == Reason::application_missing);
}

TEST_CASE("SM4 cards are refused by name where the profile does not accept them, and only those") {
    World world;
    const auto refused = [&](Algorithm algorithm, ProofSource* source) {
        DirectConnection connection(world.card(World::person(Version::v2_0, algorithm)));
        apdu::Channel channel(connection);
        const auto read = SocialSecurityCard(channel, source, {.sm4 = false}).read();
        return read ? std::optional<Reason>() : read.error().reason;
    };
    CHECK(refused(Algorithm::sm4, world.sam.get()) == Reason::algorithm_switched_off);
    CHECK(refused(Algorithm::sm4, nullptr) == Reason::algorithm_switched_off);
    CHECK_FALSE(refused(Algorithm::triple_des, world.sam.get()));
}

namespace {

// Another card takes the place of the first one at some exchange, and the reader does not notice.
class SwappedConnection : public DirectConnection {
  public:
    SwappedConnection(std::shared_ptr<sim::CardSoftware> first, std::shared_ptr<sim::CardSoftware> second,
                      std::size_t at)
        : DirectConnection(std::move(first)), second_(std::move(second)), at_(at) {
        second_.transmit(apdu::Command::select(asBytes("sx1.sh.")).encode()).value();
    }
    Result<Bytes> transmit(ByteView command) override {
        return exchanges_++ < at_ ? DirectConnection::transmit(command) : second_.transmit(command);
    }

  private:
    DirectConnection second_;
    std::size_t at_;
    std::size_t exchanges_ = 0;
};

} // namespace

TEST_CASE("A 3.x card that another genuine card takes the place of never lends it its proof") {
    World world;
    auto spec = World::person();
    spec.interface = sim::CardInterface::contactless;
    auto other = spec;
    other.cardNumber8 = "A1000002";
    other.name = "杨模拟";
    const auto at = GENERATE(range(1, 8)); // from EF05 to the name
    INFO("exchange " << at);
    SwappedConnection connection(world.card(spec), world.card(other), static_cast<std::size_t>(at));
    const auto evidence = readThrough(connection, world.sam.get());
    REQUIRE_FALSE(evidence);
    const auto reason = evidence.error().reason;
    CHECK((reason == Reason::card_not_genuine || reason == Reason::terminal_refused_by_card ||
           reason == Reason::access_denied));
}

namespace {

class CountingSource : public ProofSource {
  public:
    explicit CountingSource(ProofSource& source) : source_(source) {}
    Result<Proofs> prove(const ProofRequest& request) override {
        requests.push_back(request);
        return source_.prove(request);
    }
    std::vector<ProofRequest> requests;

  private:
    ProofSource& source_;
};

} // namespace

TEST_CASE("A source is asked once a card, for both proofs, and told which card it is") {
    World world;
    CountingSource source(*world.sam);
    const auto version = GENERATE(Version::v2_0, Version::v3_0);
    const auto card = world.card(World::person(version, Algorithm::triple_des));
    const auto evidence = readCard(card, &source).value();
    REQUIRE(source.requests.size() == 1);
    const auto request = source.requests.front();
    CHECK(request.cipher == crypto::BlockCipher::triple_des);
    CHECK(request.cityCode == "640100");
    CHECK(request.cardIdentifier == evidence.issuer.cardIdentifier);
    CHECK(toHex(evidence.atr).find(toHex(request.historical)) != std::string::npos);
    CHECK(request.terminal.has_value() == (version == Version::v3_0));
    const auto again = readCard(card, &source).value();
    CHECK(source.requests.back().card.original != request.card.original);
}

TEST_CASE("A source that fails says why, and the card is not asked to let anybody in") {
    struct Failing : ProofSource {
        Result<Proofs> prove(const ProofRequest&) override { return fail(Reason::hsm_timeout); }
    };
    World world;
    Failing source;
    std::size_t answers = 0;
    auto spec = World::person();
    spec.interface = sim::CardInterface::contactless;
    DirectConnection connection(world.card(spec), [&answers](std::size_t, Bytes answer) {
        ++answers;
        return answer;
    });
    CHECK(readThrough(connection, &source).error() == Reason::hsm_timeout);
    CHECK(answers == 5); // SELECT, EF05, INTERNAL AUTHENTICATE, two challenges
}

TEST_CASE("The HSM's way and the SAM's way come to the same proofs") {
    struct Hsm : ProofSource {
        explicit Hsm(const sim::CardIssuer& theIssuer) : issuer(theIssuer) {}
        Result<Proofs> prove(const ProofRequest& request) override { return issuer.prove(request); }
        const sim::CardIssuer& issuer;
    };
    World world;
    Hsm hsm(world.issuer);
    const auto algorithm = GENERATE(Algorithm::triple_des, Algorithm::sm4);
    auto spec = World::person(Version::v3_0, algorithm);
    checkHolder(readCard(world.card(spec), &hsm).value(), spec);
    spec.forged = true;
    CHECK(readCard(world.card(spec), &hsm).error() == Reason::card_not_genuine);
}
