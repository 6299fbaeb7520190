#include "crypto/tpm_seal.h"

#include <algorithm>
#include <memory>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

namespace ykt::crypto {

namespace {

constexpr std::size_t longestSecret = 128; // MAX_SYM_DATA of the specification's part 2

template <auto free>
struct Freed {
    template <typename T>
    void operator()(T* object) const {
        free(object);
    }
};
template <typename T>
using TssOwned = std::unique_ptr<T, Freed<Esys_Free>>;

tl::unexpected<Error> failure(const char* doing, TSS2_RC code) {
    return fail(Reason::key_store_failed, std::string("TPM: ") + doing + ": " + Tss2_RC_Decode(code));
}

constexpr TPMT_SYM_DEF_OBJECT aes128Cfb{
    .algorithm = TPM2_ALG_AES, .keyBits = {.aes = 128}, .mode = {.aes = TPM2_ALG_CFB}};

// The storage primary key of TCG's provisioning guidance: a P-256 key that only decrypts.
TPM2B_PUBLIC primaryTemplate() {
    TPM2B_PUBLIC key{};
    key.publicArea.type = TPM2_ALG_ECC;
    key.publicArea.nameAlg = TPM2_ALG_SHA256;
    key.publicArea.objectAttributes = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT | TPMA_OBJECT_FIXEDTPM |
                                      TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                      TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
    auto& ecc = key.publicArea.parameters.eccDetail;
    ecc.symmetric = aes128Cfb;
    ecc.scheme.scheme = TPM2_ALG_NULL;
    ecc.curveID = TPM2_ECC_NIST_P256;
    ecc.kdf.scheme = TPM2_ALG_NULL;
    return key;
}

// Data, no key. It can be guessed no better than its 256 bits, so a lock-out would only lock out ourselves.
TPM2B_PUBLIC sealedTemplate() {
    TPM2B_PUBLIC object{};
    object.publicArea.type = TPM2_ALG_KEYEDHASH;
    object.publicArea.nameAlg = TPM2_ALG_SHA256;
    object.publicArea.objectAttributes =
        TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
    object.publicArea.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
    return object;
}

// A connection to the TPM with its storage primary key and a session, which do not outlive it.
class Tpm {
  public:
    Tpm() = default;
    ~Tpm() {
        flush(session_);
        flush(primary_);
        Esys_Finalize(&esys_);
        Tss2_TctiLdr_Finalize(&tcti_);
    }
    Tpm(const Tpm&) = delete;
    Tpm& operator=(const Tpm&) = delete;

    Result<void> open(const std::string& tcti) {
        if (const auto code = Tss2_TctiLdr_Initialize(tcti.c_str(), &tcti_); code != TSS2_RC_SUCCESS)
            return failure(("reaching " + tcti).c_str(), code);
        if (const auto code = Esys_Initialize(&esys_, tcti_, nullptr); code != TSS2_RC_SUCCESS)
            return failure("beginning", code);
        // One that the firmware has started already says so, which is no error.
        if (const auto code = Esys_Startup(esys_, TPM2_SU_CLEAR);
            code != TSS2_RC_SUCCESS && code != TPM2_RC_INITIALIZE)
            return failure("starting", code);
        if (const auto made = makePrimary(); !made)
            return made;
        return startSession();
    }

    Result<TpmSealed> seal(const Secret& secret) {
        TPM2B_SENSITIVE_CREATE sensitive{};
        sensitive.sensitive.data.size = static_cast<UINT16>(secret.size());
        std::ranges::copy(secret.reveal(), sensitive.sensitive.data.buffer);
        const auto object = sealedTemplate();
        TPM2B_PUBLIC* publicPart = nullptr;
        TPM2B_PRIVATE* privatePart = nullptr;
        TPM2B_CREATION_DATA* data = nullptr;
        TPM2B_DIGEST* hash = nullptr;
        TPMT_TK_CREATION* ticket = nullptr;
        const auto code =
            Esys_Create(esys_, primary_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &object, &noData,
                        &noPcrs, &privatePart, &publicPart, &data, &hash, &ticket);
        wipe({reinterpret_cast<std::uint8_t*>(&sensitive), sizeof sensitive});
        if (code != TSS2_RC_SUCCESS)
            return failure("sealing", code);
        const TssOwned<TPM2B_PUBLIC> ownedPublic(publicPart);
        const TssOwned<TPM2B_PRIVATE> ownedPrivate(privatePart);
        const TssOwned<TPM2B_CREATION_DATA> ownedData(data);
        const TssOwned<TPM2B_DIGEST> ownedHash(hash);
        const TssOwned<TPMT_TK_CREATION> ownedTicket(ticket);
        TpmSealed sealed{Bytes(sizeof *publicPart), Bytes(sizeof *privatePart)};
        std::size_t publicSize = 0;
        std::size_t privateSize = 0;
        if (Tss2_MU_TPM2B_PUBLIC_Marshal(publicPart, sealed.publicPart.data(), sealed.publicPart.size(),
                                         &publicSize) != TSS2_RC_SUCCESS ||
            Tss2_MU_TPM2B_PRIVATE_Marshal(privatePart, sealed.privatePart.data(), sealed.privatePart.size(),
                                          &privateSize) != TSS2_RC_SUCCESS)
            return fail(Reason::key_store_failed, "TPM: what it sealed cannot be written down");
        sealed.publicPart.resize(publicSize);
        sealed.privatePart.resize(privateSize);
        return sealed;
    }

