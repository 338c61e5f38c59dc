// What the C library offers and Swift's Glibc module does not show.
#pragma once

#include <stdint.h>

#include "SpawnShims.h"

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
