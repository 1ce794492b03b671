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

/* Shows, after a second, a line such as "checking, 3 s" for work that is one piece; with `all` above 1 the line also
 * shows which piece it is. `what` must stay valid. progress_rests() removes the line, and must be called before other
 * output.
 */
void progress_lasts(const char *what, size_t number, size_t all);
void progress_rests(void);
