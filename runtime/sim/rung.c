/* runtime/sim/rung.c - Whom the core dials: callers whose place is kept, who are called back, or who stand on a calling
 * list. */
#include <stdio.h>
#include <string.h>

#include "runtime/sim/world_state.h"

static struct step_call keeping(const char *number)
{
    return (struct step_call){.step = "callback.keep_place", .args = json_pack("{s:s}", "number", number)};
}

/* The step that dials an arrival which is no kept caller. */
static struct step_call dialling(const struct world *w, uint32_t arrival, const char *number)
{
    if (!world_is_record(w, arrival)) return (struct step_call){.step = "callback.dial", .args = json_object()};
    return (struct step_call){.step = "outbound.dial", .args = json_pack("{s:s}", "number", number)};
}

/* With which the step itself ends; the others are what becomes of the number when it is dialled. */
static const enum code keeping_exits[] = {code_not_waiting, code_refused,   code_timeout,
                                          code_unsupported, code_link_down, code_ok};
static const enum code dialling_exits[] = {code_outcome_unknown, code_timeout, code_unsupported, code_link_down,
                                           code_ok};

static enum code exit_of(const struct scenario_outcome *outcome, const enum code *codes)
{
    for (size_t i = 0; outcome && outcome->fail && codes[i] != code_ok; i++)
        if (strcmp(outcome->fail, enum_name_code(codes[i])) == 0) return codes[i];
    return code_ok;
}

bool world_step_ends(const char *step, const char *fail)
{
    const struct scenario_outcome outcome = {.fail = fail};
    return exit_of(&outcome, strcmp(step, "callback.keep_place") == 0 ? keeping_exits : dialling_exits) != code_ok;
}

enum code world_keep(struct world *w, uint32_t arrival, const char *number, uint64_t now_us)
{
    struct step_call call = keeping(number);
    w->now_us = now_us;
    enum code code = exit_of(world_ahead(w, arrival, &call), keeping_exits);
    if (code != code_ok)
        (void)world_answer(w, arrival, &call);
    else
        (void)snprintf(w->arrivals[arrival].kept, sizeof w->arrivals[arrival].kept, "%s", number);
    trace_happened(w->trace, now_us, arrival, "step", NULL, NULL,
                   json_pack("{s:s, s:O}", "step", call.step, "args", call.args));
    json_decref(call.args);
    return code;
}

enum code world_dial_ends(struct world *w, uint32_t arrival, const char *number, uint64_t now_us)
{
    struct step_call call = dialling(w, arrival, number);
    w->now_us = now_us;
    enum code code = exit_of(world_ahead(w, arrival, &call), dialling_exits);
    if (code != code_ok) {
        (void)world_answer(w, arrival, &call);
        trace_happened(w->trace, now_us, arrival, "step", NULL, NULL,
                       json_pack("{s:s, s:O}", "step", call.step, "args", call.args));
    }
    json_decref(call.args);
    return code;
}

void world_dials(struct world *w, uint32_t arrival, bool booked)
{
    w->dials = arrival == NO_ARRIVAL ? 0 : arrival + 1;
    w->dials_booked = booked;
}

bool world_keeps(const struct world *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (w->arrivals[i].kept[0] != '\0') return true;
    return false;
}

/* Without being told: who has kept the place under that number, else who has called from it and gone. */
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

enum cause world_dialled(void *self, uint64_t call, const char *number, uint64_t now_us, uint64_t *after_us)
{
    struct world *w = self;
    bool booked;
    uint32_t arrival = kept_under(w, number, &booked);
    if (arrival == NO_ARRIVAL) return cause_invalid_number;
    struct arrival *a = &w->arrivals[arrival];
    struct step_call step = booked ? dialling(w, arrival, number) : keeping(number);
    w->now_us = now_us;
    remember_call(w, arrival, call);
    if (a->gone) {
        a->gone = false;
        w->living++;
    }
    const struct scenario_outcome *outcome = world_answer(w, arrival, &step);
    if (booked) {
        trace_happened(w->trace, now_us, arrival, "step", NULL, NULL,
                       json_pack("{s:s, s:O}", "step", step.step, "args", step.args));
    }
    json_decref(step.args);
    trace_say(w->trace, now_us, "caller", arrival, "IsRung number=%s", number);
    *after_us = outcome && outcome->after_us != 0 ? outcome->after_us : a->item->arrival.answers_us;
    if (!outcome || !outcome->fail) {
        arrival_answers(w, arrival, now_us + *after_us);
        return cause_ok;
    }
    int cause = enum_value_cause(outcome->fail, (uint32_t)strlen(outcome->fail));
    if (cause == cause_no_answer && outcome->after_us == 0) *after_us = UINT64_MAX; /* as long as it may ring */
    return cause <= 0 ? cause_refused : (enum cause)cause;
}
