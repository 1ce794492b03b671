/* runtime/sim/virtual.c - The virtual player: runs world, switch and core with a clock that jumps to the next event.
 *
 * The main loop (play_run) runs until everybody has come and gone and no interaction is left:
 *
 *     next_moment()        the earliest of world, switch, bridge and the core's timers: the clock jumps there
 *     simulated_advance()  the core's timers and the journal's answers; switch_advance(), bridge_advance() likewise
 *     play_settle()        reports become events, events batches, effects services, until nothing more happens
 *     world_advance()      then one deed of a caller or an agent after another, each followed by play_settle()
 *
 * Neither real time nor outside randomness is used, so a play can be repeated: a failed test is played again to
 * write its timeline. A play that loops at one moment, or never ends, counts as a failure of the test.
 *
 * How a report passes through the parts, within play_settle() at one moment:
 *
 *     world --hands--> switch --reports--> bridge --events--> partition, core
 *                                            ^                     |
 *                                            +------ effects ------+      each round may bring the next one
 *
 * Core and partition are those of gcxvm, only clock and wires are simulated; the bridge replaces the T-Server. So a
 * test that passes here shows how the real site behaves, and not just how a model does.
 *
 * A play owns all its parts (set_up, take_down); test, image and declared names belong to the caller and outlive it. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/twin.h"
#include "runtime/host/simulated.h"
#include "runtime/journal/partition.h"
#include "runtime/journal/batches.h"
#include "runtime/sim/bridge.h"
#include "runtime/sim/explain.h"
#include "runtime/sim/tests.h"
#include "runtime/sim/values.h"
#include "runtime/sim/viewed.h"
#include "runtime/sim/world.h"
#include "vm/image.h"
#include "vm/profile.h"

/* A play that runs longer than this by its own clock, after the last planned item, hangs. */
#define LONGEST_US (UINT64_C(30) * 86400 * 1000000)
enum { TURNS_MAX = 10 * 1000 }; /* turns of the core at one moment; more mean that a call loops without a pause */
enum {
    STEPS_MAX = 200 * 1000 * 1000,
    LIVE_MAX = 100 * 1000,
    RING_BYTES = 64 * 1024 * 1024,
    RING_EVENTS = 1024 * 1024,
    WHY_MAX = 1000
};

struct play {
    const struct scenario_test *test;
    const struct image *image;
    const struct sim_report *report;
    struct plan *plan;
    struct trace *trace;
    struct world *world;
    struct sim_switch *sw;
    struct happenings *happenings;
    struct bridge *bridge;
    struct batches *store;
    struct simulated *host;
    struct partition *partition;
    struct cover *cover;         /* or NULL */
    const struct sim_site *site; /* or NULL */
    uint32_t met;                /* the first arrival that met the forced event; NO_ARRIVAL: none has */
    struct teller teller;        /* used if the timeline is written and there is no cover */
    uint32_t failures;
    const struct sim_onlooker *onlooker; /* or NULL */
    const char *journal;                 /* the folder for the journal; NULL: it is not kept */
    bool hangs;                          /* at one moment */
    bool left;                           /* the onlooker has ended the play */
    bool told;                           /* failures and the timeline are written; false: failures are only counted */
};

static void play_fail(void *self, uint32_t line, const char *text)
{
    struct play *p = self;
    p->failures++;
    if (p->told) p->report->failure(p->report->self, p->test->file, line == 0 ? p->test->line : line, text);
}

/* ---- host ---- */

/* Appends a batch; the journal is only in memory unless a folder was given: the partition behaves the same either
 * way. */
static enum append_result on_append(void *self, uint64_t number, struct span batch)
{
    struct play *p = self;
    struct error error = {0};
    enum append_result result = batches_append(p->store, number, batch, &error);
    assert(result == APPEND_OK);
    return result;
}

static void on_appended(void *self, enum append_result result)
{
    struct play *p = self;
    bool good = partition_appended(p->partition, result);
    assert(good);
}

static void on_release(void *self, unsigned link, struct span frame)
{
    struct play *p = self;
    (void)link;
    bridge_perform(p->bridge, frame, simulated_now(p->host));
}

