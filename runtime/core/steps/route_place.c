/* runtime/core/steps/route_place.c - Chooses and claims the places of a route, and follows their telephones. route.c
 * begins and ends the route, voice.c tells what the telephones do. */
#include "runtime/core/steps/route_place.h"

#include <assert.h>
#include <string.h>

#include "vm/steps.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/queues/order.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/place_claim.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_call.h"

/* Most places of a group that the history tells as left out, per route. */
enum { ROUTE_PLACE_TOLD = 8 };

/* An excluded target of the sort ROUTE_FAILED is the name of a queue, or with this bit that of a place. */
#define ROUTE_PLACE_FAILED (UINT64_C(1) << 32)

/* The places of a group that the route rings, the best first. */
struct route_places {
    uint32_t names[RING_MOST];
    bool failed[RING_MOST]; /* rang for this interaction in vain */
    unsigned count, most;
};

/* Returns how many telephones the route lets ring; 0: it awaits no answer of a place. */
static unsigned route_place_most(const struct core *core, const struct interaction *ix)
{
    uint64_t word;
    uint16_t type;
    if (!vm_arg(core->slab, block_at(core->slab, ix->block), 0, PARAMETER_route_telephones, &word, &type)) return 0;
    if ((int64_t)word <= 1) return 1;
    return word < RING_MOST ? (unsigned)word : RING_MOST;
}

/* True: place a is rung before b. The bytes of the names are compared, so the order does not depend on when names
 * became known. */
static bool route_place_before(const struct core *core, uint32_t a, bool a_failed, uint32_t b, bool b_failed)
{
    if (a_failed != b_failed) return b_failed;
    struct span x = core_name(core, a), y = core_name(core, b);
    uint32_t shorter = x.length < y.length ? x.length : y.length;
    int order = memcmp(x.bytes, y.bytes, shorter);
    return order != 0 ? order < 0 : x.length < y.length;
}

/* Puts the place among those that ring, if it is better than one of them or if fewer ring than the route wants. */
static void route_places_add(const struct core *core, struct route_places *places, uint32_t name, bool failed)
{
    unsigned at = places->count;
    while (at > 0 && route_place_before(core, name, failed, places->names[at - 1], places->failed[at - 1])) at--;
    if (at == places->most) return;
    if (places->count < places->most) places->count++;
    for (unsigned to = places->count - 1; to > at; to--) {
        places->names[to] = places->names[to - 1];
        places->failed[to] = places->failed[to - 1];
    }
    places->names[at] = name;
    places->failed[at] = failed;
}

/* Chooses and claims places of the group. Fails if the group has no place with a telephone, or all are taken. */
static struct step_outcome route_place_group(struct core *core, struct interaction *ix, uint32_t group, uint32_t *dn)
{
    const struct places *all = &core->directory->places;
    struct route_places places = {.most = route_place_most(core, ix)};
    uint32_t at = 0, name;
    unsigned out = 0;
    assert(places.most > 0 && places.most <= RING_MOST);
    *dn = 0;
    if (places.most > 1 && !link_can(core->links, ix->link, CAP_RING)) return step_fails(code_unsupported);
    while ((name = places_next_of_group(all, group, &at)) != 0) {
        bool called = place_claim_is_others(core->place_claims, ix, name);
        if (!called && places_agent(core->directory, ix->link, name) == AGENT_NONE)
            route_places_add(core, &places, name,
                             exclude_has(core->excludes, ix, ROUTE_FAILED, ROUTE_PLACE_FAILED | name));
        else if (out++ < ROUTE_PLACE_TOLD)
            interaction_tell(core->interactions, ix, FACT_place_left_out, called ? code_busy : code_already_logged_in,
                             name);
    }
    if (places.count == 0) return step_fails(out > 0 ? code_busy : code_invalid_destination);
    for (unsigned i = 0; i < places.count; i++) {
        bool taken = place_claim_take(core->place_claims, ix, places.names[i], places_first_dn(all, places.names[i]));
        assert(taken);
        (void)taken;
        interaction_tell(core->interactions, ix, FACT_place_rings, 0, places.names[i]);
    }
    *dn = places_first_dn(all, places.names[0]);
    return step_waits();
}

struct step_outcome route_place_claim(struct core *core, struct interaction *ix, uint16_t type, uint64_t word,
                                      uint32_t ref, uint32_t *dn)
{
    uint32_t rings = place_claim_rings(core->place_claims, ix);
    if (ref != 0 && rings != PLACE_CLAIM_NONE) { /* a request that is sent again rings the same telephones */
        *dn = core->place_claims->all[rings].dn;
        return step_waits();
    }
    route_place_abandon(core, ix);
    if (route_place_most(core, ix) == 0) return step_waits();
    if (type == TYPE_GROUP) return route_place_group(core, ix, strategy_name(core->strategies, ix, word), dn);
    uint32_t place =
        type == TYPE_PLACE ? strategy_name(core->strategies, ix, word) : places_of_dn(&core->directory->places, *dn);
    if (place == 0 || *dn == 0) return step_waits();
    if (!place_claim_take(core->place_claims, ix, place, *dn)) return step_fails(code_busy);
    interaction_tell(core->interactions, ix, FACT_place_rings, 0, place);
    return step_waits();
}

