/* runtime/core/directory/rollout_request.c - The event Rollout, and the timer of rollouts: what needs the whole core.
 *
 *     start      reads and checks all of it, makes the row; the candidate's queues and rules come into force
 *     approve    another person than the starter says so
 *     on         the next step now, or the end of a hold
 *     hold       no step until somebody says `on`
 *     back       new arrivals have the present version again
 *     freeze     when no rollout may take a step
 *     despite    somebody acts despite a freeze: the audit has it
 *
 * The timer asks the rollout what it does now (rollout_looks), activates the candidate after the last step, and tells
 * that a rollout has changed. The audit has each act, and all that a rollout does by itself. */
#include "runtime/core/directory/rollout_request.h"

#include <stdlib.h>
#include <string.h>

#include "vm/image.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/directory/import.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/rollouts/judge.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/rollouts/rollout_text.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/events_site.h"

#define SECOND_US  UINT64_C(1000000)
#define LONGEST_US (UINT64_C(366) * 86400 * SECOND_US)

/* Why a request is refused; `text` NULL: it is not. */
struct denied {
    enum code code;
    const char *text;
};
static const struct denied granted = {code_ok, NULL};

/* Tells that the rollout is in another state, or at another step. */
static void rollout_tell(struct core *core, const struct rollout *rollout)
{
    fact_tell(core->facts, &(struct fact){.what = FACT_rollout_changed, .value = rollout->state, .name = rollout->dn});
}

/* ---- the audit ---- */

/* Notes the texts in the audit. `said` NULL: the rollout has done it by itself. `which` empty: no rollout. */
static void rollout_noted(struct core *core, const struct message *said, uint32_t point, struct span which,
                          struct span before, struct span now)
{
    struct kv old, new;
    kv_init(&old);
    kv_init(&new);
    if (before.length != 0) kv_put_text(&old, "value", before);
    kv_put_text(&new, "value", now);
    change_rollout(core, &(struct change_note){.what = CHANGE_ROLLOUT,
                                               .table = table_routing_point,
                                               .name = point,
                                               .item = which,
                                               .before = kv_span(&old),
                                               .now = kv_span(&new),
                                               .actor = said ? message_text(said, ENVELOPE_actor) : span_of("gcxvm"),
                                               .why = said ? message_text(said, Rollout_why) : span_of("")});
    kv_free(&old);
    kv_free(&new);
}

/* Notes what has happened to the rollout: the word, whether a freeze was on, the new version, the figures. */
static void rollout_note(struct core *core, const struct rollout *rollout, const struct message *said, const char *word)
{
    const struct site_program *programs = core->strategies->programs;
    struct rollout_text which = {.length = 0}, before = {.length = 0}, now = {.length = 0};
    rollout_text_put(&which, "rollout ");
    rollout_text_put_number(&which, rollout->id);
    if (rollout->control != PROGRAM_NONE) rollout_text_put_version(&before, programs[rollout->control].hash);
    rollout_text_put(&now, word);
    if (said && message_u(said, Rollout_despite) != 0) rollout_text_put(&now, " despite the freeze");
    rollout_text_put(&now, ", ");
    rollout_text_put_version(&now, programs[rollout->candidate.program].hash);
    rollout_text_put_figures(&now, rollout);
    rollout_noted(core, said, rollout->dn, rollout_text_span(&which), rollout_text_span(&before),
                  rollout_text_span(&now));
}

/* Tells and notes what the rollout has become by itself. */
static void rollout_becomes(struct core *core, const struct rollout *rollout)
{
    rollout_tell(core, rollout);
    rollout_note(core, rollout, NULL, enum_name_rollout_state(rollout->state));
}

/* Somebody acts despite a freeze. */
static struct denied rollout_despite(struct core *core, const struct message *message)
{
    struct rollout_text now = {.length = 0};
    struct span command = message_text(message, Rollout_strategy);
    char name[64] = "";
    memcpy(name, command.bytes ? command.bytes : (const uint8_t *)"",
           command.length < sizeof name ? command.length : sizeof name - 1);
    rollout_text_put(&now, name);
    rollout_text_put(&now, " despite the freeze");
    rollout_noted(core, message, 0, message_text(message, Rollout_point), span_of(""), rollout_text_span(&now));
    return granted;
}

/* ---- a start ---- */

