#include "firmware/devices.h"

#include "drivers/serial/scanner.h"
#include "drivers/simulated/folder_camera.h"
#include "drivers/v4l2/camera.h"

#include <spdlog/spdlog.h>

namespace ykt::firmware {
namespace {

void log(const std::string& text) {
    spdlog::warn("{}", text);
}

struct CameraMaker {
    const hal::Clock& clock;

    std::shared_ptr<hal::Camera> operator()(const config::FolderCameraSettings& folder) const {
        return std::make_shared<drivers::FolderCamera>(folder.path, clock);
    }
    std::shared_ptr<hal::Camera> operator()(const drivers::v4l2::Settings& device) const {
        return std::make_shared<drivers::v4l2::Camera>(device, clock, log);
    }
};

} // namespace

std::vector<std::shared_ptr<hal::Camera>> makeCameras(const std::vector<config::CameraSettings>& settings,
                                                      const hal::Clock& clock) {
    std::vector<std::shared_ptr<hal::Camera>> cameras;
    for (const auto& camera : settings)
        cameras.push_back(std::visit(CameraMaker{clock}, camera));
    return cameras;
}

std::vector<std::shared_ptr<hal::CodeScanner>>
makeScanners(const std::vector<config::ScannerSettings>& settings, const hal::Clock& clock) {
    std::vector<std::shared_ptr<hal::CodeScanner>> scanners;
    for (const auto& scanner : settings)
        scanners.push_back(std::make_shared<drivers::serial::Scanner>(scanner, clock, log));
    return scanners;
}

} // namespace ykt::firmware
