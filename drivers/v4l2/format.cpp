#include "drivers/v4l2/format.h"

#include <algorithm>
#include <linux/videodev2.h>
#include <set>

namespace ykt::drivers::v4l2 {
namespace {

constexpr std::uint32_t mostFormats = 64;

std::uint32_t fourCcOf(PixelFormat format) {
    switch (format) {
    case PixelFormat::grey:
        return V4L2_PIX_FMT_GREY;
    case PixelFormat::nv12:
        return V4L2_PIX_FMT_NV12;
    case PixelFormat::yuyv:
        return V4L2_PIX_FMT_YUYV;
    case PixelFormat::mjpeg:
        break;
    }
    return V4L2_PIX_FMT_MJPEG;
}

std::set<std::uint32_t> offeredBy(const Device& device) {
    std::set<std::uint32_t> offered;
    v4l2_fmtdesc description{};
    description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    while (description.index < mostFormats && device.control(VIDIOC_ENUM_FMT, description) == 0) {
        offered.insert(description.pixelformat);
        ++description.index;
    }
    return offered;
}

// What the device made of the format that it was asked for; nullopt: nothing that can be.
std::optional<StreamFormat> checked(const v4l2_pix_format& made, PixelFormat pixel) {
    constexpr std::uint32_t widestStride = 4 * longestSide;
    if (made.pixelformat != fourCcOf(pixel) || made.width < 1 || made.width > longestSide ||
        made.height < 1 || made.height > longestSide || made.bytesperline > widestStride)
        return std::nullopt;
    StreamFormat format{pixel, static_cast<int>(made.width), static_cast<int>(made.height), 0, 1};
    if (pixel == PixelFormat::mjpeg)
        return format;
    const std::uint32_t row = pixel == PixelFormat::yuyv ? 2 * made.width : made.width;
    const std::uint32_t stride = made.bytesperline == 0 ? row : made.bytesperline;
    if (stride < row)
        return std::nullopt;
    // NV12 has half as many rows of colour below those of luma. The last row need not be padded.
    const std::uint32_t rows = pixel == PixelFormat::nv12 ? made.height + made.height / 2 : made.height;
    format.stride = static_cast<int>(stride);
    format.leastBytes = std::size_t{stride} * (rows - 1) + row;
    return format;
}

std::string sizeText(std::uint32_t width, std::uint32_t height) {
    return std::to_string(width) + "x" + std::to_string(height);
}

tl::unexpected<Error> offersNone(const Settings& settings) {
    return fail(Reason::camera_gone, settings.device.string() + ": offers none of the profile's formats");
}

Result<StreamFormat> set(const Device& device, PixelFormat pixel, const Settings& settings,
                         NoticeBoard& notices) {
    v4l2_format format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    format.fmt.pix.width = settings.width;
    format.fmt.pix.height = settings.height;
    format.fmt.pix.pixelformat = fourCcOf(pixel);
    format.fmt.pix.field = V4L2_FIELD_NONE;
    if (const int error = device.control(VIDIOC_S_FMT, format); error != 0)
        return device.gone("S_FMT", error);
    const auto& made = format.fmt.pix;
    const auto agreed = checked(made, pixel);
    if (!agreed)
        return offersNone(settings);
    if (made.width != settings.width || made.height != settings.height)
        notices.say("it has no " + sizeText(settings.width, settings.height) + "; " +
                    sizeText(made.width, made.height) + " is taken");
    return *agreed;
}

void setFrameRate(const Device& device, std::uint32_t wanted, NoticeBoard& notices) {
    v4l2_streamparm parameters{};
    parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    auto& period = parameters.parm.capture.timeperframe;
    if (device.control(VIDIOC_G_PARM, parameters) != 0 ||
        (parameters.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) == 0) {
        notices.say("its frame rate cannot be set");
        return;
    }
    period.numerator = 1;
    period.denominator = wanted;
    if (device.control(VIDIOC_S_PARM, parameters) != 0 || period.numerator == 0) {
        notices.say("it refuses " + std::to_string(wanted) + " frames a second");
        return;
    }
    const auto made = (period.denominator + period.numerator / 2) / period.numerator;
    if (made != wanted)
        notices.say("it has no " + std::to_string(wanted) + " frames a second; " + std::to_string(made) +
                    " are taken");
}

} // namespace

Result<StreamFormat> negotiate(const Device& device, const Settings& settings, NoticeBoard& notices) {
    const auto offered = offeredBy(device);
    Result<StreamFormat> agreed = offersNone(settings);
    for (const auto pixel : settings.formats) {
        if (!offered.contains(fourCcOf(pixel)))
            continue;
        agreed = set(device, pixel, settings, notices);
        if (agreed) {
            setFrameRate(device, settings.frameRate, notices);
            break;
        }
    }
    return agreed;
}

} // namespace ykt::drivers::v4l2
