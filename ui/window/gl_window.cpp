#include "ui/window/gl_window.hpp"

// clang-format off
#include <glad/gl.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
// clang-format on
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace forktable {
namespace {

std::string latest_error;  // of GLFW

Result<GLFWwindow*> create(const GlWindow::Request& request) {
  glfwSetErrorCallback([](int, const char* text) { latest_error = text; });
  latest_error.clear();
  if (glfwInit() == GLFW_FALSE)
    return failure("can't open a window: " + (latest_error.empty() ? "no display" : latest_error));
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_MAXIMIZED, request.maximized ? GLFW_TRUE : GLFW_FALSE);
  glfwWindowHint(GLFW_VISIBLE, request.visible ? GLFW_TRUE : GLFW_FALSE);
  // A lecturer who clicks on another screen still wants to see this one.
  glfwWindowHint(GLFW_AUTO_ICONIFY, GLFW_FALSE);
  glfwWindowHintString(GLFW_X11_CLASS_NAME, "forktable");
  glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "forktable");
#ifdef GLFW_WAYLAND_APP_ID
  glfwWindowHintString(GLFW_WAYLAND_APP_ID, "io.github.forktable.Forktable");  // the desktop file's name
#endif
  // No larger than the screen it opens on.
  int x = 0, y = 0, width = request.width, height = request.height;
  if (GLFWmonitor* monitor = glfwGetPrimaryMonitor()) {
    int room_width = 0, room_height = 0;
    glfwGetMonitorWorkarea(monitor, &x, &y, &room_width, &room_height);
    if (room_width > 0) width = std::min(width, room_width);
    if (room_height > 0) height = std::min(height, room_height);
  }
  GLFWwindow* window = glfwCreateWindow(width, height, "Forktable", nullptr, nullptr);
  if (window == nullptr) {
    glfwTerminate();
    return failure("can't open a window: " + (latest_error.empty() ? "no OpenGL 3.3" : latest_error));
  }
  return window;
}

}  // namespace

Result<std::string> probe_display() {
  auto window = create({.width = 64, .height = 64, .visible = false});
  if (!window) return tl::make_unexpected(window.error());
  glfwMakeContextCurrent(*window);
  std::string renderer;
  if (gladLoadGL(glfwGetProcAddress) != 0) {
    const GLubyte* name = glGetString(GL_RENDERER);
    renderer = name != nullptr ? reinterpret_cast<const char*>(name) : "unknown renderer";
  }
  glfwDestroyWindow(*window);
  glfwTerminate();
  if (renderer.empty()) return failure("can't open a window: no OpenGL 3.3");
  return renderer;
}

Result<std::unique_ptr<GlWindow>> GlWindow::open(Request request) {
  auto created = create(request);
  if (!created) return tl::make_unexpected(created.error());
  std::unique_ptr<GlWindow> self(new GlWindow(*created, std::move(request)));
  GLFWwindow* window = self->window_;
  glfwMakeContextCurrent(window);
  if (gladLoadGL(glfwGetProcAddress) == 0) return failure("can't open a window: no OpenGL 3.3");
  glfwSwapInterval(1);
  glfwSetWindowSizeLimits(window, 480, 360, GLFW_DONT_CARE, GLFW_DONT_CARE);

  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;  // settings are ours to keep
  ImGui::GetIO().ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  ImGui_ImplGlfw_InitForOpenGL(window, false);
  ImGui_ImplOpenGL3_Init("#version 330 core");
  self->imgui_ready_ = true;
  self->take_callbacks();
  return self;
}

