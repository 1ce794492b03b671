/* runtime/core/strategy.h - Strategies at work: the VM's slices, one after another, until the interaction waits or
 * ends.
 *
 * Owns the VM, the blocks' slab and the programs (images with their names as the core's). Everything about a strategy
 * that waits is in the block; its timers and effects hang on the interaction. */
#ifndef CORE_STRATEGY_H
#define CORE_STRATEGY_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"
#include "runtime/core/directory.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

struct program {
    const struct image *image;
    uint8_t hash[IMAGE_HASH];
    uint32_t *names;    /* the core's number of each name of the image */
    uint32_t *settings; /* and of each setting's */
    uint32_t locale;    /* the site's, as a name; 0: it has none */
    struct setting_view *views; /* of each setting */
};

struct strategies {
    struct slab *slab;
    struct vm *vm;
    struct image *none; /* of interactions that no strategy has served yet: no key is declared */
    struct program *programs;
    uint32_t program_count, program_capacity;
    struct vm_line *lines; /* scratch of selection */
    uint32_t line_capacity;
};

/* program.c */

/* The program of an image; PROGRAM_NONE where the image is not there. */
uint16_t strategy_program(struct core *, const uint8_t hash[IMAGE_HASH]);
struct interaction *interaction_of_block(const struct core *, block_handle);
uint32_t strategy_name(const struct core *, const struct interaction *, uint64_t word); /* an image's name as ours */
/* Text made in a block; the empty one where it is full. */
uint64_t strategy_text(struct core *, block_handle, const char *bytes, uint32_t length);
struct span strategy_title(const struct core *, const struct interaction *);

void strategy_start(struct core *, struct interaction *, struct binding);
void strategy_step_done(struct core *, struct interaction *, uint8_t fiber, uint64_t word);
void strategy_step_failed(struct core *, struct interaction *, uint8_t fiber, unsigned code);
/* Of the parallel at which it stands: what is not through yet fails, each with its own else. */
void strategy_children_fail(struct core *, struct interaction *, unsigned code);
/* What the strategy does on a signal: everything pending is cancelled, the handler runs. */
void strategy_signal(struct core *, struct interaction *, uint16_t function, uint64_t payload);
/* The customer has gone: everything pending is cancelled, on abandoned runs. */
void strategy_abandoned(struct core *, struct interaction *);
/* It no longer has the interaction: silently dropped. `outcome`: enum ended_how. */
void strategy_drop(struct core *, struct interaction *, unsigned outcome);
/* It failed: on error, else the default destination. */
void strategy_failed(struct core *, struct interaction *, unsigned code);
void strategy_default(struct core *, struct interaction *, unsigned code);
void strategy_on_timer(struct core *, struct interaction *, unsigned kind, unsigned part);
/* The block, the fork or the exclusions have changed: keeps the sum of contents right. */
void strategy_touch(struct core *, struct interaction *);
uint64_t strategy_content(const struct core *, const struct interaction *);

#endif
