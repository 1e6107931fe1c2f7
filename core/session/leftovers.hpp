// What a run left behind that was killed with all who were to see to that: the kernel keeps semaphores, and a folder
// stays.
#pragma once

namespace forktable {

// Forktable holds the semaphore of its server from here on until it ends, however that is: nobody takes it for a
// leftover, although the server may have ended before its children. By semid; does nothing if it is gone or not ours.
void hold_semaphore(int semaphore);

struct Leftovers {
  int semaphores = 0, folders = 0;
};

// Removes what no living run uses, and tells how much that was. Only what this user's runs made: a semaphore bears the
// mark of semaphore_mark.hpp and nobody holds it; a folder for a FIFO is named after the process that made it, which is
// dead. Other runs may begin and end meanwhile.
Leftovers remove_leftovers();

}  // namespace forktable
