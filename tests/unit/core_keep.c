/* tests/unit/core_keep.c - Places that are kept: the leg ends, the place stays, its turn is dialled. What comes in
 * another order than one would think, twice, too late or not at all. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/rollouts.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"
#include "tests/unit/drawn.h"

TestSuite(core_keep, .timeout = 30);

enum { BACK = 0x0010000010000009 }; /* the ConnID of the leg that is dialled */
enum { SLOT_KEPT, SLOT_WHY };

/* callback.keep_place(number) answer 20s tries 2 pause 10s else { attach why = reason; delay 1h; }; attach kept = 1. */
static uint16_t busy(struct image_writer *w, uint16_t strategy, const char *number)
{
    uint16_t function = writer_function_begin(w, "busy", FUNCTION_BUSY, strategy, 0, TYPE_VOID);
    uint8_t error = writer_register(w, TYPE_ERROR), why = writer_register(w, TYPE_INT);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_callback_keep_place_number, program_text(w, number));
    writer_wait_timeout(w, SECONDS(w, 10));
    writer_wait_answer(w, SECONDS(w, 20));
    writer_wait_tries(w, CONSTANT(writer_constant(w, TYPE_INT, 2)), SECONDS(w, 10));
    writer_wait_failure(w, failed, error);
    writer_step(w, STEP_ID_callback_keep_place, REGISTER_NONE);
    writer_abx(w, OP_LOAD, why, writer_constant(w, TYPE_INT, 1));
    writer_abx(w, OP_SLOT_SET, why, SLOT_KEPT);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_place(w, failed);
    writer_abc(w, OP_FIELD, why, error, 0);
    writer_abx(w, OP_SLOT_SET, why, SLOT_WHY);
    program_delay(w, 3600);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    return function;
}

static bool asking;       /* the selection has a preview */
static bool consulted;    /* on main_released { stop; } */
static const char *again; /* where the selection fails: let who = select in that vq { group overflow } timeout 10m */

static void select_again(struct image_writer *w, uint8_t who, uint32_t failed)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq,
                         CONSTANT(writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, again))));
    writer_wait_timeout(w, SECONDS(w, 600));
    writer_wait_line_target(w, SECONDS(w, 300), TYPE_GROUP,
                            CONSTANT(writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"))));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 20, 15, failed);
}

/* let who = select in vq service { group overflow } timeout 10m busy { ... } else e { attach why = e.reason; stop; };
 * route who. */
static struct image *keeping(const char *number)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    writer_slot(w, strategy, "kept", TYPE_INT, false);
    writer_slot(w, strategy, "why", TYPE_INT, false);
    uint16_t beside = busy(w, strategy, number);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET), error = writer_register(w, TYPE_ERROR),
            why = writer_register(w, TYPE_INT);
    uint32_t failed = writer_label(w), unrouted = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq,
                         CONSTANT(writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"))));
    if (asking) writer_wait_argument(w, PARAMETER_select_preview, SECONDS(w, 20));
    writer_wait_timeout(w, SECONDS(w, 600));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP,
                            CONSTANT(writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"))));
    writer_wait_busy(w, beside, NULL, 0);
    writer_wait_failure(w, failed, error);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 20, 15, unrouted);
    writer_place(w, failed);
    writer_abc(w, OP_FIELD, why, error, 0);
    writer_abx(w, OP_SLOT_SET, why, SLOT_WHY);
    if (again) select_again(w, who, unrouted);
    writer_place(w, unrouted);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    if (consulted) {
        uint16_t released = writer_function_begin(w, "released", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
        program_stop(w, program_text(w, "released"));
        writer_function_end(w);
        writer_handler(w, strategy, EVENT_MAIN_RELEASED, "", released);
    }
    return program_loaded(w);
}

/* Up to when the leg is asked to end. */
static struct core_world *begun(const char *number, const char *caps_more)
{
    const char *caps[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", "preview", caps_more, NULL};
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    world_run(world, keeping(number));
    created(world, CALL);
    world_forget(world);
    route_request(world, CALL, 0);
    return world;
}

static int64_t slot(struct core_world *world, const char *key)
{
    struct kv kv;
    struct kv_value value;
    kv_init(&kv);
    bool known = core_data(world->core, world->ixn, &kv) && kv_get(kv_span(&kv), key, &value);
    int64_t word = known ? value.word : -1;
    kv_free(&kv);
    return word;
}

static struct core_world *leaving(void)
{
    struct core_world *world = begun("+33145550101", "dial");
    expect(world, "RequestCallControl disconnect 1800\n");
    return world;
}

/* The leg has ended; the place is kept. */
static struct core_world *away(void)
{
    struct core_world *world = leaving();
    done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_ok, code_ok);
    deleted(world, CALL);
    cr_assert_eq(slot(world, "kept"), 1);
    cr_assert_eq(world->core->kept_places->taken, 1);
    world_forget(world);
    return world;
}

static struct core_world *dialling(void)
{
    struct core_world *world = away();
    agent(world, "olga", "7004", agent_state_ready);
    expect(world, "RequestMakeCall\n");
    return world;
}

static void leg_begins(struct core_world *world, uint32_t ref)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, world->ixn, ref, BACK);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_outbound);
    world_post(world);
}

