/* runtime/debugger/retold_steps.c - Turns treatments, queries, requests, messages and calls into words of a test,
 * from their effects and answers.
 *
 * An effect begins a step (opens), and the event with its ref ends it (closes): the step's row gets one more
 * outcome, with the time that it took. A test identifies a step by its words, so calls with the same words share one
 * row with several outcomes, in the order in which the steps were begun.
 *
 *     effect  RequestApplyTreatment ref 7     ivr.digits(prompt pin, max: 4)        open: {ref 7, step 0, outcome 1}
 *     event   EventTreatment End ref 7        -> "4711" after 6s                    closed
 *     line    ivr.digits(prompt pin, max: 4) -> fail no_input, "4711" after 6s;     both times that it was asked
 *
 * Secrets are left out of the words, and noted as missing. */
#include "runtime/debugger/retold_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/asked.h"
#include "runtime/sim/treatment.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"

#define DIALLED_US UINT64_C(5000000) /* how long a person called in a test takes to answer */

/* Returns the row of the step with this call's words, and counts this time. */
static size_t step_told_of(struct retold_teller *t, const struct step_call *call, bool returns)
{
    assert(t->step_count <= STEPS_MAX);
    struct spelling text;
    spell_step(spelling_begin(&text), call);
    char *spelled = spelling_end(&text);
    size_t i = 0;
    while (i < t->step_count && strcmp(t->steps[i].call, spelled) != 0) i++;
    if (i < t->step_count) {
        free(spelled);
    } else if (i < STEPS_MAX) {
        t->steps[t->step_count++] =
            (struct told_step){.call = spelled, .returns = returns, .query = strcmp(call->step, "query") == 0};
    } else {
        free(spelled);
        teller_lacks(t, "it did more than %d different steps", STEPS_MAX);
        i = STEPS_MAX - 1;
    }
    assert(i < t->step_count);
    t->steps[i].times++;
    return i;
}

/* Notes an open step; its outcome's position is reserved now, as a later step may be answered before it. */
static void retold_steps_opens(struct retold_teller *t, const struct message *effect, struct retold_step open)
{
    assert(open.step < t->step_count);
    struct told_step *step = &t->steps[open.step];
    assert(step->count <= OUTCOMES_MAX && step->times > 0);
    open.ref = message_u(effect, ENVELOPE_ref);
    open.at_us = t->now_us;
    open.outcome = step->count;
    if (step->count == OUTCOMES_MAX) {
        teller_lacks(t, "%s was done more than %d times", step->call, OUTCOMES_MAX);
        return;
    }
    step->outcomes[step->count++] = NULL;
    t->open = memory_grown(t->open, t->open_count + 1, sizeof *t->open);
    t->open[t->open_count++] = open;
}

static struct retold_step *step_open(struct retold_teller *t, uint64_t ref)
{
    for (size_t i = 0; i < t->open_count; i++)
        if (t->open[i].ref == ref) return &t->open[i];
    return NULL;
}

/* Ends the step with `outcome`, which this function frees. `usual`: the test need not mention the outcome. The last
 * open step moves into the place of this one, so `open` is no longer valid. */
static void retold_steps_closes(struct retold_teller *t, struct retold_step *open, char *outcome, bool usual)
{
    assert(open >= t->open && open < t->open + t->open_count);
    struct told_step *step = &t->steps[open->step];
    assert(open->step < t->step_count && open->outcome < step->count);
    struct spelling text;
    FILE *out = spelling_begin(&text);
    assert(t->now_us >= open->at_us);
    uint64_t after_us = t->now_us - open->at_us;
    bool late = after_us > 0 && !usual && strncmp(outcome, "fail no_input", 13) != 0 &&
                strncmp(outcome, "fail timeout", 12) != 0;
    fputs(outcome, out);
    if (late) fputs(" after ", out);
    if (late) spell_us(out, (int64_t)after_us);
    free(outcome);
    free(step->outcomes[open->outcome]);
    step->outcomes[open->outcome] = spelling_end(&text);
    if (!usual) step->answered = true;
    *open = t->open[--t->open_count];
}

static void retold_steps_treats(struct retold_teller *t, const struct message *effect)
{
    struct treatment_room room;
    struct switch_treatment treatment = treatment_read(&room, effect);
    struct step_call call = treatment_call(&treatment);
    bool digits = strcmp(call.step, "ivr.digits") == 0 || strcmp(call.step, "ivr.menu") == 0 ||
                  strcmp(call.step, "ivr.choose") == 0 || strcmp(call.step, "ivr.verify") == 0;
    size_t step = step_told_of(t, &call, treatment_step_returns(&call));
    retold_steps_opens(t, effect,
                       (struct retold_step){.step = step,
                                            .kind = OPEN_TREATMENT,
                                            .secret = treatment.secret,
                                            .digits = digits,
                                            .application = strcmp(call.step, "ivr.application") == 0,
                                            .records = strcmp(call.step, "ivr.record") == 0});
    json_decref(call.args);
    treatment_free(&treatment);
}

