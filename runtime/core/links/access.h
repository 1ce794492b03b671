/* runtime/core/links/access.h - How calls go from one switch to another: by which route types, with which access code,
 * and to which external routing points.
 *
 *     route type   the call is sent to               the other switch tells whose it is by
 *     point        code + external routing point     that point, which is reserved for this call
 *     direct       code + destination                the ConnID that the call brings along (user-to-user data)
 *
 * The rows are those of the directory; a change is in force from its commit on. A row names switches by their links'
 * names. A row keeps its slot for good. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct links;
struct names;

enum { ACCESS_POINTS_MAX = 16, ACCESS_TYPES_MAX = 2, ACCESSES_MAX = 4096, ACCESS_ARRIVE_S = 10 };

struct access {
    uint32_t from, to; /* names of links */
    uint32_t code;     /* what is dialled before the number over there; 0: nothing */
    uint32_t points[ACCESS_POINTS_MAX];
    uint8_t point_count, type_count;
    uint8_t types[ACCESS_TYPES_MAX]; /* enum access_type: the first is tried first */
    uint64_t arrive_us;              /* so long a call may take until it is there */
    bool known, seen;
};

struct accesses {
    struct names *names;
    struct links *links;
    struct access *all;
    uint32_t count, capacity;
    uint64_t content; /* additive hash of the rows that are known */
};

/* A row of the directory; of no bytes: it is taken away. */
void access_row(struct accesses *, uint32_t from, uint32_t to, struct span row);
/* Called before and after the rows of a whole directory: drops the rows that these did not name. */
void accesses_unsee(struct accesses *);
void accesses_drop_unseen(struct accesses *);

bool access_has(const struct access *, unsigned type); /* enum access_type */
/* How calls go from one link to another; NULL: not at all. */
const struct access *access_between(const struct accesses *, unsigned from, unsigned to);
/* The number, dialled at that link, leads to another switch that is told whose call comes: by route type `direct`. */
bool accesses_lead(const struct accesses *, unsigned from, struct span number);
/* The number without the code of a way to that link, a name; 0: it begins with no code. The search goes on behind
 * `*at`, 0 at first: ways may have several codes. */
uint32_t accesses_behind(const struct accesses *, unsigned to, uint32_t number, uint32_t *at);
