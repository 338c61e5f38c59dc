#define _GNU_SOURCE
#include "CSystemShims.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

void seaworthy_set_thread_name(const char *name) {
#if defined(__APPLE__)
    pthread_setname_np(name);
#else
    pthread_setname_np(pthread_self(), name);
#endif
}

struct thread_start {
    void (*body)(void *context);
    void *context;
};

static void *thread_main(void *pointer) {
    struct thread_start start = *(struct thread_start *)pointer;
    free(pointer);
    start.body(start.context);
    return NULL;
}

int seaworthy_start_thread(void (*body)(void *context), void *context) {
    struct thread_start *start = malloc(sizeof *start);
    if (start == NULL) return ENOMEM;
    start->body = body;
    start->context = context;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    int failure = pthread_create(&thread, &attributes, thread_main, start);
    pthread_attr_destroy(&attributes);
    if (failure != 0) free(start);
    return failure;
}

uintptr_t seaworthy_current_thread(void) { return (uintptr_t)pthread_self(); }

static int64_t monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t seaworthy_oversleep(int64_t nanoseconds) {
    int64_t end = monotonic_nanoseconds() + nanoseconds;
    struct timespec rest = { .tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000 };
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {}
    return monotonic_nanoseconds() - end;
}

#if defined(__linux__)
#include <dirent.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

// As in linux/sched/types.h, which older kernels' headers lack: sched_setattr(2).
struct scheduling_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

int seaworthy_prefer_present_threads(int nice) {
    struct scheduling_attributes attributes = {
        .size = sizeof attributes, .policy = SCHED_OTHER, .flags = 1 /* SCHED_FLAG_RESET_ON_FORK */, .nice = nice,
    };
    DIR *tasks = opendir("/proc/self/task");
    if (tasks == NULL) return 0;
    int preferred = 0;
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        long thread = strtol(entry->d_name, NULL, 10);
        if (thread > 0 && syscall(SYS_sched_setattr, thread, &attributes, 0) == 0) preferred++;
    }
    closedir(tasks);
    return preferred;
}

int seaworthy_allowed_processors(int *processors, int limit) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
    int count = 0;
    for (int processor = 0; processor < CPU_SETSIZE && count < limit; processor++) {
        if (CPU_ISSET(processor, &allowed)) processors[count++] = processor;
    }
    return count;
}

int seaworthy_pin_thread(int processor) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(processor, &only);
    return sched_setaffinity(0, sizeof only, &only) == 0 ? 0 : errno;
}
#else
int seaworthy_allowed_processors(int *processors, int limit) {
    (void)processors;
    (void)limit;
    return 0;
}

int seaworthy_pin_thread(int processor) {
    (void)processor;
    return ENOTSUP;
}

int seaworthy_prefer_present_threads(int nice) {
    (void)nice;
    return 0;
}
#endif
