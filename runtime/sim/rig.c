/* runtime/sim/rig.c - The loop of a play over the wire, and the stages before it. */
#include "runtime/sim/rig.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runtime/sim/admin.h"
#include "runtime/sim/desk.h"
#include "runtime/sim/expect.h"
#include "runtime/sim/happen.h"
#include "runtime/sim/lines.h"
#include "runtime/sim/service.h"
#include "runtime/sim/wire.h"
#include "runtime/sim/world.h"

enum stage { STAGE_TSERVER, STAGE_DESKS, STAGE_CORE, STAGE_PLAY, STAGE_LEAVE, STAGE_OVER };

enum { POLL_US = 50000, LEAVE_US = 1000000, CONN_BYTES = 65, ENDED_TRIES = 100 };

struct rig {
    struct rig_options options;
    const struct scenario_test *test;
    const struct plan *plan;
    struct event_base *base;
    struct event *timer, *signals[2];
    struct sim_switch *sw;
    struct world *world;
    struct trace *trace;
    struct happenings *happenings;
    struct tally *tally;
    struct wire *wire;
    struct wallet *wallet;
    struct desk **desks; /* by agent of the plan */
    struct admin_client *admin;
    char (*conns)[CONN_BYTES]; /* by arrival: the ConnID that the T-Server gave */
    enum stage stage;
    bool prepared, failed;
    json_int_t defaulted_before; /* the core's count when the play began */
    uint64_t began_us;           /* monotonic: time zero of the play */
    uint64_t stage_us;           /* monotonic: when the stage began */
    struct error *error;         /* of rig_play() */
};

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Time of the play: stands at zero until it begins. */
static uint64_t play_us(void *self)
{
    const struct rig *rig = self;
    return rig->began_us == 0 ? 0 : monotonic_us() - rig->began_us;
}

/* ---- the log ---- */

static void log_line(void *self, uint64_t at_us, const char *component, uint32_t arrival, const char *text)
{
    struct rig *rig = self;
    struct timeval now;
    struct tm utc;
    char stamp[32];
    (void)at_us;
    if (!rig->options.log) {
        return;
    }
    gettimeofday(&now, NULL);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    const char *conn = arrival != NO_ARRIVAL ? rig->conns[arrival] : "";
    printf("%s.%03uZ info %s %s%s%s%s\n", stamp, (unsigned)(now.tv_usec / 1000), component,
           conn[0] == '\0' ? "" : "conn=", conn, conn[0] == '\0' ? "" : " ", text);
    fflush(stdout);
}

/* An object as name key=value ...; `skip`: members that the line has otherwise. */
static void print_object(json_t *object, const char *const *skip, const char *name, char *out, size_t size)
{
    const char *key;
    json_t *value;
    size_t used = (size_t)snprintf(out, size, "%s", name);
    json_object_foreach(object, key, value)
    {
        bool skipped = false;
        for (const char *const *s = skip; *s != NULL; s++) {
            skipped = skipped || strcmp(*s, key) == 0;
        }
        if (skipped || used >= size) {
            continue;
        }
        char *text = json_is_string(value) ? strdup(json_string_value(value))
                                           : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        used += (size_t)snprintf(out + used, size - used, " %s=%s", key, text == NULL ? "?" : text);
        free(text);
    }
}

static void log_report(struct rig *rig, const struct switch_report *r, uint32_t arrival)
{
    static const char *const skip[] = {"event", "correlator", "callType", NULL};
    char text[800];
    json_t *event = service_event(r, r->kind == SWITCH_ROUTE_REQUEST ? switch_call(rig->sw, r->call) : NULL);
    print_object(event, skip, service_event_name(r), text, sizeof text);
    bool device = r->kind == SWITCH_TREATMENT_STARTED || r->kind == SWITCH_TREATMENT_ENDED;
    trace_say(rig->trace, r->at_us, device ? "ivr" : "switch", arrival, "%s", text);
    json_decref(event);
}

/* ---- what the switch reports ---- */

static void arm(struct rig *);

