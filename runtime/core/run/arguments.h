/* runtime/core/run/arguments.h - What a strategy is given as it begins: its parameters, from where it was activated or switched
 * to. They stand in the block beside its keys, and nobody else sees them. */
#ifndef CORE_GIVEN_H
#define CORE_GIVEN_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/image.h"
#include "runtime/vocabulary/kv.h"

struct core;
struct interaction;

enum arguments_fault { ARGUMENTS_GOOD, ARGUMENTS_UNKNOWN, ARGUMENTS_MISSING, ARGUMENTS_WRONG };

/* May the strategy begin with these? `name`, which may be NULL: of what is wrong. Borrowed of either. */
enum arguments_fault arguments_check(const struct image *, const struct image_strategy *, struct span given, struct span *name);
/* Of these what the strategy has parameters for, appended to `taken`. */
void arguments_select(const struct image *, const struct image_strategy *, struct span given, struct kv *taken);
/* Puts them into the fresh block. False: they are not what it wants. */
bool arguments_take(struct core *, struct interaction *, struct span given);
/* Keeps what the fiber's step passes on to a strategy, its arguments from that one on: for arguments_take of the strategy
 * that begins in this slice, or for whoever copies it. False: it is too large to be passed on. */
bool arguments_keep(struct core *, const struct interaction *, uint8_t fiber, uint32_t strategy, uint16_t argument);

#endif