bool route_place_awaits(const struct core *core, const struct interaction *ix)
{
    return place_claim_rings(core->place_claims, ix) != PLACE_CLAIM_NONE &&
           link_can(core->links, ix->link, CAP_PULL_BACK);
}

bool route_place_is_of_several(const struct core *core, const struct interaction *ix)
{
    uint32_t first = place_claim_rings(core->place_claims, ix);
    return first != PLACE_CLAIM_NONE && place_claim_rings_after(core->place_claims, first) != PLACE_CLAIM_NONE;
}

void route_place_puts(struct core *core, const struct interaction *ix)
{
    struct writer *writer = &core->effects->writer;
    if (!route_place_is_of_several(core, ix)) return;
    writer_list_begin(writer, RequestRouteCall_also);
    uint32_t at = place_claim_rings_after(core->place_claims, place_claim_rings(core->place_claims, ix));
    for (; at != PLACE_CLAIM_NONE; at = place_claim_rings_after(core->place_claims, at))
        writer_list_text(writer, core_name(core, core->place_claims->all[at].dn));
    writer_list_end(writer);
}

static void route_place_failed(struct core *core, struct interaction *ix, uint32_t row)
{
    exclude_add(core->excludes, ix, ROUTE_FAILED, ROUTE_PLACE_FAILED | core->place_claims->all[row].place, UINT64_MAX);
    interaction_touch(core->interactions, ix);
}

void route_place_in_vain(struct core *core, struct interaction *ix)
{
    for (uint32_t at = place_claim_rings(core->place_claims, ix); at != PLACE_CLAIM_NONE;
         at = place_claim_rings_after(core->place_claims, at))
        route_place_failed(core, ix, at);
}

/* Ends the claim on an agent who has logged in at a telephone while it rang; but not of one who talks, or to whom the
 * strategy has sent the call. */
static void route_place_agent_free(struct core *core, const struct interaction *ix, uint32_t row)
{
    uint32_t agent;
    if (core->place_claims->all[row].talks ||
        !agent_on_dn(core->agents, ix->link, core->place_claims->all[row].dn, &agent))
        return;
    uint32_t claim = session_claim_of(core->claims, ix, agent);
    if (claim != CLAIM_NONE && claim_at(core->claims, claim)->state < CLAIM_ACTIVE &&
        !claim_at(core->claims, claim)->routed_by_us)
        session_release(core->sessions, claim, false);
}

/* Ends such claims at each telephone that rings, except `but_dn`. */
static void route_place_agents_free(struct core *core, const struct interaction *ix, uint32_t but_dn)
{
    for (uint32_t at = place_claim_rings(core->place_claims, ix); at != PLACE_CLAIM_NONE;
         at = place_claim_rings_after(core->place_claims, at))
        if (core->place_claims->all[at].dn != but_dn) route_place_agent_free(core, ix, at);
}

void route_place_answered(struct core *core, struct interaction *ix, uint32_t dn)
{
    route_place_agents_free(core, ix, dn);
    place_claim_answered(core->place_claims, ix, dn);
}

void route_place_abandon(struct core *core, struct interaction *ix)
{
    route_place_agents_free(core, ix, 0);
    place_claim_abandon(core->place_claims, ix);
}

/* A telephone that rings alone keeps its claim until the call is at its routing point again. */
void route_place_left(struct core *core, struct interaction *ix, uint64_t dn, unsigned cause)
{
    struct place_claims *claims = core->place_claims;
    uint32_t row = place_claim_at(claims, ix, dn);
    bool under_way = ix->running && ix->route_phase >= ROUTE_ASKED && ix->route_phase <= ROUTE_PULLING;
    if (row == PLACE_CLAIM_NONE || (!claims->all[row].talks && under_way && ix->route_phase == ROUTE_ASKED))
        return; /* the report repeats one about an earlier leg */
    route_place_agent_free(core, ix, row);
    if (claims->all[row].talks || !under_way) {
        place_claim_end(claims, row);
    } else if (route_place_is_of_several(core, ix)) {
        if (cause == cause_busy || cause == cause_refused) route_place_failed(core, ix, row);
        place_claim_end(claims, row); /* the call still rings at other places */
    } else if (cause == cause_busy) {
        ix->route_code = code_busy;
    } else if (cause == cause_refused) {
        ix->route_code = code_rejected;
    }
}
