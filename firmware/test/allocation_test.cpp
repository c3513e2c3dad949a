#include <doctest/doctest.h>
#include <stddef.h>

#include "fakes.h"

// Of the address sanitizer; gcc ships the function without the header.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*onMalloc)(const volatile void*, size_t),
                                                         void (*onFree)(const volatile void*));

using namespace sconce;

namespace {

bool watching = false;
size_t allocations = 0;

// malloc, operator new and all their kin come through here.
void onAllocation(const volatile void*, size_t) {
  if (watching) allocations++;
}

}  // namespace

TEST_CASE("no heap: 1,000 refused connections, 10,000 commands, 100 new certificates and authorities, and not one allocation") {
  __sanitizer_install_malloc_and_free_hooks(onAllocation, [](const volatile void*) {});
  static Bench bench;
  watching = true;
  delete new int(1);
  const bool awake = allocations == 1;
  allocations = 0;

  bench.link.refuses = true;
  bench.clock.now = 1;
  while (bench.link.connects < 1000) {
    bench.clock.now += 100000;
    bench.board.step();
  }
  bench.link.refuses = false;
  bench.run(70000);
  for (unsigned number = 1; number <= 10000; number++) {
    switch (number % 5) {
      case 0: bench.ask(number, ",\"do\":\"rf.send\",\"code\":1,\"bits\":24,\"protocol\":1,\"pulse\":350,\"repeat\":1"); break;
      case 1: bench.ask(number, ",\"do\":\"pin.set\",\"pin\":5,\"on\":true"); break;
      case 2: bench.ask(number, ",\"do\":\"identify\",\"unknown\":{\"a\":[1,2,3]}"); break;
      case 3: bench.ask(number, ",\"do\":\"identify\"", -1); break;
      case 4: bench.ask(number, ",\"do\":\"identify\""); break;
    }
    bench.run(10);
  }
  // The last code leaves the antenna.
  bench.run(50);
  bench.keys.believes = true;
  static char body[1000];
  const auto tell = [](unsigned number, const char* what, const char* before, const char* value) {
    Writer(body, sizeof body).text(",\"do\":\"").text(what).text("\"").text(before).text(value);
    if (*value) strcat(body, "\"");
    bench.ask(number, body);
    bench.run(5);
  };
  for (unsigned number = 20000; number < 21000; number += 10) {
    tell(number, "certificate.renew", "", "");
    tell(number + 1, "certificate.issuer", ",\"certificate\":\"", household::kIssuing);
    tell(number + 2, "certificate.install", ",\"certificate\":\"", household::kRenewed);
    tell(number + 3, "authority.trust", ",\"signature\":\"MAYCAQECAQE=\",\"alone\":true,\"certificate\":\"",
         number % 20 ? household::kServices : household::kNextServices);
  }
  watching = false;

  CHECK(awake);
  CHECK(allocations == 0);
  CHECK(bench.board.state() == Board::State::SERVING);
  CHECK(bench.log.of(Happening::Event::ERROR) == 1000);
  // Asked, connected anew, and 100 other authorities than before.
  CHECK(bench.log.of(Happening::Event::RENEWAL) == 300);
  CHECK(bench.link.connects == 1101);
  CHECK(bench.pins.sets == 2000);
  CHECK(bench.log.of(Happening::Event::IDENTIFY) == 2000);
  CHECK(bench.log.of(Happening::Event::TRANSMITTED) == 2000);
  CHECK(bench.log.of(Happening::Event::EXPIRED) == 2000);
  CHECK(bench.log.of(Happening::Event::REFUSED) == 2000);
}