/* Writes the digits entered; of a secret only how many. */
static void spell_digits(struct retold_teller *t, FILE *out, const struct retold_step *open, struct span digits)
{
    if (!open->secret) {
        spell_text(out, digits);
        return;
    }
    teller_lacks(t, "the secret that was keyed to %s: zeros stand for it", t->steps[open->step].call);
    fputc('"', out);
    for (uint32_t i = 0; i < digits.length; i++) fputc('0', out);
    fputc('"', out);
}

/* Returns the digits entered; those of a secret are among the results. */
static struct span retold_steps_keyed(const struct message *event)
{
    struct kv_value secret;
    struct span digits = message_text(event, EventTreatment_digits);
    bool hidden = kv_get(message_text(event, EventTreatment_result), "digits", &secret) && secret.tag == KV_TEXT;
    return digits.length == 0 && hidden ? secret.span : digits;
}

/* Notes that a treatment has ended: its outcome is the digits entered, the result of an application, the length of a
 * recording, or a failure. */
static void retold_steps_treated(struct retold_teller *t, const struct message *event)
{
    enum treatment_change change = (enum treatment_change)message_u(event, EventTreatment_change);
    struct retold_step *open = step_open(t, message_u(event, ENVELOPE_ref));
    if (!open || open->kind != OPEN_TREATMENT ||
        (change != treatment_change_End && change != treatment_change_NotApplied))
        return;
    struct spelling text;
    FILE *out = spelling_begin(&text);
    enum cause cause = (enum cause)message_u(event, EventTreatment_cause);
    bool usual = false;
    if (change == treatment_change_NotApplied) {
        fputs("fail not_applied", out);
        t->steps[open->step].times--; /* so a test counts */
    } else if (!open->digits && !open->application && !open->records) {
        usual = true; /* the announcement was played, perhaps not to its end */
        fputs("none", out);
    } else if (cause == cause_interrupted) {
        fputs("fail timeout", out); /* the call was cut off before the caller answered the prompt */
    } else if (cause == cause_no_input || cause == cause_invalid_input) {
        fputs(cause == cause_no_input ? "fail no_input" : "fail invalid", out);
    } else if (cause != cause_ok && cause != cause_other) {
        fputs("fail failed", out);
    } else if (open->digits) {
        spell_digits(t, out, open, retold_steps_keyed(event));
    } else if (open->application) {
        spell_map(out, message_text(event, EventTreatment_result));
    } else {
        spell_us(out, (int64_t)(t->now_us - open->at_us));
    }
    retold_steps_closes(t, open, spelling_end(&text), usual);
}

/* Is a secret among the values bound in this query? */
static bool binds_secret(const struct message *effect)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(message_text(effect, Query_params), &at, &pair);)
        if (pair.value.secret) return true;
    return false;
}

static void retold_steps_sources(struct retold_teller *t, const struct message *effect)
{
    char name[ASKED_NAME];
    bool query = effect->kind == KIND_Query;
    struct step_call call = asked_source(t->image, effect, name);
    bool secret = query ? message_u(effect, Query_secret) != 0 : message_text(effect, HttpRequest_secret).length > 0;
    if (secret || (query && binds_secret(effect))) json_object_clear(call.args);
    retold_steps_opens(t, effect,
                       (struct retold_step){.step = step_told_of(t, &call, query || call.returns),
                                            .kind = !query                         ? OPEN_HTTP
                                                    : asked_source_changes(effect) ? OPEN_WRITE
                                                                                   : OPEN_QUERY,
                                            .secret = secret});
    json_decref(call.args);
}

static void retold_steps_sends(struct retold_teller *t, const struct message *effect, bool classifies)
{
    struct step_call call = classifies ? asked_classify_call(effect) : sent_call(t->image, effect);
    retold_steps_opens(t, effect,
                       (struct retold_step){.step = step_told_of(t, &call, classifies),
                                            .kind = classifies ? OPEN_CLASSIFY : OPEN_SENT});
    json_decref(call.args);
}

/* Writes the rows of an answer: none, one, or a list; a row with the only column "value" is written as that value. */
static void spell_rows(FILE *out, struct span rows)
{
    struct kv_pair row;
    struct kv_value value;
    unsigned count = 0;
    for (uint32_t at = 0; kv_next(rows, &at, &row);) count++;
    if (count == 0) fputs("none", out);
    if (count > 1) fputc('[', out);
    unsigned n = 0;
    for (uint32_t at = 0; kv_next(rows, &at, &row); n++) {
        if (n > 0) fputs(", ", out);
        uint32_t second = 0;
        struct kv_pair ignored;
        bool one = row.value.tag == KV_LIST && kv_get(row.value.span, "value", &value) &&
                   kv_next(row.value.span, &second, &ignored) && !kv_next(row.value.span, &second, &ignored);
        spell_value(out, one ? &value : &row.value);
    }
    if (count > 1) fputc(']', out);
}

