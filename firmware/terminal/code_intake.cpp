#include "firmware/terminal/code_intake.h"

#include "crypto/digest.h"
#include "crypto/random.h"
#include "firmware/identity/identify.h"

#include <algorithm>

namespace ykt::firmware::terminal {
namespace {

constexpr std::size_t mostSights = 16; // whoever shows more at once is told of one twice

identity::Medium mediumOf(qr::CodeFormat format) {
    switch (format) {
    case qr::CodeFormat::transit_code:
        return identity::Medium::transit_code;
    case qr::CodeFormat::fusion_code:
        return identity::Medium::fusion_code;
    case qr::CodeFormat::electronic_card_code:
        break;
    }
    return identity::Medium::electronic_card_code;
}

// The verifier said nothing, which is what the catalogue's offline rule is for. Whatever else goes wrong with
// it is a fault of ours or of its, and opens nothing.
bool isOutage(Reason reason) {
    return reason == Reason::unreachable || reason == Reason::upstream_timeout;
}

std::vector<ByteView> oursAmong(const std::vector<ByteView>& payloads) {
    std::vector<ByteView> ours;
    std::ranges::copy_if(payloads, std::back_inserter(ours),
                         [](ByteView payload) { return qr::recognise(payload).format.has_value(); });
    return ours;
}

// The same for the same codes in any order.
ByteArray<32> digestOfAll(const std::vector<ByteView>& payloads) {
    std::vector<ByteArray<32>> digests;
    for (const auto payload : payloads)
        digests.push_back(crypto::sha256(payload));
    std::ranges::sort(digests);
    Bytes all;
    for (const auto& digest : digests)
        all.insert(all.end(), digest.begin(), digest.end());
    return crypto::sha256(all);
}

} // namespace

void CodeIntake::take(const std::vector<ByteView>& payloads, MonotonicTime seen) {
    if (payloads.empty())
        return;
    const auto ours = oursAmong(payloads);
    if (ours.size() < 2)
        return present(ours.empty() ? payloads.front() : ours.front(), seen);
    if (isNew(digestOfAll(ours), seen))
        parts_.terminal.conclude({lane_, seen, std::nullopt}, fail(Reason::several_symbols));
}

void CodeIntake::refuse(Reason reason, MonotonicTime seen) {
    if (isNew(crypto::sha256(asBytes(nameOf(reason))), seen))
        parts_.terminal.conclude({lane_, seen, std::nullopt}, fail(reason));
}

void CodeIntake::present(ByteView payload, MonotonicTime seen) {
    if (!isNew(crypto::sha256(payload), seen))
        return;
    Presentation presentation{lane_, seen, std::nullopt};
    const auto identity = identify(payload, presentation);
    if (identity && isAcceptedAccount(*identity, seen))
        return; // the phone has refreshed its code under our eyes
    const auto outcome = parts_.terminal.conclude(presentation, identity);
    if (identity && outcome.signal == hal::Signal::accepted)
        accepted_ = {identity->subject, seen};
}

Result<identity::VerifiedIdentity> CodeIntake::identify(ByteView payload, Presentation& presentation) {
    auto& terminal = parts_.terminal;
    if (const auto kind = qr::recognise(payload); kind.format)
        presentation.medium = mediumOf(*kind.format);
    const auto now = terminal.clock().now().wall;
    const auto evidence = terminal.codeVerifier()->verify(payload, now, terminal.fullFareFen());
    if (!evidence && evidence.error() == Reason::bad_certificate && terminal.isOver("trust_anchors"))
        return fail(Reason::bulletin_out_of_date, "trust_anchors"); // the code may be as good as any
    if (!evidence)
        return failWith(evidence);
    const auto inForce = terminal.catalogue();
    const auto* service = inForce.catalogue ? inForce.catalogue->find(terminal.service().serviceId) : nullptr;
    if (const auto* code = std::get_if<qr::OnlineCode>(&*evidence))
        return identifyOnline(*code, service, now);
    return identity::identify(*evidence, payload, parts_.pseudonymKey,
                              service != nullptr && service->openHolderReference, now);
}

// Nobody's token leaves the terminal for a service that does not take it.
Result<identity::VerifiedIdentity> CodeIntake::identifyOnline(const qr::OnlineCode& code,
                                                              const policy::Service* service, WallTime now) {
    const bool taken = service != nullptr &&
                       std::ranges::find(service->media, mediumOf(code.format)) != service->media.end();
    auto unverified = identity::identify(code, parts_.pseudonymKey, now);
    if (parts_.verifier == nullptr || !taken)
        return unverified;
    const auto used = isUsed(unverified, *service, now);
    if (!used)
        return failWith(used);
    if (*used)
        return fail(Reason::already_used); // a question about it would be another use to the verifier
    identity::QuestionId question{};
    const auto drawn = crypto::randomBytes(question.size());
    if (!drawn)
        return failWith(drawn);
    std::ranges::copy(*drawn, question.begin());
    const auto answer = parts_.verifier->verify(code, question);
    if (answer)
        return identity::identify(code, *answer, parts_.pseudonymKey, now);
    if (!isOutage(answer.error().reason))
        return failWith(answer);
    unverified.unverified->question = question; // it may have arrived and used the token up
    return unverified;
}

// Errors: store_failed.
Result<bool> CodeIntake::isUsed(const identity::VerifiedIdentity& identity, const policy::Service& service,
                                WallTime now) {
    for (const auto& claim : policy::claimsFor(identity, service, now)) {
        if (claim.refusal != Reason::already_used)
            continue;
        const auto taken = parts_.terminal.store().isClaimed(claim.key, now);
        if (!taken || *taken)
            return taken;
    }
    return false;
}

// Whether it has not been in view of late; in view it is now.
bool CodeIntake::isNew(const ByteArray<32>& digest, MonotonicTime seen) {
    std::erase_if(sights_, [&](const Sight& sight) { return seen - sight.last >= samePresentation; });
    const auto known = std::ranges::find(sights_, digest, &Sight::digest);
    if (known != sights_.end()) {
        known->last = seen;
        return false;
    }
    if (sights_.size() == mostSights)
        sights_.erase(sights_.begin());
    sights_.push_back({digest, seen});
    return true;
}

bool CodeIntake::isAcceptedAccount(const identity::VerifiedIdentity& identity, MonotonicTime seen) const {
    return accepted_ && accepted_->subject == identity.subject && seen - accepted_->at < parts_.sameAccount;
}

} // namespace ykt::firmware::terminal
