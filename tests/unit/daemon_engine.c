/* tests/unit/daemon_engine.c - Two threads around a partition: what is posted is applied, durable, told, and found
 * again. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/state.h"
#include "runtime/core/read/read.h"
#include "runtime/daemon/engine/engine.h"
#include "runtime/daemon/engine/eventlog.h"
#include "runtime/host/real.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/batches_kind.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/semantics.h"
#include "tests/unit/vm_sample.h"

enum { LINK = SOURCE_LINKS };

struct world {
    struct batches *store;
    struct log *log;
    struct engine *engine;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t committed[256];
    unsigned effects, failures;
    bool crowded; /* nobody takes what leaves */
};

static void on_effect(void *self, unsigned link, struct span frame)
{
    struct world *world = self;
    (void)link;
    (void)frame;
    pthread_mutex_lock(&world->lock);
    world->effects++;
    pthread_cond_signal(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

static void on_committed(void *self, unsigned source, uint64_t seq)
{
    struct world *world = self;
    pthread_mutex_lock(&world->lock);
    world->committed[source] = seq;
    pthread_cond_signal(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

static void on_room(void *self)
{
    (void)self;
}

static bool is_crowded(void *self)
{
    struct world *world = self;
    pthread_mutex_lock(&world->lock);
    bool crowded = world->crowded;
    pthread_mutex_unlock(&world->lock);
    return crowded;
}

static void on_failed(void *self, const char *why)
{
    struct world *world = self;
    (void)why;
    pthread_mutex_lock(&world->lock);
    world->failures++;
    pthread_cond_signal(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

static const struct image *no_image(void *self, const uint8_t hash[CORE_HASH])
{
    (void)self;
    (void)hash;
    return NULL;
}

static void open_engine(struct world *world)
{
    struct error error;
    struct engine_options options = {.core = {.partition = 1, .seed = 1, .interactions_max = 100, .image = no_image},
                                     .store = world->store,
                                     .log = world->log,
                                     .effect = on_effect,
                                     .committed = on_committed,
                                     .room = on_room,
                                     .failed = on_failed,
                                     .crowded = is_crowded,
                                     .self = world};
    world->engine = engine_new(&options, &error);
    cr_assert_not_null(world->engine, "%s", error.text);
    engine_start(world->engine);
}

static void close_engine(struct world *world)
{
    engine_stop(world->engine);
    engine_free(world->engine);
}

static void world_open(struct world *world)
{
    *world = (struct world){.log = log_new(&(struct log_options){.fd = STDERR_FILENO, .level = LOG_LEVEL_ERROR}),
                            .store = batches_open_memory()};
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->changed, NULL);
    open_engine(world);
}

static void await_commit(struct world *world, unsigned source, uint64_t seq)
{
    pthread_mutex_lock(&world->lock);
    while (world->committed[source] < seq) pthread_cond_wait(&world->changed, &world->lock);
    pthread_mutex_unlock(&world->lock);
}

/* A directory of one agent; returns the number of its commit. */
static uint64_t post_directory(struct world *world, const char *agent)
{
    struct writer writer;
    struct kv row;
    uint64_t seq;
    writer_init(&writer);
    kv_init(&row);
    kv_put_text(&row, "name", span_of(agent));
    writer_begin(&writer, KIND_DirectoryRow);
    writer_u(&writer, DirectoryRow_version, 1);
    writer_u(&writer, DirectoryRow_table, table_agent);
    writer_text(&writer, DirectoryRow_key, agent);
    writer_kv(&writer, DirectoryRow_row, &row);
    engine_post(world->engine, SOURCE_ADMIN, writer_end(&writer));
    writer_clear(&writer);
    writer_begin(&writer, KIND_DirectoryCommit);
    writer_u(&writer, DirectoryCommit_version, 1);
    seq = engine_post(world->engine, SOURCE_ADMIN, writer_end(&writer));
    kv_free(&row);
    writer_free(&writer);
    return seq;
}

static void count_agents(void *self, struct core *core)
{
    struct agent_row row;
    uint32_t *count = self;
    while (core_agent(core, *count, &row)) ++*count;
}

Test(daemon_engine, what_is_posted_is_applied_and_told_when_it_is_durable, .timeout = 20)
{
    struct world world;
    uint32_t agents = 0;
    world_open(&world);
    await_commit(&world, SOURCE_ADMIN, post_directory(&world, "marie"));
    engine_read(world.engine, count_agents, &agents);
    cr_expect_eq(agents, 1);
    close_engine(&world);
    cr_expect_eq(world.failures, 0);
    batches_close(world.store);
    log_free(world.log);
}

Test(daemon_engine, the_next_engine_goes_on_where_the_journal_ends, .timeout = 20)
{
    struct world world;
    uint32_t agents = 0;
    uint64_t first, second;
    world_open(&world);
    first = post_directory(&world, "marie");
    close_engine(&world); /* what was posted is made durable first */
    open_engine(&world);
    cr_expect_eq(engine_epoch(world.engine), 2);
    engine_read(world.engine, count_agents, &agents);
    cr_expect_eq(agents, 1);
    second = post_directory(&world, "paul");
    cr_expect_eq(second, first + 2, "numbers go on");
    await_commit(&world, SOURCE_ADMIN, second);
    close_engine(&world);
    batches_close(world.store);
    log_free(world.log);
}

Test(daemon_engine, a_link_is_told_what_of_its_is_durable, .timeout = 20)
{
    struct world world;
    struct writer writer, stamped;
    struct span frame;
    world_open(&world);
    writer_init(&writer);
    writer_init(&stamped);
    writer_begin(&writer, KIND_LinkUp);
    writer_u(&writer, LinkUp_link, LINK);
    writer_text(&writer, LinkUp_name, "tserver");
    engine_name_link(world.engine, LINK, "tserver");
    engine_post(world.engine, SOURCE_HOST, writer_end(&writer));
    for (uint64_t seq = 1; seq <= 500; seq++) {
        writer_clear(&writer);
        writer_clear(&stamped);
        writer_begin(&writer, KIND_EventDN);
        writer_text(&writer, EventDN_dn, "7001");
        writer_u(&writer, EventDN_type, dn_type_extension);
        writer_u(&writer, EventDN_state, seq % 2 == 0 ? dn_state_in : dn_state_out);
        frame = writer_stamp(&stamped, writer_end(&writer), LINK, seq);
        cr_expect(engine_post_link(world.engine, frame, PACE_AWAITED, 0));
    }
    await_commit(&world, LINK, 500);
    writer_free(&writer);
    writer_free(&stamped);
    close_engine(&world);
    batches_close(world.store);
    log_free(world.log);
}

Test(daemon_engine, an_image_is_durable_when_its_caller_goes_on, .timeout = 20)
{
    struct world world;
    uint8_t hash[32];
    struct span bytes;
    struct error error;
    world_open(&world);
    memset(hash, 7, sizeof hash);
    cr_expect(engine_put_image(world.engine, hash, span_of("an image"), &error), "%s", error.text);
    cr_expect(batches_get_image(world.store, hash, &bytes, &error));
    cr_expect(span_is(bytes, "an image"));
    close_engine(&world);
    batches_close(world.store);
    log_free(world.log);
}

static struct span numbered(struct writer *writer, uint64_t seq)
{
    struct writer once;
    writer_init(&once);
    writer_begin(&once, KIND_EventAgentState);
    writer_text(&once, EventAgentState_agent, "marie");
    writer_clear(writer);
    struct span frame = writer_stamp(writer, writer_end(&once), LINK, seq);
    writer_free(&once);
    return frame;
}

static void set_crowded(struct world *world, bool crowded)
{
    pthread_mutex_lock(&world->lock);
    world->crowded = crowded;
    pthread_mutex_unlock(&world->lock);
    engine_stir(world->engine);
}

Test(daemon_engine, while_nobody_takes_what_leaves_no_batch_is_made, .timeout = 20)
{
    struct world world;
    struct writer writer;
    struct engine_load load;
    uint32_t agents = 0;
    world_open(&world);
    writer_init(&writer);
    cr_assert(engine_post_link(world.engine, numbered(&writer, 1), PACE_AWAITED, 0));
    await_commit(&world, LINK, 1);
    set_crowded(&world, true);
    cr_assert(engine_post_link(world.engine, numbered(&writer, 2), PACE_AWAITED, 0));
    do engine_load(world.engine, &load);
    while (load.lag_us < 100000);
    cr_assert_eq(load.ring_events, 1);
    engine_read(world.engine, count_agents, &agents); /* it is still there for who looks */
    cr_assert_eq(world.committed[LINK], 1);
    set_crowded(&world, false);
    await_commit(&world, LINK, 2);
    do engine_load(world.engine, &load);
    while (load.lag_us != 0); /* what was measured says nothing of now after a while */
    set_crowded(&world, true);
    cr_assert(engine_post_link(world.engine, numbered(&writer, 3), PACE_AWAITED, 0));
    close_engine(&world); /* at the end all becomes durable */
    cr_assert_eq(world.committed[LINK], 3);
    batches_close(world.store);
    log_free(world.log);
    writer_free(&writer);
}

static void wait_us(uint64_t us)
{
    struct timespec rest = {.tv_nsec = (long)us * 1000};
    nanosleep(&rest, NULL);
}

Test(daemon_engine, events_that_nobody_awaits_share_batches, .timeout = 20)
{
    enum { MANY = 40 };
    struct world world;
    struct writer writer;
    struct engine_load load;
    world_open(&world);
    writer_init(&writer);
    for (uint64_t seq = 1; seq <= MANY; seq++) {
        cr_assert(engine_post_link(world.engine, numbered(&writer, seq), PACE_SOON, 0));
        wait_us(300);
    }
    await_commit(&world, LINK, MANY); /* the last ones go, too, though nothing comes after them */
    engine_load(world.engine, &load);
    cr_expect_leq(load.batches, MANY / 2, "%llu batches", (unsigned long long)load.batches);
    close_engine(&world);
    batches_close(world.store);
    log_free(world.log);
    writer_free(&writer);
}

/* Two batches that are spaced would always take longer; here a pair on a machine that is busy may, and not all. */
Test(daemon_engine, a_message_waits_for_no_other, .timeout = 20)
{
    struct world world;
    struct writer writer;
    uint64_t seq = 0, began_us;
    world_open(&world);
    writer_init(&writer);
    do {
        began_us = host_monotonic_us();
        for (int one = 0; one < 2; one++) {
            cr_assert(engine_post_link(world.engine, numbered(&writer, ++seq), PACE_NOW, 0));
            await_commit(&world, LINK, seq);
        }
    } while (host_monotonic_us() - began_us >= 1500);
    close_engine(&world);
    batches_close(world.store);
    log_free(world.log);
    writer_free(&writer);
}

/* A store whose appends wait while it is shut. */
struct gated {
    struct batches *store; /* has what is appended */
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool shut;
};

static void gate_set(struct gated *gated, bool shut)
{
    pthread_mutex_lock(&gated->lock);
    gated->shut = shut;
    pthread_cond_signal(&gated->opened);
    pthread_mutex_unlock(&gated->lock);
}

static enum append_result gated_append(void *self, uint64_t number, struct span batch, bool *gave_up,
                                       struct error *error)
{
    struct gated *gated = self;
    (void)gave_up;
    pthread_mutex_lock(&gated->lock);
    while (gated->shut) pthread_cond_wait(&gated->opened, &gated->lock);
    pthread_mutex_unlock(&gated->lock);
    return batches_append(gated->store, number, batch, error);
}

static bool gated_read(void *self, uint64_t number, struct span *batch, struct error *error)
{
    struct gated *gated = self;
    return batches_read(gated->store, number, batch, error);
}

static bool gated_get_image(void *self, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    struct gated *gated = self;
    return batches_get_image(gated->store, hash, bytes, error);
}

static void gated_close(void *self)
{
    struct gated *gated = self;
    batches_close(gated->store);
}

static void await_batches(struct world *world, uint64_t count)
{
    struct engine_load load;
    do engine_load(world->engine, &load);
    while (load.batches < count);
}

Test(daemon_engine, a_timer_that_is_due_while_the_journal_is_slow_comes_after_it, .timeout = 20)
{
    enum { GRACE_US = 1000000 }; /* the core takes no shorter one */
    static const struct batches_kind kind = {
        .append = gated_append, .read = gated_read, .get_image = gated_get_image, .close = gated_close};
    struct gated gated = {.store = batches_open_memory()};
    struct world world = {.log = log_new(&(struct log_options){.fd = STDERR_FILENO, .level = LOG_LEVEL_ERROR}),
                          .store = batches_new(&kind, &gated, 0, 0, NULL)};
    struct writer writer;
    struct engine_load load;
    pthread_mutex_init(&gated.lock, NULL);
    pthread_cond_init(&gated.opened, NULL);
    pthread_mutex_init(&world.lock, NULL);
    pthread_cond_init(&world.changed, NULL);
    open_engine(&world);
    await_commit(&world, SOURCE_ADMIN, post_directory(&world, "marie"));
    writer_init(&writer);
    writer_begin(&writer, KIND_LinkUp);
    writer_u(&writer, LinkUp_link, LINK);
    writer_text(&writer, LinkUp_name, "switch");
    writer_i(&writer, LinkUp_grace, GRACE_US);
    engine_post(world.engine, SOURCE_HOST, writer_end(&writer));
    await_commit(&world, SOURCE_ADMIN, post_directory(&world, "paul"));
    gate_set(&gated, true);
    engine_load(world.engine, &load);
    writer_clear(&writer);
    writer_begin(&writer, KIND_LinkDown);
    writer_u(&writer, LinkDown_link, LINK);
    engine_post(world.engine, SOURCE_HOST, writer_end(&writer));
    await_batches(&world, load.batches + 1);
    cr_assert(engine_post_link(world.engine, numbered(&writer, 1), PACE_AWAITED, 0));
    await_batches(&world, load.batches + 2); /* more are not made ahead of the disk */
    wait_us(GRACE_US + 200000);
    gate_set(&gated, false);
    await_batches(&world, load.batches + 3); /* the grace is over */
    close_engine(&world);
    batches_close(world.store);
    log_free(world.log);
    writer_free(&writer);
}

/* A log into a pipe, which the test reads when all is over. */
static struct log *log_into(int fd)
{
    return log_new(&(struct log_options){.fd = fd, .level = LOG_LEVEL_INFO});
}

static struct span of_link(struct writer *writer, unsigned kind, unsigned link, uint64_t seq)
{
    struct writer once;
    writer_init(&once);
    writer_begin(&once, kind);
    if (kind == KIND_EventAgentState) writer_text(&once, EventAgentState_agent, "marie");
    writer_clear(writer);
    struct span frame = writer_stamp(writer, writer_end(&once), link, seq);
    writer_free(&once);
    return frame;
}

Test(daemon_engine, what_the_core_refuses_or_has_had_keeps_no_other_event_from_the_log, .timeout = 20)
{
    struct world world;
    struct writer writer;
    int ends[2];
    char text[4096];
    cr_assert_eq(pipe(ends), 0);
    world_open(&world);
    close_engine(&world);
    log_free(world.log);
    world.log = log_into(ends[1]);
    open_engine(&world);
    writer_init(&writer);
    cr_assert(engine_post_link(world.engine, of_link(&writer, KIND_DirectoryCommit, LINK, 1), PACE_AWAITED,
                               0)); /* not a link's */
    cr_assert(engine_post_link(world.engine, of_link(&writer, KIND_EventAgentState, 200, 1), PACE_AWAITED,
                               0)); /* no such link */
    cr_assert(engine_post_link(world.engine, of_link(&writer, KIND_EventAgentState, LINK, 2), PACE_AWAITED, 0));
    cr_assert(engine_post_link(world.engine, of_link(&writer, KIND_EventAgentState, LINK, 2), PACE_AWAITED,
                               0)); /* repeated */
    await_commit(&world, SOURCE_ADMIN, post_directory(&world, "anne"));
    close_engine(&world);
    log_free(world.log);
    ssize_t length = read(ends[0], text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    cr_expect_not_null(strstr(text, "agent=marie"), "%s", text);
    cr_expect_not_null(strstr(text, "DirectoryCommit version=1"), "%s", text);
    close(ends[0]);
    close(ends[1]);
    batches_close(world.store);
    writer_free(&writer);
}

/* A second passes, with so many faults of conditions in it. */
static void second(struct core *core, uint64_t number, const struct image *image, unsigned faults)
{
    struct batch batch = {.partition = 1,
                          .epoch = 1,
                          .number = number,
                          .semantics = SEMANTICS_NUMBER,
                          .time_us = number * SECOND,
                          .digest_before = core_digest(core)};
    core_apply(core, &batch, NULL);
    while (faults-- > 0)
        fact_tell(core->facts, &(struct fact){.what = FACT_condition_failed, .value = FAULT_DIVISION, .image = image});
}

Test(daemon_engine, faults_of_conditions_are_told_once_a_minute, .timeout = 20)
{
    int ends[2];
    char text[4096];
    struct sample sample;
    struct image *image = sample_image(&sample);
    struct core *core = core_new(&(struct core_options){.partition = 1, .seed = 1, .interactions_max = 1});
    cr_assert_eq(pipe(ends), 0);
    struct log *log = log_into(ends[1]);
    struct eventlog *eventlog = eventlog_new(log);
    second(core, 1, image, 2); /* replayed */
    eventlog_faults(eventlog, core);
    for (uint64_t at = 2; at < 64; at++) {
        second(core, at, image, at < 12 ? 3 : 0);
        eventlog_faults(eventlog, core);
    }
    log_free(log);
    ssize_t length = read(ends[0], text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    const char *first = strstr(text, "had a fault: division by zero; faults since the last such line: 3\n");
    cr_assert_not_null(first, "%s", text);
    const char *later = strstr(first + 1, "had a fault");
    cr_assert_not_null(later, "%s", text);
    cr_expect_not_null(strstr(later, "line: 27\n"), "%s", text);
    cr_expect_null(strstr(later + 1, "had a fault"), "%s", text);
    eventlog_free(eventlog);
    core_free(core);
    image_free(image);
    close(ends[0]);
    close(ends[1]);
}

static void link_says(struct world *world, unsigned kind, unsigned link, int64_t grace_us)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, kind);
    writer_u(&writer, kind == KIND_LinkUp ? LinkUp_link : LinkDown_link, link);
    if (kind == KIND_LinkUp) writer_i(&writer, LinkUp_grace, grace_us);
    engine_post_now(world->engine, writer_end(&writer));
    writer_free(&writer);
}

/* Logical time of the last batch that has such an event. */
static uint64_t batch_time_of(const struct world *world, unsigned kind)
{
    uint64_t time_us = 0;
    struct span bytes;
    for (uint64_t number = 1; batches_read(world->store, number, &bytes, NULL); number++) {
        struct batch batch;
        struct message message;
        uint8_t hash[CORE_HASH];
        cr_assert(batch_decode(&batch, bytes, hash, NULL));
        for (uint32_t at = 0; at < batch.events.length; at += message.frame.length) {
            const uint8_t *frame = batch.events.bytes + at;
            cr_assert(message_read(&message, frame, message_frame_size(frame, batch.events.length - at), NULL));
            if (message.kind == kind) time_us = batch.time_us;
        }
    }
    return time_us;
}

/* The core stands still with a timer that is due. The ring is full, and what comes then waits behind it. */
Test(daemon_engine, what_waits_for_room_keeps_its_moment, .timeout = 60)
{
    enum { GRACE_US = 1000000, STILL_US = 1700000 };
    struct world world;
    struct writer writer;
    struct engine_load load = {0};
    world_open(&world);
    writer_init(&writer);
    link_says(&world, KIND_LinkUp, LINK, GRACE_US);
    link_says(&world, KIND_LinkDown, LINK, 0);
    await_commit(&world, SOURCE_ADMIN, post_directory(&world, "marie"));
    set_crowded(&world, true);
    while (load.backlog_bytes == 0) {
        writer_clear(&writer);
        writer_begin(&writer, KIND_Intake);
        engine_post(world.engine, SOURCE_HOST, writer_end(&writer));
        engine_load(world.engine, &load);
    }
    for (uint64_t began_us = host_monotonic_us(); host_monotonic_us() < began_us + STILL_US;) wait_us(1000);
    link_says(&world, KIND_LinkDown, LINK, 0);
    set_crowded(&world, false);
    close_engine(&world);
    cr_expect_geq(batch_time_of(&world, KIND_LinkDown), batch_time_of(&world, KIND_Intake) + GRACE_US);
    batches_close(world.store);
    log_free(world.log);
    writer_free(&writer);
}

Test(daemon_engine, each_answer_of_an_unknown_category_counts, .timeout = 20)
{
    enum { NAMES = 102, TOLD = 100 };
    static char text[65536];
    int ends[2];
    unsigned told = 0;
    struct core *core = core_new(&(struct core_options){.partition = 1, .seed = 1, .interactions_max = 1});
    cr_assert_eq(pipe(ends), 0);
    struct log *log = log_into(ends[1]);
    struct eventlog *eventlog = eventlog_new(log);
    struct writer event, writer;
    struct kv value;
    writer_init(&event);
    writer_init(&writer);
    kv_init(&value);
    for (unsigned at = 0; at < 2 * NAMES; at++) {
        char name[16];
        snprintf(name, sizeof name, "claim%u", at % NAMES);
        kv_clear(&value);
        kv_put_text(&value, "category", span_of(name));
        writer_clear(&event);
        writer_begin(&event, KIND_EventDone);
        writer_kv(&event, EventDone_value, &value);
        writer_clear(&writer);
        eventlog_posted(eventlog, writer_stamp(&writer, writer_end(&event), LINK, at + 1));
    }
    cr_expect_eq(eventlog_unknown_categories(eventlog), 0, "none was at the core");
    eventlog_applied(eventlog, core, 0);
    cr_expect_eq(eventlog_unknown_categories(eventlog), 2 * NAMES);
    log_free(log);
    ssize_t length = read(ends[0], text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    for (const char *at = text; (at = strstr(at, "which no strategy declares")); at++) told++;
    cr_expect_eq(told, TOLD, "%u", told);
    eventlog_free(eventlog);
    core_free(core);
    kv_free(&value);
    writer_free(&event);
    writer_free(&writer);
    close(ends[0]);
    close(ends[1]);
}