/* Makes space in the ring by a turn; this happens only while the directory is posted, which causes no answers and so
 * no recursion. */
static void on_full(void *self)
{
    struct play *p = self;
    partition_turn(p->partition);
    simulated_advance(p->host, simulated_now(p->host));
}

static const struct image *virtual_on_image(void *self, const uint8_t hash[CORE_HASH])
{
    struct play *p = self;
    return memcmp(image_hash(p->image), hash, CORE_HASH) == 0 ? p->image : NULL;
}

static void on_deciding(void *self, struct core *core, uint64_t ixn, struct span chosen, struct span vq)
{
    struct play *p = self;
    struct interaction_row row;
    uint32_t arrival = core_find(core, ixn, &row) ? bridge_arrival(p->bridge, row.conn) : NO_ARRIVAL;
    explain_decision(core, ixn, chosen, vq, p->trace, simulated_now(p->host), arrival);
}

static void on_ending(void *self, uint64_t ixn, struct span why)
{
    struct play *p = self;
    bridge_ending(p->bridge, ixn, why, simulated_now(p->host));
}

static struct expect_view view_of(void *self);

/* ---- the play ---- */

/* Collects the texts that the test expects a desktop to show. */
static void seek_texts(struct play *p)
{
    for (size_t i = 0; i < p->test->count; i++) {
        const struct scenario_item *item = &p->test->items[i];
        for (size_t e = 0; item->kind == ITEM_EXPECT && e < item->expect.count; e++) {
            const struct scenario_event *event = &item->expect.events[e];
            if (strcmp(event->name, "shown") == 0 && event->to) trace_seek(p->trace, event->to);
        }
    }
}

/* Returns N of GCX_TWIN=N: each N-th batch is also applied by a twin; 0: none. */
static unsigned long twin_every(void)
{
    const char *every = getenv("GCX_TWIN");
    return every ? strtoul(every, NULL, 10) : 0;
}

static void apply_twice(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    struct error error = {0};
    if (batch->number % twin_every() != 0) {
        core_apply(core, batch, sink);
    } else if (!twin_apply(core, batch, sink, &error)) {
        fprintf(stderr, "batch %llu: %s\n", (unsigned long long)batch->number, error.text);
        abort();
    }
}

/* Makes the parts in the order of their dependencies; take_down() frees them in reverse, also if only some were
 * made. */
static bool set_up(struct play *p, const struct world_declared *names, uint64_t seed, struct error *error)
{
    p->plan = plan_new(p->test, &names->lists, error);
    if (!p->plan) return false;
    p->trace = trace_new(p->onlooker ? &(struct trace_listener){p->onlooker->self, p->onlooker->line} : NULL);
    if (!p->told) trace_mute(p->trace);
    seek_texts(p);
    uint64_t first = (uint64_t)BRIDGE_LINK << 48 | (((uint64_t)p->test->start_us / 1000000 << 16) & 0xffffffffffff);
    p->bridge = bridge_new(p->plan, p->image, p->trace, first);
    struct world_hands hands = bridge_hands(p->bridge);
    hands.looks = view_of, hands.looker = p;
    if (p->onlooker) {
        hands.asks = p->onlooker->self;
        hands.asked = p->onlooker->asked;
    }
    p->world = world_new(p->test, p->plan, p->trace, &hands, &(struct world_options){0});
    p->sw = switch_new(&(struct switch_options){.self = p->world, .device = world_device, .dialled = world_dialled});
    plan_equip(p->plan, p->sw);
    world_begin(p->world, p->sw);
    p->happenings = happenings_new(p->plan, p->world, p->trace);
    p->store = p->journal ? batches_open_sqlite(p->journal, NULL, error) : batches_open_memory();
    if (!p->store) return false;
    p->host = simulated_new(&(struct simulated_options){.seed = seed,
                                                        .wall_us = p->test->start_us,
                                                        .self = p,
                                                        .append = on_append,
                                                        .appended = on_appended,
                                                        .release = on_release});
    struct partition_options options = {.core = {.partition = 1,
                                                 .secrets_stay = true,
                                                 .seed = seed,
                                                 .interactions_max = LIVE_MAX,
                                                 .image = virtual_on_image,
                                                 .self = p,
                                                 .deciding = p->told ? on_deciding : NULL,
                                                 .ending = on_ending},
                                        .epoch = 1,
                                        .ring_bytes = RING_BYTES,
                                        .ring_events = RING_EVENTS,
                                        .apply = twin_every() != 0 ? apply_twice : NULL};
    size_t length;
    const void *bytes = image_bytes(p->image, &length);
    if (!batches_put_image(p->store, image_hash(p->image), (struct span){bytes, (uint32_t)length}, error) ||
        !(p->partition = partition_open(&options, p->store, simulated_host(p->host), error)))
        return false;
    bridge_begin(p->bridge, p->partition, p->sw, p->world, p->happenings);
    bridge_on_full(p->bridge, on_full, p);
    if (p->site) bridge_hold(p->bridge, p->site);
    return true;
}