static void answers(struct core_world *world)
{
    uint32_t ref = world->last_ref[KIND_RequestMakeCall];
    done(world, world->ixn, ref, outcome_ok, code_ok);
    leg_begins(world, ref);
    route_request(world, BACK, 0);
}

/* However it went, nothing of it is left. */
static void over(struct core_world *world)
{
    cr_expect_eq(world->core->kept_places->taken, 0);
    world_end(world);
}

Test(core_keep, the_caller_is_dialled_when_the_turn_comes)
{
    struct core_world *world = dialling();
    answers(world);
    expect(world, "RequestRouteCall 7004\n");
    talk(world, BACK, "7004", "olga");
    party(world, BACK, "7004", "olga", party_role_agent, party_change_Released);
    deleted(world, BACK);
    over(world);
}

/* Olga hands the call back, and its strategy keeps the caller's place before the switch has told that her leg is over.
 */
Test(core_keep, who_hands_back_a_call_that_keeps_its_place_is_dialled_for)
{
    struct core_world *world = world_new();
    static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", "dial", NULL};
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    world_run(world, keeping("+33145550101"));
    agent(world, "olga", "7004", agent_state_ready);
    created(world, CALL);
    route_request(world, CALL, 0);
    talk(world, CALL, "7004", "olga");
    route_request(world, CALL, 0);
    done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_ok, code_ok);
    world_forget(world);
    deleted(world, CALL);
    expect(world, "RequestMakeCall\n");
    answers(world);
    talk(world, BACK, "7004", "olga");
    deleted(world, BACK);
    over(world);
}

Test(core_keep, what_is_no_number_is_refused)
{
    static const char *const numbers[] = {"", "+33 1", "12\t", "\303\251", "\x7f"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct core_world *world = begun(numbers[i], "dial");
        expect(world, "EventAttachedDataChanged why\n");
        cr_expect_eq(slot(world, "why"), code_refused);
        deleted(world, CALL);
        over(world);
    }
}

Test(core_keep, a_link_that_cannot_dial_keeps_no_place)
{
    struct core_world *world = begun("+33145550101", "calls");
    expect(world, "EventAttachedDataChanged why\n");
    cr_expect_eq(slot(world, "why"), code_unsupported);
    deleted(world, CALL);
    over(world);
}

Test(core_keep, a_leg_that_cannot_be_ended_waits_as_before)
{
    static const enum code codes[] = {code_unsupported, code_busy, code_other},
                           told[] = {code_unsupported, code_refused, code_refused};
    for (size_t i = 0; i < 3; i++) {
        struct core_world *world = leaving();
        done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_error, codes[i]);
        cr_expect_eq(slot(world, "why"), told[i]);
        cr_expect_eq(world->core->kept_places->taken, 0);
        world_forget(world);
        agent(world, "olga", "7004", agent_state_ready);
        expect(world, "RequestRouteCall 7004\n");
        deleted(world, CALL);
        over(world);
    }
}

