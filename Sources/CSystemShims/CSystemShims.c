#define _GNU_SOURCE
#include "CSystemShims.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

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
#else
int seaworthy_prefer_present_threads(int nice) {
    (void)nice;
    return 0;
}
#endif