static void take_down(struct play *p)
{
    partition_free(p->partition);
    simulated_free(p->host);
    batches_close(p->store);
    bridge_free(p->bridge);
    happenings_free(p->happenings);
    switch_free(p->sw);
    world_free(p->world);
    trace_free(p->trace);
    plan_free(p->plan);
}

static void force_signal(struct play *p, const struct image_handler *handler, uint64_t now_us)
{
    char name[256];
    struct text text = image_text(p->image, handler->name);
    json_t *brings = cover_sample(p->image, handler);
    (void)snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
    world_do(p->world, p->met, &(struct scenario_caller){.signal = name, .data = brings}, now_us);
    json_decref(brings);
}

/* Causes the event that the cover requests at the core's present place. A cover can request that an event happens at
 * a wait point (cover.h). The core is there now, so the world causes the event at once, as a person would. */
static void virtual_force(struct play *p, uint64_t now_us)
{
    int32_t what = !p->cover ? 0 : cover_happens(p->cover);
    if (p->met == NO_ARRIVAL && p->cover) p->met = bridge_arrival_of_ixn(p->bridge, cover_forced(p->cover));
    if (what <= COVER_SIGNAL) {
        force_signal(p, image_handler(p->image, (uint32_t)(COVER_SIGNAL - what)), now_us);
    } else if (what != 0) {
        world_do(p->world, p->met,
                 &(struct scenario_caller){.hangs_up = what == COVER_ABANDONED,
                                           .transfers = what == COVER_TRANSFERRED,
                                           .main_hangs_up = what == COVER_MAIN_RELEASED},
                 now_us);
    }
}

/* Lets the core and everything around it work until nothing is left to do at this moment. Reports are handled before
 * the core, so that the core decides with everything that has happened at this moment. */
static void play_settle(struct play *p)
{
    uint64_t now_us = simulated_now(p->host);
    bool more = true;
    for (uint32_t turns = 0; more && !p->hangs; turns++) {
        p->hangs = turns == TURNS_MAX;
        virtual_force(p, now_us);
        more = bridge_hear(p->bridge, now_us);
        more = partition_turn(p->partition) || more;
        bridge_booked(p->bridge, now_us);
        if (simulated_due(p->host) <= now_us) {
            simulated_advance(p->host, now_us);
            more = true;
        }
    }
}

static uint64_t next_moment(const struct play *p)
{
    uint64_t next = simulated_due(p->host);
    const uint64_t others[] = {world_next(p->world), switch_next(p->sw), bridge_next(p->bridge)};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) next = others[i] < next ? others[i] : next;
    return next;
}

/* Returns how many interactions exist, are booked or are on a calling list. */
static uint64_t virtual_interactions(const struct play *p)
{
    struct core_status status;
    core_status(partition_core(p->partition), &status);
    return status.interactions + status.bookings + status.list_records + bridge_records_put_off(p->bridge);
}

/* Does the onlooker decide when the play ends? An onlooker does that if it has the callback `asked`. */
static bool play_stays(const struct play *p)
{
    return p->onlooker && p->onlooker->asked;
}