// GLFW's callbacks are ours, and pass on to ImGui what is for its widgets.
void GlWindow::take_callbacks() {
  glfwSetWindowUserPointer(window_, this);
  glfwSetKeyCallback(window_, [](GLFWwindow* from, int key, int code, int action, int modifiers) {
    self(from).keyboard_.key(key, code, action, modifiers);
    self(from).request_.on_change();
  });
  glfwSetCharCallback(window_, [](GLFWwindow* from, unsigned character) {
    self(from).keyboard_.character(character);
    self(from).request_.on_change();
  });
  glfwSetCursorPosCallback(window_, [](GLFWwindow* from, [[maybe_unused]] double x, [[maybe_unused]] double y) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui_ImplGlfw_CursorPosCallback(from, x, y);
#endif
    self(from).request_.on_change();
  });
  glfwSetMouseButtonCallback(window_, [](GLFWwindow* from, int button, int action, int modifiers) {
    ImGui_ImplGlfw_MouseButtonCallback(from, button, action, modifiers);
    if (action == GLFW_RELEASE) {
      ++self(from).clicks_and_turns_;
      self(from).keyboard_.click();
    }
    self(from).request_.on_change();
  });
  glfwSetScrollCallback(window_, [](GLFWwindow* from, double x, double y) {
    ImGui_ImplGlfw_ScrollCallback(from, x, y);
    ++self(from).clicks_and_turns_;
    self(from).request_.on_change();
  });
  glfwSetWindowFocusCallback(window_, [](GLFWwindow* from, int focused) {
    ImGui_ImplGlfw_WindowFocusCallback(from, focused);
    self(from).request_.on_change();
  });
  glfwSetCursorEnterCallback(window_, [](GLFWwindow* from, int entered) {
    ImGui_ImplGlfw_CursorEnterCallback(from, entered);
    self(from).request_.on_change();
  });
  glfwSetDropCallback(window_, [](GLFWwindow* from, int count, const char** paths) {
    if (count > 0) self(from).request_.on_drop(paths[0]);
    self(from).request_.on_change();
  });
  glfwSetFramebufferSizeCallback(window_, [](GLFWwindow* from, int, int) { self(from).request_.on_change(); });
  glfwSetWindowRefreshCallback(window_, [](GLFWwindow* from) { self(from).request_.on_change(); });
  glfwSetWindowContentScaleCallback(window_, [](GLFWwindow* from, float, float) { self(from).request_.on_change(); });
}

GlWindow& GlWindow::self(GLFWwindow* window) { return *static_cast<GlWindow*>(glfwGetWindowUserPointer(window)); }

GlWindow::~GlWindow() {
  if (imgui_ready_) {
    ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplGlfw_Shutdown();
    ImGui::DestroyContext();
  }
  glfwDestroyWindow(window_);
  glfwTerminate();
}

void GlWindow::set_title(const std::string& title) { glfwSetWindowTitle(window_, title.c_str()); }

bool GlWindow::wants_to_close() const { return glfwWindowShouldClose(window_) != GLFW_FALSE; }

void GlWindow::wait(double seconds) {
  if (seconds <= 0)
    glfwPollEvents();
  else
    glfwWaitEventsTimeout(seconds);
}

void GlWindow::wake() { glfwPostEmptyEvent(); }

double GlWindow::clock() { return glfwGetTime(); }

Size GlWindow::size() const {
  int width = 0, height = 0;
  glfwGetWindowSize(window_, &width, &height);
  return {static_cast<float>(width), static_cast<float>(height)};
}

float GlWindow::pixels_per_unit() const {
  int width = 0, height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  const Size units = size();
  return units.width > 0 && width > 0 ? static_cast<float>(width) / units.width : 1;
}

float GlWindow::content_scale() const {
  float x = 1, y = 1;
  glfwGetWindowContentScale(window_, &x, &y);
  return std::clamp(x / pixels_per_unit(), 0.5f, 4.f);
}

bool GlWindow::is_maximized() const { return glfwGetWindowAttrib(window_, GLFW_MAXIMIZED) != GLFW_FALSE; }

bool GlWindow::is_visible() const {
  const Size units = size();
  return glfwGetWindowAttrib(window_, GLFW_ICONIFIED) == GLFW_FALSE && units.width > 0 && units.height > 0;
}

