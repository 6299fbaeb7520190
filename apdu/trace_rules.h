// What of a file's content a trace may show. Private to the masking of traces.
#pragma once

#include "apdu/trace_masking.h"

#include <span>

namespace ykt::apdu {

// Uncovers bytes of `masked`, the first of which stand for `bytes`.
class Revealed {
  public:
    Revealed(MaskedBytes& masked, ByteView bytes) : masked_(masked), bytes_(bytes) {}

    // As many as there are.
    void show(std::size_t from, std::size_t count);

    // The answer to SELECT (FCI): its structure, the application's name, label and version; in 9F0C the
    // algorithm of a social security card, or what file 15 of a purse shows.
    void showControlInformation(TraceMasking::Application application);
    // Records of EF05 and EF06: tags and lengths; issuing city, class, version and dates.
    void showSocialSecurityRecords();
    // Files 15 and 17 of a purse: issuer, type, version and dates; country, province, city, interoperability
    // and card type. Nothing of other files.
    void showPurseFile(std::uint8_t sfi);
    // The one object of this tag, which a record or GET DATA gives: tags and lengths, and the expiry date.
    void showFinancialObject(std::uint32_t tag);

  private:
    using Tags = std::span<const std::uint32_t>;

    // Tags and lengths of all objects, and the values of `tags`. Nothing, if it is not BER-TLV.
    void showObjects(std::size_t from, std::size_t count, Tags tags,
                     TraceMasking::Application application = TraceMasking::Application::none);
    void showDiscretionary(std::size_t from, std::size_t count, TraceMasking::Application application);
    void showPublicInformation(std::size_t from);

    MaskedBytes& masked_;
    ByteView bytes_;
};

} // namespace ykt::apdu
