/* runtime/records/hear_interaction.c - Records how interactions end.
 *
 * Facts before the end are only noted in `struct open`. The end writes the rows of everything still open in the
 * interaction, then its own row: by then it is the newest in the core's list of ended interactions (core_ended_at). */
#include <assert.h>
#include <stdio.h>

#include "runtime/core/read/rollouts.h"
#include "runtime/records/recorder_state.h"

void record_cause(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    open->cause = fact->value;
    open->has_cause = true;
}

void record_customer_left(struct recorder *r, const struct fact *fact)
{
    open_of(r, fact->ixn)->left = true;
}

void record_merged(struct recorder *r, const struct fact *fact)
{
    open_of(r, fact->ixn)->merged_into = fact->other;
}

void record_consults(struct recorder *r, const struct fact *fact)
{
    open_of(r, fact->ixn)->main = fact->other;
}

/* ---- a campaign's record ---- */

void record_called(struct recorder *r, const struct fact *fact)
{
    open_of(r, fact->ixn)->campaign = recorder_named(r, fact->name);
}

/* Notes that the campaign has counted the call as abandoned: a later result is that of an agent who came too late. */
void record_unserved(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    open->campaign = recorder_named(r, fact->name);
    open->result = cause_abandoned;
}

void record_called_result(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    open->campaign = recorder_named(r, fact->name);
    if (fact->value != cause_other && open->result != cause_abandoned) open->result = (uint8_t)fact->value;
}

/* Notes which strategy serves the interaction, and by which version. What follows the service, such as the strategy
 * behind `then`, is not it: each figure of a queue counts for the strategy that waited there. */
void record_served(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    if (fact->value != BEGUN_SWITCHED) open->follows = fact->value == BEGUN_FOLLOWING;
    if (open->follows) return;
    open->strategy = recorder_named(r, fact->name);
    record_version(r, fact);
}

/* Notes by which version the interaction is served; a rollout that has counted it stays. */
void record_version(struct recorder *r, const struct fact *fact)
{
    struct core_ride ride;
    if (!core_ride(r->core, fact->ixn, &ride)) return;
    struct open *open = open_of(r, fact->ixn);
    for (unsigned at = 0; at < 8; at++) snprintf(open->version + 2 * at, 3, "%02x", ride.image[at]);
    if (ride.rollout == 0) return;
    open->rollout = ride.rollout;
    open->candidate = ride.candidate;
}

/* Writes the interaction's row. The row of an interaction belongs to the quarter of an hour in which it arrived. */
static void interaction_over(struct recorder *r, const struct open *open, const struct fact *fact)
{
    struct record_value values[interactions_COLUMNS] = {0};
    struct interaction_row row;
    struct kv_value call_type;
    char ixn[IXN_TEXT], main[IXN_TEXT], into[IXN_TEXT], conn[CONN_TEXT];
    bool found = core_ended_at(r->core, core_ended_count(r->core) - 1, &row);
    assert(found && row.ixn == fact->ixn);
    (void)found;
    struct moment end = recorder_now(r), received = recorder_ago(r, core_time(r->core) - row.arrived_us);
    if (row.conn != 0) ident_print_conn(row.conn, conn);
    values[interactions_ixn] = ixn_in(fact->ixn, ixn);
    values[interactions_quarter] = recorder_quarter(received);
    values[interactions_media] = recorder_span(row.media);
    if (kv_get(fact->data, "call_type", &call_type)) values[interactions_call_type] = recorder_span(call_type.span);
    values[interactions_conn] = recorder_word(row.conn != 0 ? conn : "");
    values[interactions_main] = ixn_in(open->main, main);
    values[interactions_merged_into] = ixn_in(open->merged_into, into);
    values[interactions_ani] = recorder_span(row.ani);
    values[interactions_dnis] = recorder_span(row.dnis);
    values[interactions_strategy] =
        open->strategy.text[0] != '\0' ? recorder_word(open->strategy.text) : recorder_span(row.strategy);
    values[interactions_received] = recorder_moment(received);
    values[interactions_answered] = recorder_moment(open->answered);
    values[interactions_ended] = recorder_moment(end);
    values[interactions_answered_ms] = recorder_between(received, open->answered);
    values[interactions_ended_ms] = recorder_between(received, end);
    values[interactions_outcome] = recorder_span(row.outcome);
    values[interactions_cause] = recorder_word(open->has_cause ? enum_name_cause(open->cause) : "");
    values[interactions_priority] = recorder_number(row.priority);
    values[interactions_campaign] = recorder_word(open->campaign.text);
    values[interactions_result] = recorder_word(open->result != cause_other ? enum_name_cause(open->result) : "");
    values[interactions_version] = recorder_word(open->version);
    if (open->rollout != 0) {
        values[interactions_rollout] = recorder_number(open->rollout);
        values[interactions_arm] = recorder_word(open->candidate ? "candidate" : "control");
    }
    values[interactions_external] = recorder_word(open->external ? open->external : "");
    r->row(r->self, TABLE_interactions, values);
}

void record_ended(struct recorder *r, const struct fact *fact)
{
    struct open *open = open_of(r, fact->ixn);
    steps_over(r, open, 0, "left");
    while (open->parties) {
        struct open_party *party = open->parties;
        open->parties = party->next;
        party_over(r, open, party);
    }
    if (open->defaulted.us != 0) recorder_default_route(r, open, open->defaulted, 0, open->default_code);
    hear_owner_over(r, open);
    interaction_over(r, open, fact);
    event_tell(r, &(struct told_event){.event = EVENT_ended, .ixn = fact->ixn});
    open_end(r, open);
}
