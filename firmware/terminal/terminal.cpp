#include "firmware/terminal/terminal.h"

#include "firmware/terminal/carry_out.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace ykt::firmware::terminal {
namespace {

std::chrono::microseconds since(MonotonicTime start, MonotonicTime now) {
    return std::chrono::duration_cast<std::chrono::microseconds>(now - start);
}

hal::Signal signalFor(Reason reason) {
    const auto& info = describe(reason);
    if (info.layer == Layer::wire && info.origin == Origin::medium)
        return hal::Signal::again; // the card left or is mute: nothing was decided about it
    if (reason == Reason::debit_unfinished || reason == Reason::debit_refused ||
        reason == Reason::pin_needed || reason == Reason::pin_entry_timeout)
        return hal::Signal::again; // the holder can go on
    return info.origin == Origin::terminal ? hal::Signal::fault : hal::Signal::refused;
}

} // namespace

Terminal::Terminal(policy::ServiceRequest service, offline_store::Store& store, Actuators actuators,
                   const hal::Clock& clock, Links links, qr::CodeSettings codes)
    : service_(std::move(service)), store_(store), actuators_(actuators), clock_(clock),
      links_(std::move(links)), codeSettings_(std::move(codes)), id_(store.terminal()),
      installed_(std::make_shared<InstalledLists>(codeSettings_)) {}

Outcome Terminal::conclude(const Presentation& presentation,
                           const Result<identity::VerifiedIdentity>& identity, const Offer& offer) {
    Outcome outcome;
    outcome.presentation = presentation;
    if (identity)
        judge(outcome, *identity, offer);
    else
        refuse(outcome, nullptr, identity.error(), signalFor(identity.error().reason));
    return finish(std::move(outcome));
}

void Terminal::judge(Outcome& outcome, const identity::VerifiedIdentity& identity, const Offer& offer) {
    outcome.presentation.medium = identity.medium;
    const auto lists = installed();
    const auto now = clock_.now();
    const auto decision = decideFor(identity, *lists, offer, now);
    outcome.decidedAt = now.wall;
    outcome.toDecision = since(outcome.presentation.at, clock_.now().monotonic);
    if (decision.accepted() && offer.objection)
        return refuse(outcome, &identity, *offer.objection, signalFor(offer.objection->reason));
    if (decision.accepted())
        return accept(outcome, identity, *lists, decision, offer, now);
    const Error no{decision.reason.value_or(Reason::look_up_failed), decision.context};
    const bool referred = decision.verdict == policy::Decision::Verdict::referred;
    outcome.holderText = decision.holderText;
    refuse(outcome, &identity, no, referred ? hal::Signal::referred : signalFor(no.reason));
}

Outcome Terminal::resume(const Presentation& presentation, const Paid& paid) {
    const auto now = clock_.now();
    Outcome outcome;
    outcome.presentation = presentation;
    outcome.decidedAt = now.wall;
    outcome.toDecision = since(presentation.at, now.monotonic);
    outcome.signal = hal::Signal::accepted;
    outcome.fareFen = paid.fen;
    outcome.balanceFen = paid.balance;
    outcome.holderText = policy::acceptedText();
    commit(outcome, paid.record);
    return finish(std::move(outcome));
}

Outcome Terminal::finish(Outcome outcome) {
    actuate(outcome);
    outcome = outcomes_.add(std::move(outcome));
    spdlog::info("{} {}: {}{}{} in {} us{}{}", outcome.presentation.lane,
                 outcome.presentation.medium ? identity::nameOf(*outcome.presentation.medium) : "?",
                 hal::nameOf(outcome.signal), outcome.reason ? ", " : "",
                 outcome.reason ? nameOf(*outcome.reason) : "", outcome.toDecision.count(),
                 outcome.receipt ? ", receipt " : "", outcome.receipt ? outcome.receipt->text() : "");
    links_.changed();
    return outcome;
}

