/* runtime/adapter/last.h - At an orderly end a plugin waits for the answers still due, so that the next process
 * knows them. The fate of a message that is not answered in time is unknown, as after a kill. */
#pragma once

#include <stdbool.h>

struct event_base;

enum { LAST_ANSWERS_S = 2 };

/* Runs the loop while `awaits` is true, for LAST_ANSWERS_S at most. A signal ends the waiting. */
void last_answers(struct event_base *, bool (*awaits)(const void *self), const void *self);
