#include "interrupt.h"

#include <csignal>

namespace cli {
namespace {

// A signal handler can reach nothing else.
volatile std::sig_atomic_t received_signal = 0;

void remember(int signal_number) { received_signal = signal_number; }

void install(int signal_number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  // Once only: the second signal has its default effect. Reads and waits of the library go on.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  ::sigaction(signal_number, &action, nullptr);
}

}  // namespace

InterruptScope::InterruptScope() {
  received_signal = 0;
  install(SIGINT, remember);
  install(SIGTERM, remember);
}

InterruptScope::~InterruptScope() {
  install(SIGINT, SIG_DFL);
  install(SIGTERM, SIG_DFL);
}

int pending_interrupt() { return received_signal; }

}  // namespace cli
