// A card in a PC/SC reader, or one that is replayed from a trace, as the card commands use it.
#pragma once

#include "apdu/trace.h"
#include "drivers/system/clock.h"
#include "sim/cards/replay_card.h"
#include "tools/yktctl/run.h"

#include <filesystem>
#include <fstream>

namespace ykt::tools {

struct CardOptions {
    std::string reader; // a part of its name; empty: the only one there is
    std::filesystem::path trace;
    std::filesystem::path replay;
    bool json = false;
};

void addReaderOption(CLI::App& command, CardOptions& options);
void addTraceOption(CLI::App& command, CardOptions& options);

// How a command about a card ends because of this error, once it is told on stderr.
Ending complainOfCard(const Error& error);

class CardSession {
  public:
    // The card, powered and connected. A failure is told on stderr; what is returned then is how the command
    // ends.
    static tl::expected<std::unique_ptr<CardSession>, Ending> open(const CardOptions& options);

    [[nodiscard]] const std::string& reader() const { return reader_; }
    hal::CardConnection& card() { return traced_ ? *traced_ : *connection_; }

    // `ending`, or worse: where the trace could not be written, and where the replayed one had no answer to a
    // command. Both are told on stderr.
    [[nodiscard]] Ending finish(Ending ending);

  private:
    CardSession() = default;
    [[nodiscard]] Ending connect(const CardOptions& options);
    [[nodiscard]] Ending replay(const std::filesystem::path& file);
    [[nodiscard]] Ending traceTo(const std::filesystem::path& file);

    drivers::SystemClock clock_;
    std::string reader_;
    std::shared_ptr<sim::ReplayCard> replayed_; // none: a card in a reader
    std::unique_ptr<hal::CardConnection> connection_;
    std::filesystem::path traceFile_;
    std::ofstream trace_;
    std::optional<apdu::TracedConnection> traced_;
};

} // namespace ykt::tools