static const char *read_steps(struct span steps, struct rollout *rollout)
{
    static const uint16_t usual[] = {100, 500, 2500, ROLLOUT_SHARE_ALL};
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(steps, &at, &pair)) {
        uint16_t before = rollout->steps == 0 ? 0 : rollout->shares[rollout->steps - 1];
        if (rollout->steps == ROLLOUT_STEPS_MAX) return "there are at most 16 steps";
        if (pair.value.tag != KV_INT || pair.value.word <= 0 || pair.value.word > ROLLOUT_SHARE_ALL)
            return "a step is a share above 0 and up to 100 percent";
        if (pair.value.word <= before) return "each step is greater than the one before it";
        rollout->shares[rollout->steps++] = (uint16_t)pair.value.word;
    }
    for (unsigned step = 0; at == 0 && step < sizeof usual / sizeof *usual; step++)
        rollout->shares[rollout->steps++] = usual[step];
    if (rollout->shares[rollout->steps - 1] != ROLLOUT_SHARE_ALL)
        return "the last step is 100 percent: write it, so that it is known when the rollout is over";
    return NULL;
}

static const char *add_guard(struct rollout *rollout, struct span text)
{
    struct rollout_guard guard;
    const char *fault;
    if (!rollout_guard_read(text, &guard, &fault)) return fault;
    if (rollout->guards == ROLLOUT_GUARDS_MAX) return "there are at most 8 guards";
    bool time = rollout_guard_family(guard.kind) == ROLLOUT_TIME;
    if (time && rollout->slices)
        return "with slices only shares can be compared, such as abandoned and sl, and no times";
    for (unsigned at = 0; at < rollout->guards; at++)
        if (rollout->measures[at].guard.kind == guard.kind && rollout->measures[at].guard.site == guard.site)
            return "a guard is there twice";
    if (guard.site && rollout->slices) return "with slices there are no guards of the whole site";
    rollout->site = rollout->site || guard.site;
    struct rollout_measure *measure = &rollout->measures[rollout->guards++];
    measure->guard = guard;
    if (time) measure->times = memory_zeroed(2, sizeof *measure->times);
    return NULL;
}

static const char *read_guards(struct span guards, struct rollout *rollout)
{
    struct kv_pair pair;
    const char *fault = NULL;
    uint32_t at = 0;
    while (!fault && kv_next(guards, &at, &pair))
        fault = pair.value.tag == KV_TEXT ? add_guard(rollout, pair.value.span) : "a guard is a text";
    if (at != 0) return fault;
    (void)add_guard(rollout, span_of("abandoned"));
    (void)add_guard(rollout, span_of("unserved"));
    return NULL;
}

static uint64_t number_or(const struct message *message, unsigned field, uint64_t otherwise)
{
    uint64_t number = message_u(message, field);
    return number == 0 ? otherwise : number;
}

/* Reads a duration; 0: it is not given. UINT64_MAX: it makes no sense. */
static uint64_t duration_or(const struct message *message, unsigned field, uint64_t otherwise)
{
    int64_t us = message_i(message, field);
    if (us == 0) return otherwise;
    return us < 0 || (uint64_t)us > LONGEST_US ? UINT64_MAX : (uint64_t)us;
}

/* Reads what the start says of the rollout itself. Returns why that makes no sense; NULL: it does. */
static const char *read_plan(struct core *core, const struct message *message, struct rollout *rollout)
{
    rollout->slices = message_u(message, Rollout_slices) != 0;
    rollout->ask = message_u(message, Rollout_ask) != 0;
    rollout->approval = message_u(message, Rollout_approval) != 0;
    rollout->hold_us = duration_or(message, Rollout_hold, ROLLOUT_HOLD_S * SECOND_US);
    rollout->expires_us = duration_or(message, Rollout_expires, ROLLOUT_EXPIRES_S * SECOND_US);
    rollout->least = number_or(message, Rollout_least, ROLLOUT_LEAST);
    rollout->level = number_or(message, Rollout_level, ROLLOUT_LEVEL);
    rollout->at_us = message_i(message, Rollout_at);
    struct span by = message_text(message, Rollout_by);
    if (rollout->hold_us == UINT64_MAX || rollout->expires_us == UINT64_MAX)
        return "a duration is not negative, and at most a year";
    if (rollout->expires_us <= rollout->hold_us) return "it would expire before its first step is over";
    if (rollout->least > UINT32_MAX) return "that many arrivals never come";
    if (rollout->level > ROLLOUT_LEVEL_MOST) return "a level is at most 10 percent";
    if (rollout->at_us < 0 || rollout->at_us > now_wall_us(core->now) + (int64_t)LONGEST_US)
        return "it begins within a year";
    if (rollout->slices && by.length != 0)
        return "with slices the quarter of an hour decides the version, and no key can: leave one of them out";
    if (by.length != 0) rollout->by = names_intern(core->names, by);
    const char *fault = read_steps(message_text(message, Rollout_steps), rollout);
    return fault ? fault : read_guards(message_text(message, Rollout_guards), rollout);
}