policy::Decision Terminal::decideFor(const identity::VerifiedIdentity& identity,
                                     const InstalledLists& installed, const Offer& offer,
                                     const Instant& now) const {
    policy::LookUps lookUps;
    lookUps.revoked = store_.isRevoked(
        offline_store::revocationKey(identity::nameOf(identity.medium), identity.mediumId.reveal()));
    const auto catalogue = installed.catalogue();
    const auto* service = catalogue.catalogue ? catalogue.catalogue->find(service_.serviceId) : nullptr;
    if (service) {
        for (const auto& claim : policy::claimsFor(identity, *service, now.wall)) {
            auto& answer = claim.refusal == Reason::already_used ? lookUps.codeUsed : lookUps.repeated;
            answer = store_.isClaimed(claim.key, now.wall);
        }
    }
    auto request = service_;
    request.fareFen = offer.fareFen ? *offer.fareFen : fullFareFen();
    request.locked = locked_;
    if (const auto* regions = installed.regions(service_.serviceId, service_.region, now.wall))
        request.regions = *regions;
    auto lists = links_.lists(now.wall);
    lists.over = installed.isOver("revocation", now.wall);
    return policy::decide(identity, request, catalogue, lookUps, lists, now);
}

void Terminal::accept(Outcome& outcome, const identity::VerifiedIdentity& identity,
                      const InstalledLists& installed, const policy::Decision& decision, const Offer& offer,
                      const Instant& now) {
    const auto catalogue = installed.catalogue().catalogue;
    const auto& service = *catalogue->find(service_.serviceId);
    // Another lane may have claimed the same code or holder since the look-up: the commit decides.
    const auto paid = settle(
        decision, offer,
        acceptedEntry(outcome.presentation, identity, service, decision, installed.versions(), now.wall));
    if (!paid)
        return refuse(outcome, &identity, paid.error(), signalFor(paid.error().reason));
    outcome.signal = hal::Signal::accepted;
    outcome.fareFen = paid->fen;
    outcome.balanceFen = paid->balance;
    outcome.holderText = decision.holderText;
    commit(outcome, paid->record);
}

Result<Paid> Terminal::settle(const policy::Decision& decision, const Offer& offer,
                              const offline_store::Entry& entry) {
    if (offer.payment)
        return offer.payment->pay(decision.fareFen, entry);
    return store_.append(entry).map([&](offline_store::Record record) {
        return Paid{std::move(record), decision.fareFen, std::nullopt};
    });
}

std::shared_ptr<const InstalledLists> Terminal::installed() const {
    const std::lock_guard lock(mutex_);
    return installed_;
}

void Terminal::refuse(Outcome& outcome, const identity::VerifiedIdentity* identity, const Error& error,
                      hal::Signal signal) {
    const auto now = clock_.now();
    if (outcome.toDecision.count() == 0) {
        outcome.decidedAt = now.wall;
        outcome.toDecision = since(outcome.presentation.at, now.monotonic);
    }
    outcome.signal = signal;
    outcome.reason = error.reason;
    outcome.context = error.context;
    if (outcome.holderText.zh.empty()) {
        const auto& info = describe(error.reason);
        outcome.holderText = {std::string(info.holderZh), std::string(info.holderEn)};
    }
    const auto entry = refusedEntry(outcome.presentation, identity, service_.serviceId, error.reason, signal,
                                    installed()->versions());
    if (!entry)
        return;
    if (const auto record = store_.append(*entry))
        commit(outcome, *record);
    else
        spdlog::error("a refusal could not be recorded: {}", explain(record.error()));
}

void Terminal::commit(Outcome& outcome, const offline_store::Record& record) {
    outcome.receipt = record.id;
    outcome.toCommit = since(outcome.presentation.at, clock_.now().monotonic);
    links_.recorded();
}

void Terminal::recordPurseLock(const Presentation& presentation, const identity::VerifiedIdentity& identity,
                               const Result<void>& locked) {
    if (!locked)
        spdlog::error("a listed purse could not be locked: {}", explain(locked.error()));
    const auto record = store_.append(purseLockEntry(presentation, identity, locked));
    if (!record)
        return spdlog::error("a locked purse could not be recorded: {}", explain(record.error()));
    links_.recorded();
}

