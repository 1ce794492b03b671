/* runtime/core/sessions/session.h - Sessions of agents: reports and requests of switches, desktops and administrators
 * about agents.
 *
 * This room owns no table but that of loans (loan.h): nothing else of it is kept. It changes agents and claims
 * (people/), keeps the ready list in step with them, and tells the parts when an agent can no longer be asked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/media.h"
#include "runtime/vocabulary/message.h"

struct agent;
struct agents;
struct claims;
struct directory;
struct effects;
struct forks;
struct interactions;
struct kv;
struct links;
struct names;
struct now;
struct part_rows;
struct parts;
struct timers;

/* All of the core that sessions touch, borrowed. */
struct sessions {
    const struct now *now;
    const struct facts *facts;
    const struct part_rows *rows;
    const struct media_ops *const *media; /* indexed by enum media */
    struct names *names;
    struct timers *timers;
    struct kv *scratch;
    struct agents *agents;
    struct claims *claims;
    struct directory *directory;
    struct links *links;
    struct interactions *interactions;
    struct effects *effects;
    const struct forks *forks;
};

void sessions_init(struct sessions *, const struct parts *);

void session_on_state(struct sessions *, const struct message *); /* EventAgentState */
void session_on_dn(struct sessions *, const struct message *);    /* EventDN */
/* Notes whether the DN is in service, so that the agent at the DN can be chosen or not. */
void session_dn(struct sessions *, unsigned source, struct span dn, unsigned state); /* enum dn_state */
void session_on_client(struct sessions *, const struct message *);  /* EventClient: a desktop comes or goes */
void session_on_request(struct sessions *, const struct message *); /* RequestAgentState */

void session_observed(struct sessions *, const struct message *); /* Observed(agent) */
/* Observed(agent) during an audit: counts and corrects what the core knew otherwise. */
void session_audited(struct sessions *, const struct message *);
void session_resync_began(struct agents *, unsigned source);
/* The desk has begun anew: until it says whose desktops are there, nothing is given to those who had one. */
void session_pages_forgotten(struct sessions *, unsigned desk); /* nothing is known of that desk's pages any more */
void session_desktops_asked(struct sessions *, unsigned desk);
/* Logs out the agents who were not observed in the resync; `audit`: counts each as a correction. */
void session_resync_ended(struct sessions *, unsigned source, bool audit);
void session_hold(struct sessions *, unsigned source, bool held); /* held agents of the link are not chosen */
void session_lost(struct sessions *, unsigned source);            /* the core knows nothing of its agents now */

/* The state of the medium, as a report names it. */
enum agent_state session_state(const struct agent *, enum media);
uint32_t session_reason(const struct agent *, enum media); /* name of the reason for that state; 0: none was given */
/* Puts an agent into a state, in the core at once and at the switch by SetAgentState. `why` is the reason; it may be
 * NULL. */
void session_put(struct sessions *, uint32_t agent, enum agent_state, const char *why);
/* The claim's agent did not answer: it becomes not ready, for the claim's medium alone if that has a state of its own.
 */
void session_unanswered(struct sessions *, uint32_t claim);
/* Notes that a SetAgentState was answered. Does nothing unless `ref` is that of the agent's newest SetAgentState. */
void session_state_answered(struct sessions *, uint32_t agent, uint64_t ref);
/* The destination of the claim's agent failed: for `least_us` microseconds, and with each further failure twice as
 * long, up to `most_us`, the agent is given nothing that is served at that line; its lines of other media stay open. */
void session_out(struct sessions *, uint32_t claim, uint64_t least_us, uint64_t most_us);
/* The agent says that they are there: all their lines are open again. */
void session_works(struct sessions *, uint32_t agent);
/* A call rings, is talked or dialled at that DN: the line is open again. */
void session_works_at(struct sessions *, unsigned source, struct span dn);
/* A strategy lets the agent be given nothing for that many microseconds; 0: from now on it may be given again. The
 * interactions that it has go on. */
void session_block(struct sessions *, uint32_t agent, uint64_t for_us);
/* The claim's desk could not show it, since the agent has no desktop there: none is given through it until one comes.
 */
void session_unreached(struct sessions *, uint32_t claim);

/* Claims the agent for the interaction, with a timer. `deadline_us` is a span in microseconds from now; 0: no deadline.
 * The agent leaves the ready list, or goes to its end if its capacity has room for more. Returns the claim's slot, or
 * CLAIM_NONE if the agent has too many claims. */
uint32_t session_claim(struct sessions *, uint32_t agent, struct interaction *, uint64_t deadline_us);
/* The agent has the interaction: the claim is active, and has no deadline. */
void session_answered(struct sessions *, uint32_t claim);
/* Tells a fact about a claim (facts.def); `value` as the fact has it. */
void session_tell_claim(struct sessions *, uint32_t claim, unsigned fact, unsigned value);
/* Replaces the claim's deadline; `deadline_us` as above. */
void session_claim_deadline(struct sessions *, uint32_t claim, uint64_t deadline_us);
/* Ends the claim; an agent who is asked is told. `served`: the agent has served the interaction. */
void session_release(struct sessions *, uint32_t claim, bool served);
/* The agent's leg of the call has ended: ends what they have answered, served. AGENT_NONE: everybody's. False: they had
 * answered nothing. */
bool session_talk_over(struct sessions *, const struct interaction *, uint32_t agent);
/* The interaction's claim on the agent; CLAIM_NONE: there is none. */
uint32_t session_claim_of(const struct claims *, const struct interaction *, uint32_t agent);
/* The agent that an event names: by the agent's name, else by the DN of the link `source`. AGENT_NONE: there is none.
 */
uint32_t session_who(const struct sessions *, struct span agent, unsigned source, struct span dn);
/* The same for what is no call: it goes to agents of other links, too, by the number of their DN alone. */
uint32_t session_who_near(const struct sessions *, struct span agent, unsigned source, struct span dn);
/* The agent whom a request names as the one who asks. AGENT_NONE: it is no agent who is logged in. */
uint32_t session_actor(const struct sessions *, const struct message *);
/* Likewise, and logged in at the link that has posted the request, which has authenticated the name. */
uint32_t session_asker(const struct sessions *, const struct message *);
