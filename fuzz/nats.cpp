// What a NATS server sends, in two pieces: the first byte says where it is cut.
#include "collector/nats_protocol.h"
#include "fuzz/fuzz.h"

using namespace ykt;

namespace {

// As a client reads; false: the stream is of no use any more.
bool readAll(collector::NatsParser& parser) {
    for (;;) {
        const auto event = parser.next();
        if (!event) {
            fuzz::hold(event.error() == Reason::reply_malformed);
            return false;
        }
        if (!*event)
            return true;
        if (const auto* message = std::get_if<collector::NatsMessage>(&**event))
            collector::statusOf(*message);
    }
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto cut = fuzz::takeCounted(input);
    collector::NatsParser parser;
    parser.feed(toText(cut));
    if (!readAll(parser))
        return;
    parser.feed(toText(input));
    readAll(parser);
}
