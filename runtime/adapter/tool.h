/* runtime/adapter/tool.h - Runs a program of ours, which stands beside gcxvm, and takes what it prints.
 *
 * The program runs in a process group of its own and gets none of our open files. When the thread that has started the
 * program ends, the program is killed. One that tool_run() ends gets SIGTERM, and two seconds in which it removes the
 * files it has made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/out.h"

struct tool_order {
    const char *const *arguments; /* arguments[0] is its name; NULL at the end */
    const char *folder;           /* in which it works; NULL: ours */
    /* It works on what people have written: it has bounds of memory, processor and files, and nothing of our
     * environment. gcxc reads no file outside of `folder`, whatever the text names. */
    bool confined;
    bool joined;      /* its complaints go among its output */
    bool quiet;       /* its complaints go nowhere */
    unsigned seconds; /* it is killed after so long */
    size_t most;      /* it is killed where it prints more bytes */
};

struct tool_end {
    int exit;      /* exit code of the program; -1: it was ended by us, or by a signal, or could not be run */
    char why[256]; /* the last line of its complaints, or why it could not be run; "": it has not complained */
};

/* Runs the program, and appends its output to `out`. `stop` is a descriptor: the program is killed as soon as something
 * can be read from it. -1: there is no such descriptor. True: the program has ended by itself with the code 0. The
 * caller is a thread that may wait: a worker (worker.h), never the loop. */
bool tool_run(const struct tool_order *, int stop, struct out *out, struct tool_end *end);

/* The complaint as a sentence for people who see no more than a page: without the program's name before it, and the
 * hint at its help behind it. NULL: it names a file, a server or a database, which is for the log alone. free(). */
char *tool_sentence(const struct tool_end *, const char *program);

struct tool_process {
    pid_t pid;
    int in, out, complaints; /* our ends of its pipes, which do not wait; -1: closed. The caller closes them */
};

/* Starts the program and does not wait; `seconds` and `most` are the caller's to mind. False with the reason. */
bool tool_begin(const struct tool_order *, struct tool_process *, char *why, size_t why_size);
/* Kills the program and all that it has started, and waits for it. Returns its state as waitpid(2) has it. */
int tool_finish(struct tool_process *);