Test(core_keep, who_is_told_to_leave_is_given_to_nobody_meanwhile)
{
    struct core_world *world = leaving();
    agent(world, "olga", "7004", agent_state_ready);
    expect(world, "");
    world_advance(world, 9999999);
    expect(world, "");
    world_advance(world, 1); /* nothing is said of the leg: as if it had been refused */
    cr_expect_eq(slot(world, "why"), code_timeout);
    cr_expect(strstr(world->trace, "RequestRouteCall 7004\n"), "%s", world->trace);
    deleted(world, CALL);
    over(world);
}

Test(core_keep, the_leg_may_end_before_the_answer_says_so)
{
    struct core_world *world = leaving();
    uint32_t ref = world->last_ref[KIND_RequestCallControl];
    deleted(world, CALL);
    cr_expect_eq(slot(world, "kept"), 1);
    world_forget(world);
    done(world, world->ixn, ref, outcome_ok, code_ok); /* late, and then another one that says otherwise */
    done(world, world->ixn, ref, outcome_error, code_refused);
    expect(world, "");
    cr_expect_eq(slot(world, "why"), -1);
    world_advance(world, 600000000);
    cr_expect_eq(slot(world, "why"), code_timeout);
    over(world);
}

/* ---- a promise to the caller ---- */

/* The image that was in force before is rolled out at the routing point, and the first caller of its version has hung
 * up, since the place was kept. `first` gets the image of before both, which the caller frees after the world. */
static struct core_world *trusting(struct image **first)
{
    static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", "dial", NULL};
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    world_run(world, keeping("+33145550102"));
    *first = world->earlier; /* the world keeps two */
    world_run(world, keeping("+33145550101"));
    struct kv steps;
    kv_init(&steps);
    kv_put_int(&steps, "share", 9999);
    kv_put_int(&steps, "share", 10000);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Rollout, 0, 0, 0);
    writer_u(writer, Rollout_verb, rollout_verb_start);
    writer_text(writer, Rollout_point, "1800");
    writer_bytes(writer, Rollout_image, (struct span){image_hash(world->earlier), IMAGE_HASH});
    writer_kv(writer, Rollout_steps, &steps);
    kv_free(&steps);
    world_post(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_ok, code_ok);
    deleted(world, CALL);
    cr_assert_eq(world->core->kept_places->taken, 1);
    return world;
}

/* Returns the guard that has brought the rollout back; NULL: it goes on. */
static const char *rollout_broken_by(struct core_world *world)
{
    struct core_rollout rollout;
    cr_assert(core_rollout_at(world->core, 0, false, &rollout));
    cr_assert_eq(rollout.open, !rollout.guard);
    return rollout.guard;
}

Test(core_keep, who_is_let_go_and_never_rung_was_promised_something)
{
    struct image *first;
    struct core_world *world = trusting(&first);
    world_advance(world, 599000000);
    cr_expect_null(rollout_broken_by(world));
    world_advance(world, 1000000); /* the selection's time is over, and the strategy stops */
    cr_assert_str_eq(rollout_broken_by(world), "promise");
    cr_expect_eq(world->core->kept_places->taken, 0);
    world_free(world); /* no replay: three images were in force */
    image_free(first);
}

Test(core_keep, who_was_rung_or_was_let_go_by_a_person_was_promised_no_more)
{
    struct image *first;
    struct core_world *world = trusting(&first);
    agent(world, "olga", "7004", agent_state_ready);
    for (unsigned try = 0; try < 2; try++) {
        done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_no_answer);
        world_advance(world, 10000000);
    }
    cr_expect_null(rollout_broken_by(world));
    world_free(world);
    image_free(first);
    world = trusting(&first);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, admin_op_end);
    writer_text(writer, AdminRequest_name, "1-000000000001");
    world_post(world);
    cr_expect_null(rollout_broken_by(world));
    world_free(world);
    image_free(first);
}

Test(core_keep, after_its_last_try_the_selection_fails)
{
    struct core_world *world = dialling();
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_busy);
    expect(world, "");
    world_advance(world, 9999999);
    expect(world, "");
    world_advance(world, 1);
    expect(world, "RequestMakeCall\n");
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_no_answer);
    cr_expect_eq(slot(world, "why"), code_unreached);
    over(world);
}

