// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/deliver_inbox.h"

#include <utility>

#include "engine/base/check.h"

namespace millrace::flow {

void DeliverInbox::push(BatchInFlight* batch) {
  {
    base::MutexLock lock(mutex_);
    batches_.push_back(batch);
    news_ = true;
  }
  for_deliver_.notify_one();
}

void DeliverInbox::post_failure(DeliveryFailure failure) {
  {
    base::MutexLock lock(mutex_);
    failures_.push_back(std::move(failure));
    news_ = true;
  }
  for_deliver_.notify_one();
}

void DeliverInbox::notify_acknowledged() {
  {
    base::MutexLock lock(mutex_);
    acknowledged_ = true;
    if (!for_acknowledgements_) return;
  }
  for_deliver_.notify_one();
}

void DeliverInbox::notify_given_up() {
  {
    base::MutexLock lock(mutex_);
    news_ = true;
  }
  for_deliver_.notify_one();
}

bool DeliverInbox::request(const Handover& handover) {
  base::MutexLock lock(mutex_);
  MILLRACE_CHECK(!request_.has_value());
  request_ = handover;
  answer_.reset();
  news_ = true;
  for_deliver_.notify_one();
  while (!answer_.has_value()) for_requester_.wait(mutex_);
  request_.reset();
  return *answer_;
}

void DeliverInbox::close() {
  {
    base::MutexLock lock(mutex_);
    closed_ = true;
    news_ = true;
  }
  for_deliver_.notify_one();
}

void DeliverInbox::wait(std::chrono::steady_clock::time_point deadline, For what) {
  base::MutexLock lock(mutex_);
  for_acknowledgements_ = what == For::kAnything;
  while (!news_ && !(for_acknowledgements_ && acknowledged_) &&
         std::chrono::steady_clock::now() < deadline)
    for_deliver_.wait_until(mutex_, deadline);
  for_acknowledgements_ = false;
  news_ = false;
  acknowledged_ = false;
}

BatchInFlight* DeliverInbox::take() {
  base::MutexLock lock(mutex_);
  if (batches_.empty()) return nullptr;
  BatchInFlight* batch = batches_.front();
  batches_.pop_front();
  return batch;
}

std::optional<DeliveryFailure> DeliverInbox::take_failure() {
  base::MutexLock lock(mutex_);
  if (failures_.empty()) return std::nullopt;
  DeliveryFailure failure = std::move(failures_.front());
  failures_.pop_front();
  return failure;
}

std::optional<Handover> DeliverInbox::requested() const {
  base::MutexLock lock(mutex_);
  // An answered request is the requester's to clear.
  return answer_.has_value() ? std::nullopt : request_;
}

void DeliverInbox::answer(bool done) {
  {
    base::MutexLock lock(mutex_);
    MILLRACE_CHECK(request_.has_value() && !answer_.has_value());
    answer_ = done;
  }
  for_requester_.notify_one();
}

size_t DeliverInbox::queued() const {
  base::MutexLock lock(mutex_);
  return batches_.size();
}

bool DeliverInbox::closed() const {
  base::MutexLock lock(mutex_);
  return closed_;
}

}  // namespace millrace::flow
