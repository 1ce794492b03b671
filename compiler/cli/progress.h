/* compiler/cli/progress.h - Shows in one line on a terminal what a long command is doing; without a terminal nothing is
 * shown. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The line that shows how far a run of many tasks is; it is cleared before any other output. */
struct progress {
    bool shown;
};
void progress_show(struct progress *, uint32_t done, uint32_t all, const char *what, uint64_t spent_us);
void progress_clear(struct progress *);

/* The line of work that is one piece, such as compiling: "checking, 3 s", from the second second on; with `all` above 1
 * also which piece it is. `what` must stay. progress_rests() takes the line away: whatever is printed comes after it.
 */
void progress_lasts(const char *what, size_t number, size_t all);
void progress_rests(void);