Test(core_keep, a_leg_that_begins_and_is_not_answered_is_a_try)
{
    struct core_world *world = dialling();
    leg_begins(world, world->last_ref[KIND_RequestMakeCall]);
    deleted(world, BACK);
    expect(world, "");
    world_advance(world, 10000000);
    expect(world, "RequestMakeCall\n");
    deleted(world, BACK); /* that of the try before */
    leg_begins(world, world->last_ref[KIND_RequestMakeCall]);
    route_request(world, BACK, 0);
    expect(world, "RequestRouteCall 7004\n");
    deleted(world, BACK);
    over(world);
}

Test(core_keep, what_is_not_known_to_have_come_to_something_is_a_try)
{
    struct core_world *world = dialling();
    world_advance(world, 40000000); /* twice as long as it may ring */
    cr_expect(strstr(world->trace, "Cancel\n"), "%s", world->trace);
    world_forget(world);
    world_advance(world, 10000000);
    expect(world, "RequestMakeCall\n");
    world_advance(world, 40000000);
    cr_expect_eq(slot(world, "why"), code_unreached);
    over(world);
}

Test(core_keep, answers_to_a_try_that_is_over_change_nothing)
{
    struct core_world *world = dialling();
    uint32_t first = world->last_ref[KIND_RequestMakeCall];
    done(world, world->ixn, first, outcome_error, code_busy);
    done(world, world->ixn, first, outcome_error, code_busy);
    done(world, world->ixn, first, outcome_ok, code_ok);
    cr_expect_eq(world->core->kept_places->taken, 1);
    world_advance(world, 10000000);
    expect(world, "RequestMakeCall\n");
    done(world, world->ixn, first, outcome_error, code_busy);
    expect(world, "");
    answers(world);
    expect(world, "RequestRouteCall 7004\n");
    deleted(world, BACK);
    over(world);
}

Test(core_keep, who_is_claimed_is_free_again_when_nobody_answers)
{
    struct core_world *world = dialling();
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_busy);
    world_forget(world);
    uint64_t kept = world->ixn;
    created(world, OTHER);
    route_request(world, OTHER, 0); /* in the pause: this one is there */
    expect(world, "RequestRouteCall 7004\n");
    talk(world, OTHER, "7004", "olga");
    world_forget(world);
    world_advance(world, 20000000);
    expect(world, "");
    party(world, OTHER, "7004", "olga", party_role_agent, party_change_Released);
    cr_expect_eq(world->ixn, kept);
    expect(world, "RequestMakeCall\n");
    deleted(world, OTHER);
    answers(world);
    deleted(world, BACK);
    over(world);
}

static void accepts(struct core_world *world, uint64_t number)
{
    world->client = 9;
    world->req++;
    writer_u(world_event(world, LINK, KIND_RequestAccept, 0, 0, 0), RequestAccept_claim, UINT64_C(1) << 48 | number);
    world_post(world);
    world->client = 0;
}

Test(core_keep, who_has_accepted_is_told_when_nobody_answers_or_could_be_dialled)
{
    static const char *const fewer[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", "preview", NULL};
    asking = true;
    struct core_world *world = away();
    agent(world, "olga", "7004", agent_state_ready);
    expect(world, "Invite\n");
    accepts(world, 1);
    expect(world, "Reply ok\nRequestMakeCall\n");
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_busy);
    expect(world, "Withdraw\n");
    world_advance(world, 11000000);
    expect(world, "Invite\n");
    link_up(world, fewer);
    world_forget(world);
    accepts(world, 2);
    expect(world, "Reply ok\nWithdraw\n");
    world_end(world);
}

Test(core_keep, the_wait_ends_without_a_caller_too)
{
    struct core_world *world = away();
    world_advance(world, 599000000);
    cr_expect_eq(slot(world, "why"), -1);
    world_advance(world, 2000000);
    cr_expect_eq(slot(world, "why"), code_timeout);
    over(world);
}

