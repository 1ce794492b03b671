/* runtime/core/run/arguments.h - Strategy arguments: the values that a strategy receives when it begins, from the
 * activation or from the strategy that switched to it.
 *
 * The arguments are in the strategy's block, next to its keys. Only this strategy can read them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/image.h"
#include "runtime/vocabulary/kv.h"

struct core;
struct interaction;

enum arguments_fault { ARGUMENTS_GOOD, ARGUMENTS_UNKNOWN, ARGUMENTS_MISSING, ARGUMENTS_WRONG };

/* Checks whether the strategy may begin with the arguments `given`. `name` may be NULL; on a fault it receives the
 * name of the wrong argument, borrowed from `given` or from the image. */
enum arguments_fault arguments_check(const struct image *, const struct image_strategy *, struct span given,
                                     struct span *name);
/* Appends to `taken` those arguments in `given` for which the strategy has parameters. */
void arguments_select(const struct image *, const struct image_strategy *, struct span given, struct kv *taken);
/* Puts the arguments into the new block. False: the arguments do not match the strategy's parameters. */
bool arguments_take(struct core *, struct interaction *, struct span given);
/* Stores the arguments that the fiber's step passes on to `strategy`; `argument` is the number of the first one. The
 * arguments stay in core->given for arguments_take in the same slice, or until the caller copies them. False: the
 * arguments are too large, or one does not fit its parameter. */
bool arguments_keep(struct core *, const struct interaction *, uint8_t fiber, uint32_t strategy, uint16_t argument);
