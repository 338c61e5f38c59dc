#define _GNU_SOURCE
#include "SpawnShims.h"

int seaworthy_spawn_chdir(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}

int seaworthy_spawn_close_from(posix_spawn_file_actions_t *actions, int descriptor) {
#if defined(__GLIBC__)
    return posix_spawn_file_actions_addclosefrom_np(actions, descriptor);
#else
    (void)actions;
    (void)descriptor;
    return 0;
#endif
}

short seaworthy_spawn_new_session(void) { return POSIX_SPAWN_SETSID; }
