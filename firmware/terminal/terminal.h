// Where the lanes meet: identity and lists become a decision, the decision a durable record, and only then
// does the gate move. Thread-safe; its mutex covers memory only, never the store or a device.
#pragma once

#include "firmware/policy/fare.h"
#include "firmware/terminal/installed_lists.h"
#include "firmware/terminal/outcome.h"
#include "firmware/terminal/payment.h"
#include "firmware/terminal/pin_entry.h"
#include "firmware/terminal/transaction.h"
#include "hal/clock.h"
#include "offline_store/store.h"
#include "qr/code.h"

#include <atomic>
#include <functional>
#include <map>

namespace ykt::firmware::terminal {

struct Actuators {
    hal::Gate& gate;
    hal::Light& light;
    hal::Sound& sound;
};

// Whether a lane can take the next presentation.
struct LaneState {
    bool occupied = false;         // a card lies in the reader
    std::optional<Reason> trouble; // none: in order

    bool operator==(const LaneState&) const = default;
};

// What this presentation would cost, and how it is paid.
struct Offer {
    std::optional<std::uint32_t> fareFen{}; // before concessions; none: the service's
    Payment* payment = nullptr;             // null: the record alone, which the back office charges
    std::optional<Error> objection{};       // what the fare rules hold against it, after all other rules
};

class Terminal {
  public:
    struct Links {
        // Online or not, and how old the lists are.
        std::function<policy::Lists(WallTime now)> lists;
        // A record was appended: the courier may go.
        std::function<void()> recorded;
        // An outcome was added, a lane or a list changed: whoever watches may look again.
        std::function<void()> changed;
    };

    Terminal(policy::ServiceRequest service, offline_store::Store& store, Actuators actuators,
             const hal::Clock& clock, Links links, qr::CodeSettings codes = {});

    // The whole way from an identity (or why there is none) to the gate. Never fails: a failure is an
    // outcome.
    Outcome conclude(const Presentation& presentation, const Result<identity::VerifiedIdentity>& identity,
                     const Offer& offer = {});

    // A ride that was decided before its debit was torn, and is paid and recorded now: the gate opens.
    Outcome resume(const Presentation& presentation, const Paid& paid);

    // A listed purse was locked, or could not be.
    void recordPurseLock(const Presentation& presentation, const identity::VerifiedIdentity& identity,
                         const Result<void>& locked);

    // Where the vehicle is, as its driver or its positioning tells.
    void setPosition(const policy::Position& position);
    [[nodiscard]] policy::Position position() const;

    // Reads the installed bulletins from the store and carries out the directives among them. Errors:
    // store_failed, bulletin_malformed; call it again, what is done stays done.
    Result<void> reloadBulletins();

    // With the trust anchors in force.
    [[nodiscard]] std::shared_ptr<const qr::CodeVerifier> codeVerifier() const;
    [[nodiscard]] policy::CatalogueState catalogue() const;
    [[nodiscard]] std::shared_ptr<const identity::LegacyMap> legacyMap() const;
    // The fare that is published for this service and line; none: the profile's holds.
    [[nodiscard]] std::optional<policy::FareRules> publishedFare() const;
    // What a medium pays that remembers no rides, before concessions.
    [[nodiscard]] std::uint32_t fullFareFen() const;
    // A bulletin of this kind is installed and not in force.
    [[nodiscard]] bool isOver(std::string_view kind) const;
    // When the revocation list was installed; none: there is none.
    [[nodiscard]] std::optional<WallTime> revocationInstalled() const;
    // What the operator ordered.
    [[nodiscard]] bool isLocked() const { return locked_; }
    [[nodiscard]] std::optional<Directive> message() const; // for holders, until its notAfter
    [[nodiscard]] const policy::ServiceRequest& service() const { return service_; }
    [[nodiscard]] const OutcomeLog& outcomes() const { return outcomes_; }
    [[nodiscard]] const hal::Clock& clock() const { return clock_; }
    [[nodiscard]] offline_store::Store& store() { return store_; }
    [[nodiscard]] PinEntry& pinEntry() { return pinEntry_; }

    void reportLane(const std::string& lane, LaneState state);
    [[nodiscard]] std::map<std::string, LaneState> lanes() const;

    // Called by lanes when nothing is presented: the light goes back to idle when the last signal was seen
    // long enough.
    void rest();

    static constexpr Milliseconds signalDwell{2500};

  private:
    policy::Decision decideFor(const identity::VerifiedIdentity& identity, const InstalledLists& installed,
                               const Offer& offer, const Instant& now) const;
    void judge(Outcome& outcome, const identity::VerifiedIdentity& identity, const Offer& offer);
    void accept(Outcome& outcome, const identity::VerifiedIdentity& identity, const InstalledLists& installed,
                const policy::Decision& decision, const Offer& offer, const Instant& now);
    Result<Paid> settle(const policy::Decision& decision, const Offer& offer,
                        const offline_store::Entry& entry);
    [[nodiscard]] std::shared_ptr<const InstalledLists> installed() const;
    Outcome finish(Outcome outcome);
    void refuse(Outcome& outcome, const identity::VerifiedIdentity* identity, const Error& error,
                hal::Signal signal);
    void commit(Outcome& outcome, const offline_store::Record& record);
    void openGate(Outcome& outcome);
    void actuate(Outcome& outcome);

    const policy::ServiceRequest service_;
    offline_store::Store& store_;
    Actuators actuators_;
    const hal::Clock& clock_;
    Links links_;
    const qr::CodeSettings codeSettings_;
    const std::string id_; // of the terminal
    std::atomic<bool> locked_{false};
    OutcomeLog outcomes_;
    PinEntry pinEntry_;

    mutable std::mutex mutex_;
    std::shared_ptr<const InstalledLists> installed_;
    policy::Position position_;
    std::map<std::string, LaneState> lanes_;
    std::optional<MonotonicTime> signalledAt_; // none: the light is idle
};

} // namespace ykt::firmware::terminal