static void settle(void *self)
{
    struct rig *rig = self;
    struct switch_report r;
    while (switch_report(rig->sw, &r)) {
        uint32_t arrival = r.call == 0 ? NO_ARRIVAL : world_arrival_of(rig->world, r.call);
        wire_event(rig->wire, &r);
        if (arrival != NO_ARRIVAL) {
            tally_report(rig->tally, arrival, &r, plan_agent_at(rig->plan, r.dn) != NO_AGENT, monotonic_us());
        }
        log_report(rig, &r, arrival);
        world_hear(rig->world, &r);
        happenings_hear(rig->happenings, &r);
    }
    arm(rig);
}

/* Recording is a step that the switch hears of as a service. */
static void step_happened(struct rig *rig, uint32_t arrival, const char *service)
{
    static const char *const steps[][2] = {{"StartRecording", "recording.start"},
                                           {"PauseRecording", "recording.pause"},
                                           {"ResumeRecording", "recording.resume"},
                                           {"StopRecording", "recording.stop"}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (strcmp(service, steps[i][0]) == 0) {
            trace_happened(rig->trace, play_us(rig), arrival, "step", NULL, NULL,
                           json_pack("{s:s, s:{}}", "step", steps[i][1], "args"));
        }
    }
}

static void on_service(void *self, const char *name, uint64_t call, const char *what, enum code outcome)
{
    struct rig *rig = self;
    uint32_t arrival = call == 0 ? NO_ARRIVAL : world_arrival_of(rig->world, call);
    if (arrival != NO_ARRIVAL) {
        const struct switch_call *row = switch_call(rig->sw, call);
        if (row != NULL && row->correlator[0] != '\0') {
            (void)snprintf(rig->conns[arrival], CONN_BYTES, "%s", row->correlator);
        }
        if (outcome == code_ok && strcmp(name, "RouteSelect") == 0) {
            tally_selected(rig->tally, arrival, monotonic_us());
        }
        step_happened(rig, arrival, name);
        /* Why is not told the switch. */
        if (outcome == code_ok && strcmp(name, "ClearCall") == 0 && strncmp(what, "keep=", 5) == 0) {
            (void)world_keep(rig->world, arrival, what + 5, play_us(rig));
        } else if (outcome == code_ok && strcmp(name, "ClearCall") == 0) {
            trace_happened(rig->trace, play_us(rig), arrival, "stopped", NULL, NULL, NULL);
        }
    }
    if (strcmp(name, "SystemStatus") != 0) {
        trace_say(rig->trace, play_us(rig), strcmp(name, "ApplyTreatment") == 0 ? "ivr" : "switch", arrival,
                  "%s%s%s%s%s", name, what[0] == '\0' ? "" : " ", what,
                  outcome == code_ok ? "" : " error=", outcome == code_ok ? "" : service_code(outcome));
    }
}

static void on_registered(void *self, bool up)
{
    struct rig *rig = self;
    trace_say(rig->trace, play_us(rig), "switch", NO_ARRIVAL, up ? "LinkUp peer=tserver" : "LinkDown peer=tserver");
}

/* ---- desktops ---- */

static bool where_is_cti(void *self, char *host, size_t size, uint16_t *port)
{
    struct rig *rig = self;
    struct error ignored;
    unsigned number = 0;
    if (rig->options.cti != NULL) {
        return lines_address(rig->options.cti, host, size, port, &ignored);
    }
    FILE *file = rig->options.cti_port_file == NULL ? NULL : fopen(rig->options.cti_port_file, "r");
    if (file == NULL) {
        return false;
    }
    bool found = fscanf(file, "%u", &number) == 1 && number > 0 && number < 65536;
    fclose(file);
    (void)snprintf(host, size, "127.0.0.1");
    *port = (uint16_t)number;
    return found;
}

/* Somebody is asked, or no longer is. */
static void on_invitation(struct rig *rig, const struct desk *desk, const char *name, json_t *event, uint32_t arrival)
{
    uint32_t agent = plan_agent_named(rig->plan, desk_agent(desk));
    uint64_t ticket = desk_ticket(event);
    if (agent == NO_AGENT || ticket == 0) {
        return;
    }
    if (strcmp(name, "EventInvite") == 0) {
        world_invited(rig->world, agent, ticket, arrival, play_us(rig));
        arm(rig);
    } else if (strcmp(name, "EventRevoked") == 0) {
        world_withdrawn(rig->world, agent, ticket);
    }
}

