#include "firmware/assembly.h"

#include "firmware/courier/renewal.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace ykt::firmware {

namespace {

std::string cardLaneName(std::size_t index) {
    return "card-" + std::to_string(index + 1);
}
// Cameras first, then scan engines: to a holder they are all places to show a code.
std::string codeLaneName(std::size_t index) {
    return "code-" + std::to_string(index + 1);
}

bool readsLegacyCards(const config::CardSettings& cards) {
    return std::ranges::find(cards.applications, config::CardApplication::legacy_uid) !=
           cards.applications.end();
}

// A signed bulletin that this program cannot use must not take the place of one that it can.
Result<void> admissible(const offline_store::Bulletin& bulletin) {
    return terminal::InstalledLists({}).take(bulletin);
}

} // namespace

Result<std::unique_ptr<Assembly>> Assembly::start(config::Settings settings, Hardware hardware) {
    std::unique_ptr<Assembly> assembly(new Assembly(std::move(settings), std::move(hardware)));
    if (const auto opened = assembly->openKeys(); !opened)
        return failWith(opened);
    if (const auto opened = assembly->openStore(); !opened)
        return failWith(opened);
    if (const auto opened = assembly->openUpstream(); !opened)
        return failWith(opened);
    assembly->buildTerminal();
    assembly->buildCardLanes();
    assembly->buildCodeLanes();
    assembly->announceLanes();
    if (const auto started = assembly->startThreads(); !started)
        return failWith(started);
    return assembly;
}

Assembly::~Assembly() {
    for (auto& thread : threads_)
        thread.request_stop();
    if (hsm_)
        hsm_->stop();
    if (verifier_)
        verifier_->stop();
    threads_.clear(); // joins
    // The panel goes first of what is left: its thread asks all the others.
    panel_.reset();
}

Result<void> Assembly::openKeys() {
    auto opened = keys::openKeys(settings_.keys, settings_.store.path, hardware_.clock.now().wall);
    if (!opened)
        return failWith(opened);
    keys_ = std::move(*opened);
    return keys::adoptIdentity(*keys_,
                               {settings_.upstream.certificatePem, settings_.upstream.keyPem.clone()});
}

Result<void> Assembly::openStore() {
    offline_store::StoreOptions options;
    options.file = settings_.store.path;
    options.terminal = settings_.terminal.id;
    auto dataKeys = keys_->dataKeys();
    if (!dataKeys)
        return failWith(dataKeys);
    auto store = offline_store::Store::open(options, *dataKeys, hardware_.clock);
    if (!store)
        return fail(store.error().reason, options.file.string() + ": " + store.error().context);
    store_ = std::move(*store);
    const auto latestKnown = store_->latestKnown();
    if (!latestKnown)
        return failWith(latestKnown);
    hardware_.timeKeeper.remember(*latestKnown);
    clockCheck_ = std::make_unique<courier::ClockCheck>(hardware_.clock, hardware_.timeKeeper, *store_);
    return {};
}

courier::HttpsServer Assembly::serverFor(const crypto::TlsIdentity& identity) const {
    const auto& upstream = settings_.upstream;
    return {upstream.host,
            upstream.port,
            upstream.caPem,
            {identity.certificatePem, identity.privateKeyPem.clone()}};
}

Result<void> Assembly::openMqtt(crypto::TlsIdentity identity) {
    const auto& upstream = settings_.upstream;
    courier::MqttUpstreamSettings mqtt;
    mqtt.terminal = settings_.terminal.id;
    for (const auto& [host, port] : upstream.brokers)
        mqtt.brokers.push_back({host, port});
    mqtt.caPem = upstream.caPem;
    mqtt.receiptSigner = upstream.receiptSigner;
    mqtt.identity = std::move(identity);
    if (upstream.settleOn == config::UpstreamSettings::SettleOn::puback)
        mqtt.settleOn = courier::MqttUpstreamSettings::SettleOn::puback;
    auto opened = courier::MqttUpstream::create(std::move(mqtt), hardware_.clock);
    if (!opened)
        return failWith(opened);
    mqtt_ = std::move(*opened);
    return {};
}

