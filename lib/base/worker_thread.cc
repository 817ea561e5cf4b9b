#include "base/worker_thread.h"

namespace cmem {

WorkerThread::~WorkerThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    jobs_.clear();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void WorkerThread::submit(std::size_t bytes, std::function<void()> job) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  changed_.wait(lock, [&] { return waiting_bytes_ < waiting_bytes_limit_; });
  jobs_.push_back({bytes, std::move(job)});  // first: if there is no memory for it, it does not count as waiting
  waiting_bytes_ += bytes;
  changed_.notify_all();
}

void WorkerThread::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job.run();
    job.run = nullptr;  // what it holds is freed before the next one may wait for the space
    lock.lock();
    waiting_bytes_ -= job.bytes;
    changed_.notify_all();
  }
}

}  // namespace cmem