/* Looks at the point. Returns why no rollout can begin there. */
static struct denied point_denied(const struct core *core, const struct point *point)
{
    if (!point || point->now.program == PROGRAM_NONE)
        return (struct denied){code_invalid_dn, "no strategy is active at that point, so nothing is there to compare "
                                                "with: activate the first one"};
    if (core_directory_queue(core->directory, point->dn).elsewhere)
        return (struct denied){code_invalid_dn,
                               "the queue belongs to another domain: begin the rollout there; gcxvm --assigned "
                               "says which"};
    if (point->rollout != 0)
        return (struct denied){code_invalid_state,
                               "a rollout of that point is open already: wait for its end, or end it "
                               "by back"};
    if (point->percent < 100 && point->before.program != PROGRAM_NONE)
        return (struct denied){code_invalid_state, "two strategies are active at that point by percent: activate one "
                                                   "for all first"};
    return granted;
}

/* Compares the candidate with the point's present strategy. */
static struct denied candidate_denied(const struct core *core, const struct import_activation *candidate)
{
    const struct point *point = candidate->point;
    const struct site_program *programs = core->strategies->programs;
    struct media_set present = image_media(programs[point->now.program].image, point->now.strategy),
                     media = image_media(programs[candidate->program].image, candidate->strategy);
    if (candidate->program == point->now.program && candidate->strategy == point->now.strategy &&
        span_equal(candidate->given, point->now.given))
        return (struct denied){code_duplicate, "that version is the one that is active there"};
    if (!media_set_is_empty(media_set_but(present, media)))
        return (struct denied){code_invalid_attribute, "the strategy of that image is not for all media that come to "
                                                       "the point now"};
    return granted;
}

