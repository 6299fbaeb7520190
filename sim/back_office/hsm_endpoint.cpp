#include "sim/back_office/hsm_endpoint.h"

#include "base/hex.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::sim {

namespace {

using apdu::social_security::Challenge;
using apdu::social_security::ProofRequest;
using apdu::social_security::Proofs;
using nlohmann::json;

constexpr std::size_t cardIdentifierSize = 16;

Bytes hexField(const json& object, const char* name, std::size_t size) {
    auto bytes = fromHex(object.at(name).get<std::string>());
    if (!bytes || bytes->size() != size)
        throw std::invalid_argument(name);
    return std::move(*bytes);
}

Challenge challengeField(const json& object, const char* name) {
    Challenge challenge;
    const auto& member = object.at(name);
    std::ranges::copy(hexField(member, "process_factor", challenge.processFactor.size()),
                      challenge.processFactor.begin());
    std::ranges::copy(hexField(member, "original", challenge.original.size()), challenge.original.begin());
    return challenge;
}

crypto::BlockCipher cipherOf(const std::string& code) {
    if (code == "01")
        return crypto::BlockCipher::triple_des;
    if (code == "03")
        return crypto::BlockCipher::sm4;
    throw std::invalid_argument("algorithm");
}

} // namespace

Result<ProofRequest> parseProofRequest(std::string_view body) {
    try {
        const auto object = json::parse(body);
        ProofRequest request;
        request.cityCode = object.at("area").get<std::string>();
        request.cipher = cipherOf(object.at("algorithm").get<std::string>());
        std::ranges::copy(hexField(object, "historical", request.historical.size()),
                          request.historical.begin());
        request.cardIdentifier = hexField(object, "card_identifier", cardIdentifierSize);
        request.card = challengeField(object, "internal");
        if (object.contains("external"))
            request.terminal = challengeField(object, "external");
        return request;
    } catch (const json::exception&) {
        return fail(Reason::input_malformed, "not the documented JSON");
    } catch (const std::invalid_argument& field) {
        return fail(Reason::input_malformed, field.what());
    }
}

std::string formatProofs(const Proofs& proofs) {
    json answer{{"internal", toHex(proofs.card)}};
    if (proofs.terminal)
        answer["external"] = toHex(*proofs.terminal);
    return answer.dump();
}

} // namespace ykt::sim
