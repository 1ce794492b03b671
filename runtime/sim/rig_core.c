/* runtime/sim/rig_core.c - The time of a play, and the questions and messages that it sends to the core's admin
 * socket, for everything the switch does not know, such as values in a test's expectations. */
#include "runtime/sim/rig_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/sim/expect.h"
#include "runtime/sim/sheets.h"
#include "runtime/sim/values.h"
#include "base/memory.h"

enum { ENDED_TRIES = 500, ASK_EVERY_US = 200000, SUCCESSOR_US = 20000000, DIALS_US = 2000000, SAME_VISIT_US = 1000 };

enum { POLL_US = 50000 };

uint64_t rig_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Returns the time of the play: zero until it begins, and stopped when the clock's file says so. */
uint64_t rig_play_us(void *self)
{
    const struct rig *rig = self;
    uint64_t us = rig->began_us == 0 ? 0 : rig_monotonic_us() - rig->began_us - rig->stood_us;
    return us < rig->stands_at_us ? us : rig->stands_at_us;
}

/* Asks the admin socket; if the gcxvm has ended, its successor is asked. NULL: nobody, or refused. */
json_t *rig_ask_core(struct rig *rig, const char *command, const char *conn)
{
    struct error why = {0};
    json_t *answer = !rig->admin ? NULL : admin_ask(rig->admin, command, conn, &why);
    if (answer || why.code == ERROR_STATE || !rig->options.admin) return answer;
    admin_close(rig->admin);
    rig->admin = admin_connect(rig->options.admin, &why);
    return !rig->admin ? NULL : admin_ask(rig->admin, command, conn, &why);
}

/* Sets the timer for the next look: when something is due, and from time to time. The world knows when its events
 * are due, but the core and the clock's file give no notice: so it looks at least every POLL_US. */
void rig_arm(struct rig *rig)
{
    uint64_t pause = POLL_US;
    if (rig->stage == STAGE_PLAY) {
        uint64_t next = world_next(rig->world), other = switch_next(rig->sw), now_us = rig_play_us(rig);
        next = other < next ? other : next;
        if (now_us < rig->stands_at_us) pause = next <= now_us ? 0 : next - now_us < pause ? next - now_us : pause;
    }
    const struct timeval wait = {.tv_sec = (time_t)(pause / 1000000), .tv_usec = (suseconds_t)(pause % 1000000)};
    evtimer_add(rig->timer, &wait);
}

/* ---- what the core knows of calls ---- */

/* Asks for the interaction of that ConnID when it has ended, or at the latest after ten seconds; a new reference,
 * NULL: not known. The switch knows that a call is gone before the core does, whose strategy may still attach data.
 * If the play was given up it does not wait, as its calls continue. */
static json_t *rig_ask_until_ended(struct rig *rig, const char *conn)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    for (unsigned tries = rig->failed ? 0 : ENDED_TRIES;; tries--) {
        json_t *answer = rig_ask_core(rig, "interaction", conn);
        const char *state = json_string_value(json_object_get(json_object_get(answer, "interaction"), "state"));
        if (!state || strcmp(state, "ended") == 0 || tries == 0) return answer;
        json_decref(answer);
        event_base_loop(rig->base, EVLOOP_NONBLOCK); /* meanwhile messages of the switch that still wait are sent */
        nanosleep(&pause, NULL);
    }
}

/* Converts a time of the core to a time of the play, relative to the call's arrival. */
static uint64_t play_time(struct rig *rig, uint32_t arrival, json_int_t arrived_us, json_int_t at_us)
{
    assert(arrival < world_arrivals(rig->world));
    uint64_t since_us = at_us > arrived_us ? (uint64_t)(at_us - arrived_us) : 0;
    return world_expected(rig->world)[arrival].at_us + since_us;
}

/* Adds to the trace which virtual queues the arrival joined; repeated decisions while it waits in one count once. */
static void told_joined(struct rig *rig, uint32_t arrival, json_int_t arrived_us)
{
    json_t *answer = rig_ask_core(rig, "trace", rig->conns[arrival]), *decision;
    json_int_t before_us = -1;
    const char *before = "";
    size_t index;
    json_array_foreach(json_object_get(answer, "decisions"), index, decision)
    {
        const char *vq = json_string_value(json_object_get(decision, "vq"));
        json_int_t at_us = json_integer_value(json_object_get(decision, "at_us"));
        json_int_t entered_us = at_us - json_integer_value(json_object_get(decision, "waited_us"));
        bool again = before_us >= 0 && entered_us < before_us + SAME_VISIT_US && vq && strcmp(vq, before) == 0;
        if (vq && !again) {
            trace_happened(rig->trace, play_time(rig, arrival, arrived_us, entered_us), arrival, "joined", "vq", vq,
                           NULL);
        }
        before_us = at_us;
        before = !vq ? "" : vq;
    }
    json_decref(answer);
}

