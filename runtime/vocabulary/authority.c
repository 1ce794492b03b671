/* runtime/vocabulary/authority.c - Answers questions about rights from the table authority.def.
 *
 * Each column of the table is a set of bits, so a question needs two shifts. The rights themselves are in the table,
 * from which the manual is made, too. */
#include "runtime/vocabulary/authority.h"

#include <assert.h>
#include <stdint.h>

enum { /* number of bits in a column of the table */
       FREE = 1u << claim_kind_free,
       OFFERED = 1u << claim_kind_offered,
       OWNER = 1u << claim_kind_owner,
       MOVER = 1u << claim_kind_mover,
       REVIEWER = 1u << claim_kind_reviewer,
       PARTY = 1u << claim_kind_party,
       CONSULTED = 1u << claim_kind_consulted,
       MONITOR = 1u << claim_kind_monitor,
       SUPERVISOR = 1u << AUTHORITY_supervisor,
       OPERATOR = 1u << AUTHORITY_operator,
       HOME = 1u << AUTHORITY_home,
};

static const struct {
    const char *api;
    uint16_t kinds;
    uint8_t roles;
} acts[ACTS] = {
#define ACT(act, request, api, kinds, roles, doc) [ACT_##act] = {api, kinds, roles},
#include "runtime/vocabulary/authority.def"
};

static const char *const refusals[CLAIM_KINDS] = {
#define KIND(kind, refused, doc) [claim_kind_##kind] = refused,
#include "runtime/vocabulary/authority.def"
};

/* An act is allowed by the kind of claim or by the asker's role: one of the two is enough. */
bool authority_allows(enum act act, enum claim_kind kind, enum authority asker)
{
    assert((unsigned)act < ACTS && (unsigned)kind < CLAIM_KINDS && (unsigned)asker < AUTHORITIES);
    return (acts[act].kinds >> kind & 1u) != 0 || (acts[act].roles >> asker & 1u) != 0;
}

const char *authority_refusal(enum claim_kind kind)
{
    assert((unsigned)kind < CLAIM_KINDS);
    return refusals[kind];
}

const char *authority_api(enum act act)
{
    assert(act < ACTS);
    return acts[act].api;
}
