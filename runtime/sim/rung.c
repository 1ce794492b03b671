/* runtime/sim/rung.c - Simulates the people whom the core dials: callers whose place is kept, who are called back,
 * or who are on a calling list.
 *
 * Three kinds of people are dialled: callers who have kept their place (callback.keep_place), those to be called
 * back (callback.dial), and those on a calling list (outbound.dial). The test answers each of these steps: an exit
 * of the step itself ends it before anything is dialled; any other outcome says how the dialled call ends. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/table.h"
#include "runtime/sim/world_state.h"

static struct step_call rung_keeping(const char *number)
{
    return (struct step_call){.step = "callback.keep_place", .args = json_pack("{s:s}", "number", number)};
}

/* Returns the step that dials an arrival other than a caller with a kept place. */
static struct step_call rung_dialling(const struct world *w, uint32_t arrival, const char *number)
{
    if (!world_is_record(w, arrival)) return (struct step_call){.step = "callback.dial", .args = json_object()};
    return (struct step_call){.step = "outbound.dial", .args = json_pack("{s:s}", "number", number)};
}

/* Exits with which the step itself ends; other outcomes apply when the number is dialled. */
static const enum code keeping_exits[] = {code_not_waiting, code_refused,   code_timeout,
                                          code_unsupported, code_link_down, code_ok};
static const enum code dialling_exits[] = {code_outcome_unknown, code_timeout, code_unsupported, code_link_down,
                                           code_ok};

static enum code rung_exit_of(const struct scenario_outcome *outcome, const enum code *codes)
{
    for (size_t i = 0; outcome && outcome->fail && codes[i] != code_ok; i++)
        if (strcmp(outcome->fail, enum_name_code(codes[i])) == 0) return codes[i];
    return code_ok;
}

bool world_step_ends(const char *step, const char *fail)
{
    const struct scenario_outcome outcome = {.fail = fail};
    return rung_exit_of(&outcome, strcmp(step, "callback.keep_place") == 0 ? keeping_exits : dialling_exits) != code_ok;
}

/* Keeps the place, unless the test lets the step fail. */
enum code world_keep(struct world *w, uint32_t arrival, const char *number, uint64_t now_us)
{
    assert(arrival < w->count);
    struct step_call call = rung_keeping(number);
    w->now_us = now_us;
    enum code code = rung_exit_of(world_ahead(w, arrival, &call), keeping_exits);
    if (code != code_ok)
        (void)world_answer(w, arrival, &call);
    else
        (void)snprintf(w->arrivals[arrival].kept, sizeof w->arrivals[arrival].kept, "%s", number);
    trace_step(w->trace, now_us, arrival, &call);
    json_decref(call.args);
    return code;
}

enum code world_dial_ends(struct world *w, uint32_t arrival, const char *number, uint64_t now_us)
{
    assert(arrival < w->count);
    struct step_call call = rung_dialling(w, arrival, number);
    w->now_us = now_us;
    enum code code = rung_exit_of(world_ahead(w, arrival, &call), dialling_exits);
    if (code != code_ok) {
        (void)world_answer(w, arrival, &call);
        trace_step(w->trace, now_us, arrival, &call);
    }
    json_decref(call.args);
    return code;
}

void world_dials(struct world *w, uint32_t arrival, bool booked)
{
    assert(arrival == NO_ARRIVAL || arrival < w->count);
    w->dials = arrival == NO_ARRIVAL ? 0 : arrival + 1;
    w->dials_booked = booked;
}

bool world_keeps(const struct world *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (w->arrivals[i].kept[0] != '\0') return true;
    return false;
}

/* Finds the arrival with this number, if the bridge has not named it: one whose place is kept, else one that has
 * called from it and gone. */
static uint32_t kept_under(struct world *w, const char *number, bool *booked)
{
    uint32_t known = w->dials;
    *booked = w->dials_booked;
    w->dials = 0;
    if (known != 0) return known - 1;
    *booked = false;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->arrivals[i].gone && strcmp(w->arrivals[i].kept, number) == 0 && number[0] != '\0') return i;
    *booked = true;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->arrivals[i].gone && strcmp(w->arrivals[i].item->arrival.number, number) == 0 && number[0] != '\0')
            return i;
    return NO_ARRIVAL;
}

