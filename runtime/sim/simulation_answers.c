/* runtime/sim/simulation_answers.c - The answers of callers and data sources, taken from named tests of the image.
 *
 * A caller behaves as one test's caller: the lines of that test which answer steps apply to this call, each outcome
 * once and the last one repeatedly, as when the test is played. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/scenario/scenario.h"
#include "runtime/sim/asked.h"
#include "runtime/sim/events.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/simulation_state.h"
#include "runtime/sim/treatment.h"
#include "base/memory.h"
#include "vm/image.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"

enum { BUSY_US = 1000000 };       /* time after dialling at which a switch reports that a number is busy */
#define FATES (UINT64_C(1) << 41) /* added to a campaign's flow number for the random draws of who answers */

/* Returns the first arrival of the test; NULL: it has none. */
static const struct scenario_arrival *simulation_arrival(const struct scenario_test *test)
{
    for (size_t i = 0; i < test->count; i++)
        if (test->items[i].kind == ITEM_ARRIVE) return &test->items[i].arrival;
    return NULL;
}

const char *simulation_script_strategy(const struct scenario_test *test)
{
    const struct scenario_arrival *arrival = simulation_arrival(test);
    return !arrival ? NULL : arrival->strategy;
}

/* ---- which test a caller follows ---- */

/* Chooses the test for a caller: tests with a share get that share of the strategy's callers; the others divide the
 * rest equally. The draw depends only on the caller (PURPOSE_PART), so the same caller follows the same test in
 * every plan. If all tests have a share, the shares need not sum up to 1. NULL: the strategy has no tests. */
static const struct scenario_test *test_of(const struct simulation *s, uint32_t flow, uint64_t who)
{
    const struct simulation_plan *plan = s->plan;
    const struct scenario_test *test = NULL;
    if (plan->part_count == 0) return NULL;
    assert(flow < plan->flow_count);
    const char *strategy = plan->flows[flow].strategy;
    double said = 0;
    uint32_t unsaid = 0;
    for (uint32_t i = 0; i < plan->part_count; i++) {
        if (strcmp(simulation_script_strategy(plan->parts[i].test), strategy) != 0) continue;
        said += plan->parts[i].share;
        unsaid += plan->parts[i].share <= 0;
    }
    struct draws draws = draws_of(s->seed, PURPOSE_PART + PURPOSES * flow, who);
    double at = draws_unit(&draws) * (unsaid == 0 ? said : 1);
    for (uint32_t i = 0; i < plan->part_count; i++) {
        const struct simulation_part_played *part = &plan->parts[i];
        if (strcmp(simulation_script_strategy(part->test), strategy) != 0) continue;
        test = part->test;
        at -= part->share > 0 ? part->share : (1 - said) / unsaid;
        if (at < 0) break;
    }
    return test;
}

void answers_begin(struct simulation *s, struct simulated_call *call, uint64_t who)
{
    assert(!call->used);
    call->test = test_of(s, call->flow, who);
    if (!call->test) return;
    size_t room = call->test->count + simulation_arrival(call->test)->count;
    call->used = memory_zeroed(room + 1, sizeof *call->used);
}

const struct scenario_arrival *answers_of_call(const struct simulated_call *call)
{
    return !call->test ? NULL : simulation_arrival(call->test);
}

const struct scenario_arrival *answers_of_record(const struct simulation *s, uint32_t flow, uint64_t record)
{
    const struct scenario_test *test = test_of(s, flow, record);
    return !test ? NULL : simulation_arrival(test);
}

const char *answers_called(const struct simulation *s, const struct simulated_call *call)
{
    const struct scenario_arrival *arrival = answers_of_call(call);
    bool said = s->plan->flows[call->flow].number[0] != '\0';
    return arrival && !said ? arrival->to : s->sources[call->flow].dn;
}

const struct kv *answers_data(struct simulation *s, const struct scenario_arrival *arrival)
{
    if (!arrival || !arrival->data) return NULL;
    kv_clear(&s->kv);
    values_to_kv(&s->kv, arrival->data);
    return &s->kv;
}

