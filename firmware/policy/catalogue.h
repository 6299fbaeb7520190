// The published catalogue of services (regulation, article 6): the body of the bulletin "catalogue", typed.
// docs/catalogue.md is its form.
#pragma once

#include "firmware/identity/verified_identity.h"
#include "offline_store/bulletin.h"
#include "offline_store/record.h"

#include <chrono>
#include <map>
#include <memory>
#include <vector>

namespace ykt::firmware::policy {

struct Text {
    std::string zh;
    std::string en;
};

// What the host software of a service may learn about the holder.
enum class DisclosedField { name, social_security_number_masked, holder_class, region };
std::string_view nameOf(DisclosedField field);

// What becomes of a code that only an online verifier could prove, while none did.
struct UnverifiedCodes {
    enum class Rule {
        refuse,
        refer, // to the service desk
        defer, // taken on trust, and verified when its record arrives upstream
    } rule = Rule::refuse;
    // How many may be deferred in a day in China; 0 unless the rule is `defer`.
    std::uint32_t perSubject = 0;
    std::uint32_t perTerminal = 0; // what bounds the loss: an opaque token names no holder
};

// What becomes of everybody while the revocation list is over, or confirmed too long ago.
enum class StaleLists {
    refuse,
    accept, // and the record says that it was so
};

struct OfflineRule {
    bool allowed = false;                      // may the service be given without a network
    std::chrono::seconds longestListAge{};     // since the lists were last confirmed; holds online too
    TimeTrust trustNeeded = TimeTrust::synced; // of the terminal's clock; holds online too
    UnverifiedCodes unverifiedCodes;
    StaleLists staleLists = StaleLists::refuse;
};

struct Service {
    std::string id; // "bus.ride"
    Text name;
    std::string scene; // "transport"
    std::vector<identity::Medium> media;
    identity::Assurance minimumAssurance = identity::Assurance::authenticated_with_pin;
    std::vector<std::string> regions; // prefixes of six-digit codes, or "*" for all
    OfflineRule offline;
    std::chrono::seconds repeatInterval{}; // 0: no limit
    std::vector<DisclosedField> disclose;
    offline_store::RecordClass recordClass = offline_store::RecordClass::access; // money or access
    std::map<identity::HolderClass, unsigned> concessions; // percent of the fare that the class pays, 0..100
    bool emergencyCodes = false; // an emergency code is taken though minimumAssurance is higher
    // A fusion code's holder reference is opened, so that the holder is known as by the card.
    bool openHolderReference = false;
};

class Catalogue {
  public:
    // The bulletin's body. Errors: bulletin_malformed, with the path of what is wrong:
    // "services[1].media[0]".
    static Result<Catalogue> parse(std::string_view json);

    [[nodiscard]] const Service* find(std::string_view id) const; // null: not listed
    [[nodiscard]] const std::vector<Service>& services() const { return services_; }

  private:
    explicit Catalogue(std::vector<Service> services) : services_(std::move(services)) {}
    std::vector<Service> services_;
};

// A catalogue and when it is in force: [notBefore, notAfter). No catalogue: none is installed. Cheap to copy,
// so that a decision keeps the catalogue it began with while a new one is put in place.
struct CatalogueState {
    std::shared_ptr<const Catalogue> catalogue;
    WallTime notBefore{};
    WallTime notAfter{};

    // Errors: bulletin_malformed.
    static Result<CatalogueState> of(const offline_store::Bulletin& bulletin);
};

} // namespace ykt::firmware::policy
