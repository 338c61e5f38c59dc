// What the C library offers and Swift's Glibc module does not show.
#pragma once

#include <stdint.h>

#include "SpawnShims.h"

/// Names the calling thread (fifteen characters at most on Linux); hidden behind _GNU_SOURCE there.
void seaworthy_set_thread_name(const char *name);

/// Starts a detached thread; returns 0, or the error's number.
int seaworthy_start_thread(void (*body)(void *context), void *context);

/// A number that no other living thread has.
uintptr_t seaworthy_current_thread(void);

/// Lets the present threads of this process run before others that want the processor (a nice value below 0), and not
/// what they start later, be it a thread or a process. Returns how many of them may: none without the right to, or where
/// the system has no such call.
int seaworthy_prefer_present_threads(int nice);

/// The processors that the calling thread may run on, at most `limit` of them, written to `processors`; returns how many.
/// None where a thread cannot be kept on one.
int seaworthy_allowed_processors(int *processors, int limit);

/// Keeps the calling thread on one processor; returns 0, or the error's number.
int seaworthy_pin_thread(int processor);

/// Sleeps for so many nanoseconds and returns by how many it overslept, on a clock that cannot be set.
int64_t seaworthy_oversleep(int64_t nanoseconds);

#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/// epoll_ctl with the file descriptor as the event's data (a C union that Swift cannot fill).
static inline int seaworthy_epoll_ctl(int epoll, int operation, int fd, uint32_t events) {
    struct epoll_event event = { .events = events, .data = { .u64 = 0 } };
    event.data.fd = fd;
    return epoll_ctl(epoll, operation, fd, &event);
}

static inline int seaworthy_epoll_event_fd(const struct epoll_event *event) { return event->data.fd; }
static inline uint32_t seaworthy_epoll_event_mask(const struct epoll_event *event) { return event->events; }
#endif
