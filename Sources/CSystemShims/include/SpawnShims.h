// Steps of posix_spawn that glibc shows to _GNU_SOURCE only.
#pragma once

#include <spawn.h>

/// The new process's working directory.
int seaworthy_spawn_chdir(posix_spawn_file_actions_t *actions, const char *directory);

/// Closes every descriptor from this one up in the new process; does nothing where the system has no such call.
int seaworthy_spawn_close_from(posix_spawn_file_actions_t *actions, int descriptor);

/// POSIX_SPAWN_SETSID: a session of its own.
short seaworthy_spawn_new_session(void);
