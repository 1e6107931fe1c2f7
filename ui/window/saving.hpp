// What is taken home from the window: a slide of what is looked at, a recording of all that has happened.
#pragma once

#include <string>

#include "core/recording/recording.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/window/model.hpp"

namespace forktable {

// PNG.
Result<std::string> slide_of(const Model& model, const Fonts& fonts);
std::string recording_of(const Model& model);
// What stands in it before the events.
RecordingHead head_of(const Model& model);

// "2026-11-23-210500", local time.
std::string time_for_names();

// Writes the bytes into the pictures folder, under a name that is not taken: the time, `what` and `ending`. Returns the
// name. Bytes that are an error are that error.
Result<std::string> save_new(const std::string& what, const std::string& ending, const Result<std::string>& bytes);

}  // namespace forktable
