/* runtime/sim/simulation_campaign.c - The campaigns of a simulation: an endless calling list that allows every call,
 * the reactions of the people called, and the core's counts of both.
 *
 * The list delivers as many records as are fetched, and allows each call. A record that a strategy postpones is
 * delivered again when it is due, before all others, and the list announces it within two seconds, as real dialers do.
 * A record has the number and data of the test that its person follows, or else a made-up number. The person called
 * answers, is busy, is a machine or does not answer, by the plan's shares and a random draw per call. The core's counts
 * are read at the bounds between the series' parts; results are differences of these. The core's counts are also read
 * every second, since a campaign's ceiling applies from its first call on. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/scenario/scenario.h"
#include "runtime/sim/simulation_state.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_site.h"
#include "base/memory.h"

void campaigns_init(struct simulation *s)
{
    s->paced = memory_zeroed((s->plan->campaign_count + 1u) * (size_t)(SERIES_PARTS + 1), sizeof *s->paced);
    s->worst = memory_zeroed(s->plan->campaign_count + 1u, sizeof *s->worst);
    s->lateness = memory_zeroed(s->plan->campaign_count + 1u, sizeof *s->lateness);
}

void campaigns_free(struct simulation *s)
{
    free(s->paced);
    free(s->worst);
    free(s->due);
    for (uint32_t i = 0; i < s->plan->campaign_count; i++) free(s->lateness[i].all);
    free(s->lateness);
}

static void simulation_request(struct simulation *s, const struct simulation_campaign *campaign, enum campaign_op op)
{
    struct writer *w = simulation_event_of(s, SOURCE_ADMIN, KIND_RequestCampaign);
    writer_text(w, RequestCampaign_campaign, campaign->name);
    writer_u(w, RequestCampaign_op, op);
    if (op == campaign_op_load) {
        kv_clear(&s->kv);
        for (uint32_t i = 0; i < campaign->rule_count; i++)
            kv_put_int(&s->kv, campaign->rules[i].name, campaign->rules[i].level);
        writer_kv(w, RequestCampaign_limits, &s->kv);
    }
    simulation_post(s);
}

void campaigns_begin(struct simulation *s)
{
    for (uint32_t i = 0; i < s->plan->campaign_count; i++) {
        simulation_request(s, &s->plan->campaigns[i], campaign_op_load);
        simulation_request(s, &s->plan->campaigns[i], campaign_op_start);
    }
}

/* ---- the list ---- */

/* Returns the plan's campaign of that name; NOBODY: none. */
static uint32_t campaign_of_name(const struct simulation *s, struct span name)
{
    for (uint32_t at = 0; at < s->plan->campaign_count; at++)
        if (span_is(name, s->plan->campaigns[at].name)) return at;
    return NOBODY;
}

/* Delivers a record; `again`: it was postponed; NULL: it was never called. */
static void simulation_hand_over(struct simulation *s, const struct message *effect, uint64_t record,
                                 const struct simulated_due *again)
{
    char number[24];
    struct writer *w = simulation_event(s, KIND_EventRecord, NULL, 0);
    struct span campaign = message_text(effect, FetchRecords_campaign);
    const struct scenario_arrival *arrival = answers_of_record(s, sim_flow_of_dn(s, campaign), record);
    (void)snprintf(number, sizeof number, "+1666%07llu", (unsigned long long)(record % 10000000));
    writer_u(w, ENVELOPE_req, message_u(effect, ENVELOPE_ref));
    writer_u(w, EventRecord_record, record);
    writer_bytes(w, EventRecord_campaign, campaign);
    writer_text(w, EventRecord_number, arrival && arrival->number ? arrival->number : number);
    writer_u(w, EventRecord_type, record_type_general);
    if (again) writer_u(w, EventRecord_attempt, again->attempts);
    if (again) writer_i(w, EventRecord_due, core_wall(s->core) - (int64_t)(s->now_us - again->due_us));
    if (answers_data(s, arrival)) writer_kv(w, EventRecord_data, &s->kv);
    writer_u(w, EventRecord_version, again ? again->revision : 1);
    simulation_post(s);
}

/* Answers a fetch; due postponed records come first. */
static void simulation_fetched(struct simulation *s, const struct message *effect)
{
    uint32_t campaign = campaign_of_name(s, message_text(effect, FetchRecords_campaign));
    uint64_t left = message_u(effect, FetchRecords_count);
    for (uint32_t at = 0; at < s->due_count && left > 0; at++) {
        struct simulated_due *due = &s->due[at];
        if (due->campaign != campaign || due->handed || due->due_us > s->now_us) continue;
        due->handed = true;
        simulation_hand_over(s, effect, due->record, due);
        left--;
    }
    for (; left > 0; left--) simulation_hand_over(s, effect, ++s->records, NULL);
}

