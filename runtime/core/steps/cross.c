/* runtime/core/steps/cross.c - Routes calls to agents at other switches.
 *
 *     switch A                             switch B
 *     leg of the call  --A dials a number-->  a new call there
 *     ROUTE_ASKED         cross_begin()       cross_arrive(): is it ours?
 *                                             the interaction takes this leg, and leaves that of A
 *
 * The two switches do not know each other's ConnIDs. A new call at B is taken as the one that A sent if it comes in
 * at the number where the call is awaited. If the new call brings a ConnID, this must be the ConnID of the leg at A.
 * If no call comes, the next access is tried. While the call is on its way it may also come back to A (cross_back).
 *
 * People transfer calls across switches in the same way. Then B may report the call before A reports that it was
 * sent (cross_claims), or A before B (cross_shown). */
#include "runtime/core/steps/cross.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/hand_over.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/access.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/step.h"
#include "runtime/core/steps/route.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/rows.h"

enum { NUMBERS_MAX = 8 }; /* most numbers of one call that are compared with awaited ones */

/* Begins a hand-over, and returns the number that A must dial; 0: no access is free. */
static uint32_t begin_from(struct core *core, struct interaction *ix, unsigned to, uint32_t dest, unsigned nth)
{
    const struct hand_over *before = hand_over_from(core->hand_overs, ix->conn);
    uint32_t dialled = before ? before->dialled : 0;
    const struct hand_over *row = hand_over_begin(
        core->hand_overs,
        &(struct hand_over_wanted){
            .ixn = ix->id, .from_conn = ix->conn, .from = ix->link, .to = to, .dest = dest, .nth = (uint8_t)nth});
    if (!row) {
        if (nth == 0) interaction_tell(core->interactions, ix, FACT_hand_over_failed, code_busy, dest);
        return 0;
    }
    if (row->dialled != dialled) interaction_tell(core->interactions, ix, FACT_hand_over_begun, row->type, row->number);
    return row->dialled;
}

uint32_t cross_begin(struct core *core, struct interaction *ix, const struct line *line)
{
    assert(ix->leg && line->source != ix->link);
    return begin_from(core, ix, line->source, line->dn, 0);
}

/* Returns how long to wait for the other switch, once a trunk has answered. */
uint64_t cross_awaited_us(const struct core *core, const struct interaction *ix)
{
    const struct hand_over *row = ix->leg ? hand_over_from(core->hand_overs, ix->conn) : NULL;
    const struct access *access = row ? access_between(core->accesses, row->from, row->to) : NULL;
    if (!row) return 0;
    return access ? access->arrive_us : UINT64_C(1000000) * ACCESS_ARRIVE_S;
}

void cross_cancel(struct core *core, const struct interaction *ix)
{
    struct hand_over *row = hand_over_from(core->hand_overs, ix->conn);
    if (row) hand_over_rests(core->hand_overs, row);
}

/* The call did not arrive. `here`: the access has failed and not the agent, so another access may work. */
bool cross_failed(struct core *core, struct interaction *ix, unsigned code, bool here)
{
    struct hand_over *row = ix->leg ? hand_over_from(core->hand_overs, ix->conn) : NULL;
    if (!row) return false;
    const struct hand_over was = *row;
    uint32_t claim = route_claimed(core, ix), dialled = 0;
    interaction_tell(core->interactions, ix, FACT_hand_over_failed, code, was.number);
    hand_over_rests(core->hand_overs, row);
    if (here && claim != CLAIM_NONE) dialled = begin_from(core, ix, was.to, was.dest, was.nth + 1u);
    if (dialled != 0)
        route_send(core, ix, dialled, claim, 0);
    else
        route_fails(core, ix, code_out_of_service);
    return true;
}

/* Finds the leg by which some switches pull a call back: the one from which it came. */
bool cross_pulls(const struct core *core, const struct interaction *ix, unsigned *link, uint64_t *conn, uint32_t *dn)
{
    const struct hand_over *row = hand_over_by(core->hand_overs, ix->conn);
    if (!row || row->type != access_type_direct || !link_usable(core->links, row->from)) return false;
    *link = row->from;
    *conn = row->from_conn;
    *dn = row->dialled;
    return true;
}

/* Gives the interaction its leg at the other switch. NULL: the interaction no longer waits for this leg. The order: the
 * effects at A are ended, timers that A's link held run again, and only then the leg is changed. */
