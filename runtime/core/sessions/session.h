/* runtime/core/sessions/session.h - Sessions of agents: reports and requests of switches, desktops and administrators
 * about agents.
 *
 * The only table of this folder is that of loans (loan.h): nothing else of this folder is in snapshots. The folder
 * changes agents and claims (people/), keeps the ready list up to date, and tells the parts when an agent can no longer
 * be asked. */
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

/* The parts of the core that sessions use, borrowed. */
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
void session_on_client(struct sessions *, const struct message *);  /* takes an EventClient: a desktop comes or goes */
void session_on_request(struct sessions *, const struct message *); /* RequestAgentState */

void session_observed(struct sessions *, const struct message *); /* Observed(agent) */
/* Takes an Observed(agent) during an audit: counts and corrects what the core knew differently. */
void session_audited(struct sessions *, const struct message *);
void session_resync_began(struct agents *, unsigned source);
/* The desk has restarted: until it reports whose desktops are there, agents who had one get nothing there. */
void session_pages_forgotten(struct sessions *, unsigned desk); /* the pages of the desk are unknown from now on */
void session_desktops_asked(struct sessions *, unsigned desk);
/* Logs out the agents who were not reported in the resync; `audit`: counts each as a correction. */
void session_resync_ended(struct sessions *, unsigned source, bool audit);
/* holds or frees the link's agents; held agents are not chosen */
void session_hold(struct sessions *, unsigned source, bool held);
void session_lost(struct sessions *, unsigned source); /* the states of the link's agents are unknown from now on */

/* Returns the state of the medium, in the words of a report. */
enum agent_state session_state(const struct agent *, enum media);
/* returns the name of the reason for the given state; 0: none was given */
uint32_t session_reason(const struct agent *, enum media);
/* Puts an agent into a state, in the core at once and at the switch by SetAgentState. `why` is the reason; it may be
 * NULL. */
void session_put(struct sessions *, uint32_t agent, enum agent_state, const char *why);
/* A state that somebody sets instead of the agent: its reason, by whom, and why; `state` is for session_set_by(). */
struct state_by {
    struct span reason, by, why;
    enum agent_state state;
};
/* Sets, at once as by the agent's own request, the agent's state and those of all media with a state of their own, in
 * the core and at the switches: ready, not_ready or logged_out. Interactions that the agent has go on. */
void session_set(struct sessions *, uint32_t agent, enum agent_state, const struct state_by *);
/* Returns which of the agent's present states somebody has set instead of the agent, who, and why; `by` empty: none. */
struct state_by session_set_by(const struct sessions *, uint32_t agent);
/* True: the reason is empty, or the directory has it, or the directory has no reasons at all. */
bool session_knows_reason(const struct sessions *, struct span reason);
/* True: the agent has a telephone, or no medium with a state of its own. Else the agent's state is that of these
 * media. */
bool session_is_main(const struct sessions *, uint32_t agent);
/* Logs the agent out at the DN, in the core at once and at the switch; an agent who is at no other DN is logged out of
 * everything. */
void session_put_out(struct sessions *, uint32_t agent, unsigned source, uint32_t dn, const char *why);
/* The claim's agent did not answer: the agent is set to not ready, only for the claim's medium if that has a state
 * of its own. */
void session_unanswered(struct sessions *, uint32_t claim);
/* Called when a SetAgentState was answered: ends the wait for the answer. Does nothing unless `ref` is that of the
 * agent's newest SetAgentState. */
void session_state_answered(struct sessions *, uint32_t agent, uint64_t ref);
enum { SESSION_BUSY_US = 5000000 }; /* how long an agent whose destination has refused is not chosen */
/* The destination of the claim's agent failed: nothing that the destination's line serves is given there for
 * `least_us` microseconds, and after each further failure for twice as long, up to `most_us`; the agent's lines of
 * other media stay open. */
void session_out(struct sessions *, uint32_t claim, uint64_t least_us, uint64_t most_us);
/* The agent has proved to be there: all the agent's lines are open again. */
void session_works(struct sessions *, uint32_t agent);
/* A call rings, is talked on or is dialled at the given DN: the line is open again. */
void session_works_at(struct sessions *, unsigned source, struct span dn);
/* A strategy blocks the agent for that many microseconds; 0: ends the block. The agent keeps the present
 * interactions. */
void session_block(struct sessions *, uint32_t agent, uint64_t for_us);
/* The claim's desk could not show the offer, since the agent has no desktop there: nothing is offered through the
 * desk until one comes. */
void session_unreached(struct sessions *, uint32_t claim);

/* Claims the agent for the interaction, with a timer. `deadline_us` is a span in microseconds from now; 0: no
 * deadline. The agent leaves the ready list, or goes to the end of the list if the agent's capacity has room for
 * more. Returns the claim's slot, or CLAIM_NONE if the agent has too many claims. */
uint32_t session_claim(struct sessions *, uint32_t agent, struct interaction *, uint64_t deadline_us);
/* The agent has the interaction: the claim becomes active and has no deadline. */
void session_answered(struct sessions *, uint32_t claim);
/* Reports a fact about a claim (facts.def); `value` as the fact has it. */
void session_tell_claim(struct sessions *, uint32_t claim, unsigned fact, unsigned value);
/* Replaces the claim's deadline; `deadline_us` is a span in microseconds from now; 0: no deadline. */
void session_claim_deadline(struct sessions *, uint32_t claim, uint64_t deadline_us);
/* Ends the claim; an agent who was asked is told. `served`: the agent has served the interaction. */
void session_release(struct sessions *, uint32_t claim, bool served);
/* The agent's leg of the call has ended: ends the agent's answered claims as served. AGENT_NONE: everybody's. False:
 * the agent had answered none. */
bool session_talk_over(struct sessions *, const struct interaction *, uint32_t agent);
/* Returns the interaction's claim on the agent; CLAIM_NONE: there is none. */
uint32_t session_claim_of(const struct claims *, const struct interaction *, uint32_t agent);
/* Returns the agent whom an event names: by the agent's name, else by the DN of the link `source`. AGENT_NONE: there
 * is none. */
uint32_t session_who(const struct sessions *, struct span agent, unsigned source, struct span dn);
/* Returns the agent whom an event about an interaction that is no call names; agents of other links are found, too,
 * by the number of their DN alone. */
uint32_t session_who_near(const struct sessions *, struct span agent, unsigned source, struct span dn);
/* Returns the agent whom a request names as the asker. AGENT_NONE: the request names no agent who is logged in. */
uint32_t session_actor(const struct sessions *, const struct message *);
/* Returns the agent whom a request names as the asker, only if logged in at the link that has sent the request,
 * which has authenticated the name. */
uint32_t session_asker(const struct sessions *, const struct message *);