Test(core_keep, a_lost_link_is_a_try_and_the_next_one_waits_for_it)
{
    static const char *const caps[] = {"calls", "treatments", "dial", NULL};
    struct core_world *world = dialling();
    link_down(world);
    world_advance(world, 11000000);
    cr_expect(!strstr(world->trace, "RequestMakeCall\n"), "%s", world->trace);
    link_up(world, caps);
    resync(world, true);
    agent(world, "olga", "7004", agent_state_ready);
    resync(world, false);
    world_advance(world, 20000000);
    cr_expect(strstr(world->trace, "RequestMakeCall\n"), "%s", world->trace);
    answers(world);
    deleted(world, BACK);
    over(world);
}

/* ---- any order ---- */

enum { ROUNDS = 30, STEPS = 400, CALLS = 4, LEGS = 30, PEOPLE = 2 };

static const char *const people[PEOPLE] = {"olga", "marie"};
static const char *const dns[PEOPLE] = {"7004", "7001"};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static uint64_t some_conn(uint64_t *seed)
{
    return draw(seed, 2) == 0 ? CALL + draw(seed, CALLS) : 0x0010000010001000 + draw(seed, LEGS);
}

static void link_fault(struct core_world *world, uint64_t *seed)
{
    static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "preview", "dial", NULL};
    static const char *const fewer[] = {"calls", "treatments", NULL};
    link_down(world);
    world_advance(world, draw(seed, draw(seed, 3) == 0 ? 40000000 : 8000000));
    link_up(world, draw(seed, 4) == 0 ? fewer : caps);
    resync(world, true);
    for (unsigned at = 0; at < 8; at++) {
        struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, some_conn(seed));
        writer_u(writer, Observed_what, object_call);
        writer_u(writer, Observed_media, media_voice);
        writer_text(writer, Observed_dn, "1800");
        writer_u(writer, Observed_at_routing_point, draw(seed, 3) != 0);
        world_post(world);
    }
    for (unsigned who = 0; who < PEOPLE; who++)
        if (draw(seed, 3) != 0) agent(world, people[who], dns[who], agent_state_ready);
    if (draw(seed, 5) != 0) resync(world, false);
}

/* The end of something that was asked for lately. */
static void something_comes(struct core_world *world, uint64_t *seed)
{
    for (unsigned at = 0; at < 16 && at < world->sent_count; at++) {
        const struct sent sent = world->sent[(world->sent_count - 1 - at) % 16];
        if (draw(seed, 2) == 0) continue;
        if (draw(seed, 4) == 0) {
            done(world, sent.ixn, sent.ref, outcome_error, draw(seed, 2) == 0 ? code_busy : code_unavailable);
        } else if (sent.kind == KIND_RequestMakeCall) {
            uint64_t conn = 0x0010000010001000 + draw(seed, LEGS);
            struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, sent.ixn, sent.ref, conn);
            writer_u(writer, EventCallCreated_media, media_voice);
            world_post(world);
            if (draw(seed, 3) != 0) route_request(world, conn, 0);
        } else if (sent.kind == KIND_RequestRouteCall) {
            talk(world, sent.conn, sent.dest, NULL);
        } else {
            done(world, sent.ixn, sent.ref, outcome_ok, code_ok);
            if (sent.kind == KIND_RequestCallControl) deleted(world, sent.conn);
        }
        return;
    }
}

static void agent_answers(struct core_world *world, uint64_t *seed)
{
    const struct claims *claims = world->core->claims;
    bool accepts = draw(seed, 3) != 0;
    if (claims->count == 0) return;
    const struct claim *claim = &claims->all[draw(seed, claims->count)];
    world->client = ++world->req;
    struct writer *writer = world_event(world, LINK, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0, 0);
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, claim->id);
    world->client = 0;
    world_post(world);
}

