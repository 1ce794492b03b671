/* runtime/adapter/tool.h - Runs a program of ours, which stands beside gcxvm, and takes what it prints.
 *
 * The caller is a thread that may wait: a worker (worker.h), never the loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/out.h"

struct tool_end {
    int exit;      /* exit code of the program; -1: it was ended by us, or by a signal */
    char why[256]; /* the last line of its complaints, or why it could not be run; "": it has not complained */
};

/* Runs arguments[0], from the folder of the running program, with the arguments up to NULL. Its output is appended to
 * `out`. A program that runs longer than `seconds`, or prints more than `most` bytes, is killed, and so is one that
 * runs when `stop`, a descriptor, can be read. True: the program has ended by itself with the code 0. */
bool tool_run(const char *const *arguments, unsigned seconds, size_t most, int stop, struct out *out,
              struct tool_end *end);
