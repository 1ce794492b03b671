/* runtime/sim/rig.c - The main loop of a play over the wire, and the stages before it.
 *
 *     T-Server registers --> desktops log in --> the core sees the agents --> the play --> people leave --> the end
 *
 * Each stage waits for a state that can be observed, never only for a time; a stage that takes too long ends the
 * play with a sentence about the state that was not reached. The play's clock starts with the stage of the play. */
#include "runtime/sim/rig_state.h"
#include "base/inside.h"
#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEAVE_US = 1000000, IN_TURN_MAX = 50 };

/* Reads the clock's file again; a clock that was stopped continues from there. */
static void look_at_clock(struct rig *rig)
{
    if (!rig->options.clock) return;
    uint64_t before_us = rig_play_us(rig);
    double seconds;
    FILE *file = inside_open(rig->options.clock, "r");
    rig->stands_at_us = UINT64_MAX;
    if (file && fscanf(file, "%lf", &seconds) == 1 && seconds >= 0 && seconds < 1e9) {
        uint64_t at_us = (uint64_t)(seconds * 1e6);
        rig->stands_at_us = at_us < before_us ? before_us : at_us;
    }
    if (file) fclose(file);
    rig->stood_us = rig->began_us == 0 ? 0 : rig_monotonic_us() - rig->began_us - before_us;
}

/* ---- stages ---- */

/* Begins a stage and notes the time: too_late() counts from there. */
static void rig_enter(struct rig *rig, enum stage stage)
{
    rig->stage = stage;
    rig->stage_us = rig_monotonic_us();
}

/* The first reason counts. Ends the play with an error; the agents still log out, so that the T-Server is left as it
 * was. */
static void rig_give_up(struct rig *rig, const char *why)
{
    assert(why);
    if (!rig->failed) {
        error_set(rig->error, ERROR_TIMEOUT, "%s", why);
        rig->failed = true;
    }
    rig_enter(rig, STAGE_LEAVE);
}

static bool too_late(const struct rig *rig, uint64_t after_us)
{
    return after_us != 0 && rig_monotonic_us() - rig->stage_us > after_us;
}

static uint32_t agents_wanted_ready(const struct rig *rig)
{
    uint32_t ready = 0;
    for (uint32_t i = 0; i < rig->plan->agent_count; i++) ready += world_wants_ready(rig->world, i);
    return ready;
}

/* Does the core see all agents as ready who should be, and does it accept arrivals? Without an admin socket, half a
 * second is waited instead. */
static bool core_sees_agents(struct rig *rig)
{
    if (!rig->options.admin) return rig_monotonic_us() - rig->stage_us > 500000;
    json_t *status = rig_ask_core(rig, "status", NULL);
    if (!status) return false;
    json_int_t ready = json_integer_value(json_object_get(status, "agents_ready"));
    rig->defaulted_before = json_integer_value(json_object_get(status, "defaulted"));
    const char *intake = json_string_value(json_object_get(json_object_get(status, "intake"), "level"));
    bool seen = ready >= (json_int_t)agents_wanted_ready(rig) && json_is_true(json_object_get(status, "ready")) &&
                (!intake || strcmp(intake, "open") == 0);
    json_decref(status);
    return seen;
}

static bool desks_settled(const struct rig *rig)
{
    for (uint32_t i = 0; i < rig->plan->agent_count; i++)
        if (!desk_settled(rig->desks[i])) return false;
    return true;
}

/* If there are more than IN_TURN_MAX agents all log in at once, since one after another would take longer than the
 * time limit; then it is undefined who is idle longest. */
static void get_ready(struct rig *rig)
{
    uint64_t wait_us = rig->options.wait_us == 0 ? 30000000 : rig->options.wait_us;
    if (rig->stage == STAGE_TSERVER && wire_registered(rig->wire)) rig_enter(rig, STAGE_DESKS);
    /* A few log in one after another, in the test's order, so that it is always the same agent who is idle longest. */
    while (rig->stage == STAGE_DESKS && !rig->prepared && (rig->plan->agent_count > IN_TURN_MAX || desks_settled(rig)))
        rig->prepared = !world_prepare(rig->world);
    if (rig->stage == STAGE_DESKS && rig->prepared && desks_settled(rig)) rig_enter(rig, STAGE_CORE);
    if (rig->stage == STAGE_CORE && core_sees_agents(rig)) {
        rig_enter(rig, STAGE_PLAY);
        rig->began_us = rig->stage_us;
        return;
    }
    if (too_late(rig, wait_us) && !rig->options.forever) {
        rig_give_up(rig, rig->stage == STAGE_TSERVER ? "no T-Server has registered at the switch"
                         : rig->stage == STAGE_DESKS ? "the desktops could not log in at the T-Server"
                                                     : "gcxvm does not see the agents ready");
    }
}

