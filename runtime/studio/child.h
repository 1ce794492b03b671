/* runtime/studio/child.h - Runs gcxc, or another program that stands beside gcxvm, for a person, bounded in time,
 * memory and output.
 *
 * The child has no descriptors of ours, no environment but a path and a locale, and a folder of its own. It ends with
 * the process that has started it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct studio_child {
    pid_t pid;
    int in, out; /* our ends of its standard input and output, which do not wait; the caller closes them */
};

/* Starts arguments[0], which stands beside the running program, with these arguments, up to NULL, in the folder.
 * `complaints`: its standard error goes to its output; if not, to nowhere. False with the reason. */
bool studio_child_begin(struct studio_child *, const char *folder, const char *const *arguments, bool complaints,
                        struct error *);
/* Kills the child and all that it has started, and waits for it. Returns its state as waitpid(2) has it. */
int studio_child_end(struct studio_child *);

/* Runs it until it ends, and appends what it prints to `out`. Returns its exit code. -1, with the reason: it could
 * not be started, ran longer than `seconds`, or printed more than `most` bytes. To be called in a thread that may wait.
 */
int studio_child_run(const char *folder, const char *const *arguments, bool complaints, unsigned seconds, size_t most,
                     GString *out, struct error *);
