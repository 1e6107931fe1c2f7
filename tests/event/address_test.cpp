// Who is at an end of a connection.
#include "core/event/address.hpp"

#include <gtest/gtest.h>

namespace forktable::test {
namespace {

constexpr Ipv4 kAnother{0x7F000002};

TEST(Address, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(to_string(Address(8080)), "127.0.0.1:8080");
  EXPECT_EQ(to_string(Address(kAnother, 40001)), "127.0.0.2:40001");
  EXPECT_EQ(to_string(Ipv4{0}), "0.0.0.0");
  EXPECT_EQ(to_string(Ipv4{0xFFFFFFFF}), "255.255.255.255");
}

TEST(Address, IsItsPortWhereItIsTheUsualOne) {
  EXPECT_EQ(words_of(Address(8080)), "8080");
  EXPECT_EQ(words_of(Address(kAnother, 8080)), "127.0.0.2:8080");
}

TEST(Address, WithTheSamePortIsAnotherOne) {
  EXPECT_NE(Address(8080), Address(kAnother, 8080));
  EXPECT_NE((SocketEnd{8080, 40001}), (SocketEnd{8080, {kAnother, 40001}}));
  EXPECT_EQ(Address(8080), Address(kLoopback, 8080));
}

TEST(Address, IsReadBackAsItWasWritten) {
  for (const std::uint32_t value : {0u, 1u, 0x7F000001u, 0x7F000002u, 0xC0000202u, 0xFFFFFFFFu})
    EXPECT_EQ(parse_ipv4(to_string(Ipv4{value})), Ipv4{value});
}

TEST(Address, ThatIsNoneIsRefused) {
  for (const char* text :
       {"", ".", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "1.2.3.+4", " 1.2.3.4",
        "1.2.3.4 ", "1..3.4", "01.2.3.4", "1.2.3.4\n", "a.b.c.d", "1,2,3,4", "::1"})
    EXPECT_FALSE(parse_ipv4(text)) << text;
}

}  // namespace
}  // namespace forktable::test