/* Lets the play go on; the switch comes first: its actions of this moment (a treatment ends, a route times out)
 * precede those of people. Each action is completed with all its consequences before the next, so that nobody acts
 * on an outdated state. */
static void rig_go_on(struct rig *rig)
{
    uint64_t now_us = rig_play_us(rig);
    switch_advance(rig->sw, now_us);
    rig_settle(rig);
    while (world_next(rig->world) <= now_us) {
        world_advance(rig->world, now_us);
        rig_settle(rig);
    }
    bool may_end = !rig->options.forever && world_idles(rig->world, now_us);
    bool calls_back = may_end && rig_core_calls_back(rig);
    if (rig->options.hurry && may_end && !calls_back) {
        world_hurry(rig->world, now_us);
        rig_settle(rig);
    }
    if (world_done(rig->world) && !rig->options.forever && !calls_back)
        rig_enter(rig, STAGE_LEAVE);
    else if (too_late(rig, rig->options.limit_us))
        rig_give_up(rig, "the play took longer than --limit gives it");
}

/* Logs all agents out, so that nothing is left at the T-Server. */
static void rig_leave(struct rig *rig)
{
    bool out = true;
    for (uint32_t i = 0; i < rig->plan->agent_count; i++) {
        desk_set_state(rig->desks[i], agent_state_logged_out);
        out = out && desk_settled(rig->desks[i]);
    }
    if (out || too_late(rig, LEAVE_US)) {
        rig_enter(rig, STAGE_OVER);
        event_base_loopexit(rig->base, NULL);
    }
}

/* Runs the stages in order: when one ends the next begins in the same turn, without another wait. */
static void rig_on_timer(evutil_socket_t fd, short what, void *self)
{
    struct rig *rig = self;
    (void)fd;
    (void)what;
    look_at_clock(rig);
    if (rig->stage < STAGE_PLAY) get_ready(rig);
    if (rig->stage == STAGE_PLAY) rig_go_on(rig);
    if (rig->stage == STAGE_LEAVE) rig_leave(rig);
    rig_arm(rig);
}

/* Handles a signal: for a switch that runs until it is stopped it is a normal end; for a play it is a failure. */
static void rig_on_signal(evutil_socket_t number, short what, void *self)
{
    (void)what;
    (void)number;
    struct rig *rig = self;
    if (rig->options.forever)
        rig_enter(rig, STAGE_LEAVE);
    else
        rig_give_up(rig, "stopped by a signal");
}

/* ---- making and ending ---- */

/* Writes the port into a new file, which is then renamed: so a program waiting for the file never reads half a
 * number. */
static bool write_port(const char *path, uint16_t port, struct error *error)
{
    char temporary[4096];
    if (!path) return true;
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *file = inside_open(temporary, "w");
    if (!file || fprintf(file, "%u\n", port) < 0 || fclose(file) != 0 || rename(temporary, path) != 0)
        return error_set(error, ERROR_SYSTEM, "cannot write the port to %s: %s", path, strerror(errno));
    return true;
}

