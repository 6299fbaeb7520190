#include "firmware/courier/remote_hsm.h"

#include "base/hex.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::firmware::courier {

using apdu::social_security::Challenge;
using apdu::social_security::Proof;
using apdu::social_security::ProofRequest;
using apdu::social_security::Proofs;
using nlohmann::json;

namespace {

constexpr unsigned ok = 200;

// As the FCI names it (LD/T 32).
const char* algorithmCode(crypto::BlockCipher cipher) {
    return cipher == crypto::BlockCipher::sm4 ? "03" : "01";
}

json format(const Challenge& challenge) {
    return {{"process_factor", toHex(challenge.processFactor)}, {"original", toHex(challenge.original)}};
}

std::string format(const ProofRequest& request) {
    json object{{"area", request.cityCode},
                {"historical", toHex(request.historical)},
                {"algorithm", algorithmCode(request.cipher)},
                {"card_identifier", toHex(request.cardIdentifier)},
                {"internal", format(request.card)}};
    if (request.terminal)
        object["external"] = format(*request.terminal);
    return object.dump();
}

tl::unexpected<Error> malformed() {
    return fail(Reason::hsm_refused, "the answer is not as documented");
}

Result<Proof> parseProof(const json& answer, const char* name) {
    const auto member = answer.is_object() ? answer.find(name) : answer.end();
    if (member == answer.end() || !member->is_string())
        return malformed();
    const auto bytes = fromHex(member->get_ref<const std::string&>());
    Proof proof{};
    if (!bytes || bytes->size() != proof.size())
        return malformed();
    std::ranges::copy(*bytes, proof.begin());
    return proof;
}

Result<Proofs> parse(std::string_view body, bool ofTerminalToo) {
    const auto answer = json::parse(body, nullptr, false);
    const auto ofCard = parseProof(answer, "internal");
    if (!ofCard)
        return failWith(ofCard);
    Proofs proofs{*ofCard};
    if (ofTerminalToo) {
        const auto ofTerminal = parseProof(answer, "external");
        if (!ofTerminal)
            return failWith(ofTerminal);
        proofs.terminal = *ofTerminal;
    }
    return proofs;
}

tl::unexpected<Error> fold(const Error& error) {
    const auto context = std::string(nameOf(error.reason)) + " " + error.context;
    switch (error.reason) {
    case Reason::cancelled:
        return tl::unexpected(error);
    case Reason::upstream_timeout:
        return fail(Reason::hsm_timeout, context);
    case Reason::upstream_untrusted:
    case Reason::reply_malformed:
        return fail(Reason::hsm_refused, context);
    default:
        return fail(Reason::hsm_unreachable, context);
    }
}

} // namespace

Result<std::unique_ptr<RemoteHsm>> RemoteHsm::create(const HttpsServer& server, Milliseconds timeout,
                                                     const hal::Clock& clock) {
    auto client = LaneClient::create(server, timeout, clock);
    if (!client)
        return failWith(client);
    return std::unique_ptr<RemoteHsm>(new RemoteHsm(std::move(*client)));
}

Result<Proofs> RemoteHsm::prove(const ProofRequest& request) {
    // A proof of another challenge proves nothing, so that no answer needs to be told from another.
    const auto reply =
        client_->post("/v1/hsm/proofs", format(request), [](const HttpsReply&) { return true; });
    if (!reply)
        return fold(reply.error());
    const auto context = "HTTP " + std::to_string(reply->status);
    if (reply->status >= 500)
        return fail(Reason::hsm_unreachable, context);
    if (reply->status != ok)
        return fail(Reason::hsm_refused, context);
    return parse(reply->body, request.terminal.has_value());
}

} // namespace ykt::firmware::courier