Result<void> Assembly::openHttps(courier::HttpsServer server) {
    auto opened = courier::HttpsUpstream::create({std::move(server)}, hardware_.clock);
    if (!opened)
        return failWith(opened);
    https_ = std::move(*opened);
    return {};
}

Result<void> Assembly::showIdentity(const crypto::TlsIdentity& identity) {
    if (auto done = mqtt_ ? mqtt_->reconnect(identity) : https_->reconnect(serverFor(identity)); !done)
        return done;
    if (hsm_)
        if (auto done = hsm_->reconnect(serverFor(identity)); !done)
            return done;
    return verifier_ ? verifier_->reconnect(serverFor(identity)) : Result<void>{};
}

Result<void> Assembly::openUpstream() {
    const auto& upstream = settings_.upstream;
    const auto identities = keys_->identities();
    if (!identities)
        return failWith(identities);
    const auto server = [&] { return serverFor(identities->back()); };
    if (const auto opened = upstream.kind == config::UpstreamSettings::Kind::mqtt
                                ? openMqtt(server().identity)
                                : openHttps(server());
        !opened)
        return opened;
    courier::Upstream& plain = mqtt_ ? static_cast<courier::Upstream&>(*mqtt_) : *https_;
    upstream_ = std::make_unique<courier::RenewingUpstream>(
        plain, *keys_, hardware_.clock,
        courier::RenewalSettings{settings_.terminal.id, upstream.terminalCaPem},
        [this](const crypto::TlsIdentity& identity) { return showIdentity(identity); });
    if (settings_.hsm) {
        auto hsm = courier::RemoteHsm::create(server(), settings_.hsm->timeout, hardware_.clock);
        if (!hsm)
            return failWith(hsm);
        hsm_ = std::move(*hsm);
    }
    if (settings_.onlineVerifier) {
        auto verifier = courier::PlatformVerifier::create(
            server(), {settings_.onlineVerifier->timeout, settings_.onlineVerifier->businessType},
            hardware_.clock);
        if (!verifier)
            return failWith(verifier);
        verifier_ = std::move(*verifier);
    }
    courier::CourierSettings courierSettings;
    courierSettings.admits = admissible;
    courierSettings.dataFolder = settings_.store.path.parent_path();
    courierSettings.roundEnded = [this](const auto& serverTime) {
        keepTime(serverTime);
        if (reloadDue_)
            reloadBulletins();
    };
    if (!readsLegacyCards(settings_.cards)) // whose cards they are is nobody's business here
        std::erase(courierSettings.bulletinKinds, "legacy_map");
    courier_ = std::make_unique<courier::Courier>(*store_, *upstream_, hardware_.clock,
                                                  settings_.bulletinPublisher, std::move(courierSettings));
    return {};
}

void Assembly::buildTerminal() {
    const policy::ServiceRequest service{settings_.service.id, settings_.terminal.scene,
                                         settings_.service.fareFen, false, settings_.terminal.region};
    terminal::Terminal::Links links;
    links.lists = [this](WallTime now) { return lists(now); };
    links.recorded = [this] { courier_->wake(); };
    links.changed = [this] {
        if (panel_)
            panel_->notify();
    };
    terminal_ = std::make_unique<terminal::Terminal>(service, *store_, hardware_.actuators, hardware_.clock,
                                                     std::move(links), settings_.codes.limits);
    reloadBulletins();
    terminal_->setPosition(settings_.ride.position);
    tornDebits_ = std::make_unique<terminal::TornDebits>(
        *store_, hardware_.clock, settings_.cards.recoveryWindow, [this] { courier_->wake(); });
}