/* Dialers look for due records every two seconds, and announce them again after ten. */
enum { DUE_COUNTED_US = 2000000, DUE_TOLD_AGAIN_US = 10000000 };

static void campaign_puts_off(struct simulation *s, const struct message *effect)
{
    uint32_t campaign = campaign_of_name(s, message_text(effect, UpdateRecord_campaign));
    int64_t ahead_us = message_i(effect, UpdateRecord_due) - core_wall(s->core);
    bool again =
        message_u(effect, UpdateRecord_status) == record_status_ready && message_i(effect, UpdateRecord_due) != 0;
    if (campaign == NOBODY || !again) return;
    uint64_t due_us = s->now_us + (ahead_us > 0 ? (uint64_t)ahead_us : 0);
    s->due = memory_more(s->due, s->due_count, sizeof *s->due);
    s->due[s->due_count++] = (struct simulated_due){.record = message_u(effect, UpdateRecord_record),
                                                    .revision = message_u(effect, UpdateRecord_revision),
                                                    .attempts = message_u(effect, UpdateRecord_history),
                                                    .due_us = due_us,
                                                    .campaign = campaign};
    agenda_add(&s->agenda, (due_us / DUE_COUNTED_US + 1) * DUE_COUNTED_US, DEED_DUE, campaign, 0);
}

void campaign_due(struct simulation *s, uint32_t campaign)
{
    uint64_t due = 0;
    for (uint32_t at = 0; at < s->due_count; at++)
        due += s->due[at].campaign == campaign && !s->due[at].handed && s->due[at].due_us <= s->now_us;
    if (due == 0) return;
    struct writer *w = simulation_event(s, KIND_ListChanged, NULL, 0);
    writer_text(w, ListChanged_campaign, s->plan->campaigns[campaign].name);
    writer_u(w, ListChanged_left, due);
    writer_u(w, ListChanged_due, due);
    simulation_post(s);
    agenda_add(&s->agenda, s->now_us + DUE_TOLD_AGAIN_US, DEED_DUE, campaign, 0);
}

/* Counts how late a postponed record is now dialled. */
static void due_is_dialled(struct simulation *s, uint64_t record)
{
    uint32_t at = 0;
    while (at < s->due_count && !(s->due[at].handed && s->due[at].record == record)) at++;
    if (at == s->due_count) return;
    struct simulated_lateness *late = &s->lateness[s->due[at].campaign];
    if (s->now_us >= s->plan->warm_up_us && s->now_us < s->plan->until_us) {
        late->all = memory_more(late->all, late->count, sizeof *late->all);
        late->all[late->count++] = (double)(s->now_us - s->due[at].due_us) / 1e6;
    }
    memmove(&s->due[at], &s->due[at + 1], (--s->due_count - at) * sizeof *s->due);
}

bool campaigns_effect(struct simulation *s, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_FetchRecords:
        simulation_fetched(s, effect);
        break;
    case KIND_CheckRecord:
        due_is_dialled(s, message_u(effect, CheckRecord_record));
        call_of_record(s, message_text(effect, CheckRecord_campaign), message_u(effect, CheckRecord_record),
                       message_u(effect, ENVELOPE_ixn));
        break;
    case KIND_UpdateRecord:
        campaign_puts_off(s, effect);
        break;
    default:
        return false;
    }
    simulation_done(s, effect, code_ok);
    return true;
}

/* ---- counting ---- */

static void simulation_count(const struct simulation *s, struct campaigned *counted)
{
    struct campaign_row row;
    for (uint32_t i = 0; core_campaign(s->core, i, &row); i++)
        for (uint32_t at = 0; at < s->plan->campaign_count; at++)
            if (span_is(row.name, s->plan->campaigns[at].name))
                counted[at] = (struct campaigned){row.dialled, row.answered, row.abandoned, row.ceiling};
}

/* Returns when a part of the series ends; lengths are rounded up, so the last part may be shorter. */
static uint64_t bound_us(const struct simulation *s, uint32_t bound)
{
    uint64_t at_us = s->plan->warm_up_us + bound * s->part_us;
    return at_us < s->plan->until_us ? at_us : s->plan->until_us;
}

static struct campaigned campaigned_since(struct campaigned before, struct campaigned now)
{
    return (struct campaigned){now.dialled - before.dialled, now.answered - before.answered,
                               now.abandoned - before.abandoned, now.permille};
}

/* Returns the share abandoned of those who answered; it is limited to 1, as some who are abandoned now answered
 * before the count began. */
