// Bodies of the bulletin "catalogue": what is taken is what a decision relies on, and nobody pays more than
// the full fare.
#include "firmware/policy/catalogue.h"
#include "firmware/policy/decide.h"
#include "fuzz/fuzz.h"

using namespace ykt;
using namespace ykt::firmware::policy;
using firmware::identity::HolderClass;

namespace {

void holdService(const Service& service) {
    fuzz::hold(!service.media.empty() && !service.regions.empty());
    fuzz::hold(!service.name.zh.empty() && !service.name.en.empty());
    fuzz::hold(service.offline.longestListAge >= std::chrono::minutes{1} &&
               service.offline.longestListAge <= std::chrono::days{90});
    fuzz::hold(service.repeatInterval >= std::chrono::seconds{0} &&
               service.repeatInterval <= std::chrono::days{1});
    const auto& codes = service.offline.unverifiedCodes;
    const bool defers = codes.rule == UnverifiedCodes::Rule::defer;
    fuzz::hold(defers == (codes.perSubject > 0) && defers == (codes.perTerminal > 0));
    for (const auto holder : {HolderClass::unknown, HolderClass::student, HolderClass::senior})
        fuzz::hold(fareAfterConcession(service, holder, 150) <= 150);
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto catalogue = Catalogue::parse(toText(input));
    if (!catalogue) {
        fuzz::hold(catalogue.error() == Reason::bulletin_malformed);
        return;
    }
    for (const auto& service : catalogue->services()) {
        fuzz::hold(catalogue->find(service.id) == &service); // listed once
        holdService(service);
    }
}
