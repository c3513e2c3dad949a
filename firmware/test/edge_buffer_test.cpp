#include <doctest/doctest.h>

#include <thread>

#include "edge_buffer.h"

using namespace sconce;

namespace {

bool is(EdgeBuffer& buffer, uint32_t micros, bool high) {
  Interval interval;
  return buffer.next(interval) && !interval.lost && interval.micros == micros && interval.high == high;
}

bool isLost(EdgeBuffer& buffer) {
  Interval interval;
  return buffer.next(interval) && interval.lost;
}

}  // namespace

TEST_CASE("buffer: how long each level lasted; what was before the first edge is not known") {
  EdgeBuffer buffer;
  Interval none;
  CHECK_FALSE(buffer.next(none));
  buffer.edge(true, 4294967000u);
  buffer.edge(false, 4294967000u + 350);
  buffer.edge(true, 4294967000u + 1400);
  // Half an hour of silence, and a pair of edges too close for two interrupts.
  buffer.edge(false, 4294967000u + 1800000000u);
  buffer.edge(false, 4294967000u + 1800000100u);
  buffer.edge(false, 4294967000u + 1800000100u);
  CHECK(isLost(buffer));
  CHECK(is(buffer, 350, true));
  CHECK(is(buffer, 1050, false));
  CHECK(is(buffer, EdgeBuffer::kLongest, true));
  CHECK(is(buffer, 100, false));
  CHECK(is(buffer, 1, false));
  CHECK_FALSE(buffer.next(none));
}

TEST_CASE("buffer: what no longer fits is remembered as a gap, and what comes after it is whole") {
  EdgeBuffer buffer;
  uint32_t now = 0;
  bool high = false;
  const auto edge = [&](uint32_t after) { buffer.edge(high = !high, now += after); };
  for (uint32_t i = 0; i < EdgeBuffer::kSize + 10; i++) edge(100 + i);
  CHECK(isLost(buffer));
  for (uint32_t i = 1; i < EdgeBuffer::kSize; i++) REQUIRE(is(buffer, 100 + i, i % 2 == 1));
  edge(500);
  edge(600);
  CHECK(isLost(buffer));
  CHECK(is(buffer, 600, !high));
  edge(700);
  buffer.clear();
  Interval none;
  CHECK_FALSE(buffer.next(none));
  edge(800);
  CHECK(is(buffer, 800, !high));
}

TEST_CASE("buffer: written while it is read, every interval comes once, in order, or is known to be lost") {
  EdgeBuffer buffer;
  constexpr uint32_t kEdges = 200000;
  // Each interval is one longer than the one before it, so that whatever is missing or torn shows.
  std::thread interrupt([&] {
    uint32_t now = 0;
    for (uint32_t i = 1; i <= kEdges; i++) {
      buffer.edge(i % 2 == 0, now += i);
      if (i % 100 == 0) std::this_thread::yield();
    }
  });
  uint32_t last = 0, wrong = 0, read = 0;
  bool gap = false;
  const auto readAll = [&] {
    for (Interval interval; buffer.next(interval); read++) {
      if (interval.lost) {
        gap = true;
        continue;
      }
      const bool follows = gap ? interval.micros > last : interval.micros == last + 1;
      if (!follows || interval.high != (interval.micros % 2 == 1)) wrong++;
      last = interval.micros;
      gap = false;
    }
  };
  for (int i = 0; i < 1000; i++) readAll();
  interrupt.join();
  readAll();
  CHECK(wrong == 0);
  CHECK(read >= EdgeBuffer::kSize);
}