// Readers of one named field share it; one without a name is a field of its own.
void Assembly::buildCardLanes() {
    if (hardware_.samReader)
        samSlot_ = std::make_unique<terminal::SamSlot>(hardware_.samReader, settings_.samKeys);
    const terminal::CardLaneParts parts{*terminal_,      *tornDebits_,   settings_.pseudonymKey,
                                        settings_.cards, settings_.ride, samSlot_.get(),
                                        hsm_.get()};
    std::map<std::string, std::shared_ptr<terminal::Field>> fields;
    for (std::size_t i = 0; i < hardware_.cardReaders.size(); ++i) {
        const auto name = i < settings_.cardReaders.size() ? settings_.cardReaders[i].field : std::string();
        auto field = name.empty() ? nullptr : fields[name];
        if (!field)
            field = std::make_shared<terminal::Field>();
        if (!name.empty())
            fields[name] = field;
        cardLanes_.push_back(std::make_unique<terminal::CardLane>(cardLaneName(i), hardware_.cardReaders[i],
                                                                  std::move(field), parts));
    }
}

void Assembly::buildCodeLanes() {
    const terminal::CodeLaneParts parts{*terminal_, settings_.pseudonymKey, verifier_.get(),
                                        settings_.codes.frameBudget, settings_.codes.sameAccount};
    for (const auto& camera : hardware_.cameras)
        codeLanes_.push_back(
            std::make_unique<terminal::CodeLane>(codeLaneName(codeLanes_.size()), camera, parts));
    for (const auto& scanner : hardware_.scanners)
        scannerLanes_.push_back(std::make_unique<terminal::ScannerLane>(
            codeLaneName(codeLanes_.size() + scannerLanes_.size()), scanner, parts));
}

// A lane is not ready before it has said so itself.
void Assembly::announceLanes() {
    for (std::size_t i = 0; i < cardLanes_.size(); ++i)
        terminal_->reportLane(cardLaneName(i), {.occupied = true, .trouble = {}});
    for (std::size_t i = 0; i < codeLanes_.size() + scannerLanes_.size(); ++i)
        terminal_->reportLane(codeLaneName(i), {.occupied = true, .trouble = {}});
}

Result<void> Assembly::startThreads() {
    auto panel =
        panel::Panel::start(settings_.panelSocket, {*terminal_, *courier_, *store_, settings_.terminal.id,
                                                    settings_.terminal.place, *keys_});
    if (!panel)
        return failWith(panel);
    panel_ = std::move(*panel);
    threads_.emplace_back([this](const std::stop_token& stop) {
        courier_->run(stop, [this](std::string_view) {
            reloadBulletins();
            panel_->notify();
        });
    });
    for (auto& lane : cardLanes_)
        threads_.emplace_back([raw = lane.get()](const std::stop_token& stop) { raw->run(stop); });
    for (auto& lane : codeLanes_)
        threads_.emplace_back([raw = lane.get()](const std::stop_token& stop) { raw->run(stop); });
    for (auto& lane : scannerLanes_)
        threads_.emplace_back([raw = lane.get()](const std::stop_token& stop) { raw->run(stop); });
    return {};
}

void Assembly::reloadBulletins() {
    const auto loaded = terminal_->reloadBulletins();
    if (!loaded)
        spdlog::error("bulletins: {}", explain(loaded.error()));
    reloadDue_ = !loaded;
}

void Assembly::keepTime(const std::optional<courier::ServerTime>& serverTime) {
    if (serverTime)
        clockCheck_->compare(*serverTime);
    if (const auto remembered = store_->rememberTime(); !remembered)
        spdlog::error("clock: {}", explain(remembered.error()));
}

policy::Lists Assembly::lists(WallTime now) const {
    policy::Lists lists;
    lists.online = courier_->link() == courier::Courier::Link::online;
    auto confirmed = courier_->lastConfirmed("revocation");
    if (!confirmed)
        confirmed = terminal_->revocationInstalled();
    if (confirmed)
        lists.age = std::chrono::duration_cast<std::chrono::seconds>(now - *confirmed);
    return lists;
}

} // namespace ykt::firmware
