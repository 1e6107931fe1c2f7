#include "ui/window/keys.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

// clang-format off
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
// clang-format on

namespace forktable::test {
namespace {

template <class Wanted>
bool is(const std::optional<Action>& action) {
  return action && std::holds_alternative<Wanted>(*action);
}

TEST(Keys, CLaunchesOneClientAndShiftCTen) {
  ASSERT_TRUE(is<LaunchClients>(action_for_key(GLFW_KEY_C, 0)));
  EXPECT_EQ(std::get<LaunchClients>(*action_for_key(GLFW_KEY_C, 0)).count, 1);
  EXPECT_EQ(std::get<LaunchClients>(*action_for_key(GLFW_KEY_C, GLFW_MOD_SHIFT)).count, 10);
  EXPECT_TRUE(is<CopyPicture>(action_for_key(GLFW_KEY_C, GLFW_MOD_CONTROL))) << "as everywhere";
  EXPECT_FALSE(action_for_key(GLFW_KEY_C, GLFW_MOD_ALT).has_value());
}

TEST(Keys, LocksOfTheKeyboardChangeNothing) {
  EXPECT_TRUE(is<LaunchClients>(action_for_key(GLFW_KEY_C, GLFW_MOD_CAPS_LOCK | GLFW_MOD_NUM_LOCK)));
}

TEST(Keys, SavePicturesThemeHelpFullScreenAndEscapeAreWhereTheContractHasThem) {
  EXPECT_TRUE(is<SavePicture>(action_for_key(GLFW_KEY_S, 0)));
  EXPECT_TRUE(is<ToggleTheme>(action_for_key(GLFW_KEY_T, 0)));
  EXPECT_TRUE(is<ToggleHelp>(action_for_character('?')));
  EXPECT_TRUE(is<ToggleFullScreen>(action_for_key(GLFW_KEY_F11, 0)));
  EXPECT_TRUE(is<Leave>(action_for_key(GLFW_KEY_ESCAPE, 0)));
  for (const char c : {'+', '-', '0'})
    EXPECT_TRUE(is<ChangeScale>(action_for_character(static_cast<unsigned>(c)))) << c;
}

TEST(Keys, NoTwoBindingsShareAKeyAndEveryShownOneSaysWhatItDoes) {
  std::set<std::tuple<int, unsigned, int>> taken;
  for (const KeyBinding& binding : key_bindings()) {
    EXPECT_TRUE(taken.insert({binding.key, binding.character, binding.modifiers}).second);
    EXPECT_EQ(binding.shown == nullptr, binding.does == nullptr);
  }
}

}  // namespace
}  // namespace forktable::test
