/* runtime/daemon/directory/schedule_lines.h - The hours of a schedule as people write them in the directory and by
 * hand: "mon..fri 08:00..12:00, 13:00..18:00; 2026-12-24 closed"; "closed" and "open" alone mean all days. Pure. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

struct shown; /* vm/show.h */

/* Reads the lines of a schedule, and adds their numbers (vm/schedule.h) to the list that is being written. False
 * with a text of what is wrong. */
bool schedule_lines_read(const char *text, struct kv *list, struct error *);
/* False with the line: two spans of one of its days overlap. Spans may touch each other. */
bool schedule_lines_apart(struct span list, struct error *);
void schedule_lines_show(struct shown *, struct span list);