    Result<Secret> unseal(const TpmSealed& sealed) {
        TPM2B_PUBLIC publicPart{};
        TPM2B_PRIVATE privatePart{};
        std::size_t at = 0;
        if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(sealed.publicPart.data(), sealed.publicPart.size(), &at,
                                           &publicPart) != TSS2_RC_SUCCESS)
            return fail(Reason::key_store_failed, "TPM: what it sealed is damaged");
        at = 0;
        if (Tss2_MU_TPM2B_PRIVATE_Unmarshal(sealed.privatePart.data(), sealed.privatePart.size(), &at,
                                            &privatePart) != TSS2_RC_SUCCESS)
            return fail(Reason::key_store_failed, "TPM: what it sealed is damaged");
        ESYS_TR object = ESYS_TR_NONE;
        if (const auto code = Esys_Load(esys_, primary_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &privatePart,
                                        &publicPart, &object);
            code != TSS2_RC_SUCCESS)
            return failure("loading what another TPM may have sealed", code);
        TPM2B_SENSITIVE_DATA* data = nullptr;
        const auto code = Esys_Unseal(esys_, object, session_, ESYS_TR_NONE, ESYS_TR_NONE, &data);
        flush(object);
        if (code != TSS2_RC_SUCCESS)
            return failure("unsealing", code);
        const TssOwned<TPM2B_SENSITIVE_DATA> owned(data);
        auto secret = Secret::copyOf({data->buffer, data->size});
        wipe({data->buffer, data->size});
        return secret;
    }

  private:
    Result<void> makePrimary() {
        const TPM2B_SENSITIVE_CREATE noSecret{};
        const auto key = primaryTemplate();
        TPM2B_PUBLIC* publicPart = nullptr;
        TPM2B_CREATION_DATA* data = nullptr;
        TPM2B_DIGEST* hash = nullptr;
        TPMT_TK_CREATION* ticket = nullptr;
        const auto code = Esys_CreatePrimary(esys_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                             ESYS_TR_NONE, &noSecret, &key, &noData, &noPcrs, &primary_,
                                             &publicPart, &data, &hash, &ticket);
        const TssOwned<TPM2B_PUBLIC> ownedPublic(publicPart);
        const TssOwned<TPM2B_CREATION_DATA> ownedData(data);
        const TssOwned<TPM2B_DIGEST> ownedHash(hash);
        const TssOwned<TPMT_TK_CREATION> ownedTicket(ticket);
        if (code != TSS2_RC_SUCCESS)
            return failure("making the storage primary key", code);
        return {};
    }

    // Salted with the primary key, so that only the TPM can follow it; encrypts the first parameter both
    // ways.
    Result<void> startSession() {
        const TPMT_SYM_DEF aes{
            .algorithm = TPM2_ALG_AES, .keyBits = {.aes = 128}, .mode = {.aes = TPM2_ALG_CFB}};
        if (const auto code =
                Esys_StartAuthSession(esys_, primary_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                      nullptr, TPM2_SE_HMAC, &aes, TPM2_ALG_SHA256, &session_);
            code != TSS2_RC_SUCCESS)
            return failure("beginning an encrypted session", code);
        constexpr TPMA_SESSION attributes =
            TPMA_SESSION_CONTINUESESSION | TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT;
        if (const auto code = Esys_TRSess_SetAttributes(esys_, session_, attributes, 0xff);
            code != TSS2_RC_SUCCESS)
            return failure("beginning an encrypted session", code);
        return {};
    }

    void flush(ESYS_TR object) {
        if (esys_ && object != ESYS_TR_NONE)
            Esys_FlushContext(esys_, object);
    }

    static constexpr TPM2B_DATA noData{};
    static constexpr TPML_PCR_SELECTION noPcrs{};

    TSS2_TCTI_CONTEXT* tcti_ = nullptr;
    ESYS_CONTEXT* esys_ = nullptr;
    ESYS_TR primary_ = ESYS_TR_NONE;
    ESYS_TR session_ = ESYS_TR_NONE;
};

} // namespace

Result<TpmSealed> tpmSeal(const std::string& tcti, const Secret& secret) {
    if (secret.empty() || secret.size() > longestSecret)
        return fail(Reason::key_store_failed, "TPM: the length of what is to be sealed");
    Tpm tpm;
    if (const auto opened = tpm.open(tcti); !opened)
        return failWith(opened);
    return tpm.seal(secret);
}

Result<Secret> tpmUnseal(const std::string& tcti, const TpmSealed& sealed) {
    Tpm tpm;
    if (const auto opened = tpm.open(tcti); !opened)
        return failWith(opened);
    return tpm.unseal(sealed);
}

} // namespace ykt::crypto
