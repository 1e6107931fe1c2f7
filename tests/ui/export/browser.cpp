#include "tests/ui/export/browser.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "tests/support/tcp_client.hpp"

namespace forktable::test {
namespace {

using nlohmann::json;

constexpr const char* kElement = "element-6066-11e4-a52e-4f735466cecf";  // what WebDriver calls one

std::string from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string::npos) break;
    group = (group << 6) | static_cast<std::uint32_t>(digit);
    if ((bits += 6) < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits);
  }
  return bytes;
}

json actions(const std::string& kind, const json& parameters, const json& steps) {
  json source = {{"type", kind}, {"id", kind}, {"actions", steps}};
  if (!parameters.is_null()) source["parameters"] = parameters;
  return {{"actions", json::array({source})}};
}

}  // namespace

Browser::Browser(int width, int height, bool phone) : driver_({.words = {FORKTABLE_CHROMEDRIVER, "--port=0"}}) {
  const std::string started = "started successfully on port ";
  for (std::string line; port_ == 0 && !(line = driver_.line_from_output()).empty();)
    if (const auto at = line.find(started); at != std::string::npos)
      port_ = static_cast<Port>(std::stoi(line.substr(at + started.size())));
  json options = {{"args",
                   {"--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                    "--force-color-profile=srgb", fmt::format("--window-size={},{}", width, height)}}};
  if (phone)
    options["mobileEmulation"]["deviceMetrics"] = {
        {"width", width}, {"height", height}, {"pixelRatio", 2.0}, {"touch", true}};
  const json session = call("POST", "/session",
                            {{"capabilities",
                              {{"alwaysMatch",
                                {{"browserName", "chrome"},
                                 {"goog:chromeOptions", options},
                                 {"goog:loggingPrefs", {{"browser", "ALL"}, {"performance", "ALL"}}}}}}}});
  session_ = "/session/" + session.value("sessionId", "");
  if (phone) return;
  // The page itself is to have that size, without the window's frame.
  const json inner = evaluate("return [outerWidth - innerWidth, outerHeight - innerHeight]");
  call("POST", session_ + "/window/rect",
       {{"width", width + inner[0].get<int>()}, {"height", height + inner[1].get<int>()}});
}

Browser::~Browser() { call("DELETE", session_); }

json Browser::call(const std::string& method, const std::string& path, const json& body) {
  TcpClient connection(port_);
  const std::string content = body.is_null() ? "" : body.dump();
  connection.send(
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  "Content-Length: {}\r\n\r\n{}",
                  method, path, content.size(), content));
  std::string head;
  for (std::string byte; !head.ends_with("\r\n\r\n") && !(byte = connection.receive(1)).empty();) head += byte;
  const std::string length = "content-length:";
  const auto at = std::search(head.begin(), head.end(), length.begin(), length.end(),
                              [](char a, char b) { return std::tolower(a) == b; });
  if (at == head.end()) throw std::runtime_error("no answer to " + method + " " + path);
  const int size = std::stoi(std::string(at + static_cast<std::ptrdiff_t>(length.size()), head.end()));
  const json answer = json::parse(connection.receive(static_cast<std::size_t>(size)));
  const json& value = answer.at("value");
  if (value.is_object() && value.contains("error")) throw std::runtime_error(value.at("message"));
  return value;
}

json Browser::find(const std::string& selector) {
  return call("POST", session_ + "/element", {{"using", "css selector"}, {"value", selector}});
}

void Browser::open(const std::string& url) { call("POST", session_ + "/url", {{"url", url}}); }

void Browser::press(const std::string& key) {
  call("POST", session_ + "/actions",
       actions("key", nullptr, {{{"type", "keyDown"}, {"value", key}}, {{"type", "keyUp"}, {"value", key}}}));
}

void Browser::click(const std::string& selector, int right_of_middle) {
  call("POST", session_ + "/actions",
       actions("pointer", {{"pointerType", "mouse"}},
               {{{"type", "pointerMove"}, {"origin", find(selector)}, {"x", right_of_middle}, {"y", 0}},
                {{"type", "pointerDown"}, {"button", 0}},
                {{"type", "pointerUp"}, {"button", 0}}}));
}

void Browser::swipe(const std::string& selector, int to_the_right) {
  call("POST", session_ + "/actions",
       actions("pointer", {{"pointerType", "touch"}},
               {{{"type", "pointerMove"}, {"origin", find(selector)}, {"x", 0}, {"y", 0}},
                {{"type", "pointerDown"}, {"button", 0}},
                {{"type", "pointerMove"}, {"origin", "pointer"}, {"x", to_the_right}, {"y", 2}, {"duration", 50}},
                {{"type", "pointerUp"}, {"button", 0}}}));
}

json Browser::evaluate(const std::string& body) {
  return call("POST", session_ + "/execute/sync", {{"script", body}, {"args", json::array()}});
}

std::string Browser::text_of(const std::string& selector) {
  return call("GET", fmt::format("{}/element/{}/text", session_, find(selector).at(kElement).get<std::string>()));
}

std::string Browser::print() { return from_base64(call("POST", session_ + "/print", json::object())); }
std::string Browser::screenshot() { return from_base64(call("GET", session_ + "/screenshot")); }

std::vector<json> Browser::log(const std::string& kind) { return call("POST", session_ + "/se/log", {{"type", kind}}); }

std::vector<std::string> Browser::complaints() {
  std::vector<std::string> said;
  for (const json& line : log("browser")) said.push_back(line.at("message"));
  return said;
}

std::vector<std::string> Browser::requests() {
  std::vector<std::string> urls;
  for (const json& line : log("performance")) {
    const json message = json::parse(line.at("message").get<std::string>()).at("message");
    if (message.at("method") != "Network.requestWillBeSent") continue;
    const json& parameters = message.at("params");
    const std::string url = parameters.at("request").at("url");
    if (parameters.value("type", "") != "Document" && !url.starts_with("data:")) urls.push_back(url);
  }
  return urls;
}

}  // namespace forktable::test
