// The decoders that work alone: codes, card data, pictures.
#include "base/hex.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"
#include "tests/tools/program.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <turbojpeg.h>

using namespace ykt;
using ykt::tests::Scratch;
using ykt::tests::yktctl;
using Json = nlohmann::ordered_json;

namespace {

Json vectors() {
    return Json::parse(std::ifstream(YKT_SOURCE_DIR "/tests/vectors/transit-code.json"));
}

std::string trustOf(const Json& document) {
    return Json{{"ca_keys", {{{"index", document["ca_index"]}, {"public_key", document["ca_public_key"]}}}}}
        .dump();
}

const Json& validCase(const Json& document) {
    return document["cases"].front();
}

// A frame with the payload's symbol in it.
void photographTo(const std::filesystem::path& file, std::string_view payload) {
    const auto symbol = sim::renderSymbol(asBytes(payload), 1);
    REQUIRE(symbol);
    REQUIRE(sim::writePng(file, sim::photograph(*symbol, {})));
}

} // namespace

TEST_CASE("decode-code gives every vector its verdict") {
    const Scratch scratch;
    const auto document = vectors();
    const auto trust = scratch.write("trust.json", trustOf(document));
    REQUIRE(document["cases"].size() > 10);
    for (const auto& vector : document["cases"]) {
        CAPTURE(vector["name"].get<std::string>());
        const auto said =
            yktctl({"decode-code", vector["code"].get<std::string>(), "--at", vector["clock"].dump(),
                    "--fare", vector["fare_fen"].dump(), "--trust", trust.string()});
        const auto answer = said.object();
        CHECK(answer["verdict"] == vector["expect"]);
        CHECK(said.status == (vector["expect"] == "accept" ? 0 : 1));
        CHECK(answer["fields"].is_object());
        CHECK(said.err.empty());
    }
}

TEST_CASE("decode-code shows the fields of a code that it refuses, accounts covered") {
    const auto document = vectors();
    const auto said =
        yktctl({"decode-code", validCase(document)["code"].get<std::string>(), "--at", "1767225610"});
    const auto answer = said.object();
    CHECK(said.status == 1);
    CHECK(answer["format"] == "transit_code");
    CHECK(answer["verdict"] == "bad_certificate"); // without --trust no key is trusted
    CHECK(answer["fields"]["card_account"] == "****************0001");
    CHECK(answer["fields"]["generated"] == "2026-01-01T00:00:00.000Z");
}

TEST_CASE("decode-code reads many codes from standard input and goes on after bad lines") {
    const Scratch scratch;
    const auto document = vectors();
    const auto trust = scratch.write("trust.json", trustOf(document));
    const auto code = validCase(document)["code"].get<std::string>();
    const std::vector<std::string> arguments{"decode-code", "-",       "--at",
                                             "1767225610",  "--trust", trust.string()};

    const auto good = yktctl(arguments, code + "\n\n" + code + "\r\n");
    CHECK(good.status == 0);
    CHECK(good.objects().size() == 2);

    const auto oneBad = yktctl(arguments, code + "\nxyz\n");
    CHECK(oneBad.status == 1); // although every code was accepted

    const auto mixed = yktctl(arguments, code + "\nxyz\n00ff\n" + code);
    CHECK(mixed.status == 1);
    const auto answers = mixed.objects();
    REQUIRE(answers.size() == 4);
    CHECK(answers[0]["verdict"] == "accept");
    CHECK(answers[1]["error"] == "input_malformed");
    CHECK(answers[2] ==
          Json{{"format", "unknown"}, {"verdict", "format_unknown"}, {"fields", Json::object()}});
    CHECK(answers[3]["verdict"] == "accept");
}

