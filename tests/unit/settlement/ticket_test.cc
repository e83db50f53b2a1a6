// SPDX-License-Identifier: Apache-2.0
#include "engine/settlement/ticket.h"

#include <gtest/gtest.h>

namespace millrace::settlement {
namespace {

TEST(Ticket, OfNoOutputsIsUsedUpByTheHandOver) {
  Ticket ticket;
  ticket.open(0);
  EXPECT_TRUE(ticket.release(1));
}

TEST(Ticket, WaitsForEveryOutputAndTheHandOver) {
  Ticket ticket;
  ticket.open(3);
  EXPECT_FALSE(ticket.release(2));
  EXPECT_FALSE(ticket.release(1));
  EXPECT_TRUE(ticket.release(1));
}

TEST(Ticket, TheHandOverMayEndFirst) {
  Ticket ticket;
  ticket.open(2);
  EXPECT_FALSE(ticket.release(1));
  EXPECT_TRUE(ticket.release(2));
}

TEST(Ticket, OpensAgainWhenUsedUp) {
  Ticket ticket;
  for (size_t outputs = 0; outputs < 3; ++outputs) {
    ticket.open(outputs);
    EXPECT_TRUE(ticket.release(outputs + 1));
  }
}

TEST(TicketDeathTest, DiesWhereMoreIsReleasedThanOutstanding) {
  Ticket ticket;
  ticket.open(1);
  EXPECT_DEATH({ [[maybe_unused]] const bool last = ticket.release(3); }, "before >= count");
}

TEST(TicketDeathTest, DiesWhereItIsReleasedAfterItsEnd) {
  Ticket ticket;
  ticket.open(0);
  EXPECT_TRUE(ticket.release(1));
  EXPECT_DEATH({ [[maybe_unused]] const bool last = ticket.release(1); }, "before >= count");
}

TEST(TicketDeathTest, DiesWhereItIsOpenedWhileOutstanding) {
  Ticket ticket;
  ticket.open(1);
  EXPECT_DEATH(ticket.open(1), "outstanding_");
}

}  // namespace
}  // namespace millrace::settlement
