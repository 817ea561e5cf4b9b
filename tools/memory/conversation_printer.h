// `memory session show` of a session with a transcript, for people.
#pragma once
#include <coditect/memory.hpp>
#include <memory>

#include "context.h"
#include "printer.h"

namespace cli {

// A printer that also counts what it leaves out.
class ConversationPrinter : public Printer {
 public:
  [[nodiscard]] std::int64_t left_out() const { return left_out_; }
  [[nodiscard]] bool shows_last_row() const override { return shows_last_row_; }

 protected:
  void leave_out() {
    ++left_out_;
    shows_last_row_ = false;
  }
  void begin_row() { shows_last_row_ = true; }

 private:
  std::int64_t left_out_ = 0;
  bool shows_last_row_ = true;
};

// `session` is the row of coditect::Store::session(). Both must outlive the printer.
std::unique_ptr<ConversationPrinter> make_terminal_conversation(Context& context, const coditect::Row& session);
std::unique_ptr<ConversationPrinter> make_markdown_conversation(Context& context, const coditect::Row& session);

}  // namespace cli
