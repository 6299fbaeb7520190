// A card that answers from a list, whatever it is asked.
#pragma once

#include "base/hex.h"
#include "hal/card_reader.h"

#include <functional>

namespace ykt::test {

class ScriptedConnection : public hal::CardConnection {
  public:
    using Script = std::function<Result<Bytes>(ByteView command)>;

    explicit ScriptedConnection(Script script) : script_(std::move(script)) {}

    // The answers, in hexadecimal, one after the other; the card is mute when they are used up.
    explicit ScriptedConnection(std::vector<std::string> answers)
        : script_([answers = std::move(answers), next = std::size_t{0}](ByteView) mutable -> Result<Bytes> {
              if (next == answers.size())
                  return fail(Reason::card_mute);
              return fromHex(answers[next++]);
          }) {}

    [[nodiscard]] Bytes atr() const override { return fromHex("3B6D0000008153494D594B640151000001").value(); }
    Result<Bytes> transmit(ByteView command) override {
        sent.push_back(toHex(command));
        return script_(command);
    }
    Result<void> reset() override { return {}; }
    Result<void> beginExclusive() override { return {}; }
    void endExclusive() override {}

    std::vector<std::string> sent;

  private:
    Script script_;
};

} // namespace ykt::test