/* The ends that the core reports, too: each has a bit. */
static const char *const told_ends[] = {"stopped", "failed"};

static unsigned rig_end_of(const char *name)
{
    unsigned end = 0;
    while (end < sizeof told_ends / sizeof *told_ends && strcmp(told_ends[end], name) != 0) end++;
    return end < sizeof told_ends / sizeof *told_ends ? 1u << end : 0;
}

/* Returns for each arrival which of the ends known to the core the switch has reported, too. */
static uint8_t *rig_ends_told(const struct rig *rig)
{
    static_assert(sizeof told_ends / sizeof *told_ends <= 8, "a bit of a byte each");
    uint32_t arrivals = world_arrivals(rig->world);
    uint8_t *told = memory_zeroed(arrivals + 1u, sizeof *told);
    for (size_t i = 0; i < trace_count(rig->trace); i++) {
        const struct trace_event *h = trace_at(rig->trace, i);
        if (h->arrival < arrivals) told[h->arrival] |= (uint8_t)rig_end_of(h->name);
    }
    return told;
}

/* Adds to the trace which virtual queues each arrival joined and how it ended, which only the core knows. */
static void rig_told_by_core(struct rig *rig)
{
    uint8_t *told = rig_ends_told(rig);
    for (uint32_t a = 0; a < world_arrivals(rig->world); a++) {
        json_t *answer = rig->conns[a][0] == '\0' ? NULL : rig_ask_until_ended(rig, rig->conns[a]);
        json_t *row = json_object_get(answer, "interaction");
        const char *outcome = json_string_value(json_object_get(row, "outcome"));
        json_int_t arrived_us = json_integer_value(json_object_get(row, "arrived_us"));
        json_int_t changed_us = json_integer_value(json_object_get(row, "changed_us"));
        if (row) told_joined(rig, a, arrived_us);
        /* If there was no call to be hung up or routed, the switch has not reported the end. */
        unsigned end = outcome ? rig_end_of(outcome) : 0;
        if (end != 0 && (told[a] & end) == 0)
            trace_happened(rig->trace, play_time(rig, a, arrived_us, changed_us), a, outcome, NULL, NULL, NULL);
        json_decref(answer);
    }
    free(told);
    trace_sort(rig->trace);
}

bool rig_core_calls_back(struct rig *rig)
{
    uint64_t now_us = rig_monotonic_us();
    if (!rig->options.admin) return false;
    /* The core's last answer may be older than a booking, so while it is used the play goes on if the world is done. */
    if (rig->asked_us != 0 && now_us - rig->asked_us < ASK_EVERY_US) return rig->calls_back || world_done(rig->world);
    rig->asked_us = now_us;
    json_t *status = rig_ask_core(rig, "status", NULL);
    /* A core that was killed may have booked a call-back; its successor finds it in the journal, and reports it. */
    if (!status)
        return rig->calls_back || now_us - (rig->answered_us ? rig->answered_us : rig->began_us) < SUCCESSOR_US;
    rig->answered_us = now_us;
    bool somebody = json_integer_value(json_object_get(status, "bookings")) > 0;
    if (!somebody && world_keeps(rig->world))
        somebody = json_integer_value(json_object_get(status, "interactions")) > 0;
    json_decref(status);
    /* Between the end of the booking and the call at the switch the core shows neither. */
    if (somebody) rig->booked_us = now_us;
    rig->calls_back = somebody || (rig->booked_us != 0 && now_us - rig->booked_us < DIALS_US);
    return rig->calls_back;
}

/* Sends a signal; its arguments are texts, as a person would type them; the core converts them to the types that the
 * site declares. */