static void simulation_consider(struct best_answer *best, const struct scenario_item *items, size_t count,
                                uint32_t *used, uint64_t since_us, const struct step_call *step)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].kind == ITEM_ANSWER && items[i].at_us <= since_us)
            answer_consider(best, &items[i].answer, &used[i], step);
}

/* Returns the test's answer to a step; the arrival's own lines are preferred to the test's other lines. Among each,
 * the most specific line is used: the one with the most matching arguments; of two equal ones, the later. */
static const struct scenario_outcome *answer_to(const struct simulation *s, const struct simulated_call *call,
                                                const struct step_call *step)
{
    struct best_answer best = {0};
    if (!call->test) return NULL;
    const struct scenario_arrival *arrival = simulation_arrival(call->test);
    uint64_t since_us = s->now_us - call->arrived_us;
    simulation_consider(&best, arrival->items, arrival->count, call->used + call->test->count, since_us, step);
    if (!best.answer) simulation_consider(&best, call->test->items, call->test->count, call->used, since_us, step);
    if (!best.answer) return NULL;
    uint32_t last = (uint32_t)best.answer->count - 1;
    return &best.answer->outcomes[*best.used < last ? (*best.used)++ : last];
}

/* ---- treatments ---- */

static bool asks_for_keys(const struct switch_treatment *t)
{
    return t->type == treatment_PlayAnnouncementAndDigits || t->type == treatment_CollectDigits ||
           t->type == treatment_VerifyDigits;
}

static bool fails_with(const struct scenario_outcome *outcome, const char *name)
{
    return outcome->fail && strcmp(outcome->fail, name) == 0;
}

/* Determines length and end of a treatment by the test's answer; without an answer the caller neither presses keys
 * nor speaks. */
struct treated answers_treatment(struct simulation *s, struct simulated_call *call, const struct message *effect)
{
    struct treatment_room room;
    struct switch_treatment t = treatment_read(&room, effect);
    struct step_call step = treatment_call(&t);
    const struct scenario_outcome *outcome = answer_to(s, call, &step);
    bool keys = asks_for_keys(&t), spoken = t.type == treatment_RecordUserAnnouncement;
    struct treated treated = {.cause = keys || spoken ? cause_no_input : cause_ok,
                              .secret = t.secret,
                              .after_us = treatment_lasts_us(&t) + (keys || spoken ? TREATMENT_FIRST_US : 0)};
    json_int_t spoken_us;
    if (!outcome && treatment_step_returns(&step) && !keys && !spoken) {
        treated.refused = true;
    } else if (outcome && fails_with(outcome, "timeout")) {
        treated.hangs = true;
    } else if (outcome && t.type == treatment_PlayApplication) {
        treated.refused = outcome->fail && !fails_with(outcome, "failed");
        treated.cause = outcome->fail ? cause_dropped : cause_ok;
        treated.outcome = outcome;
        treated.after_us = outcome->after_us;
    } else if (outcome && fails_with(outcome, "not_applied")) {
        treated.refused = true;
    } else if (outcome && keys && fails_with(outcome, "invalid")) {
        treated.cause = cause_invalid_input;
        treated.after_us = outcome->after_us;
    } else if (outcome && keys && (json_is_string(outcome->value) || json_is_integer(outcome->value))) {
        treated.cause = cause_ok;
        treated.outcome = outcome;
        treated.after_us = outcome->after_us;
    } else if (outcome && spoken && !outcome->fail && value_us(outcome->value, &spoken_us) && spoken_us > 0) {
        treated.cause = cause_ok;
        treated.outcome = outcome;
        treated.after_us = outcome->after_us + treatment_lasts_us(&t) + (uint64_t)spoken_us;
    }
    json_decref(step.args);
    treatment_free(&t);
    return treated;
}

