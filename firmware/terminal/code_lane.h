// One camera in front of holders: frames to symbols, symbols to codes, codes the whole way.
#pragma once

#include "firmware/terminal/code_intake.h"
#include "qr/symbol_reader.h"

namespace ykt::firmware::terminal {

class CodeLane {
  public:
    CodeLane(std::string name, std::shared_ptr<hal::Camera> camera, const CodeLaneParts& parts)
        : name_(std::move(name)), camera_(std::move(camera)), terminal_(parts.terminal),
          reader_(parts.terminal.clock(), {.budget = parts.frameBudget}), intake_(name_, parts) {}

    void run(const std::stop_token& stop); // until stopped

  private:
    void look(const hal::Frame& frame);

    std::string name_;
    std::shared_ptr<hal::Camera> camera_;
    Terminal& terminal_;
    qr::SymbolReader reader_;
    CodeIntake intake_;
};

} // namespace ykt::firmware::terminal
