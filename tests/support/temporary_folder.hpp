// A folder that is gone, with all that is in it, when the test is over.
#pragma once

#include <string>
#include <vector>

namespace forktable::test {

class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // The names in it, sorted.
  std::vector<std::string> names() const;

 private:
  std::string path_;
};

// The file as it is, nothing if there is none; and a file just so.
std::string contents(const std::string& path);
void put(const std::string& path, const std::string& bytes);

}  // namespace forktable::test
