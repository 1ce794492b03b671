/* runtime/debugger/retold_arrival.h - The arrival of an interaction that is retold: its caller, its destination, its
 * data, its strategy, and the values that were set then and later. It owns the teller's routing points, records of
 * lists and data. */
#pragma once

#include "runtime/debugger/retold_state.h"

void retold_arrival_point(
    struct retold_teller *); /* before all: the routing point of a call, as it is known at the end */
/* Until it has begun: */
void retold_arrival_hear(struct retold_teller *, const struct message *event);
void retold_arrival_effect(struct retold_teller *, const struct message *effect);
/* Settings: as they were when it began, which is now; and one that was changed later. */
void retold_settings_begin(struct retold_teller *);
void retold_settings_hear(struct retold_teller *, const struct message *row);
/* The line with which it comes. */
void retold_arrival_put(const struct retold_teller *, FILE *);
/* Is the message about it or its call? */
bool retold_is_own(const struct retold_teller *, const struct message *);