/* Writes digits, a recording, or members of a map, depending on the answer's value. */
void answers_put_treated(struct simulation *s, const struct treated *treated)
{
    json_t *value = !treated->outcome ? NULL : treated->outcome->value;
    const char *digits = json_string_value(value);
    char number[24];
    json_int_t spoken_us;
    kv_clear(&s->kv);
    if (json_is_integer(value)) {
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        digits = number;
    }
    if (digits && !treated->secret) writer_text(s->writer, EventTreatment_digits, digits);
    if (digits && treated->secret)
        kv_put(&s->kv, span_of("digits"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of(digits)});
    bool spoken = value && value_us(value, &spoken_us);
    json_t *plain = digits || spoken || !value ? NULL : value_plain(value);
    values_to_kv(&s->kv, plain);
    json_decref(plain);
    writer_kv(s->writer, EventTreatment_result, &s->kv);
    if (spoken)
        event_put_recording(s->writer,
                            &(struct switch_report){.spoken_us = (uint64_t)spoken_us, .recording = ++s->recordings});
}

/* ---- data sources ---- */

/* Begins the host's EventDone in the writer. */
static void begin_done(struct simulation *s, struct writer *w, const struct message *effect, const char *fail)
{
    writer_begin(w, KIND_EventDone);
    writer_u(w, ENVELOPE_source, SOURCE_HOST);
    writer_u(w, ENVELOPE_seq, ++s->host_seq);
    event_put_answered(w, effect, fail);
}

static void write_answer(struct simulation *s, struct writer *w, const struct message *effect,
                         const struct scenario_outcome *outcome, const char *fail)
{
    begin_done(s, w, effect, fail);
    if (!fail) asked_put_answer(w, &s->kv, s->image, effect, !outcome ? NULL : outcome->value);
}

/* Keeps an answer for later: the frame is written now, and gets its time when it is due; its slot is reused. */
static void answer_later(struct simulation *s, const struct message *effect, const struct scenario_outcome *outcome,
                         uint64_t after_us)
{
    uint32_t which = s->free_late;
    if (which != NOBODY) {
        s->free_late = s->late[which].next_free;
    } else {
        which = s->late_count++;
        s->late = memory_grown(s->late, s->late_count, sizeof *s->late);
    }
    writer_clear(&s->late_writer);
    write_answer(s, &s->late_writer, effect, outcome, outcome->fail);
    struct span frame = writer_end(&s->late_writer);
    struct simulation_late *late = &s->late[which];
    *late = (struct simulation_late){message_u(effect, ENVELOPE_ixn), message_u(effect, ENVELOPE_ref),
                                     malloc(frame.length), frame.length, NOBODY};
    assert(late->frame);
    memcpy(late->frame, frame.bytes, frame.length);
    agenda_add(&s->agenda, s->now_us + after_us, DEED_ANSWERED, which, 0);
}

void answers_due(struct simulation *s, uint32_t which)
{
    assert(which < s->late_count && s->late[which].frame); /* each late answer is given only once */
    struct simulation_late *late = &s->late[which];
    if (late->ixn != 0) {
        writer_stamp(s->writer, (struct span){late->frame, late->length}, SOURCE_HOST, ++s->host_seq);
        s->events++;
        s->posted++;
    }
    free(late->frame);
    *late = (struct simulation_late){.next_free = s->free_late};
    s->free_late = which;
}

void answers_cancelled(struct simulation *s, uint64_t ixn, uint64_t ref)
{
    for (uint32_t i = 0; i < s->late_count; i++)
        if (s->late[i].frame && s->late[i].ixn == ixn && s->late[i].ref == ref) s->late[i].ixn = 0;
}

/* Answers for a data source: without an answer in the test it is unavailable; a write that times out is reported, as
 * its outcome would be unknown. */
void answers_source(struct simulation *s, const struct message *effect)
{
    char name[ASKED_NAME];
    struct step_call step = asked_source(s->image, effect, name);
    uint32_t slot;
    bool known = lookup_find(&s->by_ixn, message_u(effect, ENVELOPE_ixn), &slot);
    const struct scenario_outcome *outcome = known ? answer_to(s, &s->calls[slot], &step) : NULL;
    bool silent = outcome && fails_with(outcome, "timeout") && !asked_source_changes(effect);
    const char *fail = outcome ? outcome->fail : step.source || step.returns ? "unavailable" : NULL;
    if (fail && known) sim_count_failure(s, &s->calls[slot]);
    if (!silent && outcome && outcome->after_us > 0) {
        answer_later(s, effect, outcome, outcome->after_us);
    } else if (!silent) {
        write_answer(s, s->writer, effect, outcome, fail);
        simulation_post(s);
    }
    json_decref(step.args);
}

