// A file that takes its place when it is whole. Until then, what was there stays as it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/system/result.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {

enum class IfThere {
  kReplace,
  kFail,  // with EEXIST; but an empty file is replaced, as nothing is lost with it
};
enum class Grows {
  kAside,    // under another name beside its own
  kInPlace,  // the same where something is to be replaced; a name that is free is taken at once, so that whoever is
             // killed on the way leaves there what has been written
};

class NewFile {
 public:
  // `what` names the job in errors: "can't save" gives "can't save /home/a/x.png: No space left on device". A link is
  // followed. What is no regular file (a pipe, a device), and the standard output whatever it is, is written to as it
  // is, and all below but write() means nothing for it.
  static Result<std::unique_ptr<NewFile>> create(const std::string& path, const std::string& what, IfThere if_there,
                                                 Grows grows);
  // Removes what was neither committed nor kept.
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Result<void> write(std::string_view bytes);
  // To the disk. It is the last that can be done with its bytes; where it is, is still to be said.
  Result<void> sync();
  // Into its place. Fails with EEXIST when something has come there that wasn't there before.
  Result<void> commit();
  // Leaves it where() it is, and what it was to replace as it was.
  void keep() { settled_ = true; }
  // After commit(): removes it again, unless it has replaced something.
  void take_back();

  const std::string& path() const { return path_; }   // as it was given
  const std::string& where() const { return made_; }  // its bytes are
  bool replaces() const { return replaces_; }         // something is there already

 private:
  NewFile(std::string path, std::string what) : path_(std::move(path)), what_(std::move(what)), made_(path_) {}
  tl::unexpected<Error> error() const { return system_error(what_ + " " + path_); }
  void open_beside(unsigned mode);

  std::string path_, what_;
  std::string place_;    // path_, links followed
  std::string made_;     // the file that is written to
  bool settled_ = true;  // it isn't to be removed
  bool replaces_ = false;
  UniqueFd file_;
};

// Whether both names lead to one file, whatever links are on the way; false where one of them isn't there.
bool is_same_file(const std::string& a, const std::string& b);
// Whether what is written to that path comes out of the standard output.
bool is_standard_output(const std::string& path);
// Fails with EEXIST where NewFile would with kFail: before work is done in vain.
Result<void> check_free(const std::string& path, const std::string& what);

}  // namespace forktable
