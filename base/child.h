/* base/child.h - Starts processes with the signal settings that a new process expects: no signal is blocked or
 * ignored, whatever this process does with signals. */
#pragma once

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

/* Starts a program as posix_spawnp() does: returns 0, or the error number, and then `*pid` is 0. `apart`: signals to
 * our process group, such as Ctrl-C at a terminal, do not reach the child. */
int child_spawn(pid_t *pid, const char *program, const posix_spawn_file_actions_t *, bool apart, char *const *arguments,
                char *const *environment);
