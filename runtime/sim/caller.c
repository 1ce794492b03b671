/* runtime/sim/caller.c - Callers answer steps: the test's answers become keys pressed on a telephone.
 *
 * When a step asks for something, its answer is searched in the test: first in the lines within the arrival's
 * braces, then in the test's other lines; of matching lines the most specific one is used, among equal ones the
 * last. Each line has outcomes that are used one after another; the last one is repeated. A step that needs an
 * answer and has none is a problem of the test, reported with a line that would answer it. */
#include "runtime/sim/treatment.h"
#include "runtime/sim/world_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is the answer reserved for steps that read keys? Such an answer is not used up by music. */
static bool keeps_keys(const struct scenario_answer *answer, uint32_t used, const struct step_call *call)
{
    assert(answer->count > 0);
    const struct scenario_outcome *next = &answer->outcomes[used < answer->count ? used : answer->count - 1];
    return json_is_string(next->value) && strncmp(call->step, "ivr.", 4) == 0 && !treatment_step_returns(call);
}

static void caller_consider(struct best_answer *best, const struct scenario_item *item, uint32_t *used,
                            const struct step_call *call)
{
    if (!keeps_keys(&item->answer, *used, call)) answer_consider(best, &item->answer, used, call);
}

static const struct scenario_outcome *next_outcome(const struct best_answer *best)
{
    assert(best->answer && best->answer->count > 0);
    uint32_t index = *best->used < best->answer->count ? (*best->used)++ : (uint32_t)best->answer->count - 1;
    return &best->answer->outcomes[index];
}

static bool enters_later(const struct scenario_item *item, uint64_t since_us, const char *as, uint64_t now_us)
{
    const char *of = item->kind == ITEM_CALLER ? item->caller.of : NULL;
    return item->kind == ITEM_CALLER && item->caller.digits && since_us + item->at_us >= now_us &&
           (!of || (as && strcmp(of, as) == 0));
}

/* Does the test say separately which keys are pressed and when? If so, the step needs no further answer from the
 * test. */
static bool keys_to_come(const struct world *w, uint32_t arrival)
{
    if (arrival >= w->count) return false;
    const struct scenario_arrival *a = &w->arrivals[arrival].item->arrival;
    for (size_t i = 0; i < a->count; i++)
        if (enters_later(&a->items[i], w->expected[arrival].at_us, a->as, w->now_us)) return true;
    for (uint32_t i = 0; i < w->answer_count; i++)
        if (enters_later(&w->test->items[w->answers[i]], 0, a->as, w->now_us)) return true;
    return false;
}

static bool wants_answer(const struct world *w, uint32_t arrival, const struct step_call *call)
{
    bool keyed = !call->source && !call->returns && strcmp(call->step, "ivr.application") != 0 &&
                 strcmp(call->step, "ivr.record") != 0;
    return treatment_step_returns(call) && (!keyed || !keys_to_come(w, arrival));
}

static struct best_answer best_of(struct world *w, uint32_t arrival, const struct step_call *call)
{
    struct best_answer best = {0};
    if (arrival < w->count) {
        struct arrival *a = &w->arrivals[arrival];
        for (size_t i = 0; i < a->item->arrival.count; i++) {
            const struct scenario_item *item = &a->item->arrival.items[i];
            if (item->kind == ITEM_ANSWER && w->expected[arrival].at_us + item->at_us <= w->now_us)
                caller_consider(&best, item, &a->used[i], call);
        }
    }
    /* Answers within an arrival's braces take precedence over the test's other lines. */
    bool own = best.answer != NULL;
    for (uint32_t i = 0; !own && i < w->answer_count; i++) {
        const uint32_t at = w->answers[i];
        const struct scenario_item *item = &w->test->items[at];
        if (item->kind == ITEM_ANSWER && item->at_us <= w->now_us) caller_consider(&best, item, &w->used[at], call);
    }
    return best;
}

const struct scenario_outcome *world_ahead(struct world *w, uint32_t arrival, const struct step_call *call)
{
    struct best_answer best = best_of(w, arrival, call);
    if (!best.answer) return NULL;
    size_t last = best.answer->count - 1;
    return &best.answer->outcomes[*best.used < last ? *best.used : last];
}

/* Returns the step's next outcome and uses it up; world_ahead() only looks at it. */
const struct scenario_outcome *world_answer(struct world *w, uint32_t arrival, const struct step_call *call)
{
    struct best_answer best = best_of(w, arrival, call);
    bool used_up = w->hands.asked && best.answer && *best.used >= best.answer->count;
    if (best.answer && !used_up) return next_outcome(&best);
    if (wants_answer(w, arrival, call)) {
        char asked[160], written[100];
        const char *prompt = json_string_value(json_object_get(call->args, "prompt"));
        const char *text = json_string_value(json_object_get(call->args, "text"));
        step_print(call, asked, sizeof asked);
        if (call->source)
            (void)snprintf(written, sizeof written, "query %s", call->source);
        else if (call->returns)
            (void)snprintf(written, sizeof written, "%s%s", call->step, w->hands.asked ? "" : "(...)");
        else if (!prompt && text)
            (void)snprintf(written, sizeof written, "%s(\"%s\")", call->step, text);
        else
            (void)snprintf(written, sizeof written, "%s(prompt %s)", call->step, !prompt ? "..." : prompt);
        if (w->hands.asked)
            w->hands.asked(w->hands.asks, asked, written);
        else
            world_problem(w, 0, "%s has no answer; write: %s -> ...;", asked, written);
    }
    return NULL;
}

