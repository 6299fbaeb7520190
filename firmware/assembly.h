// The terminal put together: store, courier, lanes and panel around one Terminal, on the hardware it is
// given.
#pragma once

#include "firmware/config/settings.h"
#include "firmware/courier/clock_check.h"
#include "firmware/courier/courier.h"
#include "firmware/courier/https_upstream.h"
#include "firmware/courier/mqtt_upstream.h"
#include "firmware/courier/platform_verifier.h"
#include "firmware/courier/remote_hsm.h"
#include "firmware/panel/panel.h"
#include "firmware/terminal/card_lane.h"
#include "firmware/terminal/code_lane.h"
#include "firmware/terminal/scanner_lane.h"

#include <thread>

namespace ykt::firmware {

// Outlives the assembly.
struct Hardware {
    const hal::Clock& clock;
    hal::TimeKeeper& timeKeeper; // of that clock
    std::vector<std::shared_ptr<hal::CardReader>> cardReaders;
    std::shared_ptr<hal::CardReader> samReader; // null: no SAM
    std::vector<std::shared_ptr<hal::Camera>> cameras;
    std::vector<std::shared_ptr<hal::CodeScanner>> scanners;
    terminal::Actuators actuators;
};

class Assembly {
  public:
    // Opens keys and store and starts courier, panel and lanes. Errors: those of the keys, of the store, of
    // the upstream's certificates and of the panel's socket.
    static Result<std::unique_ptr<Assembly>> start(config::Settings settings, Hardware hardware);

    // Stops every thread, within about a second; what was not delivered stays in the store.
    ~Assembly();

    [[nodiscard]] const terminal::Terminal& terminal() const { return *terminal_; }
    [[nodiscard]] offline_store::Store& store() { return *store_; }

  private:
    Assembly(config::Settings settings, Hardware hardware)
        : settings_(std::move(settings)), hardware_(std::move(hardware)) {}

    Result<void> openKeys();
    Result<void> openStore();
    Result<void> openUpstream();
    Result<void> openMqtt(crypto::TlsIdentity identity);
    Result<void> openHttps(courier::HttpsServer server);
    // The back office over HTTPS, to which the terminal is `identity`.
    [[nodiscard]] courier::HttpsServer serverFor(const crypto::TlsIdentity& identity) const;
    // To whomever it asks.
    Result<void> showIdentity(const crypto::TlsIdentity& identity);
    void buildTerminal();
    void buildCardLanes();
    void buildCodeLanes();
    void announceLanes();
    Result<void> startThreads();
    void reloadBulletins();
    void keepTime(const std::optional<courier::ServerTime>& serverTime);
    [[nodiscard]] policy::Lists lists(WallTime now) const;

    config::Settings settings_;
    Hardware hardware_;
    std::unique_ptr<keys::KeyStore> keys_;
    std::unique_ptr<offline_store::Store> store_;
    std::unique_ptr<courier::ClockCheck> clockCheck_;
    std::unique_ptr<courier::HttpsUpstream> https_; // none: over MQTT
    std::unique_ptr<courier::MqttUpstream> mqtt_;   // none: over HTTPS
    std::unique_ptr<courier::Upstream> upstream_;
    std::unique_ptr<courier::Courier> courier_;
    std::unique_ptr<terminal::Terminal> terminal_;
    bool reloadDue_ = false; // the last one failed; of the courier's thread once it runs
    std::unique_ptr<terminal::TornDebits> tornDebits_;
    std::unique_ptr<terminal::SamSlot> samSlot_;
    std::unique_ptr<courier::RemoteHsm> hsm_;             // none: no remote step
    std::unique_ptr<courier::PlatformVerifier> verifier_; // none: codes are proved offline or not at all
    std::vector<std::unique_ptr<terminal::CardLane>> cardLanes_;
    std::vector<std::unique_ptr<terminal::CodeLane>> codeLanes_;
    std::vector<std::unique_ptr<terminal::ScannerLane>> scannerLanes_;
    std::unique_ptr<panel::Panel> panel_;
    std::vector<std::jthread> threads_;
};

} // namespace ykt::firmware
