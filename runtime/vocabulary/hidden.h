/* runtime/vocabulary/hidden.h - What of an answer is for nobody's eyes: the fields that the effect names, at any depth,
 * with all that is in them; the name "" stands for everything. */
#ifndef VOCABULARY_HIDDEN_H
#define VOCABULARY_HIDDEN_H

#include "runtime/vocabulary/kv.h"

/* The pairs (that have passed kv_check) as they are, the values that are named marked secret; `names`: a list of text
 * as a message has it. */
void hidden_copy(struct span names, struct span pairs, struct kv *to);

#endif
