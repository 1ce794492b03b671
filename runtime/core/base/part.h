/* runtime/core/base/part.h - A part of a core: the operations that loops over parts.def call for every part.
 *
 * A part owns one kind of thing, for example claims, virtual queues or signals. A new part needs one file and one
 * row. */
#ifndef CORE_PART_H
#define CORE_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core;
struct interaction;

/* The operations of a part; an operation is NULL if the part has nothing to do. */
struct part_ops {
    size_t size; /* size of the part's struct, which begins as zero */
    void (*init)(struct core *);
    void (*free)(struct core *);
    /* The interaction ends: the part gives up all that it holds for it. */
    void (*forget)(struct core *, struct interaction *);
    /* Hash of the state that the part's decisions depend on, for the digest of the core. */
    uint64_t (*hash)(const struct core *);
    /* Hash of what the part holds for one interaction, for the sum of the contents of all interactions. */
    uint64_t (*content)(const struct core *, const struct interaction *);
    /* True: the part's sum agrees with its rows. Computed in the slow and obvious way. */
    bool (*check)(const struct core *);
};

/* The parts of a core, in the order of parts.def; the last row has no operations. */
struct part_row {
    const char *name;
    const struct part_ops *ops;
};

void parts_forget(struct core *, struct interaction *);
uint64_t parts_hash(const struct core *);
uint64_t parts_content(const struct core *, const struct interaction *);
const char *parts_check(const struct core *); /* name of the first part whose check fails; NULL: all checks hold */

#endif