static void on_desk_event(void *self, const struct desk *desk, const char *name, json_t *event)
{
    static const char *const skip[] = {"Message", "ReferenceID", "ConnID", "CallID", "CallType", NULL};
    static const char *const shown[] = {"EventRinging",
                                        "EventEstablished",
                                        "EventReleased",
                                        "EventAbandoned",
                                        "EventDiverted",
                                        "EventError",
                                        "EventAttachedDataChanged",
                                        "EventInvite",
                                        "EventRevoked",
                                        "EventAccepted",
                                        "EventRejected",
                                        NULL};
    struct rig *rig = self;
    const char *id = json_string_value(json_object_get(event, "CallID"));
    uint32_t arrival = id == NULL ? NO_ARRIVAL : world_arrival_of(rig->world, strtoull(id, NULL, 10));
    char text[4000];
    on_invitation(rig, desk, name, event, arrival);
    for (const char *const *s = shown; *s != NULL; s++) {
        if (strcmp(*s, name) == 0) {
            print_object(event, skip, name, text, sizeof text);
            bool named = json_object_get(event, "AgentID") != NULL;
            trace_say(rig->trace, play_us(rig), "desktop", arrival, "%s%s%s", text,
                      named ? "" : " agent=", named ? "" : desk_agent(desk));
            return;
        }
    }
}

static void hands_state(void *self, uint32_t agent, enum agent_state state, uint64_t now_us)
{
    struct rig *rig = self;
    (void)now_us;
    /* Logging in alone is no state to rest in: what follows says which. */
    desk_set_state(rig->desks[agent], state == agent_state_logged_in ? agent_state_not_ready : state);
}

static void hands_answer(void *self, uint32_t agent, uint64_t call, uint64_t now_us)
{
    struct rig *rig = self;
    (void)now_us;
    desk_answer(rig->desks[agent], call);
}

static void hands_release(void *self, uint32_t agent, uint64_t call, uint64_t now_us)
{
    struct rig *rig = self;
    (void)now_us;
    desk_release(rig->desks[agent], call);
}

static void hands_invitation(void *self, uint32_t agent, uint64_t claim, bool accepts, uint64_t now_us)
{
    struct rig *rig = self;
    (void)now_us;
    desk_invitation(rig->desks[agent], claim, accepts);
}

/* ---- stages ---- */

static void enter(struct rig *rig, enum stage stage)
{
    rig->stage = stage;
    rig->stage_us = monotonic_us();
}

static void give_up(struct rig *rig, const char *why)
{
    if (!rig->failed) {
        error_set(rig->error, ERROR_TIMEOUT, "%s", why);
        rig->failed = true;
    }
    enter(rig, STAGE_LEAVE);
}

static bool too_late(const struct rig *rig, uint64_t after_us)
{
    return after_us != 0 && monotonic_us() - rig->stage_us > after_us;
}

static uint32_t agents_wanted_ready(const struct rig *rig)
{
    uint32_t ready = 0;
    for (uint32_t i = 0; i < rig->plan->agent_count; i++) {
        ready += world_wants_ready(rig->world, i);
    }
    return ready;
}

/* Asks the admin socket: where the gcxvm that was there before has ended, its successor. NULL: nobody, or refused. */
static json_t *ask_core(struct rig *rig, const char *command, const char *conn)
{
    struct error why = {0};
    json_t *answer = rig->admin == NULL ? NULL : admin_ask(rig->admin, command, conn, &why);
    if (answer != NULL || why.code == ERROR_STATE || rig->options.admin == NULL) {
        return answer;
    }
    admin_close(rig->admin);
    rig->admin = admin_connect(rig->options.admin, &why);
    return rig->admin == NULL ? NULL : admin_ask(rig->admin, command, conn, &why);
}

