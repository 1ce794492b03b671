/* runtime/core/steps/ring.c - Claims of agents whose telephones ring together for one call (ring.h). select.c chooses
 * these agents; route.c and voice.c report what happens at their telephones. */
#include "runtime/core/steps/ring.h"

#include <assert.h>

#include "vm/steps.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/order.h"
#include "runtime/core/queues/reach.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/invite.h"
#include "runtime/vocabulary/effects_call.h"

enum {
    /* how long agents are left out whose telephones rang while nobody answered, unless `exclude` gives another time */
    RING_AGAIN_US = 5000000,
};

/* Returns the number that the selection's clause `ring` gives; 1: there is no such clause. */
static unsigned ring_said(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct slab *slab = core->slab;
    uint64_t word;
    uint16_t type;
    if (step_of(core, ix, fiber) != STEP_ID_select ||
        !vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_select_ring, &word, &type) || (int64_t)word <= 1)
        return 1;
    return word < RING_MOST ? (unsigned)word : RING_MOST;
}

unsigned ring_most(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    unsigned most = ix->leg && !ix->submitted ? ring_said(core, ix, fiber) : 1;
    if (most == 1) return 1; /* nearly every selection */
    return core->media[ix->media]->capacity(ix) == media_voice && link_can(core->links, ix->link, CAP_RING) ? most : 1;
}

bool ring_in_vain(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    return ix->leg && !ix->submitted && ring_said(core, ix, fiber) > 1 && !link_can(core->links, ix->link, CAP_RING);
}

void ring_marks(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t agent, unsigned rings)
{
    uint32_t slot = session_claim_of(core->claims, ix, agent);
    assert(slot != CLAIM_NONE && rings <= RINGS_ALONG); /* the selection has just made the claim */
    const struct slab *slab = core->slab;
    struct claim *claim = claim_at(core->claims, slot);
    uint64_t word;
    uint16_t type;
    bool given = vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_select_exclude, &word, &type);
    claim->rings = (uint8_t)rings;
    claim->until_us = given && (int64_t)word >= 0 ? word : RING_AGAIN_US;
}

void ring_forgets(struct core *core, struct interaction *ix)
{
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        struct claim *claim = claim_at(core->claims, at);
        next = claim->next_of_interaction;
        if (claim->rings == RINGS_FIRST) claim->rings = RINGS_ALONE;
        if (claim->rings == RINGS_ALONG && claim->state == CLAIM_RESERVED) session_release(core->sessions, at, false);
    }
}

/* ---- the route ---- */

/* Returns the claim's line, if its telephone may ring along with the route of `first`. */
static const struct line *ring_line(const struct core *core, const struct interaction *ix, uint32_t first, uint32_t at)
{
    const struct claim *claim = claim_at(core->claims, at);
    if (at == first || claim->rings != RINGS_ALONG || claim->state >= CLAIM_ACTIVE) return NULL;
    if (claim->state == CLAIM_INVITED || claim->accepted) return NULL;
    if (!agent_reachable_for(agent_at(core->agents, claim->agent), media_voice)) return NULL;
    const struct line *line = reach_line(core->agents, core->accesses, claim->agent, ix->link);
    return line && line->source == ix->link ? line : NULL;
}

/* True: the route of this claim is one at which others ring along. */
static bool ring_leads(const struct core *core, const struct interaction *ix, uint32_t claim)
{
    if (claim == CLAIM_NONE || !ix->leg || ix->submitted) return false;
    const struct claim *made = claim_at(core->claims, claim);
    if (made->rings != RINGS_FIRST) return false; /* nearly every route */
    const struct line *line = reach_line(core->agents, core->accesses, made->agent, ix->link);
    return line && line->source == ix->link;
}

void ring_lowers(const struct core *core, const struct interaction *ix, uint32_t first, uint64_t *until_us)
{
    if (!ring_leads(core, ix, first)) return;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction) {
        uint64_t us = ring_line(core, ix, first, at) ? loan_gives_until_us(core->loans, claim_at(core->claims, at)) : 0;
        if (us != 0 && (*until_us == 0 || us < *until_us)) *until_us = us;
    }
}

void ring_puts(struct core *core, struct interaction *ix, uint32_t first)
{
    struct writer *writer = &core->effects->writer;
    bool any = false;
    if (!ring_leads(core, ix, first)) return;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction) {
        const struct line *line = ring_line(core, ix, first, at);
        if (!line) continue;
        if (!any) writer_list_begin(writer, RequestRouteCall_also);
        any = true;
        writer_list_text(writer, core_name(core, line->dn));
    }
    if (any) writer_list_end(writer);
}

