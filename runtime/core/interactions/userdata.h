/* runtime/core/interactions/userdata.h - User data on the wire and in the block. Declared keys are found by name and
 * have types; values of other keys stay as they came. userdata_words.h makes words of values, and values of words. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "runtime/vocabulary/message.h"

struct interactions;
struct interaction;

/* Appends all user data. */
void userdata_all(const struct interactions *, const struct interaction *, struct kv *);
/* Appends the value of a key, unless it is secret or there is none. */
void userdata_one(const struct interactions *, const struct interaction *, struct span key, struct kv *);
/* Puts pairs into the block and converts the values of declared keys. False: one pair is refused, and nothing has
 * changed. */
bool userdata_attach(struct interactions *, struct interaction *, struct span pairs);
/* Does the same as userdata_attach for the data of an arrival, but leaves out refused pairs. */
void userdata_take(struct interactions *, struct interaction *, struct span pairs);
/* Gives the interaction the block `fresh`, which has no data, and moves all user data there, as userdata_take puts
 * them. */
void userdata_move(struct interactions *, struct interaction *, block_handle fresh);
/* Reports to the link of the leg the declared keys whose bits are set in `slots`, and all undeclared keys if
 * `others`. False: some pairs are left out, since one message could not carry all of them. */
bool userdata_tell(struct interactions *, struct interaction *, uint64_t slots, bool others, struct span by);
/* Reports that `by` has changed the given pairs. */
void userdata_changed(struct interactions *, struct interaction *, struct span pairs, struct span by);
/* Deletes the answer that an agent has begun, and tells nobody. False: there is none, or a strategy works with it. */
bool userdata_draft_forget(struct interactions *, struct interaction *);
/* The agent `by` has answered: deletes the answer that was begun, and tells the links. */
void userdata_draft_sent(struct interactions *, struct interaction *, struct span by);

/* Carries out a RequestUserData: changes the data and replies. */
void userdata_on_request(struct interactions *, const struct message *);