enum code world_route(struct world *w, uint32_t arrival)
{
    struct step_call call = {.step = "route", .args = json_object()};
    const struct scenario_outcome *outcome = arrival == NO_ARRIVAL ? NULL : world_answer(w, arrival, &call);
    json_decref(call.args);
    if (!outcome || !outcome->fail) return code_ok;
    int code = enum_value_code(outcome->fail, (uint32_t)strlen(outcome->fail));
    return code > code_ok ? (enum code)code : code_unsupported;
}

/* ---- keys ---- */

/* Writes the keys that make the step return this value, including an end key if the step would wait for more. */
static void caller_keys_for(char *keys, const char *value, const struct switch_treatment *t)
{
    size_t length = strlen(value);
    bool more = !t->keys && (t->max == 0 || length < t->max);
    (void)snprintf(keys, KEYS_MAX, "%.*s%.1s", KEYS_MAX - 2, value, more ? &t->end : "");
}

/* Writes keys that the step does not accept: one that the menu does not have, or too few digits; "": there are none. */
static void wrong_keys(char *keys, const struct switch_treatment *t)
{
    const char *digit = !t->keys ? "" : SCENARIO_DIGITS;
    while (*digit != '\0' && strchr(t->keys, *digit)) digit++;
    (void)snprintf(keys, KEYS_MAX, "%.1s", digit);
    if (!t->keys && t->min > 1) (void)snprintf(keys, KEYS_MAX, "1%.1s", &t->end);
}

static enum switch_device respond_application(struct world *w, uint32_t arrival, const struct switch_treatment *t,
                                              const struct scenario_outcome *outcome)
{
    struct arrival *a = &w->arrivals[arrival];
    if (outcome->fail && strcmp(outcome->fail, "failed") != 0)
        return strcmp(outcome->fail, "timeout") == 0 ? SWITCH_HANGS : SWITCH_REFUSES;
    if (!outcome->fail && !json_is_object(outcome->value)) {
        world_problem(w, 0, "ivr.application returns a map: write -> [\"key\": value];");
        return SWITCH_REFUSES;
    }
    a->result = outcome->value; /* the value that the test gives; NULL: the step fails */
    agenda_add(&w->agenda, w->now_us + outcome->after_us, ACT_RESULT, arrival, t->number);
    return SWITCH_HANGS; /* until then */
}

/* Simulates how long the caller speaks; no_input: not at all. */
static enum switch_device respond_speech(struct world *w, uint32_t arrival, const struct switch_treatment *t,
                                         const struct scenario_outcome *outcome)
{
    assert(arrival < w->count);
    struct arrival *a = &w->arrivals[arrival];
    json_int_t us;
    if (outcome->fail) {
        return strcmp(outcome->fail, "timeout") == 0    ? SWITCH_HANGS
               : strcmp(outcome->fail, "no_input") == 0 ? SWITCH_PLAYS
                                                        : SWITCH_REFUSES;
    }
    if (!value_us(outcome->value, &us) || us <= 0) {
        world_problem(w, 0, "how long does the caller speak? Write: ivr.record(...) -> 12s; or fail no_input");
        return SWITCH_REFUSES;
    }
    a->spoken_us = (uint64_t)us;
    agenda_add(&w->agenda, w->now_us + outcome->after_us, ACT_SPEAK, arrival, t->number);
    return SWITCH_PLAYS;
}

/* Applies the outcome at the telephone: keys after a time, silence, a refusal, or nothing at all. */
static enum switch_device caller_respond(struct world *w, uint32_t arrival, const struct switch_treatment *t,
                                         const struct scenario_outcome *outcome)
{
    struct arrival *a = &w->arrivals[arrival];
    char number[24];
    const char *value = json_string_value(outcome->value);
    if (t->type == treatment_PlayApplication) return respond_application(w, arrival, t, outcome);
    if (t->type == treatment_RecordUserAnnouncement) return respond_speech(w, arrival, t, outcome);
    if (outcome->fail) {
        if (strcmp(outcome->fail, "not_applied") == 0) return SWITCH_REFUSES;
        if (strcmp(outcome->fail, "timeout") == 0) return SWITCH_HANGS;
        bool aborts = strcmp(outcome->fail, "aborted") == 0;
        /* the outcome is no_input: the caller presses no key */
        if (!aborts && strcmp(outcome->fail, "invalid") != 0) return SWITCH_PLAYS;
        if (aborts && t->abort == '\0') {
            world_problem(w, 0, "the step names no key `abort`, so that the caller cannot abort it");
            return SWITCH_REFUSES;
        }
        wrong_keys(a->keys, t);
        if (aborts) (void)snprintf(a->keys, KEYS_MAX, "%.1s", &t->abort);
    } else if (value || json_is_integer(outcome->value)) {
        if (!value) (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(outcome->value));
        caller_keys_for(a->keys, !value ? number : value, t);
    } else {
        return SWITCH_PLAYS;
    }
    a->keys_secret = t->secret;
    agenda_add(&w->agenda, w->now_us + outcome->after_us, ACT_KEY, arrival, t->number);
    return SWITCH_PLAYS;
}

