/* runtime/core/sessions/session.h - Agents' sessions: what switch, desktops and administrators say about them. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;
struct timer;

void session_on_state(struct core *, const struct message *); /* EventAgentState */
void session_on_dn(struct core *, const struct message *);
void session_dn(struct core *, struct span dn, unsigned state); /* enum dn_state */
void session_on_client(struct core *, const struct message *);
void session_on_request(struct core *, const struct message *); /* RequestAgentState */
void session_on_timer(struct core *, uint32_t agent);

void session_observed(struct core *, const struct message *); /* Observed(agent) */
void session_resync_began(struct core *, unsigned source);
void session_resync_ended(struct core *, unsigned source); /* whoever was not observed is out */
void session_hold(struct core *, unsigned source, bool held);
void session_lost(struct core *, unsigned source); /* nothing is known of its agents now */

/* Puts an agent into a state, here at once and at the switch by SetAgentState. `why`: the reason, or NULL. */
void session_put(struct core *, uint32_t agent, enum agent_state, const char *why);
void session_state_answered(struct core *, uint32_t agent, uint64_t ref);
/* The agent's destination failed: not chosen for so long. */
void session_out(struct core *, uint32_t agent, uint64_t for_us);

/* Claims, with their deadlines and the agents' places in the ready list. */
uint32_t session_claim(struct core *, uint32_t agent, struct interaction *, uint64_t deadline_us); /* 0: none */
void session_claim_deadline(struct core *, uint32_t claim, uint64_t deadline_us);
void session_release(struct core *, uint32_t claim, bool served);
void session_claim_lapsed(struct core *, const struct timer *);
/* The interaction's claim on the agent; CLAIM_NONE. */
uint32_t session_claim_of(const struct core *, const struct interaction *, uint32_t agent);
/* Whom an event names: by agent's name, else by the DN. AGENT_NONE. */
uint32_t session_who(const struct core *, struct span agent, struct span dn);

#endif
