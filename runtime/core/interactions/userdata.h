/* runtime/core/interactions/userdata.h - User data on the wire and in the block: declared keys by name, typed; others as they
 * came. */
#ifndef CORE_USERDATA_H
#define CORE_USERDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

/* A value as a word of that type, text and objects made in the block. False: it is not of the type. */
bool userdata_word(struct core *, struct interaction *, uint16_t type, const struct kv_value *, uint64_t *word);
/* Would that be so in an empty block? */
bool userdata_may_be(const struct image *, uint16_t type, const struct kv_value *);
/* Does it take no more than so many bytes of a block? Of any type. */
bool userdata_fits(const struct image *, uint16_t type, const struct kv_value *, uint32_t bytes);
/* A word of that type as a pair. */
void userdata_put(const struct core *, const struct interaction *, struct kv *, struct span key, uint16_t type,
                  uint64_t word, bool secret);
/* All of it, appended. */
void userdata_all(const struct core *, const struct interaction *, struct kv *);
/* Puts pairs into the block: declared keys coerced. False, and nothing changed, where one is refused. */
bool userdata_attach(struct core *, struct interaction *, struct span pairs);
/* The same, leaving out what is refused: an arrival's data. */
void userdata_take(struct core *, struct interaction *, struct span pairs);
/* Tells the leg's link: these declared keys, and perhaps the other data. */
void userdata_tell(struct core *, struct interaction *, uint64_t slots, bool others, struct span by);

void userdata_on_request(struct core *, const struct message *);

#endif