/* The switch asks, before a treatment begins, how it will end. */
enum switch_device world_device(void *self, uint64_t call, const struct switch_treatment *t, uint64_t now_us)
{
    struct world *w = self;
    uint32_t arrival = world_arrival_of(w, call);
    if (arrival == NO_ARRIVAL) return SWITCH_PLAYS;
    w->now_us = now_us;
    struct step_call step = treatment_call(t);
    const struct scenario_outcome *outcome = world_answer(w, arrival, &step);
    enum switch_device device = outcome                            ? caller_respond(w, arrival, t, outcome)
                                : !wants_answer(w, arrival, &step) ? SWITCH_PLAYS
                                : w->hands.asked                   ? SWITCH_HANGS
                                                                   : SWITCH_REFUSES;
    if (device != SWITCH_REFUSES) trace_step(w->trace, now_us, arrival, &step);
    json_decref(step.args);
    return device;
}

/* Presses the planned keys; they are meant for one treatment, and another one does not get them. */
void caller_keys(struct world *w, const struct agenda_entry *entry)
{
    struct arrival *a = &w->arrivals[entry->who];
    const struct switch_call *call = switch_call(w->sw, a->call);
    if (call && call->treatment == entry->what) {
        trace_say(w->trace, w->now_us, "caller", entry->who, "Keys digits=%s",
                  a->keys[0] == '\0' ? "?"
                  : a->keys_secret   ? "***"
                                     : a->keys);
        if (a->keys[0] == '\0')
            switch_key_wrong(w->sw, a->call, (uint32_t)entry->what, w->now_us);
        else
            switch_key(w->sw, a->call, a->keys, w->now_us);
    }
}

void caller_speaks(struct world *w, const struct agenda_entry *entry)
{
    struct arrival *a = &w->arrivals[entry->who];
    const struct switch_call *call = switch_call(w->sw, a->call);
    if (call && call->treatment == entry->what) {
        trace_say(w->trace, w->now_us, "caller", entry->who, "Speaks ms=%llu", (unsigned long long)a->spoken_us / 1000);
        switch_speak(w->sw, a->call, (uint32_t)entry->what, a->spoken_us, w->now_us);
    }
}

void caller_result(struct world *w, const struct agenda_entry *entry)
{
    struct arrival *a = &w->arrivals[entry->who];
    json_t *plain = !a->result ? NULL : value_plain(a->result);
    char *text = !plain ? NULL : json_dumps(plain, JSON_COMPACT);
    bool fits = text && strlen(text) <= SWITCH_RESULT;
    if (text && !fits) world_problem(w, 0, "the result of ivr.application is too large");
    switch_application(w->sw, a->call, (uint32_t)entry->what, fits ? text : NULL, w->now_us);
    free(text);
    json_decref(plain);
}

/* Lets the caller do something that no step asks for; a caller who has gone does nothing. */
void caller_does(struct world *w, uint32_t arrival, const struct scenario_caller *does)
{
    assert(arrival < w->count);
    struct arrival *a = &w->arrivals[arrival];
    if (a->submitted && does->hangs_up) {
        trace_say(w->trace, w->now_us, "caller", arrival, "Leaves");
        w->hands.leave(w->hands.self, arrival);
    }
    if (a->submitted && (does->writes || does->pulled_by)) {
        trace_say(w->trace, w->now_us, "caller", arrival, does->writes ? "Writes" : "IsPulled");
        if (!w->hands.desk)
            world_problem(w, 0, "only gcxc test plays this");
        else
            w->hands.desk(w->hands.self, arrival, does);
    }
    if (does->writes || does->pulled_by) return;
    if (!switch_call(w->sw, a->call) && (!does->signal || a->kept[0] == '\0')) return;
    if (does->main_hangs_up) {
        if (switch_call(w->sw, a->main)) {
            trace_say(w->trace, w->now_us, "caller", world_arrival_of(w, a->main), "HangsUp");
            switch_hang_up(w->sw, a->main, w->now_us);
        }
    } else if (does->transfers) {
        trace_say(w->trace, w->now_us, "caller", arrival, "Transfers");
        if (switch_transfer(w->sw, a->call, w->now_us) != code_ok)
            world_problem(w, a->item->line, "there is no main call to transfer");
    } else if (does->signal) {
        w->hands.signal(w->hands.self, arrival, does->signal, does->data);
    } else if (does->hangs_up) {
        trace_say(w->trace, w->now_us, "caller", arrival, "HangsUp");
        switch_hang_up(w->sw, a->call, w->now_us);
    } else {
        trace_say(w->trace, w->now_us, "caller", arrival, "Keys digits=%s", does->digits);
        switch_key(w->sw, a->call, does->digits, w->now_us);
    }
}