/* Returns the arrival's campaign if the test says what shares of its calls are answered; else NULL. */
static const struct scenario_campaign *rung_dealt(const struct world *w, uint32_t arrival)
{
    for (size_t i = 0; i < w->test->count && world_is_record(w, arrival); i++) {
        const struct scenario_item *item = &w->test->items[i];
        if (item->kind == ITEM_CAMPAIGN && item->campaign.dealt &&
            strcmp(item->campaign.name, w->arrivals[arrival].item->arrival.to) == 0)
            return &item->campaign;
    }
    return NULL;
}

/* Returns a random number from 0 to 999,999: each time another one, but the same in each play. */
static uint32_t rung_drawn(struct world *w, uint32_t arrival)
{
    uint64_t seed = w->test->seed;
    for (size_t i = 0; i < w->test->count; i++)
        if (w->test->items[i].kind == ITEM_SEED) seed = w->test->items[i].seed.value;
    uint64_t number = arrival + UINT64_C(1) + ((uint64_t)w->drawn++ << 20);
    return (uint32_t)(table_mix64(seed + UINT64_C(0x9e3779b97f4a7c15) * number) % 1000000);
}

/* Returns how a dialled call ends if no answer of the test applies. */
static enum cause rung_falls(struct world *w, uint32_t arrival, uint64_t *after_us)
{
    const struct scenario_campaign *campaign = rung_dealt(w, arrival);
    uint32_t at = !campaign ? 0 : rung_drawn(w, arrival);
    if (!campaign || at < campaign->answers) return cause_ok;
    if (at < campaign->answers + campaign->busy) return cause_busy;
    if (at < campaign->answers + campaign->busy + campaign->machine) return cause_machine;
    *after_us = UINT64_MAX; /* the telephone rings until the dialling is given up */
    return cause_no_answer;
}

/* Finds whose number was dialled, and whether and when that person answers. The person then counts as present again. */
static enum cause rung_answers(struct world *w, uint64_t call, const char *number, uint64_t now_us, uint64_t *after_us)
{
    bool booked;
    uint32_t arrival = kept_under(w, number, &booked);
    if (arrival == NO_ARRIVAL) return cause_invalid_number;
    struct arrival *a = &w->arrivals[arrival];
    struct step_call step = booked ? rung_dialling(w, arrival, number) : rung_keeping(number);
    w->now_us = now_us;
    world_remember_call(w, arrival, call);
    if (a->gone) {
        a->gone = false;
        w->living++;
    }
    const struct scenario_outcome *outcome = world_answer(w, arrival, &step);
    if (booked) trace_step(w->trace, now_us, arrival, &step);
    json_decref(step.args);
    trace_say(w->trace, now_us, "caller", arrival, "IsRung number=%s", number);
    *after_us = outcome && outcome->after_us != 0 ? outcome->after_us : a->item->arrival.answers_us;
    if (!outcome || !outcome->fail) {
        enum cause fate = outcome ? cause_ok : rung_falls(w, arrival, after_us);
        if (fate == cause_ok) arrival_answers(w, arrival, now_us + *after_us);
        return fate;
    }
    int cause = enum_value_cause(outcome->fail, (uint32_t)strlen(outcome->fail));
    /* the telephone rings until the dialling is given up */
    if (cause == cause_no_answer && outcome->after_us == 0) *after_us = UINT64_MAX;
    return cause <= 0 ? cause_refused : (enum cause)cause;
}

/* Returns what becomes of a call to an outside number of no caller: its last digit decides. If the switch does not
 * detect who answers, a machine counts as an answer, too. */
static enum cause rung_outside(const struct world *w, const struct switch_dial *dial, uint64_t *after_us)
{
    static const enum cause by_digit[] = {
        cause_ok,      cause_ok,   cause_ok,        cause_ok,      cause_fax,
        cause_silence, cause_busy, cause_no_answer, cause_machine, cause_invalid_number};
    size_t length = strlen(dial->number);
    char digit = length == 0 ? '9' : dial->number[length - 1];
    enum cause cause = digit >= '0' && digit <= '9' ? by_digit[digit - '0'] : cause_invalid_number;
    if (!dial->detects && (cause == cause_fax || cause == cause_silence || cause == cause_machine)) cause = cause_ok;
    /* the telephone rings until the dialling is given up */
    *after_us = cause == cause_no_answer ? UINT64_MAX : w->options.outside_us;
    return cause;
}

enum cause world_dialled(void *self, uint64_t call, const struct switch_dial *dial, uint64_t now_us, uint64_t *after_us)
{
    struct world *w = self;
    enum cause cause = rung_answers(w, call, dial->number, now_us, after_us);
    bool nobody = cause == cause_invalid_number && w->options.outside_us != 0;
    return nobody ? rung_outside(w, dial, after_us) : cause;
}