static double share_abandoned(struct campaigned of)
{
    return of.answered == 0 ? NAN : fmin(1, (double)of.abandoned / (double)of.answered);
}

/* Is the share of the abandoned above the ceiling? Up to `few` abandoned calls are never above it. */
static bool is_above_ceiling(struct campaigned of, uint64_t few)
{
    return of.abandoned > few && of.abandoned * 1000 > of.answered * of.permille;
}

/* Updates the highest shares of abandoned calls so far: that of all calls answered since the count began, and that of
 * any completed quarter of an hour. */
static void worst_look(struct simulation *s, struct campaigned_worst *worst, struct campaigned now, bool quarter)
{
    if (s->seconds == 0) *worst = (struct campaigned_worst){now, now, NAN, NAN, false, false};
    struct campaigned all = campaigned_since(worst->begin, now), part = campaigned_since(worst->quarter, now);
    worst->since_begin = fmax(worst->since_begin, share_abandoned(all));
    worst->above = worst->above || is_above_ceiling(all, 0);
    if (!quarter) return;
    worst->of_quarter = fmax(worst->of_quarter, share_abandoned(part));
    worst->above_quarter = worst->above_quarter || is_above_ceiling(part, 1);
    worst->quarter = now;
}

/* Runs for each second of the counted time; later events belong to the next second. A day shorter than a quarter of
 * an hour counts as one; the rest after the last complete quarter is too short to count. */
static void worst_count(struct simulation *s, uint64_t next_us)
{
    enum { SECOND_US = 1000000, QUARTER_S = 900 };
    uint64_t end_us = next_us < s->plan->until_us ? next_us : s->plan->until_us;
    if (s->plan->campaign_count == 0 || s->plan->warm_up_us + s->seconds * SECOND_US > end_us) return;
    struct campaigned *counted = memory_zeroed(s->plan->campaign_count, sizeof *counted);
    simulation_count(s, counted);
    for (; s->plan->warm_up_us + s->seconds * SECOND_US <= end_us; s->seconds++) {
        bool last = s->plan->warm_up_us + (s->seconds + 1) * SECOND_US > s->plan->until_us;
        for (uint32_t at = 0; at < s->plan->campaign_count; at++)
            worst_look(s, &s->worst[at], counted[at],
                       s->seconds != 0 && (s->seconds % QUARTER_S == 0 || (last && s->seconds < QUARTER_S)));
    }
    free(counted);
}

void campaigns_count(struct simulation *s, uint64_t next_us)
{
    worst_count(s, next_us);
    for (; s->bounds <= SERIES_PARTS && next_us >= bound_us(s, s->bounds); s->bounds++)
        simulation_count(s, &s->paced[(size_t)s->bounds * s->plan->campaign_count]);
}

/* Returns how many people the campaign dialled, reached and lost between two bounds. */
static struct campaigned simulation_between(const struct simulation *s, uint32_t campaign, uint32_t from, uint32_t to)
{
    assert(from <= to && to <= SERIES_PARTS && campaign < s->plan->campaign_count);
    const struct campaigned *before = &s->paced[(size_t)from * s->plan->campaign_count + campaign],
                            *after = &s->paced[(size_t)to * s->plan->campaign_count + campaign];
    return campaigned_since(*before, *after);
}

static int shorter_first(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

/* Returns the lateness that 19 of 20 records do not exceed; NAN: there were none. */
static double late_most(const struct simulated_lateness *late)
{
    if (late->count == 0) return NAN;
    qsort(late->all, late->count, sizeof *late->all, shorter_first);
    return late->all[(late->count * 19 + 19) / 20 - 1];
}

void campaigns_result(const struct simulation *s, uint32_t campaign, struct simulation_scope *scope)
{
    struct campaigned all = simulation_between(s, campaign, 0, SERIES_PARTS);
    scope->value[MEASURE_dialled] = (double)all.dialled;
    scope->value[MEASURE_reached] = (double)all.answered;
    scope->value[MEASURE_lost] = share_abandoned(all);
    scope->value[MEASURE_worst] = s->worst[campaign].since_begin;
    scope->value[MEASURE_quarter] = s->worst[campaign].of_quarter;
    scope->value[MEASURE_above] = s->worst[campaign].above;
    scope->value[MEASURE_above_quarter] = s->worst[campaign].above_quarter;
    scope->value[MEASURE_due_late] = late_most(&s->lateness[campaign]);
    for (uint32_t part = 0; part < SERIES_PARTS; part++) {
        struct campaigned of = simulation_between(s, campaign, part, part + 1);
        scope->series[part] = (struct simulation_part){
            .offered = (double)of.dialled, .answered = (double)of.answered, .abandoned = (double)of.abandoned};
    }
}
