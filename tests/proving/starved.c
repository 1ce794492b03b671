/* tests/proving/starved.c - Counts allocations, and refuses one of them in a child process. */
#include "tests/proving/starved.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

enum { CHILD_S = 60 };

static struct {
    uint64_t left; /* STARVED_NEVER: none is refused */
    starved_ended *ended;
    void *self;
    bool here;
} starved = {.left = STARVED_NEVER};

/* Silences the child: its output is dropped, it writes no core dump, and it is ended if it runs for too long. */
static void starved_child_begins(void)
{
    const struct rlimit none = {0, 0};
    int nowhere = open("/dev/null", O_WRONLY);
    for (int said = STDOUT_FILENO; nowhere >= 0 && said <= STDERR_FILENO; said++) (void)dup2(nowhere, said);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGABRT, SIG_DFL);
    (void)alarm(CHILD_S);
    starved.here = true;
    starved.left = STARVED_NEVER;
}

/* Is this allocation refused? */
static bool starved_refuses(void)
{
    int status = -1;
    if (starved.left == STARVED_NEVER || starved.left-- > 0) return false;
    starved.left = STARVED_NEVER;
    pid_t child = fork();
    if (child == 0) {
        starved_child_begins();
        errno = ENOMEM;
        return true;
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    starved.left = starved.ended(starved.self, status);
    return false;
}

void starved_from(uint64_t left, starved_ended *ended, void *self)
{
    assert(starved.left == STARVED_NEVER);
    if (starved.here) return;
    starved.left = left;
    starved.ended = ended;
    starved.self = self;
}

uint64_t starved_until(void)
{
    uint64_t left = starved.left;
    starved.left = STARVED_NEVER;
    return left;
}

bool starved_here(void)
{
    return starved.here;
}

bool starved_as_promised(int status)
{
    return (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) ||
           (WIFEXITED(status) && WEXITSTATUS(status) == MEMORY_EXIT);
}

/* clang-format off */
#define STARVED(type, name, parameters, arguments)                                                                     \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters { return starved_refuses() ? NULL : __real_##name arguments; }
STARVED(void *, malloc, (size_t bytes), (bytes))
STARVED(void *, calloc, (size_t count, size_t size), (count, size))
STARVED(void *, realloc, (void *old, size_t bytes), (old, bytes))
STARVED(void *, reallocarray, (void *old, size_t count, size_t size), (old, count, size))
STARVED(void *, aligned_alloc, (size_t alignment, size_t bytes), (alignment, bytes))
STARVED(char *, strdup, (const char *text), (text))
STARVED(char *, strndup, (const char *text, size_t most), (text, most))
STARVED(FILE *, open_memstream, (char **text, size_t *length), (text, length))
/* clang-format on */
