// 1,000 terminals on a real cluster of three nats-servers on this machine, with the collector behind: a bus
// city's day in a minute, and the highest rate of rides before they pile up. The terminals are light: records
// in memory, all else as the terminal's courier does it over MQTT.
#include "bench/plot.h"
#include "bench/series.h"
#include "collector/jetstream_consumer.h"
#include "collector/sqlite_ledger.h"
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "firmware/courier/mqtt_upstream.h"
#include "tests/eventually.h"
#include "tests/fleet/cluster.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <condition_variable>
#include <fstream>
#include <spdlog/spdlog.h>
#include <thread>

using namespace ykt;

namespace {

using offline_store::Record;
const drivers::SystemClock systemClock;

std::string nameOf(std::size_t number) {
    return "NX-BUS-" + std::to_string(10'000 + number);
}

// What all terminals together have measured.
struct Figures {
    std::mutex mutex;
    bench::Series latencies; // from the ride to its receipt
    std::atomic<std::uint64_t> rides{0};
    std::atomic<std::uint64_t> settled{0};
    std::atomic<std::uint64_t> failures{0};
    std::atomic<std::size_t> connected{0};
};

class LightTerminal {
  public:
    LightTerminal(std::string name, const test::Cluster& cluster, const sim::Pki& pki, Figures& figures)
        : name_(std::move(name)), figures_(figures), upstream_(makeUpstream(cluster, pki)),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    void ride() {
        ++figures_.rides;
        {
            const std::scoped_lock lock(mutex_);
            waiting_.push_back(systemClock.now().monotonic);
        }
        changed_.notify_one();
    }

  private:
    std::unique_ptr<firmware::courier::MqttUpstream> makeUpstream(const test::Cluster& cluster,
                                                                  const sim::Pki& pki) {
        firmware::courier::MqttUpstreamSettings made;
        made.terminal = name_;
        for (std::size_t node = 0; node < test::Cluster::size; ++node)
            made.brokers.push_back({"127.0.0.1", cluster.mqttPort(node)});
        made.caPem = pki.caPem();
        made.identity = *pki.terminalIdentity(name_);
        made.connectTimeout = Milliseconds{60'000};
        made.requestTimeout = Milliseconds{60'000};
        return std::move(*firmware::courier::MqttUpstream::create(std::move(made), systemClock));
    }
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested() && !upstream_->reportStatus("{}", stop))
            ++figures_.failures;
        ++figures_.connected;
        std::vector<MonotonicTime> begun;
        std::vector<Record> batch;
        while (!stop.stop_requested()) {
            if (batch.empty() && !take(begun, batch, stop))
                return;
            const auto receipts = upstream_->deliver(batch, stop);
            if (!receipts || receipts->size() != batch.size()) {
                ++figures_.failures;
                continue; // the same again
            }
            const auto now = systemClock.now().monotonic;
            const std::scoped_lock lock(figures_.mutex);
            for (const auto at : begun)
                figures_.latencies.add(now - at);
            figures_.settled += batch.size();
            batch.clear();
        }
    }
    bool take(std::vector<MonotonicTime>& begun, std::vector<Record>& batch, const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); }))
            return false;
        begun = std::move(waiting_);
        waiting_.clear();
        lock.unlock();
        for (std::size_t i = 0; i < begun.size(); ++i)
            batch.push_back(nextRecord());
        return true;
    }
    Record nextRecord() {
        Record record;
        record.id = {name_, 1, ++sequence_};
        record.recordClass = offline_store::RecordClass::money;
        record.kind = "ride";
        record.written = systemClock.now();
        record.payload =
            toBytes(R"({"purse":{"serial":"0123456789abcdef","amount_fen":100,"counter":7},"fare":100})");
        record.payloadDigest = crypto::sha256(concat({record.salt, record.payload}));
        record.previous = previous_;
        record.hash = previous_ = offline_store::chainHash(record);
        return record;
    }

    std::string name_;
    Figures& figures_;
    std::unique_ptr<firmware::courier::MqttUpstream> upstream_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<MonotonicTime> waiting_;
    std::uint64_t sequence_ = 0;
    crypto::Digest previous_{};
    std::jthread thread_; // the last: it uses the rest
};

// Share of the peak's rate at `hour`: a bus city's two peaks, at 7:30 and 18:00, over a quiet day.
double curve(double hour) {
    const auto peak = [hour](double at, double width) { return std::exp(-std::pow((hour - at) / width, 2)); };
    const double day = hour > 5.5 && hour < 23 ? 0.25 : 0.01;
    return std::min(1.0, day + 0.75 * peak(7.5, 1.0) + 0.65 * peak(18.0, 1.3));
}

