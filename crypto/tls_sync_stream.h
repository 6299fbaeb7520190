// A TlsStream as the SyncReadStream and SyncWriteStream that Boost.Beast reads and writes HTTP over.
#pragma once

#include "crypto/tls.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <optional>

namespace ykt::crypto {

class TlsSyncStream {
  public:
    explicit TlsSyncStream(TlsStream stream) : stream_(std::move(stream)) {}

    [[nodiscard]] TlsStream& tls() { return stream_; }
    // Why the last operation failed; none after the peer has closed.
    [[nodiscard]] const std::optional<Error>& lastError() const { return lastError_; }

    // NOLINTBEGIN(readability-identifier-naming): the names are the stream concepts'
    template <typename Buffers>
    std::size_t read_some(const Buffers& buffers, boost::system::error_code& code) {
        for (auto at = boost::asio::buffer_sequence_begin(buffers);
             at != boost::asio::buffer_sequence_end(buffers); ++at) {
            const boost::asio::mutable_buffer buffer(*at);
            if (buffer.size() > 0)
                return finish(stream_.readSome({static_cast<std::uint8_t*>(buffer.data()), buffer.size()}),
                              code);
        }
        code = {};
        return 0;
    }

    template <typename Buffers>
    std::size_t write_some(const Buffers& buffers, boost::system::error_code& code) {
        for (auto at = boost::asio::buffer_sequence_begin(buffers);
             at != boost::asio::buffer_sequence_end(buffers); ++at) {
            const boost::asio::const_buffer buffer(*at);
            if (buffer.size() > 0)
                return finish(
                    stream_.writeSome({static_cast<const std::uint8_t*>(buffer.data()), buffer.size()}),
                    code);
        }
        code = {};
        return 0;
    }

    // The stream concepts ask for throwing forms too.
    template <typename Buffers>
    std::size_t read_some(const Buffers& buffers) {
        boost::system::error_code code;
        const auto size = read_some(buffers, code);
        return code ? throw boost::system::system_error(code) : size;
    }
    template <typename Buffers>
    std::size_t write_some(const Buffers& buffers) {
        boost::system::error_code code;
        const auto size = write_some(buffers, code);
        return code ? throw boost::system::system_error(code) : size;
    }
    // NOLINTEND(readability-identifier-naming)

  private:
    std::size_t finish(const Result<std::size_t>& done, boost::system::error_code& code) {
        lastError_ = done ? std::nullopt : std::optional(done.error());
        code = !done        ? make_error_code(boost::system::errc::io_error)
               : *done == 0 ? boost::system::error_code(boost::asio::error::eof)
                            : boost::system::error_code{};
        return done.value_or(0);
    }

    TlsStream stream_;
    std::optional<Error> lastError_;
};

} // namespace ykt::crypto