/* Everyone who is to be ready is so in the core's eyes too; without an admin socket, half a second is given. */
static bool core_sees_agents(struct rig *rig)
{
    if (rig->options.admin == NULL) {
        return monotonic_us() - rig->stage_us > 500000;
    }
    json_t *status = ask_core(rig, "status", NULL);
    if (status == NULL) {
        return false;
    }
    json_int_t ready = json_integer_value(json_object_get(status, "agents_ready"));
    rig->defaulted_before = json_integer_value(json_object_get(status, "defaulted"));
    bool seen = ready >= (json_int_t)agents_wanted_ready(rig) && json_is_true(json_object_get(status, "ready"));
    json_decref(status);
    return seen;
}

static bool desks_settled(const struct rig *rig)
{
    for (uint32_t i = 0; i < rig->plan->agent_count; i++) {
        if (!desk_settled(rig->desks[i])) {
            return false;
        }
    }
    return true;
}

static void get_ready(struct rig *rig)
{
    uint64_t wait_us = rig->options.wait_us == 0 ? 30000000 : rig->options.wait_us;
    if (rig->stage == STAGE_TSERVER && wire_registered(rig->wire)) {
        while (!rig->prepared && world_prepare(rig->world)) {
        }
        rig->prepared = true;
        enter(rig, STAGE_DESKS);
    }
    if (rig->stage == STAGE_DESKS && desks_settled(rig)) {
        enter(rig, STAGE_CORE);
    }
    if (rig->stage == STAGE_CORE && core_sees_agents(rig)) {
        enter(rig, STAGE_PLAY);
        rig->began_us = rig->stage_us;
        return;
    }
    if (too_late(rig, wait_us) && !rig->options.forever) {
        give_up(rig, rig->stage == STAGE_TSERVER ? "no T-Server has registered at the switch"
                     : rig->stage == STAGE_DESKS ? "the desktops could not log in at the T-Server"
                                                 : "gcxvm does not see the agents ready");
    }
}

static void go_on(struct rig *rig)
{
    uint64_t now_us = play_us(rig);
    switch_advance(rig->sw, now_us);
    settle(rig);
    while (world_next(rig->world) <= now_us) {
        world_advance(rig->world, now_us);
        settle(rig);
    }
    if (rig->options.hurry) {
        world_hurry(rig->world, now_us);
        settle(rig);
    }
    if (world_done(rig->world) && !rig->options.forever) {
        enter(rig, STAGE_LEAVE);
    } else if (too_late(rig, rig->options.limit_us)) {
        give_up(rig, "the play took longer than its limit");
    }
}

/* Everybody logs out, so that nothing is left behind at the T-Server. */
static void leave(struct rig *rig)
{
    bool out = true;
    for (uint32_t i = 0; i < rig->plan->agent_count; i++) {
        desk_set_state(rig->desks[i], agent_state_logged_out);
        out = out && desk_settled(rig->desks[i]);
    }
    if (out || too_late(rig, LEAVE_US)) {
        enter(rig, STAGE_OVER);
        event_base_loopexit(rig->base, NULL);
    }
}

/* Looks again when something is due, and from time to time. */
static void arm(struct rig *rig)
{
    uint64_t pause = POLL_US;
    if (rig->stage == STAGE_PLAY) {
        uint64_t next = world_next(rig->world), other = switch_next(rig->sw), now_us = play_us(rig);
        next = other < next ? other : next;
        pause = next <= now_us ? 0 : next - now_us < pause ? next - now_us : pause;
    }
    const struct timeval wait = {.tv_sec = (time_t)(pause / 1000000), .tv_usec = (suseconds_t)(pause % 1000000)};
    evtimer_add(rig->timer, &wait);
}

static void on_timer(evutil_socket_t fd, short what, void *self)
{
    struct rig *rig = self;
    (void)fd;
    (void)what;
    if (rig->stage < STAGE_PLAY) {
        get_ready(rig);
    }
    if (rig->stage == STAGE_PLAY) {
        go_on(rig);
    }
    if (rig->stage == STAGE_LEAVE) {
        leave(rig);
    }
    arm(rig);
}

static void on_signal(evutil_socket_t number, short what, void *self)
{
    (void)what;
    (void)number;
    struct rig *rig = self;
    if (rig->options.forever) {
        enter(rig, STAGE_LEAVE);
    } else {
        give_up(rig, "stopped by a signal");
    }
}

/* ---- making and ending ---- */

