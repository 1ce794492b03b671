/* runtime/debugger/graft.h - A value of the language that belongs to no machine: taken out of one, put into another.
 *
 * An expression is computed on a machine and an image of its own. The expression's value is taken as a tree of names,
 * texts and numbers. The tree is put into the block of the played strategy each time when the play comes to the moment
 * of the change. The owner frees it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/debugger/show.h"

struct graft;

/* Takes a value. NULL: the value has no meaning on another machine, such as a claimed target, or a secret in a
 * record. */
struct graft *graft_take(const struct values *, uint16_t type, uint64_t word);
void graft_free(struct graft *);
/* Returns how many bytes of a block the value needs at most; they are reserved before it is put there. */
uint32_t graft_bytes(const struct graft *);
/* Puts the value into the running block, as a word of that type. False: the image has no such name or type. */
bool graft_put(const struct graft *, const struct image *, struct vm *, uint16_t type, uint64_t *word);
