// One scan engine in front of holders: it reads symbols by itself and gives payloads.
#pragma once

#include "firmware/terminal/code_intake.h"
#include "hal/camera.h"

namespace ykt::firmware::terminal {

class ScannerLane {
  public:
    ScannerLane(std::string name, std::shared_ptr<hal::CodeScanner> scanner, const CodeLaneParts& parts)
        : name_(std::move(name)), scanner_(std::move(scanner)), terminal_(parts.terminal),
          intake_(name_, parts) {}

    void run(const std::stop_token& stop); // until stopped

  private:
    std::string name_;
    std::shared_ptr<hal::CodeScanner> scanner_;
    Terminal& terminal_;
    CodeIntake intake_;
};

} // namespace ykt::firmware::terminal