static bool write_port(const char *path, uint16_t port, struct error *error)
{
    char temporary[4096];
    if (path == NULL) {
        return true;
    }
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *file = fopen(temporary, "w");
    if (file == NULL || fprintf(file, "%u\n", port) < 0 || fclose(file) != 0 || rename(temporary, path) != 0) {
        error_set(error, ERROR_SYSTEM, "cannot write the port to %s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

static enum switch_device device(void *self, uint64_t call, const struct switch_treatment *t, uint64_t now_us)
{
    struct rig *rig = self;
    return world_device(rig->world, call, t, now_us);
}

static enum cause dialled(void *self, uint64_t call, const char *number, uint64_t now_us, uint64_t *after_us)
{
    struct rig *rig = self;
    return world_dialled(rig->world, call, number, now_us, after_us);
}

struct rig *rig_new(const struct scenario_test *test, const struct plan *plan, const struct rig_options *options,
                    struct error *error)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert(rig != NULL);
    rig->options = *options;
    rig->test = test;
    rig->plan = plan;
    rig->error = error;
    rig->trace = trace_new(&(struct trace_listener){rig, log_line});
    struct world_hands hands = {rig,  hands_state, hands_answer, hands_release, hands_invitation,
                                NULL, NULL,        NULL,         NULL,          NULL};
    rig->world = world_new(test, plan, rig->trace, &hands,
                           &(struct world_options){.after_call_work_us = options->after_call_work_us,
                                                    .queue_us = options->queue_us,
                                                    .desk_us = options->desk_us});
    rig->conns = calloc(world_arrivals(rig->world) + 1u, sizeof *rig->conns);
    rig->desks = calloc(plan->agent_count + 1u, sizeof(struct desk *));
    assert(rig->conns != NULL && rig->desks != NULL);
    rig->tally = tally_new(world_arrivals(rig->world));
    rig->happenings = happenings_new(plan, rig->world, rig->trace);
    rig->sw = switch_new(&(struct switch_options){
        .last_default = plan->last, .last_default_us = options->last_default_us, .self = rig, .device = device, .dialled = dialled});
    plan_equip(plan, rig->sw);
    world_begin(rig->world, rig->sw);
    rig->base = event_base_new();
    assert(rig->base != NULL);
    rig->timer = evtimer_new(rig->base, on_timer, rig);
    rig->signals[0] = evsignal_new(rig->base, SIGTERM, on_signal, rig);
    rig->signals[1] = evsignal_new(rig->base, SIGINT, on_signal, rig);
    assert(rig->timer != NULL && rig->signals[0] != NULL && rig->signals[1] != NULL);
    struct wire_user user = {rig, play_us, settle, on_service, on_registered};
    rig->wallet = wallet_new(&options->wallet, error);
    if (rig->wallet != NULL) {
        rig->wire = wire_new(rig->base, rig->sw, options->listen, wallet_switch(rig->wallet), &user, error);
    }
    if (rig->wire == NULL || !write_port(options->port_file, wire_port(rig->wire), error)) {
        rig_free(rig);
        return NULL;
    }
    for (uint32_t i = 0; i < plan->agent_count; i++) {
        const char *agent = plan->agents[i].name;
        struct desk_user desk = {rig, on_desk_event, where_is_cti, NULL, wallet_password(rig->wallet, agent)};
        if (wallet_desks(rig->wallet) && (desk.tls = wallet_desk(rig->wallet, agent, error)) == NULL) {
            rig_free(rig);
            return NULL;
        }
        rig->desks[i] = desk_new(rig->base, agent, plan->agents[i].dn, &desk);
    }
    return rig;
}

void rig_free(struct rig *rig)
{
    if (rig == NULL) {
        return;
    }
    for (uint32_t i = 0; i < rig->plan->agent_count; i++) {
        desk_free(rig->desks[i]);
    }
    free(rig->desks);
    wire_free(rig->wire);
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

/* At the switch a default destination looks like any other: the core knows. */
static void count_defaults(struct rig *rig)
{
    json_t *status = ask_core(rig, "status", NULL);
    json_int_t now = json_integer_value(json_object_get(status, "defaulted"));
    if (now > rig->defaulted_before) {
        tally_defaulted(rig->tally, (uint32_t)(now - rig->defaulted_before));
    }
    json_decref(status);
}

bool rig_play(struct rig *rig, struct error *error)
{
    const struct timeval now = {0};
    rig->error = error;
    event_add(rig->signals[0], NULL);
    event_add(rig->signals[1], NULL);
    evtimer_add(rig->timer, &now);
    enter(rig, STAGE_TSERVER);
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

/* ---- expectations ---- */

/* The switch knows that a call is gone before the core does, whose strategy may then have something to attach. */
static json_t *ask_until_ended(struct rig *rig, const char *conn)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    for (unsigned tries = ENDED_TRIES;; tries--) {
        json_t *answer = ask_core(rig, "interaction", conn);
        const char *state = json_string_value(json_object_get(json_object_get(answer, "interaction"), "state"));
        if (state == NULL || strcmp(state, "ended") == 0 || tries == 0) {
            return answer;
        }
        json_decref(answer);
        event_base_loop(rig->base, EVLOOP_NONBLOCK); /* what the switch has said may still have to leave */
        nanosleep(&pause, NULL);
    }
}

static json_t *final_data(void *self, uint32_t arrival)
{
    struct rig *rig = self;
    json_t *answer = rig->conns[arrival][0] == '\0' ? NULL : ask_until_ended(rig, rig->conns[arrival]);
    json_t *data = json_incref(json_object_get(answer, "data"));
    json_decref(answer);
    return data;
}

static json_t *vq_measure(void *self, const char *vq, const char *name)
{
    struct rig *rig = self;
    json_t *answer = ask_core(rig, "queues", NULL), *row, *found = NULL;
    size_t index;
    json_array_foreach(json_object_get(answer, "queues"), index, row)
    {
        const char *is = json_string_value(json_object_get(row, "name"));
        if (is != NULL && strcmp(is, vq) == 0) {
            found = json_incref(json_object_get(row, expect_measure_name(name)));
        }
    }
    json_decref(answer);
    return found;
}

static json_t *counted(void *self, const char *name, const char *key)
{
    json_t *answer = ask_core(self, "counters", NULL), *row, *found = NULL;
    size_t index;
    json_array_foreach(json_object_get(answer, "counters"), index, row)
    {
        const char *is = json_string_value(json_object_get(row, "name")),
                   *of = json_string_value(json_object_get(row, "key"));
        if (is != NULL && strcmp(is, name) == 0 && strcmp(of == NULL ? "" : of, key) == 0)
            found = json_incref(json_object_get(row, "count"));
    }
    json_t *none = answer == NULL || found != NULL ? NULL : json_integer(0);
    json_decref(answer);
    return found != NULL ? found : none;
}

/* The switch ends a call without hearing why: who reads the play is told what it has not looked at. */
static void say_not_compared(const struct rig *rig, const struct scenario_item *item)
{
    for (size_t e = 0; item->kind == ITEM_EXPECT && e < item->expect.count; e++) {
        const struct scenario_event *event = &item->expect.events[e];
        if (strcmp(event->name, "stopped") == 0 && event->to != NULL)
            fprintf(stderr, "%s:%u: that it stopped is looked at; \"%s\" cannot be, over the wire\n", rig->test->file,
                    item->line, event->to);
    }
}

unsigned rig_check(struct rig *rig, void (*failure)(void *self, uint32_t line, const char *text), void *self)
{
    struct expect_view view = {rig->trace, world_expected(rig->world), world_arrivals(rig->world), rig, final_data,
                               vq_measure, counted, rig->test, play_us(rig)};
    unsigned failures = 0;
    uint32_t cursor = 0, line;
    const char *text;
    char why[1000];
    while (world_next_problem(rig->world, &cursor, &line, &text)) {
        failure(self, line, text);
        failures++;
    }
    for (size_t i = 0; i < rig->test->count; i++) {
        const struct scenario_item *item = &rig->test->items[i];
        say_not_compared(rig, item);
        if (item->kind == ITEM_EXPECT && !expect_holds(&item->expect, &view, why, sizeof why)) {
            failure(self, item->line, why);
            failures++;
        }
    }
    return failures;
}
