/* base/child.h - Starts processes, with signals as a new process expects them: none is blocked or ignored, whatever we
 * do with ours. */
#pragma once

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

/* As posix_spawnp(): 0, or the error; `*pid` is 0 then. `apart`: a signal to our process group is not for it, such as
 * Ctrl-C at a terminal. */
int child_spawn(pid_t *pid, const char *program, const posix_spawn_file_actions_t *, bool apart, char *const *arguments,
                char *const *environment);