/* Makes a rig; NULL with the reason in `error`, and nothing is left open, as rig_free() also frees a half-made rig. */
struct rig *rig_new(const struct scenario_test *test, const struct plan *plan, const struct rig_options *options,
                    struct error *error)
{
    struct rig *rig = memory_zeroed(1, sizeof *rig);
    rig->options = *options;
    rig->test = test;
    rig->plan = plan;
    rig->error = error;
    rig->stands_at_us = UINT64_MAX;
    rig->trace = trace_new(&(struct trace_listener){rig, rig_log_line});
    struct world_hands hands = {.self = rig,
                                .set_state = rig_hands_state,
                                .answer = rig_hands_answer,
                                .release = rig_hands_release,
                                .invitation = rig_hands_invitation,
                                .learn = rig_hands_learn,
                                .signal = rig_hands_signal,
                                .setting = rig_hands_setting,
                                .says_over = true};
    rig->world = world_new(test, plan, rig->trace, &hands,
                           &(struct world_options){.handles = &rig->options.handles,
                                                   .seed = options->seed,
                                                   .after_call_work_us = options->after_call_work_us,
                                                   .queue_us = options->queue_us,
                                                   .desk_us = options->desk_us,
                                                   .outside_us = options->outside_us});
    rig->conns = memory_zeroed(world_arrivals(rig->world) + 1u, sizeof *rig->conns);
    rig->desks = memory_zeroed(plan->agent_count + 1u, sizeof(struct desk *));
    rig->tally = tally_new(world_arrivals(rig->world));
    rig->happenings = happenings_new(plan, rig->world, rig->trace);
    rig->sw = switch_new(&(struct switch_options){.last_default = plan->last,
                                                  .last_default_us = options->last_default_us,
                                                  .self = rig->world,
                                                  .device = world_device,
                                                  .dialled = world_dialled});
    plan_equip(plan, rig->sw);
    world_begin(rig->world, rig->sw);
    rig->base = event_base_new();
    assert(rig->base);
    rig->timer = evtimer_new(rig->base, rig_on_timer, rig);
    rig->signals[0] = evsignal_new(rig->base, SIGTERM, rig_on_signal, rig);
    rig->signals[1] = evsignal_new(rig->base, SIGINT, rig_on_signal, rig);
    assert(rig->timer && rig->signals[0] && rig->signals[1]);
    struct wire_user user = {rig, rig_play_us, rig_settle, rig_on_service, rig_on_registered, rig_brought};
    rig->wallet = wallet_new(&options->wallet, error);
    if (rig->wallet)
        rig->wire = wire_new(rig->base, rig->sw, options->listen, wallet_switch(rig->wallet), &user, error);
    if (!rig->wire || !write_port(options->port_file, wire_port(rig->wire), error)) {
        rig_free(rig);
        return NULL;
    }
    for (uint32_t i = 0; i < plan->agent_count; i++) {
        const char *agent = plan->agents[i].name;
        struct desk_user desk = {rig, rig_on_desk_event, rig_where_is_cti, NULL, wallet_password(rig->wallet, agent)};
        if (wallet_desks(rig->wallet) && !(desk.tls = wallet_desk(rig->wallet, agent, error))) {
            rig_free(rig);
            return NULL;
        }
        rig->desks[i] = desk_new(rig->base, agent, plan->agents[i].dn, &desk);
    }
    return rig;
}

void rig_free(struct rig *rig)
{
    if (!rig) return;
    for (uint32_t i = 0; i < rig->plan->agent_count; i++) desk_free(rig->desks[i]);
    free(rig->desks);
    sim_wire_free(rig->wire);
    wallet_free(rig->wallet);
    admin_close(rig->admin);
    event_free(rig->timer);
    event_free(rig->signals[0]);
    event_free(rig->signals[1]);
    event_base_free(rig->base);
    happenings_free(rig->happenings);
    tally_free(rig->tally);
    world_free(rig->world);
    switch_free(rig->sw);
    trace_free(rig->trace);
    free(rig->conns);
    free(rig);
}

void rig_add_dn(struct rig *rig, const char *dn, enum dn_type type)
{
    switch_add_dn(rig->sw, dn, type);
}

/* Counts calls routed to defaults by asking the core, as at the switch they look like any other route. */
static void count_defaults(struct rig *rig)
{
    json_t *status = rig_ask_core(rig, "status", NULL);
    json_int_t now = json_integer_value(json_object_get(status, "defaulted"));
    if (now > rig->defaulted_before) tally_defaulted(rig->tally, (uint32_t)(now - rig->defaulted_before));
    json_decref(status);
}

/* Plays until the loop ends: in STAGE_OVER, when the desktops have logged out or LEAVE_US has passed. */
bool rig_play(struct rig *rig, struct error *error)
{
    const struct timeval now = {0};
    rig->error = error;
    event_add(rig->signals[0], NULL);
    event_add(rig->signals[1], NULL);
    evtimer_add(rig->timer, &now);
    rig_enter(rig, STAGE_TSERVER);
    event_base_dispatch(rig->base);
    count_defaults(rig);
    return !rig->failed;
}

const struct trace *rig_trace(const struct rig *rig)
{
    return rig->trace;
}

const struct tally *rig_tally(const struct rig *rig)
{
    return rig->tally;
}
