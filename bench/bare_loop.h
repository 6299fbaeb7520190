// The least that a program can do: fixed bytes to two handles.
#pragma once

#include "bench/card_readers.h"

#include <stdexcept>
#include <winscard.h>

namespace ykt::bench {

class BareLoop {
  public:
    BareLoop() {
        SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context_);
        connect("Virtual PCD 00 00", card_);
        connect("Virtual PCD 00 01", sam_);
    }
    ~BareLoop() {
        SCardDisconnect(card_.handle, SCARD_LEAVE_CARD);
        SCardDisconnect(sam_.handle, SCARD_LEAVE_CARD);
        SCardReleaseContext(context_);
    }
    BareLoop(const BareLoop&) = delete;
    BareLoop& operator=(const BareLoop&) = delete;

    void transmit(Party party, const Bytes& command) {
        const auto& end = party == Party::card ? card_ : sam_;
        DWORD length = answer_.size();
        if (SCardTransmit(end.handle, end.pci, command.data(), command.size(), nullptr, answer_.data(),
                          &length) != SCARD_S_SUCCESS)
            throw std::runtime_error("the bare loop's SCardTransmit");
    }

  private:
    struct End {
        SCARDHANDLE handle = 0;
        const SCARD_IO_REQUEST* pci = nullptr;
    };
    void connect(const char* reader, End& end) {
        DWORD protocol = 0;
        if (SCardConnect(context_, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                         &end.handle, &protocol) != SCARD_S_SUCCESS)
            throw std::runtime_error("the bare loop's SCardConnect");
        end.pci = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    }

    SCARDCONTEXT context_ = 0;
    End card_;
    End sam_;
    ByteArray<300> answer_{};
};

} // namespace ykt::bench
