/* runtime/core/directory/profile.h - Profiles of agents: which profile each agent has, from the directory or changed by
 * hand, and the rows of the profiles (queues/prefer.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct staged;

/* Takes a row of the table `profile`: key "profile/queue"; an empty row removes it. */
void profile_take_row(struct core *, struct span key, struct span row);
/* Returns how many rows a staged row of the table `profile` adds to those of the profiles: 1, 0 or -1. `whole`: the row
 * belongs to a whole directory, which replaces all earlier rows. */
int profile_rows_more(const struct core *, const struct staged *, bool whole);
/* True: a row that is in force names the profile. */
bool profile_is_known(const struct core *, struct span profile);
/* Returns why a staged change by hand of an agent's profile cannot come into force; NULL: it can. The text continues a
 * sentence that begins with the agent's name. */
const char *profile_fault(const struct core *, const struct staged *);
/* Takes the site's order for agents from a program in force: of those that have an order the one that was activated
 * last. `number`: the program that was just activated, or PROGRAM_NONE. */
void profiles_take_order(struct core *, uint16_t number);
/* Called when rows, agents or changes by hand may have changed profiles: puts them into force. */
void profiles_changed(struct core *);