static void anything(struct core_world *world, uint64_t *seed)
{
    unsigned who = (unsigned)draw(seed, PEOPLE);
    uint64_t conn = some_conn(seed);
    switch (draw(seed, 14)) {
    case 0:
        if (draw(seed, 3) == 0) link_fault(world, seed);
        break;
    case 1:
    case 2:
        created(world, conn);
        route_request(world, conn, 0);
        break;
    case 3:
        deleted(world, conn);
        break;
    case 4:
    case 5:
    case 6:
        something_comes(world, seed);
        break;
    case 7:
    case 8:
        agent_answers(world, seed);
        break;
    case 9:
        world_advance(world, draw(seed, draw(seed, 3) == 0 ? 60000000 : 5000000));
        break;
    case 10:
        route_request(world, conn, 0);
        break;
    default:
        agent(world, people[who], dns[who], draw(seed, 4) == 0 ? (enum agent_state)draw(seed, 8) : agent_state_ready);
    }
}

static void rounds(void)
{
    const char *more = getenv("CHAOS_ROUNDS");
    uint64_t count = more ? strtoull(more, NULL, 10) : ROUNDS, routed = 0, dialled = 0;
    const uint64_t from = drawn_from();
    for (uint64_t round = 0; round < count; round++) {
        uint64_t seed = (from + round) * 104729 + 1;
        struct core_status status;
        struct core_world *world = leaving();
        directory(world, table_group_member, "overflow/marie",
                  (const char *const[]){"group", "overflow", "agent", "marie", NULL});
        commit(world, false);
        for (unsigned step = 0; step < STEPS; step++) {
            uint32_t before = world->sent_count;
            anything(world, &seed);
            for (; before != world->sent_count; before++)
                dialled += world->sent[before % 16].kind == KIND_RequestMakeCall;
            world_forget(world);
        }
        link_up(world, (const char *const[]){"calls", "treatments", "dial", NULL});
        resync(world, true);
        resync(world, false);
        world_advance(world, UINT64_C(3) * 86400 * 1000000);
        core_status(world->core, &status);
        routed += status.routed;
        cr_assert_eq(status.interactions, 0u, "round %lu", (unsigned long)round);
        cr_assert_eq(status.claims, 0u, "round %lu", (unsigned long)round);
        over(world);
    }
    cr_assert(routed > count / 3 && dialled > count);
}

Test(core_keep, whatever_happens)
{
    rounds();
    asking = true;
    rounds();
    asking = false;
}

/* A main call, a consultation about it whose caller waits at home, and a call behind both. The resync tells of none of
 * them: the end of the first ends the second within it. */
Test(core_keep, what_ends_another_in_a_resync_passes_over_nobody_behind_it)
{
    const char *caps[] = {"calls", "treatments", "pull_back", "set_agent", "dial", NULL};
    struct core_world *world = world_new();
    consulted = true;
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    world_run(world, keeping("+33145550101"));
    consulted = false;
    created(world, CALL);
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, OTHER);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_consult);
    writer_conn(writer, EventCallCreated_prev_conn, CALL);
    world_post(world);
    route_request(world, OTHER, 0);
    uint64_t consult = world->ixn;
    done(world, consult, world->last_ref[KIND_RequestCallControl], outcome_ok, code_ok);
    deleted(world, OTHER);
    created(world, THIRD);
    cr_assert_eq(world->core->interactions->live, 3);
    cr_assert_eq(world->core->kept_places->taken, 1);
    resync(world, true);
    resync(world, false);
    cr_assert_eq(world->core->interactions->live, 0, "%u are left", world->core->interactions->live);
    over(world);
}

/* The first wait is over after ten minutes. Somebody else has come after five, and waits as ever. */
Test(core_keep, who_selects_again_has_the_place_that_was_kept)
{
    static const char *const vqs[] = {"service", "other"};
    for (size_t i = 0; i < 2; i++) {
        again = vqs[i];
        struct core_world *world = away();
        uint64_t kept = world->ixn;
        world_advance(world, 300000000);
        created(world, OTHER);
        route_request(world, OTHER, 0);
        done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_error, code_busy);
        cr_assert_neq(world->ixn, kept);
        world_advance(world, 300000001);
        world_forget(world);
        agent(world, "olga", "7004", agent_state_ready);
        expect(world, "RequestMakeCall\n"); /* its age has opened the line, and it is the first */
        cr_assert_eq(world->ixn, kept);
        answers(world);
        expect(world, "RequestRouteCall 7004\n");
        deleted(world, BACK);
        deleted(world, OTHER);
        over(world);
    }
    again = NULL;
}
