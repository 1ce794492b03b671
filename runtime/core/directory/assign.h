/* runtime/core/directory/assign.h - Skills and groups that agents have by hand, for a time or until it is taken back,
 * before what the directory says of them.
 *
 * Such a change (change.h) is one of the setting that has the agent's name; its item is the skill or the group, and its
 * value is the level, or for a group 1 (in) or 0 (not in). The change keeps what the directory says, `below`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct change;
struct core;
struct kv;
struct staged;

/* True: changes of this table of the directory are those of skills or groups. */
bool assign_is(unsigned table);
/* Returns why a staged change cannot come into force, a text that continues a sentence which begins with the agent's
 * name; NULL: it can. */
const char *assign_fault(const struct core *, const struct staged *);
/* Returns the level that the agent has now; of a group 1 or 0. */
uint32_t assign_level(const struct core *, unsigned table, uint32_t agent_name, struct span item);
/* Puts the level into `room` as the value of a setting, and returns the pairs. */
struct span assign_pairs(struct kv *room, uint32_t level);
/* Gives the agent the level, or the place in the group. */
void assign_put(struct core *, unsigned table, uint32_t agent_name, struct span item, uint32_t level);
/* Puts a change into force. */
void assign_stands(struct core *, const struct change *);
/* The directory says another level: notes it in the changes that stand before it, which come into force anew. */
void assign_below(struct core *, unsigned table, uint32_t agent_name, uint32_t item, uint32_t level);
/* A whole directory comes, and says nothing of any agent yet. */
void assign_below_forget(struct core *);
