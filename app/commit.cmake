# Run at each build: writes the commit that is built into HEADER, which changes only if the commit does.
#   cmake -D SOURCE=... -D HEADER=... -P commit.cmake
cmake_minimum_required(VERSION 3.25)
set(commit "")
# A release's archive that was unpacked inside of somebody else's checkout isn't of that commit.
if(EXISTS ${SOURCE}/.git)
  execute_process(COMMAND git describe --always --exclude=* --abbrev=7 --dirty
                  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define FORKTABLE_COMMIT \"@commit@\"\n" @ONLY)