// A gate that stays shut makes an accepted, recorded presentation a fault, which is recorded too.
void Terminal::openGate(Outcome& outcome) {
    const auto opened = actuators_.gate.open();
    if (opened)
        return;
    const auto& info = describe(opened.error().reason);
    outcome.signal = hal::Signal::fault;
    outcome.reason = opened.error().reason;
    outcome.context = "gate: " + opened.error().context;
    outcome.holderText = {std::string(info.holderZh), std::string(info.holderEn)};
    spdlog::error("gate: {}", explain(opened.error()));
    if (const auto told = store_.append(gateFailedEntry(*outcome.receipt, opened.error().reason)); !told)
        spdlog::error("gate: {}", explain(told.error()));
}

void Terminal::actuate(Outcome& outcome) {
    const auto report = [](std::string_view device, const Result<void>& result) {
        if (!result)
            spdlog::error("{}: {}", device, explain(result.error()));
    };
    if (outcome.signal == hal::Signal::accepted)
        openGate(outcome);
    report("light", actuators_.light.show(outcome.signal));
    report("sound", actuators_.sound.play(outcome.signal));
    const std::lock_guard lock(mutex_);
    signalledAt_ = clock_.now().monotonic;
}

void Terminal::rest() {
    {
        const std::lock_guard lock(mutex_);
        if (!signalledAt_ || clock_.now().monotonic - *signalledAt_ < signalDwell)
            return;
        signalledAt_.reset();
    }
    if (const auto shown = actuators_.light.show(hal::Signal::idle); !shown)
        spdlog::error("light: {}", explain(shown.error()));
}

Result<void> Terminal::reloadBulletins() {
    auto read = InstalledLists::read(store_, codeSettings_);
    if (!read)
        return failWith(read);
    const auto now = clock_.now().wall;
    const auto directives = read->directives(now);
    {
        const std::lock_guard lock(mutex_);
        installed_ = std::make_shared<const InstalledLists>(std::move(*read));
    }
    const auto done = carryOut(directives, id_, store_, now);
    const auto locked = store_.isLocked(); // also of those that were done before one failed
    if (!locked)
        return failWith(locked);
    locked_ = *locked;
    if (!done)
        return failWith(done);
    if (*done > 0)
        links_.recorded();
    return {};
}

std::shared_ptr<const qr::CodeVerifier> Terminal::codeVerifier() const {
    return installed()->codeVerifier(clock_.now().wall);
}

std::shared_ptr<const identity::LegacyMap> Terminal::legacyMap() const {
    return installed()->legacyMap(clock_.now().wall);
}

policy::CatalogueState Terminal::catalogue() const {
    return installed()->catalogue();
}

std::optional<policy::FareRules> Terminal::publishedFare() const {
    const auto lists = installed();
    const auto* rules = lists->fare(service_.serviceId, position().line, clock_.now().wall);
    return rules ? std::optional(*rules) : std::nullopt;
}

std::uint32_t Terminal::fullFareFen() const {
    const auto published = publishedFare();
    return published ? policy::fullFareFen(*published) : service_.fareFen;
}

bool Terminal::isOver(std::string_view kind) const {
    return installed()->isOver(kind, clock_.now().wall);
}

std::optional<WallTime> Terminal::revocationInstalled() const {
    return installed()->installed("revocation");
}

std::optional<Directive> Terminal::message() const {
    const auto now = clock_.now().wall;
    for (const auto& directive : installed()->directives(now))
        if (directive.action == Directive::Action::message && isFor(directive, id_, now))
            return directive;
    return std::nullopt;
}

void Terminal::setPosition(const policy::Position& position) {
    const std::lock_guard lock(mutex_);
    position_ = position;
}

policy::Position Terminal::position() const {
    const std::lock_guard lock(mutex_);
    return position_;
}

void Terminal::reportLane(const std::string& lane, LaneState state) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = lanes_.find(lane); known != lanes_.end() && known->second == state)
            return;
        lanes_[lane] = state;
    }
    if (state.trouble)
        spdlog::warn("{}: {}", lane, explain(Error{*state.trouble, {}}));
    links_.changed();
}

std::map<std::string, LaneState> Terminal::lanes() const {
    const std::lock_guard lock(mutex_);
    return lanes_;
}

} // namespace ykt::firmware::terminal
