/* base/child.c - Starting a child process with the right attributes for posix_spawnp(). */
#include "base/child.h"

#include <signal.h>

int child_spawn(pid_t *pid, const char *program, const posix_spawn_file_actions_t *files, bool apart,
                char *const *arguments, char *const *environment)
{
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (apart ? POSIX_SPAWN_SETPGROUP : 0));
    int error = posix_spawnp(pid, program, files, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) *pid = 0;
    return error;
}