static struct span title_of_binding(const struct core *core, const struct binding *binding)
{
    const struct image *image = core->strategies->programs[binding->program].image;
    struct text text = image_text(image, image_strategy(image, binding->strategy)->name);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

static void rollout_plan_free(struct rollout *plan)
{
    for (unsigned at = 0; at < plan->guards; at++) free(plan->measures[at].times);
}

/* Fills the row. All that may be wrong was looked at before. */
static struct rollout *rollout_begin(struct core *core, const struct message *message, const struct rollout *plan,
                                     const struct import_activation *candidate)
{
    struct rollout *rollout = rollout_new(core->rollouts, candidate->point);
    if (!rollout) return NULL;
    struct rollout made = *rollout;
    *rollout = *plan;
    rollout->id = made.id;
    rollout->dn = made.dn;
    rollout->control = made.control;
    rollout->made_at_us = made.made_at_us;
    rollout->pair_first = made.pair_first;
    rollout_seen_begin(rollout);
    rollout->candidate = (struct binding){
        .program = candidate->program, .strategy = candidate->strategy, .given = span_copy(candidate->given)};
    rollout->started_us = now_wall_us(core->now);
    rollout->starter = span_copy(message_text(message, ENVELOPE_actor));
    rollout->reason = span_copy(message_text(message, Rollout_why));
    uint64_t salt = message_u(message, Rollout_salt);
    rollout->salt = salt != 0 ? salt : table_mix64(core->options.seed ^ (uint64_t)rollout->started_us) + rollout->id;
    rollout->state = rollout->approval ? rollout_state_approval : rollout_state_scheduled;
    core_directory_admit(core, candidate->point, candidate->program);
    rollout_tell(core, rollout);
    rollout_note(core, rollout, message, "start");
    return rollout;
}

/* Activates the candidate of a rollout whose last step has come. */
static void rollout_completes(struct core *core, struct rollout *rollout)
{
    struct point *point = core_directory_point_made(core->directory, rollout->dn);
    const struct import_activation activation = {.point = point,
                                                 .program = rollout->candidate.program,
                                                 .strategy = rollout->candidate.strategy,
                                                 .given = rollout->candidate.given,
                                                 .percent = 100};
    rollout->step = (uint8_t)(rollout->steps - 1u);
    rollout->step_us = now_wall_us(core->now);
    rollout_over(core->rollouts, rollout, rollout_state_done, ROLLOUT_WHY_complete);
    core_directory_activate(core, &activation);
}

/* Takes the step that is due now, if one is, and tells what has changed. `despite`: a freeze does not hold it up. */
static void rollout_turns(struct core *core, struct rollout *rollout, bool despite)
{
    uint8_t state = rollout->state, step = rollout->step;
    bool begins = despite && state == rollout_state_scheduled && rollout->at_us <= now_wall_us(core->now);
    if (begins ? rollout_goes_on(core->rollouts, rollout) : rollout_looks(core->rollouts, rollout))
        rollout_completes(core, rollout);
    /* One that has gone back is told by its timer, at once. */
    if (rollout->state == rollout_state_back) return;
    if (rollout->state != state || rollout->step != step) rollout_becomes(core, rollout);
}

static struct denied rollout_start(struct core *core, const struct message *message, struct rollout **rollout,
                                   char why[REFUSED_MAX])
{
    struct rollout plan = {0};
    struct import_activation candidate;
    struct import_asked asked = {message_text(message, Rollout_point), message_text(message, Rollout_image),
                                 message_text(message, Rollout_strategy), message_text(message, Rollout_args)};
    const struct point *point = core_directory_point(core->directory, names_find(core->names, asked.at));
    struct denied denied = point_denied(core, point);
    if (denied.text) return denied;
    if (asked.strategy.length == 0) asked.strategy = title_of_binding(core, &point->now);
    const char *fault = read_plan(core, message, &plan);
    if (fault) denied = (struct denied){code_invalid_attribute, fault};
    enum code code = denied.text ? code_ok : core_directory_activation(core, &asked, &candidate, why);
    if (code != code_ok) denied = (struct denied){code, why};
    if (!denied.text) denied = candidate_denied(core, &candidate);
    if (!denied.text && !(*rollout = rollout_begin(core, message, &plan, &candidate)))
        denied = (struct denied){code_overload, "64 rollouts are open: end one"};
    if (denied.text)
        rollout_plan_free(&plan);
    else
        rollout_turns(core, *rollout, message_u(message, Rollout_despite) != 0);
    return denied;
}

/* ---- the other verbs ---- */

static void says(struct rollout *rollout, const struct message *message)
{
    struct span why = message_text(message, Rollout_why);
    if (why.length == 0) return;
    span_free(&rollout->reason);
    rollout->reason = span_copy(why);
}

static struct denied rollout_approve(struct core *core, struct rollout *rollout, const struct message *message)
{
    struct span actor = message_text(message, ENVELOPE_actor);
    if (rollout->state != rollout_state_approval)
        return (struct denied){code_invalid_state, "the rollout waits for no approval"};
    if (actor.length == 0 || span_equal(actor, rollout->starter))
        return (struct denied){code_no_privilege, "another person than the one who began it approves a rollout"};
    rollout->approver = span_copy(actor);
    rollout->state = rollout_state_scheduled;
    rollout_tell(core, rollout);
    rollout_note(core, rollout, message, "approve");
    rollout_turns(core, rollout, message_u(message, Rollout_despite) != 0);
    return granted;
}

static struct denied rollout_on(struct core *core, struct rollout *rollout, const struct message *message)
{
    if (rollout->state == rollout_state_approval)
        return (struct denied){code_invalid_state, "another person must approve the rollout first"};
    if (rollout_goes_on(core->rollouts, rollout)) rollout_completes(core, rollout);
    rollout_tell(core, rollout);
    rollout_note(core, rollout, message, rollout->state == rollout_state_done ? "on, done" : "on");
    return granted;
}

static struct denied rollout_hold(struct core *core, struct rollout *rollout, const struct message *message)
{
    if (rollout->state != rollout_state_canary && rollout->state != rollout_state_asks)
        return (struct denied){code_invalid_state, "the rollout has not begun, or is held already"};
    rollout->state = rollout_state_held;
    rollout->why = ROLLOUT_WHY_person;
    rollout_tell(core, rollout);
    rollout_note(core, rollout, message, "hold");
    return granted;
}

static struct denied rollout_back(struct core *core, struct rollout *rollout, const struct message *message)
{
    rollout_over(core->rollouts, rollout, rollout_state_back, ROLLOUT_WHY_person);
    rollout_note(core, rollout, message, "back");
    return granted;
}

static struct denied rollout_verb(struct core *core, const struct message *message, struct rollout **rollout,
                                  char why[REFUSED_MAX])
{
    unsigned verb = (unsigned)message_u(message, Rollout_verb);
    if (message_text(message, Rollout_why).length > ROLLOUT_TEXT_MAX)
        return (struct denied){code_too_large, "a reason has at most 1024 bytes"};
    if (verb == rollout_verb_start) return rollout_start(core, message, rollout, why);
    uint32_t name = names_find(core->names, message_text(message, Rollout_point));
    const struct point *point = core_directory_point_made(core->directory, name);
    *rollout = point ? rollout_of_point(core->rollouts, point) : NULL;
    if (!*rollout)
        return (struct denied){code_invalid_state,
                               "no rollout of that point is open; one that is done is undone by activate, "
                               "with the image of before, which rollouts has"};
    struct denied denied;
    switch (verb) {
    case rollout_verb_on:
        denied = rollout_on(core, *rollout, message);
        break;
    case rollout_verb_hold:
        denied = rollout_hold(core, *rollout, message);
        break;
    case rollout_verb_back:
        denied = rollout_back(core, *rollout, message);
        break;
    case rollout_verb_approve:
        denied = rollout_approve(core, *rollout, message);
        break;
    default:
        denied = (struct denied){code_invalid_attribute, "a rollout is begun, approved, held, goes on, or back"};
        break;
    }
    if (!denied.text) says(*rollout, message);
    return denied;
}

/* Takes the window in which no step begins. Each rollout looks at it at its next look. */
static struct denied rollout_freeze(struct core *core, const struct message *message)
{
    int64_t from_us = message_i(message, Rollout_freeze_from), until_us = message_i(message, Rollout_freeze_until);
    if (until_us < from_us) return (struct denied){code_invalid_attribute, "a freeze ends after it has begun"};
    core->rollouts->freeze_from_us = from_us;
    core->rollouts->freeze_until_us = until_us;
    for (uint32_t at = 0; at < core->rollouts->count; at++)
        if (rollout_is_open(&core->rollouts->all[at])) rollout_looks_in(core->rollouts, &core->rollouts->all[at], 0);
    return granted;
}

void rollout_on_request(struct core *core, const struct message *message)
{
    struct rollout *rollout = NULL;
    char why[REFUSED_MAX];
    unsigned verb = (unsigned)message_u(message, Rollout_verb);
    struct denied denied = verb == rollout_verb_freeze    ? rollout_freeze(core, message)
                           : verb == rollout_verb_despite ? rollout_despite(core, message)
                                                          : rollout_verb(core, message, &rollout, why);
    kv_clear(&core->scratch);
    if (rollout) {
        kv_put_int(&core->scratch, "rollout", rollout->id);
        kv_put_text(&core->scratch, "state", span_of(enum_name_rollout_state(rollout->state)));
    }
    effect_reply(core->effects, message, denied.text ? outcome_error : outcome_ok, denied.code, denied.text,
                 &core->scratch);
}

/* ---- the timer ---- */

/* A rollout that was over before has been ended by a guard or an event: people are told now, and queues that only the
 * candidate had are closed when its last interaction has ended. */
static void rollout_timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct rollout *rollout = &core->rollouts->all[timer->data];
    if (rollout_is_open(rollout)) {
        rollout_turns(core, rollout, false);
        return;
    }
    if (rollout->state == rollout_state_back && rollout->why == ROLLOUT_WHY_person)
        rollout_tell(core, rollout); /* noted with the person's word */
    else if (rollout->state != rollout_state_done)
        rollout_becomes(core, rollout);
    vqs_program_left(core->vqs, rollout->candidate.program);
}

static uint32_t *rollout_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &core->rollouts->all[timer->data].timer;
}

static uint64_t rollout_timer_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return core->rollouts->all[timer->data].id;
}

const struct timer_ops timer_ops_rollout = {
    .handle = rollout_timer_handle,
    .number = rollout_timer_number,
    .fired = rollout_timer_fired,
};
