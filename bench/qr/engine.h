// Who is asked to read the frames. Each engine has a file of its own: headers of zbar and ZXing do not go
// together.
#pragma once

#include "hal/camera.h"

#include <memory>
#include <string>
#include <vector>

namespace ykt::bench {

class Engine {
  public:
    virtual ~Engine() = default;
    // Forgets earlier frames: the next is the first of a stream.
    virtual void begin() {}
    virtual std::vector<Bytes> read(const hal::Frame& frame) = 0;
};

struct EngineEntry {
    std::string name; // for --engines and legends
    std::string what; // for the head of the report
    int every;        // it is asked one frame in so many: a slow engine sees a share of all points
    std::unique_ptr<Engine> engine;
};

std::unique_ptr<Engine> ourEngine();
std::unique_ptr<Engine> zxingEngine(bool tryHarder);
std::unique_ptr<Engine> zbarEngine();   // nullptr where the library was absent at build time
std::unique_ptr<Engine> wechatEngine(); // nullptr where the library was absent at build time

} // namespace ykt::bench
