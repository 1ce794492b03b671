/* runtime/vocabulary/authority.h - Rights on an interaction: the table authority.def, which the core checks, and
 * every interface before the core. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/vocabulary.h"

#define WORKBIN_RETURNED "returned" /* name of each agent's workbin for work that comes back to its author */
#define WORKBIN_LATER    "later"    /* name of each agent's workbin for mails that are sent at a time */

enum act {
#define ACT(act, request, api, kinds, roles, doc) ACT_##act,
#include "runtime/vocabulary/authority.def"
    ACTS
};
enum { CLAIM_KINDS = claim_kind_monitor + 1 };

/* The role of the person who asks. An agent has rights by claims only. */
enum authority { AUTHORITY_agent, AUTHORITY_supervisor, AUTHORITY_operator, AUTHORITY_home, AUTHORITIES };

/* True: a person in that role, with that kind of claim on the interaction, may do this. */
bool authority_allows(enum act, enum claim_kind, enum authority);
/* Returns a sentence for an agent whose kind of claim on the interaction does not allow what they asked for. */
const char *authority_refusal(enum claim_kind);
const char *authority_api(enum act); /* returns the desk's word for the act; "": it has none */
