/* runtime/vocabulary/hidden.h - The hidden fields of an answer: the names that the effect lists, at any depth, with all
 * that is in them; the name "" stands for everything. */
#pragma once

#include "runtime/vocabulary/message.h"

/* The pairs (that have passed kv_check) as they are, the values that are named marked secret; `names`: a list of text
 * as a message has it. */
void hidden_copy(struct span names, struct span pairs, struct kv *to);

/* The bytes of every value that is secret: by its mark, by its key, or all of them. `word`: they are a varint. A bool
 * is left out: who reads another one learns nothing. */
struct hidden_walk {
    struct message_mask mask; /* which keys are secret, if it hides any */
    void (*each)(void *self, const uint8_t *bytes, uint32_t length, bool word);
    void *self;
};
void hidden_each(const struct hidden_walk *, struct span pairs, bool all);
/* Puts other bytes there, which are as well-formed: stars, or a varint of the same length. */
void hidden_overwrite(uint8_t *bytes, uint32_t length, bool word);