static struct interaction *take_leg(struct core *core, struct hand_over *row, uint64_t conn)
{
    struct interaction *ix = interaction_by_id(core->interactions, row->ixn);
    bool waits = ix && ix->running && ix->leg && ix->conn == row->from_conn && ix->route_phase >= ROUTE_ASKED &&
                 ix->route_phase <= ROUTE_PULLING;
    if (!waits) return NULL;
    const struct pending *pending = effect_of_fiber(core->effects, ix, 0);
    if (pending) effect_settled(core->effects, ix, pending->ref);
    timer_cancel(core->timers, &ix->timer[0]);
    fiber_timers_thaw(core->forks, ix); /* the link that held the interaction's timers is no longer its link */
    hand_over_arrives(core->hand_overs, row, conn);
    interaction_conn(core->interactions, ix, conn);
    ix->link = (uint8_t)row->to;
    ix->observed = true;
    ix->route_phase = ROUTE_OUT;
    ix->route_to = NAME_OF(row->number);
    interaction_touch(core->interactions, ix);
    interaction_tell(core->interactions, ix, FACT_hand_over_arrived, 0, row->number);
    const struct access *access = access_between(core->accesses, row->from, row->to);
    step_timer(core, ix, 0, row->type == access_type_point && access ? access->arrive_us : route_answer_us(core, ix));
    return ix;
}

/* True: the call is a consultation about the call with the given ConnID. */
static bool asks_about(const struct core *core, uint64_t ixn, uint64_t conn)
{
    const struct interaction *consult = interaction_by_id(core->interactions, ixn);
    uint32_t main = consult ? interaction_extra(core->interactions, consult)->main : INTERACTION_NONE;
    return main != INTERACTION_NONE && interaction_at(core->interactions, main)->conn == conn;
}

/* Returns the interaction whose call has come. `stray`: another call is awaited at this number, or this call is no
 * longer awaited. */
static struct interaction *cross_taken(struct core *core, const struct message *message, uint64_t brought,
                                       const uint32_t numbers[], uint32_t count, bool *stray)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    struct hand_over *row = hand_over_awaits(core->hand_overs, source, brought, numbers, count, stray);
    if (!row && *stray) { /* a consultation may bring the ConnID of its main call, as some switches do */
        bool other;
        row = hand_over_awaits(core->hand_overs, source, 0, numbers, count, &other);
        if (row && !asks_about(core, row->ixn, brought)) row = NULL;
        *stray = !row;
    }
    struct interaction *ix = row ? take_leg(core, row, message_u(message, ENVELOPE_conn)) : NULL;
    *stray = *stray || (row && !ix);
    return ix;
}

struct interaction *cross_arrive(struct core *core, const struct message *message, bool *stray)
{
    const uint32_t numbers[] = {names_find(core->names, message_text(message, EventCallCreated_origin_dn)),
                                names_find(core->names, message_text(message, EventCallCreated_dnis))};
    return cross_taken(core, message, message_u(message, EventCallCreated_correlator), numbers,
                       sizeof numbers / sizeof *numbers, stray);
}

struct interaction *cross_observed(struct core *core, const struct message *message, bool *stray)
{
    uint32_t numbers[NUMBERS_MAX], count = 0, at = 0;
    struct span record;
    numbers[count++] = names_find(core->names, message_text(message, Observed_dn));
    numbers[count++] = names_find(core->names, message_text(message, Observed_dnis));
    while (count < NUMBERS_MAX && message_next_text(message_text(message, Observed_parties), &at, &record)) {
        struct message party;
        message_record(&party, row_of_record(TYPE_LIST_PARTY), record);
        if (message_u(&party, Party_role) == party_role_supervisor) continue; /* who listens is no party */
        numbers[count++] = names_find(core->names, message_text(&party, Party_dn));
    }
    return cross_taken(core, message, message_u(message, Observed_correlator), numbers, count, stray);
}

/* True: the switch has reported that the call, or a consultation about it, is at the given number. */
static bool told_at(const struct core *core, const struct interaction *ix, struct span number)
{
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next) {
        const struct party *party = &core->interactions->parties[at];
        if (party->agent == AGENT_NONE && party->length == number.length &&
            memcmp(party->number, number.bytes, number.length) == 0)
            return true;
    }
    return false;
}

/* Returns the call, or else a consultation about it, that its switch reports to be at the given number; NULL:
 * neither. Some switches let a consultation bring the ConnID of its main call. */
static struct interaction *told_of(const struct core *core, struct interaction *main, struct span number)
{
    if (told_at(core, main, number)) return main;
    uint32_t at = interaction_extra(core->interactions, main)->consults;
    while (at != INTERACTION_NONE && !told_at(core, interaction_at(core->interactions, at), number))
        at = interaction_extra(core->interactions, interaction_at(core->interactions, at))->consult_next;
    return interaction_or_none(core->interactions, at);
}

