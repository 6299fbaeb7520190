// Takes records from the store, batch by batch, and settles them by the back office's receipts. Of the
// courier's thread alone.
#pragma once

#include "firmware/courier/batch_size.h"
#include "firmware/courier/upstream.h"
#include "hal/clock.h"
#include "offline_store/store.h"

namespace ykt::firmware::courier {

struct DeliverySettings {
    // Together about 600 KiB on the way, and 800 KiB as a signed MQTT message, which brokers bound at 1 MB.
    std::size_t batchRecords = 500;
    std::size_t batchBytes = 262'144; // of payloads
    Milliseconds batchAge{1'000};     // so long records that are not money wait for a batch to be full
    Milliseconds lease{60'000};       // longer than any request of the upstream takes
    Milliseconds deferral{60'000};    // how long a record waits that the back office wants later
};

class BatchDelivery {
  public:
    // All outlive it.
    BatchDelivery(offline_store::Store& store, Upstream& upstream, const hal::Clock& clock,
                  DeliverySettings settings);

    // One batch, or as much of it as the back office takes at once. Gives how long there is nothing to do
    // unless a record is appended: zero where there may be more at once, none where nothing waits. Errors: as
    // Upstream::deliver, and the store's.
    using Rest = std::optional<Milliseconds>;
    tl::expected<Rest, UpstreamError> deliverOne(const std::stop_token& stop);

  private:
    using Batch = std::vector<offline_store::Record>;
    using Done = tl::expected<void, UpstreamError>;

    [[nodiscard]] Milliseconds restOf(const Batch& batch) const;
    Done settle(const Batch& batch, std::vector<DeliveryReceipt> receipts);
    Done bury(const offline_store::RecordId& id, const std::string& why, bool sent);
    // After a batch that failed as a whole. No error: another one may go at once.
    Done takeBack(const Batch& batch, const UpstreamError& error);
    Done setAside(const offline_store::RecordId& id, const UpstreamError& error);

    offline_store::Store& store_;
    Upstream& upstream_;
    const hal::Clock& clock_;
    const DeliverySettings settings_;
    BatchSize size_;
    bool acceptsOthers_ = false; // the back office settled a record since one was refused alone
};

} // namespace ykt::firmware::courier