/* Answers about texts: messages are accepted, nothing is found in a text, and no category is certain, unless the
 * test says otherwise. */
void answers_text(struct simulation *s, const struct message *effect)
{
    bool sends = effect->kind != KIND_Classify;
    struct step_call step = sends ? sent_call(s->image, effect) : asked_classify_call(effect);
    uint32_t slot;
    bool known = lookup_find(&s->by_ixn, message_u(effect, ENVELOPE_ixn), &slot);
    const struct scenario_outcome *outcome = known ? answer_to(s, &s->calls[slot], &step) : NULL;
    bool unsure = !sends && message_u(effect, Classify_screen) == 0;
    const struct refusing_asked asked = {.site = s->plan->site,
                                         .texts = s->plan->site ? s->plan->site->texts : sim_texts_usual,
                                         .talks = true, /* its numbers are good */
                                         .said_us = known ? s->calls[slot].arrived_us : s->now_us,
                                         .now_us = s->now_us,
                                         .call = &step};
    enum code exit;
    bool why = sends && refusing_why(&s->refusing, &asked, effect, &exit) != WHY_none;
    const char *fail = why ? enum_name_code(exit) : outcome ? outcome->fail : unsure ? "unsure" : NULL;
    bool verifies = strcmp(step.step, "contact.verify") == 0,
         rejected = verifies && outcome && fails_with(outcome, "rejected");
    json_decref(step.args);
    if (fail && known) sim_count_failure(s, &s->calls[slot]);
    if (!why && outcome && fails_with(outcome, "timeout")) return; /* it says nothing */
    struct writer *w = simulation_event_of(s, SIMULATION_LINK, KIND_EventDone);
    event_put_asked(w, effect);
    event_put_done(w, fail && !rejected ? asked_code(fail) : code_ok, NULL);
    if (!sends && !fail && outcome) asked_classify_answer(w, &s->kv, outcome->value);
    simulation_post(s);
    if (!verifies || !known || (fail && !rejected)) return;
    event_put_code_typed(simulation_event(s, KIND_RequestUserData, &s->calls[slot], 0), &s->kv, rejected);
    simulation_post(s);
}

void answers_init(struct simulation *s)
{
    kv_init(&s->kv);
    writer_init(&s->late_writer);
    s->free_late = NOBODY;
    refusing_init(&s->refusing);
}

void answers_free(struct simulation *s)
{
    for (uint32_t i = 0; i < s->late_count; i++) free(s->late[i].frame);
    free(s->late);
    refusing_free(&s->refusing);
    kv_free(&s->kv);
    writer_free(&s->late_writer);
}

/* ---- people called by campaigns ---- */

static double answering_now(const struct simulation *s)
{
    uint32_t at = s->plan->answering_count;
    while (at > 0 && s->plan->answering[at - 1].from_us > (double)s->now_us) at--;
    return at == 0 ? 0 : s->plan->answering[at - 1].share;
}

/* Draws whether and when a dialled person answers; the draw depends only on the call, so that two versions of a
 * strategy meet the same people. */
bool answers_dialled(struct simulation *s, struct simulated_call *call, uint64_t ring_us, uint64_t *after_us)
{
    const struct simulation_plan *plan = s->plan;
    struct draws draws =
        draws_of(s->seed, PURPOSE_ARRIVAL + PURPOSES * call->flow, FATES | call->index | call->offers << 32);
    double drawn = draws_unit(&draws), answering = answering_now(s);
    if (drawn < answering) return *after_us < ring_us;
    if (drawn < answering + plan->busy) {
        call->fate = cause_busy;
        *after_us = BUSY_US;
    } else if (drawn < answering + plan->busy + plan->machines && *after_us < ring_us) {
        call->fate = cause_machine;
    } else {
        *after_us = ring_us;
    }
    return false;
}
