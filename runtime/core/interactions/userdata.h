/* runtime/core/interactions/userdata.h - User data on the wire and in the block. Declared keys are found by name and
 * have types; other keys stay as they came. Values become words, and words values, in userdata_words.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "runtime/vocabulary/message.h"

struct interactions;
struct interaction;

/* Appends all user data. */
void userdata_all(const struct interactions *, const struct interaction *, struct kv *);
/* Puts pairs into the block and coerces declared keys. False: one pair is refused, and nothing has changed. */
bool userdata_attach(struct interactions *, struct interaction *, struct span pairs);
/* As userdata_attach, for the data of an arrival: leaves out the refused pairs. */
void userdata_take(struct interactions *, struct interaction *, struct span pairs);
/* Gives the interaction the block `fresh`, which has no data, and moves all user data there, as by userdata_take. */
void userdata_move(struct interactions *, struct interaction *, block_handle fresh);
/* Tells the leg's link the declared keys whose bits are set in `slots`, and all undeclared keys if `others`. False:
 * some pairs are left out, since a message could not carry all of them. */
bool userdata_tell(struct interactions *, struct interaction *, uint64_t slots, bool others, struct span by);
/* Tells that `by` has changed these pairs. */
void userdata_changed(struct interactions *, struct interaction *, struct span pairs, struct span by);

/* RequestUserData: changes the data and replies. */
void userdata_on_request(struct interactions *, const struct message *);
