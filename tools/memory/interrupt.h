// Ctrl-C during long work asks it to stop at a clean point; a second Ctrl-C ends the process at once (which is safe too).
#pragma once

namespace cli {

class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
};

// The signal that came during an InterruptScope; 0 = none.
int pending_interrupt();

}  // namespace cli
