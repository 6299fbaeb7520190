#include "tools/yktctl/card_session.h"

#include "drivers/pcsc/pcsc.h"
#include "drivers/simulated/reader.h"

#include <algorithm>
#include <iostream>

namespace ykt::tools {
namespace {

constexpr Milliseconds firstSight{1000};

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text += "\n  " + name;
    return text;
}

// What happened to the reader last; nullopt: nothing, so that it is there and empty.
std::optional<hal::CardEvent::Kind> lastEvent(hal::CardReader& reader, Milliseconds timeout) {
    std::optional<hal::CardEvent::Kind> last;
    for (auto event = reader.nextEvent({}, timeout); event && *event; event = reader.nextEvent({}, {}))
        last = (*event)->kind;
    return last;
}

// The one reader that is meant. Failures are told on stderr.
tl::expected<std::string, Ending> choose(const std::vector<std::string>& names, const std::string& part) {
    if (names.empty())
        return tl::unexpected(complainOfCard({Reason::reader_gone, "no reader is connected"}));
    std::vector<std::string> matching;
    std::ranges::copy_if(names, std::back_inserter(matching),
                         [&part](const std::string& name) { return name.find(part) != std::string::npos; });
    if (matching.empty())
        return tl::unexpected(
            complainOfCard({Reason::reader_gone, "no reader's name contains '" + part + "'"}));
    if (matching.size() > 1 && std::ranges::find(matching, part) == matching.end()) {
        std::cerr << "yktctl: several readers match; name one of them with --reader:" << listed(matching)
                  << '\n';
        return tl::unexpected(Ending::several_readers);
    }
    return matching.size() == 1 ? matching.front() : part;
}

} // namespace

void addReaderOption(CLI::App& command, CardOptions& options) {
    command.add_option("--reader", options.reader,
                       "A part of the PC/SC reader's name; not needed for the only one");
}

void addTraceOption(CLI::App& command, CardOptions& options) {
    command.add_option("--trace", options.trace,
                       "Write the exchanges to this file; what names a holder or a key is masked");
}

Ending complainOfCard(const Error& error) {
    const auto ending = complain(error);
    switch (error.reason) {
    case Reason::service_gone:
        return Ending::no_service;
    case Reason::reader_gone:
        return Ending::no_reader;
    case Reason::no_card:
    case Reason::card_gone:
        return Ending::no_card;
    case Reason::application_missing:
        return Ending::wrong_card;
    default:
        return ending;
    }
}

tl::expected<std::unique_ptr<CardSession>, Ending> CardSession::open(const CardOptions& options) {
    std::unique_ptr<CardSession> session(new CardSession);
    auto ending = options.replay.empty() ? session->connect(options) : session->replay(options.replay);
    if (ending == Ending::done && !options.trace.empty())
        ending = session->traceTo(options.trace);
    if (ending != Ending::done)
        return tl::unexpected(ending);
    return session;
}

Ending CardSession::connect(const CardOptions& options) {
    const auto pcsc = drivers::Pcsc::start(clock_);
    const auto names = pcsc->readerNames();
    const auto any = pcsc->reader("");
    if (names.empty() && lastEvent(*any, firstSight) == hal::CardEvent::Kind::service_gone)
        return complainOfCard({Reason::service_gone, {}});
    const auto name = choose(names, options.reader);
    if (!name)
        return name.error();
    reader_ = *name;
    const auto reader = pcsc->reader(reader_);
    if (lastEvent(*reader, {}) != hal::CardEvent::Kind::inserted)
        return complainOfCard({Reason::no_card, reader_});
    auto connection = reader->connect();
    if (!connection)
        return complainOfCard(connection.error());
    connection_ = std::move(*connection);
    return Ending::done;
}

Ending CardSession::replay(const std::filesystem::path& file) {
    const auto loaded = sim::ReplayCard::load(file);
    if (!loaded)
        return complain(loaded.error());
    replayed_ = *loaded;
    drivers::SimulatedReader reader({"replay of " + file.string(), hal::SlotKind::contact}, clock_);
    reader.insert(replayed_->atr(), [card = replayed_](ByteView command) { return card->answer(command); });
    reader_ = reader.info().name;
    auto connection = reader.connect();
    if (!connection)
        return complainOfCard(connection.error());
    connection_ = std::move(*connection);
    return Ending::done;
}

Ending CardSession::traceTo(const std::filesystem::path& file) {
    trace_.open(file, std::ios::trunc);
    if (!trace_)
        return complain({Reason::config_unreadable, file.string() + ": cannot be written"});
    traceFile_ = file;
    traced_.emplace(*connection_, trace_, &clock_);
    return Ending::done;
}

Ending CardSession::finish(Ending ending) {
    if (replayed_ && replayed_->divergences() > 0) {
        std::cerr << "yktctl: commands that the trace has no answer to: " << replayed_->divergences() << '\n';
        ending = worse(ending, Ending::no);
    }
    trace_.flush();
    if (traced_ && !trace_)
        return worse(ending, complain({Reason::config_unreadable, traceFile_.string() + ": write error"}));
    return ending;
}

} // namespace ykt::tools
