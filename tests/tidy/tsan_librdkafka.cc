// SPDX-License-Identifier: Apache-2.0
// What lets programs that use librdkafka run under ThreadSanitizer; part of every program of the
// tsan preset.
//
// librdkafka is built on C11 threads, which TSan does not know: a thread that thrd_create made
// crashes in the first function that TSan intercepts. So every program has its own C11 calls, made
// of pthreads, which TSan knows. With them it also sees that what is handed over through a queue
// of librdkafka is handed over under a lock.
//
// glibc keeps pthread's objects inside the C11 types; the assertions say so.
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>
#include <pthread.h>
#include <threads.h>

static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t) && alignof(mtx_t) >= alignof(int));
static_assert(sizeof(cnd_t) >= sizeof(pthread_cond_t));
static_assert(sizeof(thrd_t) == sizeof(pthread_t));

// Of TSan's run-time library, which has no header for them.
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace {

// While one of these lives, TSan looks at this thread's locking but not at its accesses. For the
// locks' own memory: librdkafka publishes objects that hold a lock by atomics that TSan does not
// see, so that a lock and its making look like a race.
class OnlyLocking {
 public:
  OnlyLocking() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }

  OnlyLocking(const OnlyLocking&) = delete;
  OnlyLocking& operator=(const OnlyLocking&) = delete;

  ~OnlyLocking() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
};

int to_c11(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case ENOMEM:
      return thrd_nomem;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    default:
      return thrd_error;
  }
}

pthread_mutex_t* native(mtx_t* mutex) {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}

pthread_cond_t* native(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* raw) {
  const std::unique_ptr<Start> start(static_cast<Start*>(raw));
  return reinterpret_cast<void*>(static_cast<intptr_t>(start->function(start->argument)));
}

}  // namespace

extern "C" {

// librdkafka is not instrumented, so TSan sees its calls of memcpy and read, but not the atomics
// that order them. Accesses of the library itself are ignored; those of our callbacks are not.
const char* __tsan_default_suppressions() {
  return "called_from_lib:librdkafka.so\n";
}

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  const int error = pthread_create(thread, nullptr, run, start.get());
  if (error == 0) start.release();
  return to_c11(error);
}

int thrd_join(thrd_t thread, int* result) {
  void* raw = nullptr;
  const int error = pthread_join(thread, &raw);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<intptr_t>(raw));
  return to_c11(error);
}

int thrd_detach(thrd_t thread) {
  return to_c11(pthread_detach(thread));
}

int mtx_init(mtx_t* mutex, int type) noexcept {
  const OnlyLocking only_locking;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init(native(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return to_c11(error);
}

int mtx_lock(mtx_t* mutex) {
  const OnlyLocking only_locking;
  return to_c11(pthread_mutex_lock(native(mutex)));
}

int mtx_trylock(mtx_t* mutex) {
  const OnlyLocking only_locking;
  return to_c11(pthread_mutex_trylock(native(mutex)));
}

int mtx_unlock(mtx_t* mutex) noexcept {
  const OnlyLocking only_locking;
  return to_c11(pthread_mutex_unlock(native(mutex)));
}

void mtx_destroy(mtx_t* mutex) noexcept {
  const OnlyLocking only_locking;
  pthread_mutex_destroy(native(mutex));
}

int cnd_init(cnd_t* condition) noexcept {
  const OnlyLocking only_locking;
  return to_c11(pthread_cond_init(native(condition), nullptr));
}

int cnd_signal(cnd_t* condition) noexcept {
  const OnlyLocking only_locking;
  return to_c11(pthread_cond_signal(native(condition)));
}

int cnd_broadcast(cnd_t* condition) noexcept {
  const OnlyLocking only_locking;
  return to_c11(pthread_cond_broadcast(native(condition)));
}

int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  const OnlyLocking only_locking;
  return to_c11(pthread_cond_wait(native(condition), native(mutex)));
}

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  const OnlyLocking only_locking;
  return to_c11(pthread_cond_timedwait(native(condition), native(mutex), until));
}

void cnd_destroy(cnd_t* condition) noexcept {
  const OnlyLocking only_locking;
  pthread_cond_destroy(native(condition));
}

}  // extern "C"
