/* runtime/core/interactions/userdata.h - User data on the wire and in the block. Declared keys are found by name and
 * have types; other keys stay as they came. */
#ifndef CORE_USERDATA_H
#define CORE_USERDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "runtime/vocabulary/message.h"

struct interactions;
struct interaction;

/* Makes a word of that type from a value; texts and objects are made in the interaction's block. False: the value is
 * not of the type, or the block has no room. */
bool userdata_word(struct interactions *, struct interaction *, uint16_t type, const struct kv_value *, uint64_t *word);
/* True: userdata_word could make this word in an empty block. */
bool userdata_may_be(const struct image *, uint16_t type, const struct kv_value *);
/* True: a word of this type (any type) made from the value takes at most `bytes` bytes of a block. */
bool userdata_fits(const struct image *, uint16_t type, const struct kv_value *, uint32_t bytes);
/* Appends a pair with that key, made from a word of that type. */
/* A constant of the image as a pair, as userdata_put makes one. */
void userdata_put_constant(const struct interactions *, const struct image *, struct kv *, struct span key,
                           uint16_t type, uint64_t word);
void userdata_put(const struct interactions *, const struct interaction *, struct kv *, struct span key, uint16_t type,
                  uint64_t word, bool secret);
/* Appends all user data. */
void userdata_all(const struct interactions *, const struct interaction *, struct kv *);
/* Puts pairs into the block and coerces declared keys. False: one pair is refused, and nothing has changed. */
bool userdata_attach(struct interactions *, struct interaction *, struct span pairs);
/* The same for an arrival's data: leaves out the refused pairs. */
void userdata_take(struct interactions *, struct interaction *, struct span pairs);
/* Gives the interaction the block `fresh`, which has no data, and moves all user data there, as by userdata_take. */
void userdata_move(struct interactions *, struct interaction *, block_handle fresh);
/* Tells the leg's link the declared keys whose bits are set in `slots`, and the other data if `others`. */
void userdata_tell(struct interactions *, struct interaction *, uint64_t slots, bool others, struct span by);
/* Tells that `by` has changed these pairs. */
void userdata_changed(struct interactions *, struct interaction *, struct span pairs, struct span by);

/* RequestUserData: changes the data and replies. */
void userdata_on_request(struct interactions *, const struct message *);

#endif
