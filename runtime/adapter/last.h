/* runtime/adapter/last.h - An end in order hears the answers under way, and the next process knows them. A message that
 * is not answered in time is unknown, as after a kill. */
#pragma once

#include <stdbool.h>

struct event_base;

enum { LAST_ANSWERS_S = 2 };

/* The loop turns while an answer is awaited, so long at most. A signal ends the wait. */
void last_answers(struct event_base *, bool (*awaits)(const void *self), const void *self);