TEST_CASE("Bad usage ends with 2 and a message, unreadable files with 3") {
    const Scratch scratch;
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                      {"no-such-command"},
                                                      {"decode-code"},
                                                      {"decode-code", "abc"},
                                                      {"decode-code", "zz"},
                                                      {"decode-code", "00", "--at", "-1"},
                                                      {"decode-code", "00", "--fare", "4294967296"},
                                                      {"decode-tlv", "6"},
                                                      {"decode-apdu", "0g"},
                                                      {"journal"},
                                                      {"tap", "adult"},
                                                      {"back-office", "sideways", "--world", "x"},
                                                      {"catalogue", "verify", "x"}}) {
        const auto said = yktctl(arguments);
        CAPTURE(arguments, said.out);
        CHECK(said.status == 2);
        CHECK_FALSE(said.err.empty());
    }
    const auto missing = scratch.file("missing").string();
    const auto wrong =
        scratch.write("wrong.json", R"({"ca_keys":[{"index":"FE","public_key":"04"}]})").string();
    for (const auto& file : {missing, wrong}) {
        const auto said = yktctl({"decode-code", "00", "--trust", file});
        CHECK(said.status == 3);
        CHECK(said.err.find("config_unreadable") != std::string::npos);
    }
}

TEST_CASE("decode-tlv nests objects and refuses what is cut short") {
    const auto said = yktctl({"decode-tlv", "6F 09 84 07 A0000000031010 5F24 03 311231"});
    CHECK(said.status == 0);
    const auto objects = said.objects();
    REQUIRE(objects.size() == 2);
    CHECK(objects[0].dump() == R"({"tag":"6f","length":9,"value":"8407a0000000031010","children":[)"
                               R"({"tag":"84","length":7,"value":"a0000000031010","children":[]}]})");
    CHECK(objects[1].dump() == R"({"tag":"5f24","length":3,"value":"311231","children":[]})");

    for (const auto* bytes : {"6F0984", "6F80840000", "84", "5F", "840300", "1F8181"}) {
        CAPTURE(bytes);
        const auto malformed = yktctl({"decode-tlv", bytes});
        CHECK(malformed.status == 1);
        CHECK(malformed.object()["error"] == "tlv_malformed");
        CHECK(malformed.object().contains("context"));
    }
}

TEST_CASE("decode-apdu tells all cases of commands apart") {
    struct Example {
        std::string hex, form;
        Json lc;
        std::string data;
        Json le, name;
    };
    const Example examples[] = {
        {"00200000", "1", nullptr, "", nullptr, "VERIFY"},
        {"00B2072C0B", "2S", nullptr, "", 11, "READ RECORD"},
        {"0084000000", "2S", nullptr, "", 256, "GET CHALLENGE"},
        {"00A4020002EF05", "3S", 2, "ef05", nullptr, "SELECT"},
        {"00A4040007A000000003101000", "4S", 7, "a0000000031010", 256, "SELECT"},
        {"00B00000000400", "2E", nullptr, "", 1024, "READ BINARY"},
        {"00B00000000000", "2E", nullptr, "", 65536, "READ BINARY"},
        {"00D60000000002ABCD", "3E", 2, "abcd", nullptr, "UPDATE BINARY"},
        {"00D60000000002ABCD0100", "4E", 2, "abcd", 256, "UPDATE BINARY"},
        {"805003020B0100000064111111111111 0F", "4S", 11, "0100000064111111111111", 15,
         "INITIALIZE FOR PURCHASE"},
        {"BFDE670801AA", "3S", 1, "aa", nullptr, "DELIVERY SESSION KEY"},
        {"90990000", "1", nullptr, "", nullptr, nullptr},
    };
    for (const auto& example : examples) {
        CAPTURE(example.hex);
        const auto said = yktctl({"decode-apdu", example.hex});
        CHECK(said.status == 0);
        const auto answer = said.object();
        CHECK(answer["kind"] == "command");
        CHECK(answer["case"] == example.form);
        CHECK(answer["lc"] == example.lc);
        CHECK(answer["data"] == example.data);
        CHECK(answer["le"] == example.le);
        CHECK(answer["name"] == example.name);
    }
    const auto header = yktctl({"decode-apdu", "00B2072C0B"}).object();
    CHECK(header["cla"] == "00");
    CHECK(header["ins"] == "b2");
    CHECK(header["p1"] == "07");
    CHECK(header["p2"] == "2c");
    for (const auto* bytes : {"", "00A404", "00A4040007A0", "00A40400020000000000", "00D6000000000200"}) {
        CAPTURE(bytes);
        const auto said = yktctl({"decode-apdu", bytes});
        CHECK(said.status == 1);
        CHECK(said.object()["error"] == "apdu_malformed");
    }
}

