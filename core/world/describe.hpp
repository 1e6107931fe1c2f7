// What things are called, in the picture, in sentences and in tables. One name for one thing everywhere.
#pragma once

#include <string>
#include <string_view>

#include "core/world/world.hpp"

namespace forktable {

std::string signal_name(int signal);  // "SIGKILL"
std::string error_name(int error);    // "EMFILE"

// Which server that is: "a thread for each client"; of one that isn't Forktable's, its name.
std::string program_of(const World& world);
// Titles: "server (parent)", "child 1", "thread 1"; "listening socket", "connection 1"; "client 1", "nc", "outsider 2".
std::string title_of(const Process& process);
std::string title_of(const OpenFile& file);
std::string title_of(const Client& client);

// Text from outside, to be shown: a control character, which could do things to a terminal or turn the text around it,
// becomes a dot.
std::string printable(std::string_view text);
std::string first_line(std::string_view text);   // of it, printable, without its end of line
std::string strace_line(std::string_view text);  // the same with its end of line, as strace(1) writes that: "hello\\n"
// The first line of a text of so many bytes, in quotes, with an ellipsis when there was more: “hello”.
std::string quote(const ShortText& text, std::uint32_t bytes);

// "serves client 1"; "served client 1", when that has gone and it holds the connection no more. Empty: there is none,
// as far as anybody knows.
std::string service_of(const World& world, const Process& process);

// In a sentence: "the parent", "child 1"; "client 1", "client 2 (nc)", "client 2 (from outside)".
std::string mention_of(const Process& process);
std::string mention_of(const Client& client);
// An outsider: "from outside, 127.0.0.2, pid 4711", "from outside, gone before it could be asked".
std::string origin_of(const Client& client);
std::string mention_of(const World& world, ClientId client);  // "its client" if it isn't known

std::string introduce(const Process& process);  // with its pid: "the parent (4242)", "child 1 (4243)"

// At the beginning of a sentence.
std::string capital(std::string sentence);

// The variable that holds such a descriptor in the textbook: "listenfd", "connfd"; "(Forktable)".
std::string variable_for(FileKind kind);

// What the process's own code calls a descriptor of it that refers to that open file: "connfd", where the variable
// holds it; else what it refers to, "connection 2".
// Where a child has made the connection its standard input and output, those are called so.
std::string name_in(const Process& process, int fd, const OpenFile& file);
std::string name_in(const Process& process, const ClosedDescriptor& closed);

// "blocked in accept(3)", "zombie: exited 0, not yet reaped", "in the SIGCHLD handler".
std::string doing(const World& world, const Process& process);
// "accept(3)" if it is in a call, else empty.
std::string call_of(const Process& process);
// Its latest call that has returned, as strace(1) writes it: "accept(3) = 4", "close(4) = -1 EBADF"; a variable that it
// has read or written, "*argument → 5", "served ← 1". Empty: none has.
std::string returned_of(const Process& process);
std::string words_of(const Process& process, const Returned& returned);  // the same, of an earlier one

// "accept(3)", "fork()", "looking at errno".
std::string words_of(const Gate& gate);
// "accept(3)"; "fork()", of one that takes no descriptor: `fd` is -1.
std::string words_of(Call call, int fd);
// What a process at its gate does next, in the words of its listing: "close(4)", "look at errno".
std::string next_of(const Process& process);

// Of a process that waits for many descriptors at once: "select waits for 4 descriptors", "select found ready: 3, 5";
// "not in select, read_set has 4 descriptors", while it does something else. Empty: it is none of those.
std::string readiness_of(const Process& process);

// "SIGCHLD, SIGTERM", of a set as in SignalsSeen.
std::string names_of_signals(std::uint32_t set);
// Why an end of a connection is in that state, and what it waits for; in a sentence.
std::string meaning_of(TcpState state);
// The same in a few words, "waits for a FIN"; empty where the name says enough.
std::string brief_meaning_of(TcpState state);
// "which open file a descriptor refers to"
std::string meaning_of(Aspect aspect);

// An errno after which the server of the listing waits a moment or tries again; it gives up after any other.
bool passes(int error);
// It serves nobody itself, and waits for children that end, to fork others in their place.
bool waits_for_children(const Process& process);

// "exited 0", "killed by SIGKILL".
std::string ending_of(int wait_status);

// "connected, nothing sent", "echo received", "waiting for end of file".
std::string doing(const Client& client);
// The same at this moment, which a span of time may outlast: "queued, no echo yet".
std::string doing_now(const Client& client);

// "reported connection 1, in the kernel closed"; "not reported, in the kernel alive".
std::string words_of(const Difference& difference);

// "6 bytes", "64 kB", "2.5 MB".
std::string size_in_words(std::uint64_t bytes);
// "3 bytes", "1 byte".
std::string plural(std::uint64_t count, const char* one, const char* many);

}  // namespace forktable
