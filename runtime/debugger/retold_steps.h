/* runtime/debugger/retold_steps.h - The steps of an interaction that is retold, as a test calls them, and what each
 * came to. It owns the teller's steps and those that are open. */
#pragma once

#include "runtime/debugger/retold_state.h"

/* It does one, if the effect is one; one has come to something, if the event says so. */
void retold_steps_effect(struct retold_teller *, const struct message *effect);
void retold_steps_hear(struct retold_teller *, const struct message *event);
/* Lines: their answers. */
void retold_steps_put(const struct retold_teller *, FILE *);
