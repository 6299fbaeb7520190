// The slot of a virtual reader (vsmartcard's vpcd in pcscd) and the simulated card in it.
#pragma once

#include "sim/cards/card_software.h"
#include "sim/cards/pulled_connection.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace ykt::sim {

// vpcd listens on one TCP port per slot. A card in the slot is an open connection: it is made again, with
// growing pauses, when pcscd is restarted. pcscd looks for cards every 400 ms. Any thread may call.
class VpcdSlot {
  public:
    static constexpr std::uint16_t firstPort = 35963; // of slot 0 ("... 00 00"); slot 1 has the next one

    explicit VpcdSlot(std::uint16_t port = firstPort, std::string host = "127.0.0.1")
        : host_(std::move(host)), port_(port) {}
    ~VpcdSlot() { remove(); }
    VpcdSlot(const VpcdSlot&) = delete;
    VpcdSlot& operator=(const VpcdSlot&) = delete;

    // Takes out what is there and puts `card` in. Only the slot's own thread uses it until remove(). A card
    // that stays mute, or whose answer vpcd cannot carry (no bytes at all, more than 65,535), answers one
    // byte, which is no answer: vpcd takes silence and an empty answer for a wait without end.
    void insert(std::shared_ptr<CardSoftware> card);
    void remove();

    // The card leaves at its command with index `at`, counted from its insertion (0 is the first), before or
    // after it acts. Holds once, for the card that is there or the next one, until remove().
    void pullAt(std::size_t at, PullMoment moment);

    // False too when the card was pulled.
    [[nodiscard]] bool occupied() const;

    // Commands that the card in the slot was given since it was inserted.
    [[nodiscard]] std::size_t commands() const;

  private:
    struct Pull {
        std::size_t at;
        PullMoment moment;
    };
    // What becomes of the connection.
    enum class Next { go_on, pulled, lost };

    void takeOut();
    void run(const std::stop_token& stop, CardSoftware& card);
    Next serve(int socket, CardSoftware& card);
    Next answerControl(int socket, CardSoftware& card, std::uint8_t control);
    Next answerCommand(int socket, CardSoftware& card, ByteView command);
    bool due(std::size_t command, PullMoment moment);
    bool publishSocket(const std::stop_token& stop, int socket);

    const std::string host_;
    const std::uint16_t port_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Pull> pull_;
    std::size_t commands_ = 0;
    bool occupied_ = false;
    int socket_ = -1;     // while a connection is open, for remove() to end its wait
    std::mutex handling_; // one insert() or remove() at a time
    std::jthread thread_;
};

} // namespace ykt::sim
