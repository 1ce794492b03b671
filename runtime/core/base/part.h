/* runtime/core/base/part.h - A part of a core: what every part is asked, by loops over parts.def.
 *
 * A part owns one kind of thing: claims, virtual queues, signals. Adding a part touches its file and its row. */
#ifndef CORE_PART_H
#define CORE_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core;
struct interaction;

/* NULL where a part has nothing to do. */
struct part_ops {
    size_t size; /* of its struct, which is made zero */
    void (*init)(struct core *);
    void (*free)(struct core *);
    /* The interaction ends: what the part holds for it is given up. */
    void (*forget)(struct core *, struct interaction *);
    /* What the part decides by, for the digest of the core. */
    uint64_t (*hash)(const struct core *);
    /* What the part holds for one interaction, for the sum of the contents of all. */
    uint64_t (*content)(const struct core *, const struct interaction *);
    /* Does its sum agree with its rows? Looked at in the slow and obvious way. */
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
const char *parts_check(const struct core *); /* the name of the first part that does not hold; NULL: all do */

#endif
