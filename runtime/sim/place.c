/* runtime/sim/place.c - The places of a test with a telephone of their own: somebody there answers, or nobody does.
 *
 * A place behaves as the test said last (place_says). Whoever answers talks as long as at a number outside, and then
 * hangs up. */
#include "runtime/sim/world_state.h"

#include <assert.h>

void place_says(struct world *w, const struct scenario_place *says)
{
    uint32_t at = plan_place_named(w->plan, says->name);
    assert(at != NO_PLACE);
    w->places[at].says = says;
    w->places[at].no_answer = says->no_answer;
    switch_set_reachable(w->sw, w->plan->places[at].dn, !says->unreachable);
    switch_set_lines(w->sw, w->plan->places[at].dn, says->busy ? 0 : 1);
}

void place_offered(struct world *w, uint32_t place, const struct switch_report *r)
{
    struct world_place *at = &w->places[place];
    at->lifts_us = 0;
    if (at->no_answer > 0) {
        at->no_answer--;
        return;
    }
    at->lifts_us = r->at_us + (at->says ? at->says->answers_us : w->options.queue_us);
    agenda_add(&w->agenda, at->lifts_us, ACT_LIFT, place, r->call);
}

/* Somebody answers, if the telephone still rings for the same offer. */
void place_lifts(struct world *w, const struct agenda_entry *entry)
{
    const struct world_place *at = &w->places[entry->who];
    if (at->lifts_us != entry->at_us) return;
    if (switch_answer(w->sw, entry->what, w->plan->places[entry->who].dn, w->now_us) == code_ok)
        agenda_add(&w->agenda, w->now_us + w->options.desk_us, ACT_LEAVE, 0, entry->what);
}
