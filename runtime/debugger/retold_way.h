/* runtime/debugger/retold_way.h - The way of an interaction that is retold, and its end: the first things that a test
 * expects. It owns the teller's destinations, names of queues and the end. */
#pragma once

#include "runtime/debugger/retold_state.h"

void retold_way_queue(struct retold_teller *,
                      const struct message *row); /* of the directory: what its number is called */
void retold_way_effect(struct retold_teller *, const struct message *effect);
void retold_way_hear(struct retold_teller *, const struct message *event);
/* After a batch. Without a switch the owner tells where it has gone. */
void retold_way_owned(struct retold_teller *, const struct interaction_row *);
