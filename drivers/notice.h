// What an operator should know of a device and no caller can act on: a setting that it does not have, a
// restart.
#pragma once

#include <functional>
#include <set>
#include <string>

namespace ykt::drivers {

// Called from the thread that uses the device; must not throw.
using Notice = std::function<void(const std::string& text)>;

// Tells each text once, until it is told to forget: a device that is asked twice a second does not fill a
// log.
class NoticeBoard {
  public:
    explicit NoticeBoard(Notice tell) : tell_(std::move(tell)) {}
    void say(const std::string& text) {
        if (tell_ && said_.insert(text).second)
            tell_(text);
    }
    void forget() { said_.clear(); }

  private:
    Notice tell_;
    std::set<std::string> said_;
};

} // namespace ykt::drivers