// Rides at `rate(seconds from the start)` a second for `length` seconds, each at another terminal.
void play(std::vector<std::unique_ptr<LightTerminal>>& terminals, double length,
          const std::function<double(double)>& rate) {
    constexpr double step = 0.01;
    const auto start = systemClock.now().monotonic;
    double owed = 0;
    std::size_t next = 0;
    for (double at = 0; at < length; at += step) {
        std::this_thread::sleep_until(
            start + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(at)));
        for (owed += rate(at) * step; owed >= 1; owed -= 1)
            terminals[next = (next + 7'919) % terminals.size()]->ride();
    }
}

void drain(const Figures& figures) {
    constexpr Milliseconds limit{120'000};
    (void)test::eventually([&] { return figures.settled >= figures.rides; }, limit); // what is left is told
}

// How many have their receipt by when; and the next measurement begins anew.
bench::Curve report(const char* what, double rate, Figures& figures, std::uint64_t before,
                    std::uint64_t lag) {
    const std::scoped_lock lock(figures.mutex);
    auto milliseconds = [&](double quantile) { return figures.latencies.at(quantile) / 1'000; };
    std::printf("| %s | %.0f | %llu | %llu | %.0f | %.0f |\n", what, rate,
                static_cast<unsigned long long>(figures.rides - before), static_cast<unsigned long long>(lag),
                milliseconds(0.5), milliseconds(0.99));
    std::fflush(stdout);
    bench::Curve curve{std::to_string(std::lround(rate)) + "/s", "#444", {}};
    for (int percent = 0; percent <= 100; percent += 2)
        curve.points.emplace_back(std::log10(std::max(0.1, milliseconds(percent / 100.0))), percent / 100.0);
    figures.latencies = {};
    return curve;
}

void save(const std::string& file, bench::Curve day, std::vector<bench::Curve> rates) {
    static const std::vector<std::string> colours{"#1b9e77", "#7570b3", "#d95f02", "#e7298a"};
    for (std::size_t i = 0; i < rates.size(); ++i)
        rates[i].colour = colours[i % colours.size()];
    const std::string title = "The day, " + day.name + " at its peak";
    const std::string axis = "log10 of milliseconds from the ride to its receipt";
    std::ofstream(file) << bench::plot(
        {{"Rides of 10 s", axis, std::move(rates)}, {title, axis, {std::move(day)}}});
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"1,000 terminals on a cluster of three nats-servers on this machine"};
    std::size_t count = 1'000;
    double peak = 200;
    double day = 60;
    std::vector<double> rates{100, 200, 400, 800};
    std::string svg;
    app.add_option("--terminals", count, "how many")->capture_default_str();
    app.add_option("--peak", peak, "rides a second in the day's peak")->capture_default_str();
    app.add_option("--day", day, "seconds that the day takes")->capture_default_str();
    app.add_option("--rates", rates, "rides a second, for 10 s each, until they pile up")
        ->capture_default_str();
    app.add_option("--svg", svg, "draw how many rides have their receipt by when");
    CLI11_PARSE(app, argc, argv);
    spdlog::set_level(spdlog::level::off);

    const auto pki = *sim::Pki::create(systemClock.now().wall);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i)
        names.push_back(nameOf(i));
    test::Cluster cluster(pki, names);
    test::TemporaryFolder folder;
    const auto ledger = std::move(*collector::SqliteLedger::open(folder.path() / "ledger.db", systemClock));
    collector::JetstreamConsumerSettings settings;
    for (std::size_t node = 0; node < test::Cluster::size; ++node)
        settings.servers.push_back({"127.0.0.1", cluster.clientPort(node)});
    settings.client.caPem = pki.caPem();
    settings.client.identity = *pki.terminalIdentity("collector");
    settings.terminalsCaPem = pki.caPem();
    settings.stream.replicas = 3;
    collector::JetstreamConsumer consumer(*ledger, systemClock, std::move(settings),
                                          [](const std::string&) {});
    const std::jthread collecting([&](const std::stop_token& stop) { consumer.run(stop); });

    Figures figures;
    std::vector<std::unique_ptr<LightTerminal>> terminals;
    const auto begun = systemClock.now().monotonic;
    for (const auto& name : names)
        terminals.push_back(std::make_unique<LightTerminal>(name, cluster, pki, figures));
    if (!test::eventually([&] { return figures.connected >= count; }, std::chrono::minutes{10})) {
        std::printf("only %zu of %zu terminals connected\n", figures.connected.load(), count);
        return 1;
    }
    std::printf("%zu terminals connected in %.1f s\n\n", count,
                std::chrono::duration<double>(systemClock.now().monotonic - begun).count());
    play(terminals, 5, [&](double) { return static_cast<double>(count) / 5; }); // everybody once
    drain(figures);
    {
        const std::scoped_lock lock(figures.mutex);
        figures.latencies = {};
    }

    std::printf("| what | rides/s | rides | waiting at its end | p50 ms | p99 ms |\n| --- | --- | --- | --- "
                "| --- | --- |\n");
    auto before = figures.rides.load();
    play(terminals, day, [&](double at) { return peak * curve(at / day * 24); });
    auto lag = figures.rides - figures.settled;
    drain(figures);
    auto ofTheDay = report("the day, at its peak", peak, figures, before, lag);
    std::vector<bench::Curve> curves;
    for (const auto rate : rates) {
        before = figures.rides;
        play(terminals, 10, [&](double) { return rate; });
        lag = figures.rides - figures.settled;
        drain(figures);
        curves.push_back(report("10 s", rate, figures, before, lag));
        if (static_cast<double>(lag) > 2 * rate)
            break;
    }
    if (!svg.empty())
        save(svg, std::move(ofTheDay), std::move(curves));
    std::printf("\n%llu rides, %llu settled, %llu deliveries failed and were repeated\n",
                static_cast<unsigned long long>(figures.rides),
                static_cast<unsigned long long>(figures.settled),
                static_cast<unsigned long long>(figures.failures));
    return figures.rides == figures.settled ? 0 : 1;
}
