/* runtime/core/links/access.h - How calls go from one switch to another: by which route types, with which access code,
 * and to which external routing points.
 *
 *     route type   the call is sent to               the other switch tells whose it is by
 *     point        code + external routing point     that point, which is reserved for this call
 *     direct       code + destination                the ConnID that the call brings along (user-to-user data)
 *
 * The rows come from the directory; a change is in force from its commit on. A row names switches by their links'
 * names. A row keeps its slot for ever. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct links;
struct names;

enum { ACCESS_POINTS_MAX = 16, ACCESS_TYPES_MAX = 2, ACCESSES_MAX = 4096, ACCESS_ARRIVE_S = 10 };

struct access {
    uint32_t from, to; /* names of links */
    uint32_t code;     /* name: access code that is dialled before the other switch's number; 0: none */
    uint32_t points[ACCESS_POINTS_MAX];
    uint8_t point_count, type_count;
    uint8_t types[ACCESS_TYPES_MAX]; /* enum access_type: route types in the order in which they are tried */
    uint64_t arrive_us;              /* how long a call may take to arrive at the other switch, in microseconds */
    bool known, seen;
};

struct accesses {
    struct names *names;
    struct links *links;
    struct access *all;
    uint32_t count, capacity;
    uint64_t content; /* sum of the hashes of the known rows */
};

/* Sets the access of a directory row; an empty row removes it. */
void access_row(struct accesses *, uint32_t from, uint32_t to, struct span row);
/* accesses_unsee is called before all rows of a directory come, accesses_drop_unseen after them; the second drops
 * the accesses that the directory no longer has. */
void accesses_unsee(struct accesses *);
void accesses_drop_unseen(struct accesses *);

bool access_has(const struct access *, unsigned type); /* enum access_type */
/* Returns how calls go from one link to another; NULL: not at all. */
const struct access *access_between(const struct accesses *, unsigned from, unsigned to);
/* Does the number, dialled at the given link, lead to another switch by route type `direct`, so that the call brings
 * its ConnID? */
bool accesses_lead(const struct accesses *, unsigned from, struct span number);
/* Returns, as a name, the number without the code of an access to the given link; 0: the number begins with no such
 * code. Several codes may fit: `*at` is 0 at first, and the next call continues the search from there. */
uint32_t accesses_behind(const struct accesses *, unsigned to, uint32_t number, uint32_t *at);