void rig_hands_signal(void *self, uint32_t arrival, const char *name, json_t *data)
{
    struct rig *rig = self;
    json_t *brings = json_array(), *value;
    const char *key;
    struct error why = {0};
    json_object_foreach(data, key, value)
    {
        char room[64];
        const char *text = value_said(value, room);
        if (json_is_null(value)) continue; /* an argument left out is none */
        if (text)
            json_array_append_new(brings, json_sprintf("%s=%s", key, text));
        else
            world_problem(rig->world, 0, "signal %s: its value of %s cannot be said over the wire", name, key);
    }
    json_t *more = json_pack("{s:s, s:o}", "name", name, "brings", brings);
    json_t *answer = !rig->admin ? NULL : admin_ask_with(rig->admin, "signal", rig->conns[arrival], more, &why);
    if (!answer)
        world_problem(rig->world, 0, "signal %s: %s", name, why.text[0] != '\0' ? why.text : "there is no --admin");
    json_decref(more);
    json_decref(answer);
}

/* ---- the directory ---- */

/* The directory's file was edited: makes gcxvm read it again, as after any edit. */
static void rig_core_edited(struct rig *rig, bool good, struct error *why)
{
    json_t *answer = good && rig->admin ? admin_ask(rig->admin, "reload", NULL, why) : NULL;
    if (!answer)
        world_problem(rig->world, 0, "the directory: %s", why->text[0] != '\0' ? why->text : "there is no --admin");
    json_decref(answer);
}

static bool has_file(struct rig *rig)
{
    if (!rig->options.directory)
        world_problem(rig->world, 0, "the test changes the directory: --directory has to name gcxvm's file");
    return rig->options.directory != NULL;
}

void rig_hands_learn(void *self, uint32_t agent, const struct scenario_agent *before, const struct scenario_agent *now)
{
    struct rig *rig = self;
    struct error why = {0};
    (void)before;
    if (has_file(rig))
        rig_core_edited(rig, sheets_learn(rig->options.directory, &rig->plan->agents[agent], now, &why), &why);
}

void rig_hands_setting(void *self, enum item_kind kind, const struct scenario_setting *setting, bool over)
{
    struct rig *rig = self;
    struct error why = {0};
    if (has_file(rig))
        rig_core_edited(rig, sheets_change(rig->options.directory, kind == ITEM_TABLE, setting, over, &why), &why);
}

/* ---- checking the expectations of a test ---- */

enum { GRACE_US = 500000 };

static json_t *rig_final_data(void *self, uint32_t arrival)
{
    struct rig *rig = self;
    json_t *answer = rig->conns[arrival][0] == '\0' ? NULL : rig_ask_until_ended(rig, rig->conns[arrival]);
    json_t *data = json_incref(json_object_get(answer, "data"));
    json_decref(answer);
    return data;
}

static json_t *rig_vq_measure(void *self, const char *vq, const char *name)
{
    struct rig *rig = self;
    json_t *answer = rig_ask_core(rig, "queues", NULL), *row, *found = NULL;
    size_t index;
    json_array_foreach(json_object_get(answer, "queues"), index, row)
    {
        const char *is = json_string_value(json_object_get(row, "name"));
        if (is && strcmp(is, vq) == 0) found = json_incref(json_object_get(row, expect_measure_name(name)));
    }
    json_decref(answer);
    return found;
}

static json_t *rig_counted(void *self, const char *name, const char *key)
{
    json_t *answer = rig_ask_core(self, "counters", NULL), *row, *found = NULL;
    size_t index;
    json_array_foreach(json_object_get(answer, "counters"), index, row)
    {
        const char *is = json_string_value(json_object_get(row, "name")),
                   *of = json_string_value(json_object_get(row, "key"));
        if (is && strcmp(is, name) == 0 && strcmp(!of ? "" : of, key) == 0)
            found = json_incref(json_object_get(row, "count"));
    }
    json_t *none = !answer || found ? NULL : json_integer(0);
    json_decref(answer);
    return found ? found : none;
}

unsigned rig_check(struct rig *rig, void (*failure)(void *self, uint32_t line, const char *text), void *self)
{
    uint64_t grace_us = rig->options.grace_us == 0 ? GRACE_US : rig->options.grace_us;
    struct expect_view view = {rig->trace,
                               world_expected(rig->world),
                               world_arrivals(rig->world),
                               rig,
                               rig_final_data,
                               rig_vq_measure,
                               rig_counted,
                               rig->test,
                               rig_play_us(rig),
                               grace_us,
                               NULL,
                               NULL};
    rig_told_by_core(rig);
    return world_judge(rig->world, &view, failure, self);
}