TEST_CASE("decode-apdu explains responses") {
    const auto data = yktctl({"decode-apdu", "--response", "0102 9000"});
    CHECK(data.object().dump() == R"({"kind":"response","data":"0102","sw":"9000","meaning":"done"})");
    CHECK(yktctl({"decode-apdu", "6A83", "--response"}).object()["meaning"] == "record not found");
    CHECK(yktctl({"decode-apdu", "63C2", "--response"}).object()["meaning"] ==
          "wrong reference data; 2 tries left");
    CHECK(yktctl({"decode-apdu", "6C14", "--response"}).object()["meaning"] ==
          "wrong Le; 20 bytes are available");
    CHECK(yktctl({"decode-apdu", "9F7E", "--response"}).object()["meaning"].is_null());
    const auto malformed = yktctl({"decode-apdu", "90", "--response"});
    CHECK(malformed.status == 1);
    CHECK(malformed.object()["error"] == "apdu_malformed");
}

TEST_CASE("decode-symbol reads a folder in name order, text and binary payloads") {
    const Scratch scratch;
    photographTo(scratch.file("b.png"), "社保 one card");
    photographTo(scratch.file("a.png"), std::string_view("\x81\x00\xff\x24", 4));
    scratch.write("notes.txt", "no picture");
    const auto said = yktctl({"decode-symbol", scratch.file("").string()});
    CAPTURE(said.out, said.err);
    CHECK(said.status == 0);
    const auto answers = said.objects();
    REQUIRE(answers.size() == 2);
    CHECK(answers[0]["file"].get<std::string>().ends_with("a.png"));
    CHECK(answers[0]["found"] == true);
    CHECK(answers[0]["payload"] == "8100ff24");
    CHECK(answers[0]["text"].is_null());
    CHECK(answers[0]["ms"].is_number());
    CHECK(answers[1]["text"] == "社保 one card");
    CHECK(answers[1]["payload"] == toHex(asBytes("社保 one card")));
}

TEST_CASE("decode-symbol reads JPEG, and what is left of a JPEG that was cut short does no harm") {
    const Scratch scratch;
    const auto symbol = sim::renderSymbol(asBytes("as a photograph"), 1);
    REQUIRE(symbol);
    const auto photograph = sim::photograph(*symbol, {});
    unsigned char* jpeg = nullptr;
    unsigned long size = 0;
    const auto handle = tjInitCompress();
    REQUIRE(tjCompress2(handle, photograph.luma.data(), photograph.width, 0, photograph.height, TJPF_GRAY,
                        &jpeg, &size, TJSAMP_GRAY, 85, 0) == 0);
    const std::string content(reinterpret_cast<const char*>(jpeg), size);
    tjFree(jpeg);
    tjDestroy(handle);
    const auto whole = yktctl({"decode-symbol", scratch.write("whole.JPG", content).string()});
    CHECK(whole.status == 0);
    CHECK(whole.object()["text"] == "as a photograph");
    const auto cut =
        yktctl({"decode-symbol", scratch.write("cut.jpg", content.substr(0, size / 8)).string()});
    CHECK(cut.status == 1);
    CHECK(cut.object()["found"] == false);
    const auto header = yktctl({"decode-symbol", scratch.write("header.jpg", content.substr(0, 4)).string()});
    CHECK(header.status == 3);
    CHECK(header.object()["error"] == "frame_invalid");
}

TEST_CASE("decode-symbol tells an empty picture from one that cannot be read") {
    const Scratch scratch;
    REQUIRE(sim::writePng(scratch.file("empty.png"), sim::photograph({}, {})));
    const auto empty = yktctl({"decode-symbol", scratch.file("empty.png").string()});
    CHECK(empty.status == 1);
    CHECK(empty.object()["found"] == false);
    CHECK(empty.object()["payload"].is_null());
    CHECK_FALSE(empty.object().contains("error"));

    const auto broken = scratch.write("broken.png", "\x89PNG\r\n\x1a\n and no more");
    for (const auto& file : {broken, scratch.file("missing.png")}) {
        const auto said = yktctl({"decode-symbol", file.string()});
        CHECK(said.status == 3);
        CHECK(said.object()["found"] == false);
        CHECK(said.object()["error"] == "frame_invalid");
        CHECK(said.object()["context"].is_string());
    }
}
