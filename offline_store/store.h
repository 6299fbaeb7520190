// The terminal's one database: journal and delivery, claims (replay guard), intents, tallies, bulletins,
// revocation. Thread-safe; one writer connection behind one mutex. Nothing here waits for a network.
#pragma once

#include "crypto/sm2.h"
#include "hal/clock.h"
#include "offline_store/bulletin.h"
#include "offline_store/intent.h"
#include "offline_store/key_ring.h"
#include "offline_store/record.h"

#include <filesystem>
#include <memory>
#include <set>
#include <vector>

namespace ykt::offline_store {

// First 16 bytes of SHA-256("ykt-revocation" ‖ 00 ‖ medium ‖ 00 ‖ id).
using RevocationKey = ByteArray<16>;
RevocationKey revocationKey(std::string_view medium, std::string_view id);

// Of a class that is not money.
struct ClassLimit {
    std::uint64_t undelivered; // records; beyond: the oldest of the class gives way
    std::chrono::days kept;    // from when it was written, by clocks that can be trusted; then it is given up
};

struct StoreLimits {
    std::uint64_t undeliveredMoney = 100'000; // records, kept for ever; beyond: store_full for new money
    ClassLimit access{100'000, std::chrono::days{90}};
    ClassLimit securityEvents{20'000, std::chrono::days{180}};
    ClassLimit telemetry{20'000, std::chrono::days{7}};
    std::uint64_t claims = 100'000; // kept; beyond: see docs/store.md
};

struct StoreOptions {
    std::filesystem::path file;
    std::string terminal;
    StoreLimits limits{};
};

// A file that a bulletin names. Where it has to lie, whole, before that bulletin is installed.
struct Attachment {
    crypto::Digest sha256{};
    std::uint64_t bytes = 0;
    std::filesystem::path path;
};

// What a directive changes in the store.
struct Effect {
    std::optional<bool> locked{};              // the terminal is, from now on
    std::optional<std::uint64_t> resyncFrom{}; // acknowledged records from this sequence on are pending again
};

class Store {
  public:
    // Opens or creates and migrates; leases of earlier boots or processes are free. A damaged database is
    // kept aside (`<file>.damaged-1`, ...); a fresh one with a new epoch begins with a security event
    // "store_replaced" and holds what could be salvaged. Errors: store_in_use (it is open already, here or in
    // another program), store_failed, store_too_new, unseal_failed (other keys), crypto_failed, store_full
    // (no room on the disk).
    static Result<std::unique_ptr<Store>> open(const StoreOptions& options, const KeyRing& keys,
                                               const hal::Clock& clock);
    ~Store();
    [[nodiscard]] std::string terminal() const; // whose it is
    // The database was found damaged since it was opened: let the store go and open it again, which replaces
    // it.
    [[nodiscard]] bool isDamaged() const;
    // What the last write to the database ended with: store_failed, store_full (the disk), store_corrupt;
    // nullopt where it succeeded. A refusal (a limit, a claim) is none of these.
    [[nodiscard]] std::optional<Reason> writeError() const;

    // -- journal. Returns only after COMMIT with synchronous=FULL; on error nothing was written. Lanes that
    // append at one time share one COMMIT. Errors: the refusal of the first claim that is taken or quota that
    // is used up, store_full, store_failed.
    Result<Record> append(const Entry& entry);
    // `epoch`: of a record that was salvaged from a damaged database; 0 is this one's. Errors:
    // record_not_found, store_failed, store_corrupt, unseal_failed.
    Result<Record> read(std::uint64_t sequence, std::uint32_t epoch = 0);
    [[nodiscard]] RecordId last() const; // of the newest record; sequence 0 for an empty journal
    Result<std::vector<RecordSummary>> list(std::uint64_t fromSequence, std::size_t most);
    // Newest first, from `fromSequence` down.
    Result<std::vector<RecordSummary>> deadLetters(std::uint64_t fromSequence, std::size_t most);
    Result<void> verifyChain(); // Errors: store_corrupt with the first bad sequence

    // -- claims. Is the key taken at `now`? Errors: store_failed (never read as "free").
    Result<bool> isClaimed(const ByteArray<32>& key, WallTime now);

    // -- intents: a purchase is durable here before the card is asked to pay.
    // One COMMIT. Errors: the refusal of the first claim that is taken, store_full (an intent keeps room for
    // the record that will settle it), store_failed.
    Result<Intent> openIntent(const IntentEntry& entry);
    // Open ones of one medium, or all; oldest first. Of all, one that is damaged has an empty payload, so
    // that it hides no other. Errors: store_failed, and of one medium unseal_failed.
    Result<std::vector<Intent>> intentsOf(const ByteArray<32>& medium);
    Result<std::vector<Intent>> openIntents();
    // Another payload for an open intent. One COMMIT. Errors: record_not_found (not open), store_failed.
    Result<void> amendIntent(const Intent& intent, ByteView payload);
    // Closes the intent and appends `entry`, if there is one, in one COMMIT. The claims are the intent's, not
    // the entry's, and quotas are not asked: kept when it was made, freed when not. Room was kept, so the
    // limits do not hold here. Errors: record_not_found (not open), store_failed (also: the disk is full),
    // store_corrupt.
    enum class Purchase { made, not_made };
    Result<std::optional<Record>> settleIntent(std::uint64_t number, Purchase outcome,
                                               const std::optional<Entry>& entry);
    // Appends `entry` and marks the intent as reported; it stays open. Limits, claims, errors: as
    // settleIntent.
    Result<Record> reportIntent(std::uint64_t number, const Entry& entry);

    // -- tallies: how often something was counted on a day, in the same COMMIT as its record (Entry::tally).
    struct Tally {
        std::string name;
        std::chrono::year_month_day day; // in China
        std::uint64_t count = 0;
    };
    // Newest day first, of the last `days` days that have any. Errors: store_failed.
    Result<std::vector<Tally>> tallies(unsigned days);

    // -- delivery
    struct Settled {
        std::uint64_t sequence = 0;
        std::string receipt;
    };
    // Oldest first within priority, at most `most` records and about `mostBytes` of payload; each is leased
    // until `duration` from now on the monotonic clock. Attempts are not counted yet. Of one order key a
    // record comes only together with or after all earlier ones; dead letters hold up nothing.
    Result<std::vector<Record>> lease(std::size_t most, std::size_t mostBytes, Milliseconds duration);
    // The same of what was salvaged from damaged databases: all of one earlier epoch, which the functions
    // below are told; 0 is this one's.
    Result<std::vector<Record>> leaseSalvaged(std::size_t most, std::size_t mostBytes, Milliseconds duration);
    Result<void> acknowledge(const std::vector<Settled>& settled,
                             std::uint32_t epoch = 0); // one COMMIT for all
    Result<void> release(const std::vector<std::uint64_t>& sequences, bool attempted,
                         std::uint32_t epoch = 0);
    // Keeps them from being leased again for `duration`. `attempted`: they were sent, so an attempt is
    // counted.
    Result<void> defer(const std::vector<std::uint64_t>& sequences, Milliseconds duration,
                       std::uint32_t epoch = 0, bool attempted = true);
    // To the dead letters; never deleted.
    Result<void> bury(std::uint64_t sequence, const std::string& why, std::uint32_t epoch = 0,
                      bool attempted = true);
    // A dead letter (of this epoch, or one that was salvaged) waits to be delivered again; its attempts go on
    // counting. Errors: record_not_found (no dead letter, or its payload was given up), store_failed.
    Result<void> requeue(std::uint64_t sequence, std::uint32_t epoch = 0);
    struct Counts {
        std::uint64_t pending = 0, leased = 0, acknowledged = 0, dead = 0;
        // Of damaged databases, and waiting: not in `pending`. Dead ones are in `dead`.
        std::uint64_t salvaged = 0;
    };
    Result<Counts> counts();
    // What became of the damaged database that this one stands in for; nullopt: it stands in for none.
    // Errors: store_failed.
    struct Replacement {
        std::string movedTo;                        // the damaged file's name
        std::uint64_t salvaged = 0, unreadable = 0; // records
        bool told = false;                          // upstream has acknowledged it
    };
    Result<std::optional<Replacement>> replacement();

    // -- bulletins and lists
    // Verifies, checks kind, version and validity, installs atomically. A revocation list may take seconds,
    // in which nothing else waits. Errors: bulletin_* (bulletin_base_missing: the whole list is needed;
    // bulletin_incomplete: the attachment is short, or was another and is removed), store_full, store_failed.
    Result<void> install(ByteView signedBulletin, const crypto::Sm2PublicKey& publisher);
    Result<std::optional<Bulletin>> bulletin(std::string_view kind);
    // What must be there before `bulletin` can be installed; nullopt: nothing. Errors: as install, so that
    // nothing is fetched in vain; store_full also where the disk has no room for it.
    Result<std::optional<Attachment>> attachmentOf(const Bulletin& bulletin);
    // Above which version the back office is to be asked: the installed one's; 0 for none, and where the
    // installed list is damaged and needed whole. Errors: store_failed.
    Result<std::uint64_t> versionHeld(std::string_view kind);
    // The back office says that it has nothing newer of `kind`. Durable at most every five minutes, so that
    // what is known after a restart is up to that much older than the truth. Errors: store_failed.
    Result<void> confirm(std::string_view kind);
    [[nodiscard]] std::optional<WallTime> confirmed(std::string_view kind) const;
    // Waits for nobody. Errors: look_up_failed (no list, or a damaged one: absence of a list is not absence
    // from it).
    Result<bool> isRevoked(const RevocationKey& key);

    // -- keys. From now on `key` (32 bytes, durable elsewhere already) seals what is written; `number` is
    // above every earlier one. Errors: key_invalid, crypto_failed, store_failed, store_full.
    Result<void> rotateDataKey(std::uint32_t number, Secret key);
    // Numbers of the keys that rows at rest need, and of the one that seals now. Reads the whole journal, and
    // holds nobody up. Errors: store_failed, store_corrupt.
    Result<std::set<std::uint32_t>> dataKeysInUse();

    // -- directives: what the operator orders, each once. Effect, mark and `report` are one COMMIT; limits do
    // not hold for the report. False: it was carried out before, and nothing was written. Errors:
    // store_failed, store_full (the disk).
    Result<bool> carryOut(const std::string& directive, const Effect& effect, const Entry& report);
    Result<bool> isLocked();

    // -- time. The newest time that is sure to have passed: of the newest synced record, or as remembered
    // hourly. 1970 where nothing was ever synced. Errors: store_failed.
    Result<WallTime> latestKnown();
    // Writes down a synced time when the one that was written is an hour off; else nothing, at no flush.
    Result<void> rememberTime();

  private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace ykt::offline_store
