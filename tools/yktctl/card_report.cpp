#include "tools/yktctl/card_report.h"

#include "apdu/exclusive.h"
#include "apdu/financial/application.h"
#include "apdu/legacy/uid.h"
#include "apdu/social_security/card.h"
#include "apdu/trace_masking.h"
#include "apdu/transit/purse.h"
#include "base/china_time.h"
#include "base/hex.h"
#include "firmware/identity/id_number.h"
#include "tools/yktctl/card_names.h"
#include "tools/yktctl/table.h"
#include "tools/yktctl/utf8.h"

#include <iostream>

namespace ykt::tools {
namespace {

using firmware::identity::maskIdNumber;

std::string two(unsigned number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

Json jsonOf(const std::optional<std::chrono::year_month_day>& date) {
    if (!date)
        return nullptr;
    return std::to_string(static_cast<int>(date->year())) + '-' + two(static_cast<unsigned>(date->month())) +
           '-' + two(static_cast<unsigned>(date->day()));
}

Json jsonOf(const std::optional<std::chrono::year_month>& month) {
    if (!month)
        return nullptr;
    return std::to_string(static_cast<int>(month->year())) + '-' + two(static_cast<unsigned>(month->month()));
}

Json localTime(const LocalTime& time) {
    if (!wallTimeOf(time))
        return nullptr;
    auto text = toHex(time); // YYYYMMDDhhmmss
    for (const auto& [at, mark] : {std::pair{12, ':'}, {10, ':'}, {8, ' '}, {6, '-'}, {4, '-'}})
        text.insert(static_cast<std::size_t>(at), 1, mark);
    return text;
}

// "马**": the first character and one star for each other.
std::string maskName(std::string_view name) {
    const auto whole = name;
    std::string masked;
    while (takeCharacter(name))
        masked += masked.empty() ? std::string(whole.substr(0, whole.size() - name.size())) : "*";
    return masked;
}

Json errorOf(const Error& error) {
    return {{"error", nameOf(error.reason)}, {"context", error.context}};
}

Result<Json> socialSecurity(apdu::Channel& channel) {
    const auto evidence = apdu::social_security::SocialSecurityCard(channel, nullptr).read();
    if (!evidence)
        return failWith(evidence);
    const auto& issuer = evidence->issuer;
    const auto& holder = evidence->holder;
    return Json{
        {"version", nameOf(issuer.version)},
        {"algorithm", nameOf(evidence->algorithm)},
        {"city", issuer.cityCode},
        {"region", orNull(ningxiaName(issuer.cityCode))},
        {"class", issuer.cardClass ? Json(std::string(1, *issuer.cardClass)) : Json(nullptr)},
        {"issued", jsonOf(issuer.issued)},
        {"expires", jsonOf(issuer.expires)},
        {"card_number", maskIdNumber(issuer.cardNumber)},
        {"number", holder ? Json(maskIdNumber(holder->socialSecurityNumber.reveal())) : Json(nullptr)},
        {"name", holder ? Json(maskName(holder->name.reveal())) : Json(nullptr)}};
}

Json jsonOf(const std::vector<apdu::transit::LogEntry>& log) {
    constexpr std::size_t most = 5;
    Json entries = Json::array();
    for (const auto& entry : log) {
        if (entries.size() == most)
            break;
        entries.push_back({{"counter", entry.counter},
                           {"type", nameOfPurseTransaction(entry.type)},
                           {"amount_fen", entry.amountFen},
                           {"time", localTime(entry.time)}});
    }
    return entries;
}

Result<Json> transit(apdu::Channel& channel) {
    apdu::transit::TransitPurse purse(channel);
    const auto evidence = purse.open();
    if (!evidence)
        return failWith(evidence);
    const auto balance = purse.balance();
    if (!balance)
        return failWith(balance);
    const auto& card = evidence->card;
    const auto& management = evidence->management;
    Bytes city;
    appendBigEndian(city, management.city, 2);
    Json found{{"serial", maskIdNumber(card.cardNumber().reveal())},
               {"issuer", toHex(card.issuer)},
               {"card_type", nameOfPurseType(management.cardType)},
               {"city", toHex(city)},
               {"interoperable", management.interoperable},
               {"start", jsonOf(card.start)},
               {"expires", jsonOf(card.expires)},
               {"balance_fen", *balance}};
    const auto log = purse.log();
    if (!log && describe(log.error().reason).layer == Layer::wire)
        return failWith(log);
    found["log"] = log ? jsonOf(*log) : errorOf(log.error());
    return found;
}

Result<Json> financial(apdu::Channel& channel) {
    const auto evidence = apdu::financial::readFinancial(channel);
    if (!evidence)
        return failWith(evidence);
    const auto& cash = evidence->electronicCashFen;
    return Json{{"number", evidence->maskedNumber},
                {"expires", jsonOf(evidence->expires)},
                {"electronic_cash_fen", cash ? Json(*cash) : Json(nullptr)}};
}

Result<Json> legacy(apdu::Channel& channel) {
    constexpr std::size_t shownBytes = 1;
    const auto uid = apdu::legacy::readUid(channel);
    if (!uid)
        return failWith(uid);
    const ByteView bytes = uid->reveal();
    return Json{{"uid", std::string(2 * (bytes.size() - shownBytes), '*') + toHex(bytes.last(shownBytes))},
                {"bytes", bytes.size()}};
}

// Adds what was read, or why it was not; only a failure of card, reader or service ends the whole.
Result<void> add(Json& report, const char* name, const Result<Json>& read) {
    if (read)
        report[name] = *read;
    else if (describe(read.error().reason).layer == Layer::wire)
        return failWith(read);
    else if (read.error().reason != Reason::application_missing)
        report[name] = errorOf(read.error());
    return {};
}

void addRow(Table& table, const std::string& name, const Json& value) {
    constexpr std::string_view money = "_fen";
    if (value.is_null())
        return;
    if (name.ends_with(money) && value.is_number_unsigned())
        table.add(
            {"  " + name.substr(0, name.size() - money.size()), yuan(value.get<std::uint64_t>()) + " yuan"});
    else
        table.add({"  " + name, value.is_string() ? value.get<std::string>() : oneLine(value)});
}

std::string lineOf(const Json& entry) {
    return textOf(entry, "counter") + "  " + textOf(entry, "time") + "  " + textOf(entry, "type") + "  " +
           yuan(entry.value("amount_fen", std::uint64_t{0})) + " yuan";
}

} // namespace

Result<Json> readCard(apdu::Channel& channel) {
    Json report{{"atr", apdu::toHex(apdu::maskedAtr(channel.card().atr()))}};
    const auto others = report.size();
    if (const auto done = add(report, "social_security", socialSecurity(channel)); !done)
        return failWith(done);
    const auto exclusive = apdu::Exclusive::begin(channel.card());
    if (!exclusive)
        return failWith(exclusive);
    if (const auto done = add(report, "transit", transit(channel)); !done)
        return failWith(done);
    if (const auto done = add(report, "financial", financial(channel)); !done)
        return failWith(done);
    if (const auto done = add(report, "legacy", legacy(channel)); !done)
        return failWith(done);
    if (report.size() == others)
        return fail(Reason::application_missing, "no application that yktctl reads");
    return report;
}

void printReport(const Json& report) {
    auto table = Table::ofFields();
    for (const auto& [name, value] : report.items()) {
        if (!value.is_object()) {
            table.add({name, textOf(report, name.c_str())});
            continue;
        }
        table.add({titleOfApplication(name), ""});
        for (const auto& [field, content] : value.items()) {
            if (!content.is_array()) {
                addRow(table, field, content);
                continue;
            }
            for (const auto& entry : content)
                table.add({"  " + field, lineOf(entry)});
        }
    }
    table.print(std::cout, false);
}

} // namespace ykt::tools
