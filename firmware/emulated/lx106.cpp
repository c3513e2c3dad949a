#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "board.h"
#include "json_object.h"
#include "scenario.h"
#include "writer.h"

// The emulated chip's side: what is said goes to standard output, what is measured to standard error.

extern "C" {
extern uint32_t stackFloor[], stackTop[];
[[noreturn]] void trapped(uint32_t cause, uint32_t programCounter, uint32_t address);
int main();
}

namespace {

using namespace sconce;

/**
 * The loop has 4,096 bytes of stack on the chip (the Arduino core's CONT_STACKSIZE). Half is the portable part's, which
 * is deepest while it reads a command, not where it calls an adapter; 128 are for what the scenario takes itself.
 */
constexpr size_t kStackBound = 2048 + 128;
constexpr uint32_t kPaint = 0x5C0CE5C0;
/** EXCCAUSE of Xtensa's "unaligned load or store". */
constexpr uint32_t kUnaligned = 9;

enum Simcall : uint32_t { EXIT = 1, WRITE = 4 };
enum : uint32_t { STANDARD_OUTPUT = 1, STANDARD_ERROR = 2 };

/** Semihosting, as Xtensa's simulator and QEMU's `-semihosting` do it. */
void simcall(Simcall call, uint32_t first, const void* second = nullptr, size_t third = 0) {
  register uint32_t a2 asm("a2") = call;
  register uint32_t a3 asm("a3") = first;
  register const void* a4 asm("a4") = second;
  register size_t a5 asm("a5") = third;
  asm volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
}

void measured(const char* what, const char* of, size_t bytes) {
  char line[160];
  Writer words(line, sizeof line);
  words.text("lx106: ").text(what).text(of).text(": ").number(bytes).text(" bytes\n");
  simcall(WRITE, STANDARD_ERROR, line, words.length());
}

[[noreturn]] void end(uint32_t status) {
  for (;;) simcall(EXIT, status);
}

/** How deep the stack goes beneath this call while the part runs, in bytes. */
__attribute__((noinline)) size_t stackOf(const scenario::Part& part) {
  uint32_t* here;
  asm volatile("mov %0, a1" : "=r"(here));
  for (volatile uint32_t* word = stackFloor; word < here; word++) *word = kPaint;
  part.run();
  const volatile uint32_t* deepest = stackFloor;
  while (deepest < here && *deepest == kPaint) deepest++;
  return static_cast<size_t>(here - deepest) * sizeof(uint32_t);
}

void measureSizes() {
  measured("size of ", "Board", sizeof(Board));
  measured("size of ", "Board's Commands", sizeof(Commands));
  measured("size of ", "Commands' Memory", sizeof(Memory));
  measured("size of ", "Commands' RadioQueue", sizeof(RadioQueue));
  measured("size of ", "Board's Outbox", sizeof(Outbox));
  measured("size of ", "Board's Receiver", sizeof(Receiver));
  measured("size of ", "JsonObject, on the stack while a command is read", sizeof(JsonObject));
  measured("size of ", "Reading, on the stack while a command is carried out", sizeof(Reading));
  measured("size of ", "Frame, on the stack while a radio code begins", sizeof(Frame));
}

bool provoked = false;

/** Ends well if the emulated processor refuses an unaligned word as the chip does: else nothing here would show one. */
[[noreturn]] void endUnaligned() {
  static uint32_t words[2];
  provoked = true;
  uint32_t word;
  // In C++ the compiler would see the odd address, and load byte by byte.
  asm volatile("l32i %0, %1, 0" : "=r"(word) : "r"(reinterpret_cast<uintptr_t>(words) + 1));
  scenario::fail("this emulator lets an unaligned word pass; the chip does not");
}

}  // namespace

void scenario::say(const char* text, size_t length) {
  simcall(WRITE, STANDARD_OUTPUT, text, length);
}

void scenario::fail(const char* why) {
  simcall(WRITE, STANDARD_ERROR, why, strlen(why));
  simcall(WRITE, STANDARD_ERROR, "\n", 1);
  end(1);
}

void trapped(uint32_t cause, uint32_t programCounter, uint32_t address) {
  if (provoked && cause == kUnaligned) end(0);
  char line[160];
  Writer words(line, sizeof line);
  words.text("exception ").number(cause).text(" (9: unaligned word) at code address ").hex(programCounter);
  words.text(", data address ").hex(address);
  scenario::fail(line);
}

int main() {
  measureSizes();
  size_t most = 0;
  for (const scenario::Part& part : scenario::kParts) {
    const size_t stack = stackOf(part);
    measured("stack of ", part.name, stack);
    if (stack > most) most = stack;
  }
  measured("stack", ", at most", most);
  if (most > kStackBound) scenario::fail("more stack than kStackBound in firmware/emulated/lx106.cpp allows");
  endUnaligned();
}
