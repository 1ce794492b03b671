/* runtime/vocabulary/hidden.h - The hidden fields of an answer: the names that the effect lists, at any depth, with
 * everything in them; the name "" means all fields. */
#pragma once

#include "runtime/vocabulary/message.h"

/* Copies the pairs (which have passed kv_check) and marks the named values secret; `names`: a list of texts as a
 * message has it. */
void hidden_copy(struct span names, struct span pairs, struct kv *to);

/* Calls `each` with the bytes of every value that is secret by its mark or its key, or of all values. `word`: the
 * bytes are a varint. Bools are left out, since a changed bool tells nothing. */
struct hidden_walk {
    struct message_mask mask; /* the mask's `hides`, unless it is NULL, says which keys are secret */
    void (*each)(void *self, const uint8_t *bytes, uint32_t length, bool word);
    void *self;
};
void hidden_each(const struct hidden_walk *, struct span pairs, bool all);
/* Overwrites the bytes by others that are also well-formed: stars, or a varint of the same length. */
void hidden_overwrite(uint8_t *bytes, uint32_t length, bool word);