void ring_sent(struct core *core, struct interaction *ix, uint32_t first)
{
    if (!ring_leads(core, ix, first)) return;
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        struct claim *claim = claim_at(core->claims, at);
        next = claim->next_of_interaction;
        if (claim->rings != RINGS_ALONG || claim->state >= CLAIM_ACTIVE) continue;
        if (!ring_line(core, ix, first, at)) { /* the agent has logged out since */
            session_release(core->sessions, at, false);
            continue;
        }
        claim->routed_by_us = true;
        claim->state = CLAIM_ROUTED;
        session_claim_deadline(core->sessions, at, 0);
        interaction_tell(core->interactions, ix, FACT_rings_along, 0, agent_at(core->agents, claim->agent)->name);
    }
}

/* ---- what becomes of them ---- */

bool ring_is_of_several(const struct core *core, const struct interaction *ix)
{
    unsigned count = 0;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction) {
        const struct claim *claim = claim_at(core->claims, at);
        count += claim->routed_by_us && claim->state < CLAIM_ACTIVE;
    }
    return count > 1;
}

bool ring_is_routed(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    uint32_t at = ix->claims;
    while (at != CLAIM_NONE &&
           !(claim_at(core->claims, at)->agent == agent && claim_at(core->claims, at)->routed_by_us &&
             claim_at(core->claims, at)->state < CLAIM_ACTIVE))
        at = claim_at(core->claims, at)->next_of_interaction;
    return at != CLAIM_NONE;
}

bool ring_awaits(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    bool out = ix->running && (ix->route_phase == ROUTE_OUT || ix->route_phase == ROUTE_PULLING);
    if (agent == AGENT_NONE || !out || !ring_is_of_several(core, ix) || !ring_is_routed(core, ix, agent)) return false;
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    return claim != CLAIM_NONE && claim_at(core->claims, claim)->state == CLAIM_ROUTED;
}

void ring_parties_leave(struct core *core, struct interaction *ix)
{
    for (uint32_t at = ix->parties, next; at != PARTY_NONE; at = next) {
        const struct party party = core->interactions->parties[at];
        next = party.next;
        if (party.agent == AGENT_NONE || !ring_is_routed(core, ix, party.agent)) continue;
        interaction_party_remove(core->interactions, ix, party.dn);
        /* the claim may be of an earlier talk of the agent, on another leg of the call */
        session_talk_over(core->sessions, ix, party.agent);
    }
}

void ring_missed(struct core *core, struct interaction *ix, uint32_t slot)
{
    const struct claim *claim = claim_at(core->claims, slot);
    assert(claim->rings != RINGS_ALONE);
    session_tell_claim(core->sessions, slot, FACT_offer_unanswered, 0);
    if (claim->until_us != 0) invite_exclude(core, ix, claim->agent, claim->until_us);
}

void ring_drops(struct core *core, struct interaction *ix, uint32_t slot, unsigned cause)
{
    if (ix->route_phase == ROUTE_PULLING && ix->route_code == code_no_answer && cause != cause_busy &&
        cause != cause_refused) {
        ring_missed(core, ix, slot);
    } else if (cause == cause_busy || cause == cause_refused) {
        session_out(core->sessions, slot, SESSION_BUSY_US, SESSION_BUSY_US);
        if (cause == cause_refused) session_tell_claim(core->sessions, slot, FACT_offer_refused, 0);
    } else {
        session_tell_claim(core->sessions, slot, FACT_rang_elsewhere, 0);
    }
    session_release(core->sessions, slot, false);
}

void ring_won(struct core *core, struct interaction *ix, uint32_t agent)
{
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        const struct claim *claim = claim_at(core->claims, at);
        next = claim->next_of_interaction;
        bool reserved = claim->rings == RINGS_ALONG && claim->state == CLAIM_RESERVED;
        if (claim->agent == agent || claim->state >= CLAIM_ACTIVE || (!claim->routed_by_us && !reserved)) continue;
        if (claim->rings != RINGS_ALONE && claim->routed_by_us)
            session_tell_claim(core->sessions, at, FACT_rang_elsewhere, 0);
        session_release(core->sessions, at, false); /* another agent has taken the call */
    }
}