struct interaction *cross_claims(struct core *core, const struct message *message, uint64_t brought, struct span dnis)
{
    struct interaction *main = interaction_by_conn(core->interactions, brought);
    uint32_t number = names_find(core->names, dnis);
    if (!main || main->submitted || number == 0) return NULL;
    const struct hand_over *row =
        hand_over_claims(core->hand_overs, &(struct hand_over){.ixn = main->id,
                                                               .from_conn = brought,
                                                               .conn = message_u(message, ENVELOPE_conn),
                                                               .from = main->link,
                                                               .to = (uint16_t)message_u(message, ENVELOPE_source),
                                                               .number = number,
                                                               .dest = number});
    return row ? told_of(core, main, core_name(core, row->dialled)) : NULL;
}

struct interaction *cross_shown(struct core *core, const struct interaction *ix, struct span number)
{
    uint32_t about = interaction_extra(core->interactions, ix)->main;
    const struct interaction *main = interaction_or_none(core->interactions, about);
    const struct hand_over *row = hand_over_claimed(core->hand_overs, ix->conn);
    if (!row && main) row = hand_over_claimed(core->hand_overs, main->conn);
    return row && names_find(core->names, number) == row->dialled ? interaction_by_conn(core->interactions, row->conn)
                                                                  : NULL;
}

struct interaction *cross_asked(struct core *core, const struct interaction *ix, struct span number)
{
    uint32_t dialled = names_find(core->names, number);
    for (uint32_t at = interaction_extra(core->interactions, ix)->consults; at != INTERACTION_NONE;
         at = interaction_extra(core->interactions, interaction_at(core->interactions, at))->consult_next) {
        struct interaction *consult = interaction_at(core->interactions, at);
        const struct hand_over *row = consult->leg ? hand_over_by(core->hand_overs, consult->conn) : NULL;
        if (row && row->from == ix->link && row->dialled == dialled) return consult;
    }
    return NULL;
}

/* The call is at a routing point of B: from there the link of B sends it to the agent's line. */
bool cross_at_point(struct core *core, struct interaction *ix, struct span dn)
{
    struct hand_over *row = ix->leg ? hand_over_by(core->hand_overs, ix->conn) : NULL;
    uint32_t point = names_find(core->names, dn);
    if (!row || row->type != access_type_point || row->sent_on || point != row->number || !ix->running ||
        ix->route_phase != ROUTE_OUT)
        return false;
    timer_cancel(core->timers, &ix->timer[0]);
    hand_over_sent_on(core->hand_overs, row);
    ix->dn = NAME_OF(point);
    uint32_t claim = route_claimed(core, ix);
    const struct line *line =
        claim == CLAIM_NONE ? NULL
                            : line_of_agent(core->agents, claim_at(core->claims, claim)->agent, media_voice, ix->link);
    if (line)
        route_send(core, ix, line->dn, claim, 0);
    else
        route_fails(core, ix, code_out_of_service); /* the agent has logged out or moved meanwhile */
    return true;
}

/* Gives the interaction the leg again that it had left. */
static void return_leg(struct core *core, struct interaction *ix, struct hand_over *row)
{
    interaction_tell(core->interactions, ix, FACT_hand_over_returned, 0, row->number);
    fiber_timers_thaw(core->forks, ix);
    interaction_conn(core->interactions, ix, row->from_conn);
    ix->link = (uint8_t)row->from;
    ix->observed = true;
    hand_over_rests(core->hand_overs, row);
    interaction_touch(core->interactions, ix);
}

bool cross_back(struct core *core, uint64_t conn)
{
    struct hand_over *row = hand_over_left(core->hand_overs, conn);
    struct interaction *ix = row ? interaction_by_id(core->interactions, row->ixn) : NULL;
    if (!ix || row->sent_on || !ix->running || !ix->leg || ix->conn != row->conn || ix->route_phase < ROUTE_OUT ||
        ix->route_phase > ROUTE_PULLING)
        return false;
    return_leg(core, ix, row);
    return true;
}

bool cross_is_at(const struct core *core, const struct party *party, unsigned link)
{
    assert(party->agent != AGENT_NONE);
    const struct line *line = line_of_agent(core->agents, party->agent, media_voice, link);
    return line && table_text_hash(core->names, core_name(core, line->dn)) == party->dn;
}

/* True: an agent is on the leg that the call has left: an agent who has consulted about it, and made a conference. */
static bool somebody_stayed(const struct core *core, const struct interaction *ix, const struct hand_over *row)
{
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next) {
        const struct party *party = &core->interactions->parties[at];
        if (party->agent != AGENT_NONE && cross_is_at(core, party, row->from)) return true;
    }
    return false;
}

/* Called when the call has ended at B; true: an agent is still on its leg at A, and the interaction goes on there. */
bool cross_stays(struct core *core, struct interaction *ix)
{
    struct hand_over *row = ix->leg && !ix->running ? hand_over_by(core->hand_overs, ix->conn) : NULL;
    if (!row || !somebody_stayed(core, ix, row)) return false;
    return_leg(core, ix, row);
    return true;
}