/* Writes the answer of a source as the outcome of its step. */
static void spell_done(struct retold_teller *t, FILE *out, const struct retold_step *open, const struct message *event)
{
    struct kv_value value;
    struct span answer = message_text(event, EventDone_value);
    if (open->secret) teller_lacks(t, "secrets in the answer of %s", t->steps[open->step].call);
    if (open->kind == OPEN_QUERY)
        spell_rows(out, message_text(event, EventDone_rows));
    else if (open->kind == OPEN_WRITE)
        fprintf(out, "%" PRId64, kv_get(answer, "changed", &value) ? value.word : 1);
    else if (kv_get(answer, open->kind == OPEN_HTTP ? "answer" : "category", &value))
        spell_value(out, &value);
    else
        fputs("none", out);
}

static void step_done_told(struct retold_teller *t, const struct message *event)
{
    struct retold_step *open = step_open(t, message_u(event, ENVELOPE_ref));
    bool good = message_u(event, EventDone_outcome) == outcome_ok;
    if (!open || open->kind == OPEN_TREATMENT) return;
    struct spelling text;
    FILE *out = spelling_begin(&text);
    if (good)
        spell_done(t, out, open, event);
    else
        fprintf(out, "fail %s", enum_name_code((unsigned)message_u(event, EventDone_code)));
    retold_steps_closes(t, open, spelling_end(&text), good && open->kind == OPEN_SENT);
}

static void retold_steps_dials(struct retold_teller *t, const struct message *effect)
{
    struct span number = message_text(effect, RequestMakeCall_number);
    struct step_call call = {.step = "callback.dial", .args = json_object()};
    if (t->media == media_voice) {
        teller_lacks(t, "the caller kept the place, and was called back");
        return;
    }
    if (t->media == media_outbound) {
        call.step = "outbound.dial";
        json_object_set_new(call.args, "number", json_stringn((const char *)number.bytes, number.length));
    }
    retold_steps_opens(t, effect, (struct retold_step){.step = step_told_of(t, &call, false), .kind = OPEN_DIAL});
    json_decref(call.args);
}

/* Notes the progress of a dialled call; it names no ref, so it belongs to the open dial step. */
static void step_dialled(struct retold_teller *t, const struct message *event)
{
    enum cause cause = (enum cause)message_u(event, EventCallProgress_result);
    struct retold_step *open = NULL;
    for (size_t i = 0; i < t->open_count; i++)
        if (t->open[i].kind == OPEN_DIAL) open = &t->open[i];
    if (!open || message_u(event, EventCallProgress_final) == 0) return;
    struct spelling text;
    FILE *out = spelling_begin(&text);
    fprintf(out, cause == cause_ok ? "\"answered\"" : "fail %s", enum_name_cause(cause));
    if (cause == cause_ok) t->dialled_us = t->now_us;
    if (cause != cause_ok) t->steps[open->step].times--; /* so a test counts */
    retold_steps_closes(t, open, spelling_end(&text), cause == cause_ok && t->now_us - open->at_us == DIALLED_US);
}

/* Writes the answers of steps; a step without an answer in the journal gets `fail timeout`. */
void retold_steps_put(const struct retold_teller *t, FILE *out)
{
    for (size_t i = 0; i < t->step_count; i++) {
        const struct told_step *step = &t->steps[i];
        if (!step->answered && !step->returns) continue;
        fprintf(out, "    %s -> ", step->call);
        for (unsigned n = 0; n < step->count; n++)
            fprintf(out, "%s%s", n > 0 ? ", " : "", step->outcomes[n] ? step->outcomes[n] : "fail timeout");
        fputs(";\n", out);
    }
}

void retold_steps_effect(struct retold_teller *t, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_RequestApplyTreatment:
        retold_steps_treats(t, effect);
        break;
    case KIND_Query:
    case KIND_HttpRequest:
        retold_steps_sources(t, effect);
        break;
    case KIND_SendMessage:
        retold_steps_sends(t, effect, false);
        break;
    case KIND_Classify:
        retold_steps_sends(t, effect, true);
        break;
    case KIND_RequestMakeCall:
        retold_steps_dials(t, effect);
        break;
    case KIND_RequestMakePredictiveCall:
        teller_lacks(t, "it was dialled before an agent was free");
        break;
    case KIND_CallNative:
        teller_lacks(t, "a native function was asked");
        break;
    default:
        break;
    }
}

void retold_steps_hear(struct retold_teller *t, const struct message *event)
{
    if (event->kind == KIND_EventTreatment) retold_steps_treated(t, event);
    if (event->kind == KIND_EventDone) step_done_told(t, event);
    if (event->kind == KIND_EventCallProgress) step_dialled(t, event);
}
