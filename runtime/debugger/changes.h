/* runtime/debugger/changes.h - Values that somebody sets in a play: variables and declared keys.
 *
 * A play is always the same, so a change has the number of its moment, and each later play makes it there again. The
 * list belongs to the debugger and outlasts its plays. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct debugger;
struct change;

struct debugger_changes {
    struct change *all;
    size_t count;
};

/* `NAME = EXPRESSION` where it stands: at a line of a test. False: `why` not. */
bool changes_set(struct debugger *, const char *text, char *why, size_t size);
/* The play is at a line: makes the changes of this moment once more. */
void changes_again(struct debugger *);
/* Others than these have happened from here on: later changes are forgotten. True: there were some. */
bool changes_forget_later(struct debugger *);
void changes_show(const struct debugger *, FILE *); /* a comment per change */
void changes_free(struct debugger_changes *);