/* The play itself. Runs the play to its end, or until the onlooker ends it. */
static void play_run(struct play *p)
{
    bridge_open(p->bridge, image_hash(p->image), 0);
    play_settle(p);
    for (uint64_t steps = 0; !world_done(p->world) || virtual_interactions(p) > 0 || play_stays(p); steps++) {
        uint64_t next = next_moment(p), now_us = simulated_now(p->host);
        p->left = p->onlooker && !p->onlooker->goes_on(p->onlooker->self, next);
        if (p->left) return;
        if (next == UINT64_MAX || next > LONGEST_US || steps > STEPS_MAX || p->hangs) {
            bool waits = next == UINT64_MAX && !p->hangs;
            char round[200];
            if (p->hangs) explain_round(partition_core(p->partition), now_us, round, sizeof round);
            play_fail(p, 0,
                      p->hangs ? round
                      : waits  ? "somebody waits, and nothing will ever happen"
                               : "the test does not end");
            return;
        }
        now_us = next > now_us ? next : now_us;
        simulated_advance(p->host, now_us);
        switch_advance(p->sw, now_us);
        bridge_advance(p->bridge, now_us);
        play_settle(p);
        while (world_next(p->world) <= now_us && !p->hangs) {
            world_advance(p->world, now_us);
            play_settle(p);
        }
    }
}

/* ---- the results ---- */

static json_t *virtual_final_data(void *self, uint32_t arrival)
{
    struct play *p = self;
    struct kv data;
    uint64_t conn = bridge_last_ixn(p->bridge, arrival);
    if (conn == 0) conn = bridge_conn(p->bridge, arrival);
    kv_init(&data);
    json_t *object =
        conn != 0 && core_data(partition_core(p->partition), conn, &data) ? value_of_kv(kv_span(&data)) : NULL;
    const char *author = object ? bridge_author(p->bridge, arrival) : NULL;
    if (author) json_object_set_new(object, "author", json_string(author));
    kv_free(&data);
    return object;
}

/* Returns a measure from the core's counts, by the name that tests use. */
static json_t *virtual_vq_measure(void *self, const char *vq, const char *name)
{
    struct play *p = self;
    struct queue_row row;
    for (uint32_t i = 0; core_queue(partition_core(p->partition), i, &row); i++) {
        const struct {
            const char *name;
            uint64_t value;
        } measures[] = {{"entered", row.entered},     {"distributed", row.distributed},
                        {"abandoned", row.abandoned}, {"cleared", row.cleared},
                        {"waiting", row.waiting},     {"longest_wait_us", row.longest_wait_us},
                        {"wait_us", row.wait_us}};
        for (size_t m = 0; span_is(row.name, vq) && m < sizeof measures / sizeof measures[0]; m++)
            if (strcmp(measures[m].name, expect_measure_name(name)) == 0)
                return json_integer((json_int_t)measures[m].value);
    }
    return NULL;
}

static json_t *campaign_measure(void *self, const char *campaign, const char *name)
{
    struct play *p = self;
    struct campaign_row row;
    for (uint32_t i = 0; core_campaign(partition_core(p->partition), i, &row); i++) {
        const struct {
            const char *name;
            uint64_t value;
        } measures[] = {
            {"dialled", row.dialled}, {"answered", row.answered}, {"abandoned", row.abandoned}, {"failed", row.failed}};
        for (size_t m = 0; span_is(row.name, campaign) && m < sizeof measures / sizeof measures[0]; m++)
            if (strcmp(measures[m].name, name) == 0) return json_integer((json_int_t)measures[m].value);
    }
    return NULL;
}

static json_t *virtual_counted(void *self, const char *name, const char *key)
{
    const struct play *p = self;
    uint64_t count;
    core_counter_named(partition_core(p->partition), span_of(name), span_of(key), &count);
    return json_integer((json_int_t)count);
}

static json_t *virtual_shown(void *self, const char *view, const char *whose, const char *column)
{
    const struct play *p = self;
    return viewed_column(partition_core(p->partition), view, whose, column);
}

