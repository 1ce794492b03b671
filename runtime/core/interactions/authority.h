/* runtime/core/interactions/authority.h - Tells which claim an agent has on an interaction, and whether the sender
 * of a request may do what it asks for. The rules are in vocabulary/authority.def; this file finds out which agent
 * asks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/authority.h"
#include "runtime/vocabulary/message.h"

struct claim;
struct interactions;
struct interaction;

/* Returns the kind of claim that the agent has on the interaction. For an agent without a claim, returns that the
 * interaction is free for the agent, or that it is none of the agent's. AGENT_NONE has no claim. */
enum claim_kind authority_kind(const struct interactions *, const struct interaction *, uint32_t agent);
/* Returns the kind of claim that the claim's agent has, or will have after accepting it. */
enum claim_kind authority_kind_had(const struct interactions *, const struct interaction *, const struct claim *);

/* True: no agent has the interaction or is asked about it, and it waits where this agent may take it; AGENT_NONE:
 * where any agent may take it. */
bool authority_is_free(const struct interactions *, const struct interaction *, uint32_t agent);

/* May the sender of the request do what it asks for? `agent`: the agent who asks; AGENT_NONE: the sender is no
 * agent. `supervises`: the link vouches that the agent is a supervisor. */
bool authority_may(const struct interactions *, const struct message *, const struct interaction *, uint32_t agent,
                   bool supervises, enum act);
/* Returns the role in which the request is made, without regard to a claim of the agent. */
enum authority authority_of(const struct message *, const struct interaction *, uint32_t agent, bool supervises);

/* Returns a sentence for people about why authority_may has refused the agent. */
const char *authority_why(const struct interactions *, const struct interaction *, uint32_t agent);
