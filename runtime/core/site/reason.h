/* runtime/core/site/reason.h - The reasons for which agents are not ready or leave that state, as the directory has
 * them, and further reasons that agents have given.
 *
 * The directory owns the table. The reasons are shown to people; no decision depends on them. A reason keeps its slot
 * for ever. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct directory;

enum { REASONS_GIVEN_MAX = 1000 }; /* most reasons that agents have given and the directory does not have */

struct reason {
    uint32_t name, display; /* names; display 0: the directory does not have the reason */
    bool seen;              /* true: a row of the directory has named the reason since the last whole import began */
};

struct reasons {
    struct reason *all;
    uint32_t count, capacity;
    uint32_t known; /* how many reasons the directory has; 0: none, and any reason is accepted */
    uint32_t given; /* how many rows are reasons that agents have given */
    uint64_t told;  /* hash of the directory's reasons that links were last sent; 0: none were sent */
    struct lookup by_name;
};

void reasons_init(struct reasons *);
void reasons_free(struct reasons *);

/* Takes a row of the directory: `display` is the text that people see for the reason; 0: the reason is removed. */
void reasons_row(struct reasons *, uint32_t name, uint32_t display);
/* Called before and after the rows of a whole directory: drops the reasons that no row has named. */
void reasons_unsee(struct reasons *);
void reasons_drop_unseen(struct reasons *);

void reasons_keep(struct directory *, struct keeper *); /* writes or reads the reasons (vm/keep.h) */

/* returns the hash of the directory's reasons; 0: it has none */
uint64_t reasons_hash(const struct reasons *);
/* returns 0 if the directory does not have the reason */
uint32_t reasons_display(const struct reasons *, uint32_t name);
/* Notes that an agent has given that reason, a name of the core; 0: none. If the directory has reasons but not this
 * one, the reason is counted, and gets a row once. */
void reasons_given(struct directory *, uint32_t agent, uint32_t name);
