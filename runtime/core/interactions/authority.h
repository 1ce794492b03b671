/* runtime/core/interactions/authority.h - Tells what an agent is to an interaction, and whether the poster of a request
 * may have what it asks for. The rules stand in vocabulary/authority.def; here is who asks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/authority.h"
#include "runtime/vocabulary/message.h"

struct claim;
struct interactions;
struct interaction;

/* By the agent's claim; without one it is free for them, or none of theirs. AGENT_NONE has no claim. */
enum claim_kind authority_kind(const struct interactions *, const struct interaction *, uint32_t agent);
/* The same of the claim's agent, or what they will be once they have accepted it. */
enum claim_kind authority_kind_had(const struct interactions *, const struct interaction *, const struct claim *);

/* No agent has it or is asked, and it waits where the agent may take it; AGENT_NONE: where anybody may. */
bool authority_is_free(const struct interactions *, const struct interaction *, uint32_t agent);

/* May the request's poster do this? `agent` asks; AGENT_NONE: no agent does. `supervises`: the link vouches that the
 * agent is a supervisor. */
bool authority_may(const struct interactions *, const struct message *, const struct interaction *, uint32_t agent,
                   bool supervises, enum act);
/* The role in which it is asked; the claim that the agent has besides does not count. */
enum authority authority_of(const struct message *, const struct interaction *, uint32_t agent, bool supervises);

/* The sentence for a request that was refused so. */
const char *authority_why(const struct interactions *, const struct interaction *, uint32_t agent);
