/* runtime/vocabulary/authority.h - Rights on an interaction: the table authority.def, asked by the core and by every
 * interface before the core. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/vocabulary.h"

#define WORKBIN_RETURNED "returned" /* of each agent: what comes back to its author lies there */

enum act {
#define ACT(act, request, api, kinds, roles, doc) ACT_##act,
#include "runtime/vocabulary/authority.def"
    ACTS
};
enum { CLAIM_KINDS = claim_kind_monitor + 1 };

/* The person who asks. Agents may by their claims alone. */
enum authority { AUTHORITY_agent, AUTHORITY_supervisor, AUTHORITY_operator, AUTHORITY_home, AUTHORITIES };

/* May whoever has that role, and is that to the interaction, do this? */
bool authority_allows(enum act, enum claim_kind, enum authority);
/* A sentence for an agent who may not do something, being that to the interaction. */
const char *authority_refusal(enum claim_kind);
const char *authority_api(enum act); /* the desk's word for the act; "": it has none */