static struct expect_view view_of(void *self)
{
    struct play *p = self;
    return (struct expect_view){p->trace,
                                world_expected(p->world),
                                world_arrivals(p->world),
                                p,
                                virtual_final_data,
                                virtual_vq_measure,
                                virtual_counted,
                                p->test,
                                simulated_now(p->host),
                                0,
                                campaign_measure,
                                virtual_shown};
}

static void play_check(struct play *p)
{
    struct expect_view view = view_of(p);
    bridge_finish(p->bridge);
    (void)world_judge(p->world, &view, play_fail, p);
}

static uint64_t seed_of(const struct scenario_test *test, const struct sim_options *options)
{
    uint64_t seed = test->seed != 0 ? test->seed : options->seed;
    for (size_t i = 0; i < test->count; i++) seed = test->items[i].kind == ITEM_SEED ? test->items[i].seed.value : seed;
    return seed;
}

struct part { /* what is the same for every play of a test */
    const struct scenario_test *test;
    const struct image *image;
    const struct world_declared *names;
    const struct sim_options *options;
    const struct sim_report *report;
};

/* Plays once; `told`: with timeline and reasons of failures. True where it passed. */
static bool play_once(const struct part *part, bool told)
{
    struct play p = {.test = part->test,
                     .image = part->image,
                     .report = part->report,
                     .onlooker = part->options->onlooker,
                     .journal = part->options->journal,
                     .site = part->options->site,
                     .met = NO_ARRIVAL,
                     .told = told};
    struct error error = {0};
    char became[WHY_MAX] = "";
    if (set_up(&p, part->names, seed_of(p.test, part->options), &error)) {
        p.cover = part->options->cover;
        if (p.onlooker) {
            core_watch(partition_core(p.partition), p.onlooker->watch);
            p.onlooker->begins(p.onlooker->self, partition_core(p.partition));
        } else if (p.cover) {
            core_watch(partition_core(p.partition), cover_watch(p.cover));
        } else if (part->options->profile) {
            core_profile(partition_core(p.partition), part->options->profile);
        } else if (told) {
            teller_init(&p.teller, p.image, p.trace, p.host);
            core_watch(partition_core(p.partition), &p.teller.watch);
        }
        play_run(&p);
        if (part->options->profile) profile_end(part->options->profile);
        if (!p.left) play_check(&p);
        struct expect_view view = view_of(&p);
        expect_became(&view, p.met == NO_ARRIVAL ? 0 : p.met, became, sizeof became);
    } else {
        play_fail(&p, 0, error.text);
    }
    bool last = told || p.failures == 0 || part->options->brief;
    struct sim_result result = {.name = p.test->name,
                                .file = p.test->file,
                                .line = p.test->line,
                                .failures = p.failures,
                                .virtual_us = !p.host ? 0 : simulated_now(p.host),
                                .became = became,
                                .interactions = !p.world ? 0 : world_interactions(p.world),
                                .timeline = told && p.trace ? trace_timeline(p.trace) : NULL};
    if (last && !p.left) part->report->result(part->report->self, &result);
    take_down(&p);
    return p.failures == 0;
}

/* Plays a test, first without a timeline, which is faster; if it fails, it is played again with one, with the same
 * course. */
static bool virtual_play_test(const struct scenario_test *test, const struct image *image,
                              const struct world_declared *names, const struct sim_options *options,
                              const struct sim_report *report)
{
    struct part part = {test, image, names, options, report};
    if (options->verbose || options->onlooker) return play_once(&part, true);
    bool passed = play_once(&part, false);
    if (passed || options->brief) return passed;
    struct sim_options again = *options;
    again.cover = NULL; /* the second play counts nothing, as the first one has been counted */
    again.profile = NULL;
    part.options = &again;
    return play_once(&part, true);
}

struct cover *sim_tests_cover(const struct sim_tests *tests)
{
    return cover_new(tests->image);
}

bool sim_play(const struct sim_tests *tests, uint32_t index, const struct sim_options *options,
              const struct sim_report *report)
{
    assert(index < tests->scenario->count);
    return virtual_play_test(&tests->scenario->tests[index], tests->image, &tests->names, options, report);
}
