// The decoders that work alone: codes, card data, pictures.
#include "base/hex.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"
#include "tests/source_dir.h"
#include "tests/tools/program.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <png.h>
#include <turbojpeg.h>
#include <webp/encode.h>

using namespace ykt;
using ykt::tests::Scratch;
using ykt::tests::yktctl;
using Json = nlohmann::ordered_json;

namespace {

Json vectors() {
    return Json::parse(std::ifstream(test::sourceDir() / "tests/vectors/transit-code.json"));
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
    CHECK(answer["why"] == "no CA key of index 254");
    CHECK(answer["judged_at"] == "2026-01-01T00:00:10.000Z");
    CHECK(answer["signatures"] ==
          Json{{"ca", "not checked: no CA key of index 254"}, {"issuer", "good"}, {"user", "good"}});
    CHECK(answer["fields"]["card_account"] == "****************0001");
    CHECK(answer["fields"]["generated"] == "2026-01-01T00:00:00.000Z");
}

TEST_CASE("decode-code takes its time in either form") {
    const auto code = validCase(vectors())["code"].get<std::string>();
    for (const auto* time : {"1767225610", "2026-01-01T00:00:10Z", "2026-01-01T00:00:10.000Z"}) {
        CAPTURE(time);
        CHECK(yktctl({"decode-code", code, "--at", time}).object()["judged_at"] ==
              "2026-01-01T00:00:10.000Z");
    }
    for (const auto* time : {"2026-13-01T00:00:10Z", "2026-02-30T00:00:10Z", "2026-01-01",
                             "2026-01-01T24:00:00Z", "2026-01-01T00:00:10", "yesterday", "253402300800"}) {
        CAPTURE(time);
        CHECK(yktctl({"decode-code", code, "--at", time}).status == 2);
    }
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
    CHECK(answers[2] == Json{{"format", "unknown"},
                             {"verdict", "format_unknown"},
                             {"why", "unknown"},
                             {"judged_at", "2026-01-01T00:00:10.000Z"},
                             {"signatures", Json::object()},
                             {"fields", Json::object()}});
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

namespace {

// Whether any pixel of the picture is of that colour.
bool holdsColour(const std::filesystem::path& file, std::array<std::uint8_t, 3> colour) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    REQUIRE(png_image_begin_read_from_file(&png, file.c_str()) != 0);
    png.format = PNG_FORMAT_RGB;
    Bytes rgb(PNG_IMAGE_SIZE(png));
    REQUIRE(png_image_finish_read(&png, nullptr, rgb.data(), 0, nullptr) != 0);
    for (std::size_t i = 0; i < rgb.size(); i += 3)
        if (std::equal(colour.begin(), colour.end(), rgb.begin() + static_cast<std::ptrdiff_t>(i)))
            return true;
    return false;
}

constexpr std::array<std::uint8_t, 3> kOutline{0, 200, 0};
constexpr std::array<std::uint8_t, 3> kTopEdge{230, 0, 0};

} // namespace

TEST_CASE("decode-symbol tells the pass and the corners, and draws them on a copy of the picture") {
    const Scratch scratch;
    photographTo(scratch.file("code.png"), "annotated");
    const auto seen = scratch.file("seen.png");
    const auto said =
        yktctl({"decode-symbol", scratch.file("code.png").string(), "--annotate", seen.string()});
    CAPTURE(said.out, said.err);
    CHECK(said.status == 0);
    const auto answer = said.object();
    CHECK_FALSE(answer["pass"].get<std::string>().empty());
    REQUIRE(answer["corners"].size() == 4);
    const auto corner = [&](int which, int axis) { return answer["corners"][which][axis].get<double>(); };
    CHECK(std::hypot(corner(0, 0) - corner(1, 0), corner(0, 1) - corner(1, 1)) > 50);
    CHECK(holdsColour(seen, kOutline));
    CHECK(holdsColour(seen, kTopEdge));
    CHECK_FALSE(holdsColour(scratch.file("code.png"), kOutline));
}

TEST_CASE("decode-symbol --annotate of a folder writes a folder, of empty pictures too") {
    const Scratch scratch;
    std::filesystem::create_directory(scratch.file("in"));
    photographTo(scratch.file("in/code.png"), "annotated");
    REQUIRE(sim::writePng(scratch.file("in/empty.png"), sim::photograph({}, {})));
    scratch.write("in/grey.pgm", "P5 2 1 255\nab");
    const auto said =
        yktctl({"decode-symbol", scratch.file("in").string(), "--annotate", scratch.file("out").string()});
    CAPTURE(said.out, said.err);
    CHECK(said.status == 1); // not in every picture is a symbol
    CHECK(holdsColour(scratch.file("out/code.png"), kOutline));
    CHECK_FALSE(holdsColour(scratch.file("out/empty.png"), kOutline));
    CHECK_FALSE(holdsColour(scratch.file("out/grey.pgm.png"), kOutline));
}

TEST_CASE("decode-symbol never writes over a picture, and says where it cannot write") {
    const Scratch scratch;
    photographTo(scratch.file("code.png"), "kept");
    const auto code = scratch.file("code.png").string();
    const auto itself = yktctl({"decode-symbol", code, "--annotate", code});
    CHECK(itself.status == 3);
    CHECK(itself.err.find("would replace the picture") != std::string::npos);
    CHECK(yktctl({"decode-symbol", code}).object()["text"] == "kept");
    const auto folder = scratch.file("").string();
    CHECK(yktctl({"decode-symbol", folder, "--annotate", folder}).status == 3);
    CHECK(yktctl({"decode-symbol", code, "--annotate", scratch.file("no/such/folder.png").string()}).status ==
          3);
    CHECK(yktctl({"decode-symbol", code, code, "--annotate", "x.png"}).status == 2);
}

TEST_CASE("decode-symbol reads WebP") {
    const Scratch scratch;
    const auto symbol = sim::renderSymbol(asBytes("as a screenshot"), 1);
    REQUIRE(symbol);
    const auto photograph = sim::photograph(*symbol, {});
    Bytes rgb;
    for (const auto luma : photograph.luma)
        rgb.insert(rgb.end(), 3, luma);
    std::uint8_t* webp = nullptr;
    const auto size =
        WebPEncodeRGB(rgb.data(), photograph.width, photograph.height, 3 * photograph.width, 80, &webp);
    const std::string content(reinterpret_cast<const char*>(webp), size);
    WebPFree(webp);
    std::filesystem::create_directory(scratch.file("in"));
    scratch.write("in/shot.webp", content);
    const auto said = yktctl({"decode-symbol", scratch.file("in").string()});
    CAPTURE(said.out, said.err);
    CHECK(said.object()["text"] == "as a screenshot");
}