void GlWindow::toggle_full_screen() {
  if (before_full_screen_) {
    const Placed& at = *before_full_screen_;
    glfwSetWindowMonitor(window_, nullptr, at.x, at.y, at.width, at.height, GLFW_DONT_CARE);
    before_full_screen_.reset();
    return;
  }
  Placed at{};
  glfwGetWindowPos(window_, &at.x, &at.y);
  glfwGetWindowSize(window_, &at.width, &at.height);
  // The monitor that shows the middle of the window.
  int count = 0;
  GLFWmonitor** monitors = glfwGetMonitors(&count);
  GLFWmonitor* chosen = glfwGetPrimaryMonitor();
  for (int i = 0; i < count; ++i) {
    int x = 0, y = 0;
    glfwGetMonitorPos(monitors[i], &x, &y);
    const GLFWvidmode* mode = glfwGetVideoMode(monitors[i]);
    const int middle_x = at.x + at.width / 2, middle_y = at.y + at.height / 2;
    if (mode != nullptr && middle_x >= x && middle_x < x + mode->width && middle_y >= y && middle_y < y + mode->height)
      chosen = monitors[i];
  }
  const GLFWvidmode* mode = chosen != nullptr ? glfwGetVideoMode(chosen) : nullptr;
  if (mode == nullptr) return;
  before_full_screen_ = at;
  glfwSetWindowMonitor(window_, chosen, 0, 0, mode->width, mode->height, mode->refreshRate);
}

void GlWindow::renew_fonts() {
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
}

ImTextureID GlWindow::texture_of(const GlyphCache& glyphs) {
  if (glyphs_.name == 0) {
    glGenTextures(1, &glyphs_.name);
    glBindTexture(GL_TEXTURE_2D, glyphs_.name);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    // Coverage is the alpha of white.
    const GLint swizzle[] = {GL_ONE, GL_ONE, GL_ONE, GL_RED};
    glTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_RGBA, swizzle);
  }
  if (glyphs_.version != glyphs.version()) {
    glyphs_.version = glyphs.version();
    glBindTexture(GL_TEXTURE_2D, glyphs_.name);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_R8, glyphs.side(), glyphs.side(), 0, GL_RED, GL_UNSIGNED_BYTE, glyphs.pixels());
  }
  // ImGui's renderer has OpenGL's names as pointers.
  return reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(glyphs_.name));  // NOLINT(performance-no-int-to-ptr)
}

void GlWindow::begin_frame() {
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  ImGui::NewFrame();
  if (imgui_has_taken_all(window_)) answered_ = keyboard_.presses() + clicks_and_turns_;
}

void GlWindow::end_frame(Color background, bool field_awaited) {
  int width = 0, height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  glViewport(0, 0, width, height);
  glClearColor(background.red / 255.f, background.green / 255.f, background.blue / 255.f, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  if (keyboard_.end_frame(field_awaited) || !imgui_has_taken_all(window_)) request_.on_change();
}

void GlWindow::show() { glfwSwapBuffers(window_); }

GlWindow::Pixels GlWindow::read_pixels() const {
  Pixels pixels;
  glfwGetFramebufferSize(window_, &pixels.width, &pixels.height);
  const auto row = static_cast<std::size_t>(pixels.width) * 4;
  std::string upside_down(row * static_cast<std::size_t>(pixels.height), '\0');
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadBuffer(GL_BACK);
  glReadPixels(0, 0, pixels.width, pixels.height, GL_RGBA, GL_UNSIGNED_BYTE, upside_down.data());
  pixels.rgbx.resize(upside_down.size());
  for (int y = 0; y < pixels.height; ++y)
    std::memcpy(pixels.rgbx.data() + static_cast<std::size_t>(pixels.height - 1 - y) * row,
                upside_down.data() + static_cast<std::size_t>(y) * row, row);
  return pixels;
}

}  // namespace forktable
