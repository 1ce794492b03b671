/* runtime/daemon/engine/engine.c - The two threads of a partition, of which one runs the core and one syncs its
 * batches; and the numbers of posted events.
 *
 *     loop's thread    engine_post ------> ring ---.
 *     core's thread                                '--> partition_turn: applies a batch, host_append ---.
 *     journal's thread                                                batches_append, fsync <----------'
 *     core's thread    effects leave (host_release), sources hear what is durable (committed) <-- appended
 *
 * The core applies the next batch while the one before is written, so a few batches (fewer than MARKS) are applied
 * and not durable. No effect of a batch is sent before the batch is durable.
 *
 * There are three locks: `post_lock` keeps the numbers of events and their order in the ring the same,
 * `journal_lock` guards the requests to the journal's thread, and `lock` guards what wakes the core's thread. The
 * core itself needs no lock: only its thread touches it, and other threads pass it a function that looks into the
 * core there (engine_read). */
#include "runtime/daemon/engine/engine.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/daemon/engine/eventlog.h"
#include "runtime/daemon/engine/frames.h"
#include "runtime/host/real.h"
#include "runtime/journal/partition.h"
#include "runtime/journal/reserve.h"
#include "base/memory.h"
#include "runtime/vocabulary/bytes.h"

enum {
    RING_BYTES = 64 * 1024 * 1024,
    RING_EVENTS = 65536,
    MOMENT = 8,         /* bytes */
    MARKS = 8,          /* at least the number of batches that may be applied and not yet durable */
    FRESH_US = 1000000, /* for so long a lag that was measured counts as the present one */
    AWAITED_SPACE_US = 2000,
    EXTENT_US = 1000000, /* the size of the journal is measured once in this time, when no append is waiting */
    /* the journal's size is measured even between two appends if the last time is so long ago */
    EXTENT_LATE_US = 2000000,
    PRUNE_US = 2000,             /* longest time that an append waits while a portion of old batches is removed */
    PRUNE_REST_US = 20000,       /* pause between removing two portions of old batches */
    IMAGE_PATIENCE_US = 2000000, /* longest wait of the loop for an image, once calls are served */
    LOOK_LEAST_US = 100000,      /* a core that stood still waits at least so long for new events */
    /* a core that stood still waits at most so long if the loop does not report that it has looked */
    LOOK_MOST_US = 1300000,
};

/* The least time between two batches, by the event's pace: events of links that come meanwhile share a batch; an
 * idle core takes an event at once. */
static const uint64_t spaces_us[] = {
    [PACE_NOW] = 0, [PACE_AWAITED] = AWAITED_SPACE_US, [PACE_SOON] = 2 * AWAITED_SPACE_US};

struct core_reading { /* one caller of engine_read(); if the caller gives up, the core's thread frees this struct */
    struct core_reading *next;
    void (*read)(void *self, struct core *);
    void *self;
    bool taken, done, given_up;
};

struct image_job { /* one caller of engine_put_image(); if it gives up, the journal's thread frees this struct */
    struct image_job *next;
    uint8_t hash[32];
    uint8_t *bytes;
    uint32_t length;
    struct error error;
    bool good, done, given_up;
};

struct engine {
    struct engine_options options;
    struct partition *partition;
    struct host host;
    char boot[BOOT_SIZE];
    bool started, serves;

    pthread_mutex_t lock; /* guards the members by which the core's thread is woken */
    pthread_cond_t wake, read;
    pthread_t core_thread;
    bool stirred, stop, appended;
    enum append_result result;
    uint64_t wake_us;
    uint64_t batch_us; /* when the last batch was made */
    uint64_t due_us;   /* when the events of links that are being gathered are taken; UINT64_MAX: there are none */
    uint64_t until_us; /* the core's thread sleeps until this time, unless it is woken */
    struct core_reading *readings;
    bool appending; /* an append is running: used by the core's thread */
    bool left;      /* the last turn left events in the ring: used by the core's thread */
    /* used by the core's thread: when the loop was asked to read everything that has come; 0: not asked */
    uint64_t look_us;
    atomic_bool looked;
    struct mark { /* batches applied and not yet durable, oldest first: used by the core's thread */
        uint64_t batch, admin_seq;
        uint64_t posted_us; /* when the batch's first event was posted; 0: the batch has no event */
    } marks[MARKS];
    unsigned mark_count;
    uint64_t admin_durable;

    pthread_mutex_t post_lock; /* held while an event gets its number, so that numbers and ring have one order */
    uint64_t next[SOURCE_PARTITIONS];
    /* events of host and admin for which the ring had no room; before each stands its time */
    struct engine_frames backlog;
    struct eventlog *eventlog;
    bool link_waits;
    struct probe { /* measures one event of a link at a time: when it was posted, how long the last one took */
        unsigned source;
        uint64_t seq, posted_us, lag_us, measured_us;
    } probe;
    uint64_t interactions, batches, events; /* after the last round */
    struct {
        atomic_uint_fast64_t first, bytes, free;
        uint64_t at_us;
        atomic_uint copies;
        atomic_bool archive_fails;
        bool more;    /* the journal's copies are being checked */
        bool deposed; /* and that was told */
    } extent;         /* the size of the journal, as the journal's thread has measured it */

    pthread_mutex_t journal_lock;
    pthread_cond_t journal_wake, image_done;
    pthread_t journal_thread;
    bool journal_stop, append_asked;
    uint64_t append_number;
    uint8_t *append_bytes;
    size_t append_length, append_capacity;
    struct image_job *images;
    /* batches below this number may be removed; when the next portion of removing is due */
    uint64_t prune_below, prune_at_us;
    uint64_t given_us; /* when the last sign of life was given to the database */

    struct engine_cost cost;
    atomic_uint_fast64_t posted_us; /* when the oldest event that no batch has taken was posted; 0: there is none */
    atomic_uint_fast64_t asked, core_beat,
        journal_beat; /* engine_ask: how often it asked, and the last request that each thread has answered */
};

/* Sets when the partition wants its next turn. This function and the next three are the partition's requests to the
 * outside. All four run on the core's thread. */
static void host_wake_at(void *self, uint64_t monotonic_us)
{
    struct engine *engine = self;
    pthread_mutex_lock(&engine->lock);
    engine->wake_us = monotonic_us;
    pthread_mutex_unlock(&engine->lock);
}

/* Gives a batch to the journal's thread. The bytes are copied, because the partition reuses its buffer; the copy is
 * free again when append_asked is false. */
static void host_append(void *self, uint64_t number, struct span batch)
{
    struct engine *engine = self;
    pthread_mutex_lock(&engine->journal_lock);
    assert(!engine->append_asked);
    if (engine->append_capacity < batch.length) {
        engine->append_bytes = memory_grown(engine->append_bytes, batch.length, 1);
        engine->append_capacity = batch.length;
    }
    if (batch.length > 0) memcpy(engine->append_bytes, batch.bytes, batch.length);
    engine->append_length = batch.length;
    engine->append_number = number;
    engine->append_asked = true;
    pthread_cond_signal(&engine->journal_wake);
    pthread_mutex_unlock(&engine->journal_lock);
    engine->appending = true;
}

/* Sends an effect whose batch is durable. */
static void host_release(void *self, unsigned link, struct span frame)
{
    struct engine *engine = self;
    eventlog_effect(engine->eventlog, partition_core(engine->partition), frame);
    engine->options.effect(engine->options.self, link, frame);
}

/* Reports that the events of a link up to `seq` are durable. Ends the measurement of the probe if the probe's event
 * is among them. */
static void host_committed(void *self, unsigned source, uint64_t seq)
{
    struct engine *engine = self;
    struct probe *probe = &engine->probe;
    pthread_mutex_lock(&engine->post_lock);
    if (probe->source == source && source != 0 && seq >= probe->seq) {
        probe->source = 0;
        probe->measured_us = host_monotonic_us();
        probe->lag_us = probe->measured_us - probe->posted_us;
    }
    pthread_mutex_unlock(&engine->post_lock);
    engine->options.committed(engine->options.self, source, seq);
}

/* Makes a condition that waits by the monotonic clock, so that setting the wall clock does not change a wait. */
static void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void on_passed_over(void *self, const char *text)
{
    const struct engine *engine = self;
    log_line(engine->options.log, LOG_LEVEL_ERROR, "journal", 0, 0, "%s", text);
}

/* Opens the partition, which replays its journal; the threads begin with engine_start. */
struct engine *engine_new(const struct engine_options *options, struct error *error)
{
    assert(options && options->store && options->effect && options->committed && options->room && options->failed);
    struct engine *engine = calloc(1, sizeof *engine);
    struct partition_options partition = {.core = options->core,
                                          .ring_bytes = RING_BYTES,
                                          .ring_events = RING_EVENTS,
                                          .state = options->state,
                                          .restored_s = options->restored_s,
                                          .period_us = options->period_us,
                                          .crashes = options->crashes,
                                          .begun = options->begun,
                                          .told = {.note = on_passed_over, .self = engine},
                                          .mask = core_mask};
    if (!engine) abort();
    engine->options = *options;
    engine->host = (struct host){.self = engine,
                                 .wake_at = host_wake_at,
                                 .append = host_append,
                                 .release = host_release,
                                 .committed = host_committed};
    host_real(&engine->host, engine->boot);
    pthread_mutex_init(&engine->lock, NULL);
    pthread_mutex_init(&engine->post_lock, NULL);
    pthread_mutex_init(&engine->journal_lock, NULL);
    condition_init(&engine->wake);
    condition_init(&engine->read);
    condition_init(&engine->journal_wake);
    condition_init(&engine->image_done);
    writer_init(&engine->backlog.writer);
    engine->eventlog = eventlog_new(options->log);
    engine->wake_us = engine->due_us = engine->until_us = UINT64_MAX;
    engine->partition = partition_open(&partition, options->store, &engine->host, error);
    if (!engine->partition) {
        engine_free(engine);
        return NULL;
    }
    eventlog_faults(engine->eventlog, partition_core(engine->partition));
    eventlog_corrections(engine->eventlog, partition_core(engine->partition));
    for (unsigned source = 0; source < SOURCE_PARTITIONS; source++)
        engine->next[source] = core_last_seq(partition_core(engine->partition), source) + 1;
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine) return;
    assert(!engine->started);
    partition_free(engine->partition);
    writer_free(&engine->backlog.writer);
    eventlog_free(engine->eventlog);
    free(engine->append_bytes);
    pthread_cond_destroy(&engine->wake);
    pthread_cond_destroy(&engine->read);
    pthread_cond_destroy(&engine->journal_wake);
    pthread_cond_destroy(&engine->image_done);
    pthread_mutex_destroy(&engine->lock);
    pthread_mutex_destroy(&engine->post_lock);
    pthread_mutex_destroy(&engine->journal_lock);
    free(engine);
}

static void image_job_free(struct image_job *job)
{
    free(job->bytes);
    free(job);
}

/* Makes the waiting images durable; runs on the journal's thread, with its lock held, which is released while the
 * disk works. */
static void engine_images_put(struct engine *engine)
{
    while (engine->images) {
        struct image_job *job = engine->images;
        engine->images = job->next;
        pthread_mutex_unlock(&engine->journal_lock);
        struct span bytes = {job->bytes, job->length};
        job->good = batches_put_image(engine->options.store, job->hash, bytes, &job->error);
        pthread_mutex_lock(&engine->journal_lock);
        job->done = true;
        if (job->given_up) image_job_free(job);
        pthread_cond_broadcast(&engine->image_done);
    }
}

/* Appends a batch on the journal's thread, with journal_lock held, which is released while the disk works. After the
 * append, tells the core's thread its result. Locks are always taken in one order: journal_lock, then lock. */
static void engine_append(struct engine *engine)
{
    assert(engine->append_asked);
    struct error error = {0};
    uint64_t number = engine->append_number, began_us;
    struct span batch = {engine->append_bytes, (uint32_t)engine->append_length};
    enum append_result result;
    pthread_mutex_unlock(&engine->journal_lock);
    began_us = host_monotonic_us();
    result = batches_append(engine->options.store, number, batch, &error);
    histogram_add(&engine->cost.sync, host_monotonic_us() - began_us);
    atomic_fetch_add(result == APPEND_OK ? &engine->cost.appended_bytes : &engine->cost.append_failures,
                     result == APPEND_OK ? batch.length : 1);
    if (result != APPEND_OK)
        log_line(engine->options.log, LOG_LEVEL_ERROR, "journal", 0, 0, "batch %llu: %s", (unsigned long long)number,
                 error.text[0] != '\0' ? error.text : "the append failed");
    pthread_mutex_lock(&engine->journal_lock);
    engine->append_asked = false;
    pthread_mutex_lock(&engine->lock);
    engine->appended = true;
    engine->result = result;
    pthread_cond_signal(&engine->wake);
    pthread_mutex_unlock(&engine->lock);
}

/* Once. */
static void deposed_tell(struct engine *engine)
{
    if (!batches_deposed(engine->options.store) || engine->extent.deposed) return;
    engine->extent.deposed = true;
    engine->options.failed(engine->options.self, "another process leads this journal");
}

/* Measures how large the journal is. */
static void extent_note(struct engine *engine)
{
    uint64_t bytes, free;
    batches_size(engine->options.store, &bytes, &free);
    atomic_store(&engine->extent.first, batches_first(engine->options.store));
    atomic_store(&engine->extent.bytes, bytes);
    atomic_store(&engine->extent.free, free);
    atomic_store(&engine->extent.copies, batches_copies(engine->options.store, &engine->extent.more));
    atomic_store(&engine->extent.archive_fails, batches_archive_fails(engine->options.store));
    engine->extent.at_us = host_monotonic_us();
    deposed_tell(engine);
}

/* Removes a portion of old batches; runs on the journal's thread, with its lock held, which is released meanwhile. */
static void engine_engine_prune(struct engine *engine)
{
    struct error error = {0};
    struct batches *store = engine->options.store;
    uint64_t below = engine->prune_below, first;
    pthread_mutex_unlock(&engine->journal_lock);
    bool good = batches_prune(store, below, PRUNE_US, &error);
    first = batches_first(store);
    atomic_store(&engine->extent.first, first);
    if (!good)
        log_line(engine->options.log, LOG_LEVEL_WARNING, "journal", 0, 0,
                 "old batches, or keys of what was in them, stay for now: %s", error.text);
    else if (first >= below || first == batches_last(store))
        log_line(engine->options.log, LOG_LEVEL_INFO, "journal", 0, 0,
                 "begins at batch %llu now: older ones are removed", (unsigned long long)first);
    pthread_mutex_lock(&engine->journal_lock);
    if (!good || first >= below || first == batches_last(store)) engine->prune_below = 0;
    engine->prune_at_us = host_monotonic_us() + PRUNE_REST_US;
}

/* Gives a sign of life to the database; runs on the journal's thread, with its lock held, which is released
 * meanwhile. */
static void journal_beat_give(struct engine *engine)
{
    pthread_mutex_unlock(&engine->journal_lock);
    batches_beat(engine->options.store);
    engine->given_us = host_monotonic_us();
    deposed_tell(engine);
    pthread_mutex_lock(&engine->journal_lock);
}

/* True: the size of the journal is to be measured; if standbys follow, also with each sign of life, since the
 * measurement finds out who follows. */
static bool extent_is_due(const struct engine *engine, uint64_t most_us)
{
    uint64_t beat_us = engine->options.beat_us;
    if (beat_us > 0 && beat_us < most_us) most_us = beat_us;
    return host_monotonic_us() - engine->extent.at_us >= most_us;
}

/* Measures the journal's size; called with the journal's lock held, which is released meanwhile. */
static void extent_look(struct engine *engine)
{
    pthread_mutex_unlock(&engine->journal_lock);
    extent_note(engine);
    pthread_mutex_lock(&engine->journal_lock);
}

/* Waits, with the journal's lock held, until there is a request, or a portion of removing or a sign of life is due. */
static void journal_rest(struct engine *engine)
{
    uint64_t now_us = host_monotonic_us(), until_us = engine->prune_below == 0 ? UINT64_MAX : engine->prune_at_us;
    uint64_t beat_at_us = engine->options.beat_us == 0 ? UINT64_MAX : engine->given_us + engine->options.beat_us;
    if (engine->extent.more || extent_is_due(engine, EXTENT_US)) {
        extent_look(engine);
    } else if (now_us >= beat_at_us) {
        journal_beat_give(engine);
    } else if (now_us >= until_us) {
        engine_engine_prune(engine);
    } else {
        if (beat_at_us < until_us) until_us = beat_at_us;
        struct timespec until = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};
        if (until_us == UINT64_MAX)
            pthread_cond_wait(&engine->journal_wake, &engine->journal_lock);
        else
            pthread_cond_timedwait(&engine->journal_wake, &engine->journal_lock, &until);
    }
}

/* The journal's thread: appends come before images, because calls wait for them, and both come before removing old
 * batches. If appends never pause, copies and followers are checked between two appends. */
static void *journal_main(void *argument)
{
    struct engine *engine = argument;
    pthread_mutex_lock(&engine->journal_lock);
    for (;;) {
        atomic_store(&engine->journal_beat, atomic_load(&engine->asked));
        if (extent_is_due(engine, EXTENT_LATE_US))
            extent_look(engine);
        else if (engine->append_asked)
            engine_append(engine);
        else if (engine->images)
            engine_images_put(engine);
        else if (engine->journal_stop)
            break;
        else
            journal_rest(engine);
    }
    pthread_mutex_unlock(&engine->journal_lock);
    return NULL;
}

void engine_stir(struct engine *engine)
{
    assert(engine);
    pthread_mutex_lock(&engine->lock);
    engine->stirred = true;
    pthread_cond_signal(&engine->wake);
    pthread_mutex_unlock(&engine->lock);
}

/* Posts the event to the ring, and to the queue of events that are logged once the core has applied them. */
static bool ring_post(struct engine *engine, struct span frame, uint64_t moment_us)
{
    uint64_t none = 0;
    if (!partition_post_of(engine->partition, frame, moment_us)) return false;
    if (atomic_load(&engine->posted_us) == 0)
        atomic_compare_exchange_strong(&engine->posted_us, &none, host_monotonic_us());
    eventlog_posted(engine->eventlog, frame);
    return true;
}

/* Moves events from the backlog into the ring, as far as the ring has room. */
static void backlog_into_ring(struct engine *engine)
{
    struct engine_frames *backlog = &engine->backlog;
    while (backlog->start < backlog->writer.length) {
        const uint8_t *at = backlog->writer.bytes + backlog->start;
        size_t size = message_frame_size(at + MOMENT, backlog->writer.length - backlog->start - MOMENT);
        if (!ring_post(engine, (struct span){at + MOMENT, (uint32_t)size}, bytes_get_eight(at))) return;
        frames_pop(backlog, MOMENT + size);
    }
}

/* Numbers the event and puts it into the ring. If the ring is full, the event waits in the backlog, behind earlier
 * ones. */
static uint64_t engine_post_of(struct engine *engine, unsigned source, struct span frame, uint64_t moment_us)
{
    assert(engine && frame.length > 0);
    struct writer *writer = &engine->backlog.writer;
    assert(source < SOURCE_PARTITIONS);
    pthread_mutex_lock(&engine->post_lock);
    uint64_t seq = engine->next[source]++;
    bool waits = engine->backlog.start < writer->length;
    bytes_put_eight(bytes_room(&writer->bytes, &writer->capacity, writer->length, MOMENT), moment_us);
    writer->length += MOMENT;
    writer_stamp(writer, frame, source, seq);
    if (!waits) backlog_into_ring(engine);
    pthread_mutex_unlock(&engine->post_lock);
    engine_stir(engine);
    return seq;
}

uint64_t engine_post(struct engine *engine, unsigned source, struct span frame)
{
    return engine_post_of(engine, source, frame, 0);
}

void engine_post_now(struct engine *engine, struct span frame)
{
    engine_post_of(engine, SOURCE_HOST, frame, host_monotonic_us());
}

void engine_name_link(struct engine *engine, unsigned link, const char *name)
{
    assert(engine && name && link >= SOURCE_LINKS);
    pthread_mutex_lock(&engine->post_lock);
    eventlog_name(engine->eventlog, link, name);
    pthread_mutex_unlock(&engine->post_lock);
}

/* Begins to measure how long an event takes, unless another event is being measured. */
static void probe_start(struct engine *engine, struct span frame)
{
    struct message message;
    if (engine->probe.source != 0 || !message_read(&message, frame.bytes, frame.length, NULL)) return;
    engine->probe.source = (unsigned)message_u(&message, ENVELOPE_source);
    engine->probe.seq = message_u(&message, ENVELOPE_seq);
    engine->probe.posted_us = host_monotonic_us();
}

/* Reads the figures by which the intake decides how many events are let in. */
void engine_load(struct engine *engine, struct engine_load *load)
{
    assert(load);
    const struct probe *probe = &engine->probe;
    size_t events, bytes;
    uint64_t now_us = host_monotonic_us(), waits_us, took_us;
    partition_waiting(engine->partition, &events, &bytes);
    pthread_mutex_lock(&engine->post_lock);
    waits_us = probe->source != 0 ? now_us - probe->posted_us : 0;
    took_us = now_us - probe->measured_us < FRESH_US ? probe->lag_us : 0;
    *load = (struct engine_load){.lag_us = waits_us > took_us ? waits_us : took_us,
                                 .ring_events = events,
                                 .ring_bytes = bytes,
                                 .backlog_bytes = engine->backlog.writer.length - engine->backlog.start,
                                 .interactions = engine->interactions,
                                 .batches = engine->batches,
                                 .events = engine->events,
                                 .first = atomic_load(&engine->extent.first),
                                 .journal_bytes = atomic_load(&engine->extent.bytes),
                                 .copies = atomic_load(&engine->extent.copies),
                                 .archive_fails = atomic_load(&engine->extent.archive_fails),
                                 .journal_free = atomic_load(&engine->extent.free),
                                 .categories_unknown = eventlog_unknown_categories(engine->eventlog),
                                 .gave_up = batches_gave_up(engine->options.store)};
    pthread_mutex_unlock(&engine->post_lock);
}

uint64_t engine_led_until_us(const struct engine *engine)
{
    return batches_led_until_us(engine->options.store);
}

/* Sets when the next batch is due, after an event of a link was put into the ring. Each batch costs a sync and wakes
 * three threads, however many events it has: so there is a least time between two batches, and events posted
 * meanwhile share the next. People who write to each other would wait for each answer too long, though: a message
 * makes a batch at once, unless one is being written. */
static void engine_due(struct engine *engine, uint64_t space_us)
{
    pthread_mutex_lock(&engine->lock);
    uint64_t due_us = engine->batch_us + space_us;
    if (due_us <= host_monotonic_us())
        engine->stirred = true;
    else if (due_us < engine->due_us)
        engine->due_us = due_us;
    if (engine->stirred || due_us < engine->until_us) pthread_cond_signal(&engine->wake);
    pthread_mutex_unlock(&engine->lock);
}

bool engine_post_link(struct engine *engine, struct span frame, enum event_pace pace, uint64_t moment_us)
{
    assert(engine && frame.length > 0);
    bool posted = false;
    pthread_mutex_lock(&engine->post_lock);
    /* Events of the host that wait in the backlog, such as LinkUp, are posted before an event of a link. */
    if (engine->backlog.start == engine->backlog.writer.length) posted = ring_post(engine, frame, moment_us);
    if (posted) probe_start(engine, frame);
    if (!posted) engine->link_waits = true;
    pthread_mutex_unlock(&engine->post_lock);
    if (posted)
        engine_due(engine, spaces_us[pace]);
    else
        engine_stir(engine);
    return posted;
}

/* After a turn the ring has room: posts the events of the backlog first, then lets links post. */
static void backlog_post(struct engine *engine)
{
    bool room = false;
    pthread_mutex_lock(&engine->post_lock);
    backlog_into_ring(engine);
    if (engine->link_waits && engine->backlog.start == engine->backlog.writer.length) {
        engine->link_waits = false;
        room = true;
    }
    pthread_mutex_unlock(&engine->post_lock);
    if (room) engine->options.room(engine->options.self);
}

/* Serves the callers of engine_read(). If the caller has given up, this thread frees its reading. */
static void readings_do(struct engine *engine, struct core_reading *readings)
{
    struct core_reading *next;
    for (struct core_reading *reading = readings; reading; reading = next) {
        next = reading->next; /* the caller frees the reading once it is done */
        pthread_mutex_lock(&engine->lock);
        reading->taken = !reading->given_up;
        pthread_mutex_unlock(&engine->lock);
        if (!reading->taken) {
            free(reading);
            continue;
        }
        reading->read(reading->self, partition_core(engine->partition));
        pthread_mutex_lock(&engine->lock);
        reading->done = true;
        pthread_cond_broadcast(&engine->read);
        pthread_mutex_unlock(&engine->lock);
    }
}

/* Waits, with the lock held, until there is work, the partition's time has come, or events of links were gathered long
 * enough. Shortly after a batch the core's thread wakes by itself and looks for events, since it would cost more to
 * wake that thread for each event. */
static void wait_for_work(struct engine *engine, bool more)
{
    while (!more && !engine->stirred && !engine->appended && !engine->stop && !engine->readings) {
        uint64_t now_us = host_monotonic_us(), rest_us = engine->batch_us + AWAITED_SPACE_US;
        uint64_t until_us = engine->wake_us < engine->due_us ? engine->wake_us : engine->due_us;
        if (until_us <= now_us) return;
        if (now_us < rest_us && rest_us < until_us) until_us = rest_us;
        struct timespec until = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};
        engine->until_us = until_us;
        if (until_us == UINT64_MAX)
            pthread_cond_wait(&engine->wake, &engine->lock);
        else
            pthread_cond_timedwait(&engine->wake, &engine->lock, &until);
    }
}

/* Marks a batch with the last event of admin in it, since the partition does not tell which events of host and admin
 * are durable. The mark is read when the batch is durable. False: the turn made no batch. */
static bool mark_applied(struct engine *engine, uint64_t posted_us)
{
    uint64_t batch = partition_batches(engine->partition);
    struct mark *last = engine->mark_count > 0 ? &engine->marks[engine->mark_count - 1] : NULL;
    if (!engine->appending || (last && last->batch == batch)) return false;
    assert(engine->mark_count < MARKS);
    engine->marks[engine->mark_count++] =
        (struct mark){batch, core_last_seq(partition_core(engine->partition), SOURCE_ADMIN), posted_us};
    return true;
}

/* The oldest batch is durable: measures how long it took, and reports up to which number the admin source's events
 * are durable. */
static void mark_durable(struct engine *engine)
{
    uint64_t seq = engine->marks[0].admin_seq, posted_us = engine->marks[0].posted_us;
    assert(engine->mark_count > 0);
    if (posted_us != 0) histogram_add(&engine->cost.decision, host_monotonic_us() - posted_us);
    memmove(&engine->marks[0], &engine->marks[1], --engine->mark_count * sizeof engine->marks[0]);
    if (seq == engine->admin_durable) return;
    engine->admin_durable = seq;
    engine->options.committed(engine->options.self, SOURCE_ADMIN, seq);
}

/* Stores figures for engine_load(), so that other threads need not look into the core for them. */
static void engine_count(struct engine *engine)
{
    struct core_status status;
    core_status(partition_core(engine->partition), &status);
    pthread_mutex_lock(&engine->post_lock);
    engine->interactions = status.interactions;
    engine->batches = partition_batches(engine->partition);
    engine->events = partition_events(engine->partition);
    pthread_mutex_unlock(&engine->post_lock);
}

/* The work that a round finds when the thread wakes, read at one moment under the lock. */
struct woken {
    struct core_reading *readings;
    bool appended, stop;
    /* a turn is due; false while the only events are those of links that are still being gathered */
    bool due;
    enum append_result result; /* result of the append, if one has ended */
};

static struct woken engine_wake(struct engine *engine, bool more)
{
    struct woken woken;
    pthread_mutex_lock(&engine->lock);
    wait_for_work(engine, more);
    uint64_t now_us = host_monotonic_us();
    bool due = more || engine->stirred || engine->stop || engine->wake_us <= now_us || engine->due_us <= now_us;
    /* In the turn before there may have been no room for a batch although a timer was due; gathered events cause a
     * turn by themselves. */
    if (engine->appended && engine->due_us == UINT64_MAX) due = true;
    engine->stirred = false;
    if (engine->wake_us <= now_us) engine->wake_us = UINT64_MAX; /* the turn wishes anew */
    if (due) engine->due_us = UINT64_MAX; /* the events gathered until now are taken in this turn, or gathered anew */
    woken = (struct woken){engine->readings, engine->appended, engine->stop, due, engine->result};
    engine->readings = NULL;
    engine->appended = false;
    pthread_mutex_unlock(&engine->lock);
    return woken;
}

/* The journal's thread has ended an append: handles its result. False: the journal cannot go on. */
static bool append_ended(struct engine *engine, const struct woken *woken)
{
    assert(engine->appending);
    engine->appending = false;
    if (partition_appended(engine->partition, woken->result)) {
        mark_durable(engine);
        return true;
    }
    readings_do(engine, woken->readings);
    engine->options.failed(engine->options.self, woken->result == APPEND_DEPOSED ? "another process leads this journal"
                                                                                 : "it cannot be written");
    return false;
}

/* Logs the events that the core has taken from the ring. */
static void applied_log(struct engine *engine)
{
    size_t in_ring, bytes_in_ring;
    pthread_mutex_lock(&engine->post_lock);
    partition_waiting(engine->partition, &in_ring, &bytes_in_ring);
    eventlog_applied(engine->eventlog, partition_core(engine->partition), in_ring);
    pthread_mutex_unlock(&engine->post_lock);
    eventlog_faults(engine->eventlog, partition_core(engine->partition));
    eventlog_campaigns(engine->eventlog, partition_core(engine->partition));
    eventlog_reasons(engine->eventlog, partition_core(engine->partition));
    eventlog_corrections(engine->eventlog, partition_core(engine->partition));
}

/* True: the core has stood still, and the events that have come meanwhile are not all in the ring yet. If so, asks the
 * loop to read these events, and gives the adapters, which may have stood still as well, a moment to post what they
 * have received. */
static bool engine_awaits_look(struct engine *engine)
{
    uint64_t now_us = host_monotonic_us();
    if (!engine->options.look || !partition_late(engine->partition)) {
        engine->look_us = 0;
        return false;
    }
    if (engine->look_us == 0) {
        engine->look_us = now_us;
        atomic_store(&engine->looked, false);
        engine->options.look(engine->options.self);
    }
    uint64_t passed_us = now_us - engine->look_us;
    if (passed_us >= (atomic_load(&engine->looked) ? LOOK_LEAST_US : LOOK_MOST_US)) return false;
    host_wake_at(engine, engine->look_us + (passed_us < LOOK_LEAST_US ? LOOK_LEAST_US : LOOK_MOST_US));
    return true;
}

void engine_looked(struct engine *engine)
{
    atomic_store(&engine->looked, true);
    engine_stir(engine);
}

/* Runs a turn of the core, unless too many effects wait for the loop (`crowded`). True: there is more work to do at
 * once. */
static bool engine_turn(struct engine *engine, bool stop)
{
    if (!stop && engine_awaits_look(engine)) return false;
    uint64_t posted_us = atomic_exchange(&engine->posted_us, 0);
    size_t events, bytes;
    bool more = false;
    /* At the end the loop takes no more effects, and every posted event has to become durable. */
    if (stop || !engine->options.crowded || !engine->options.crowded(engine->options.self))
        more = partition_turn(engine->partition);
    if (mark_applied(engine, posted_us)) {
        pthread_mutex_lock(&engine->lock);
        engine->batch_us = host_monotonic_us();
        pthread_mutex_unlock(&engine->lock);
    } else if (posted_us != 0)
        atomic_store(&engine->posted_us, posted_us);
    backlog_post(engine);
    partition_waiting(engine->partition, &events, &bytes);
    engine->left = events > 0;
    engine_count(engine);
    applied_log(engine);
    return more;
}

/* One round: handles the end of an append, runs a turn of the core, and serves callers that look into it. False: the
 * thread has to end. */
static bool core_round(struct engine *engine, bool *more)
{
    struct woken woken = engine_wake(engine, *more);
    if (woken.appended && !append_ended(engine, &woken)) return false;
    backlog_post(engine);
    *more = (woken.due || engine->left) && engine_turn(engine, woken.stop);
    readings_do(engine, woken.readings);
    return !woken.stop || *more || engine->appending;
}

/* The core's thread: rounds until the end, then the readings that still wait. */
static void *engine_core_main(void *argument)
{
    struct engine *engine = argument;
    bool more = true;
    do atomic_store(&engine->core_beat, atomic_load(&engine->asked));
    while (core_round(engine, &more));
    /* No caller may be left waiting: from now on they read the core's last state. */
    pthread_mutex_lock(&engine->lock);
    engine->stop = true;
    for (;;) {
        struct core_reading *readings = engine->readings;
        engine->readings = NULL;
        pthread_mutex_unlock(&engine->lock);
        if (!readings) break;
        readings_do(engine, readings);
        pthread_mutex_lock(&engine->lock);
    }
    return NULL;
}

void engine_start(struct engine *engine)
{
    assert(!engine->started);
    do extent_note(engine);
    while (engine->extent.more);
    if (pthread_create(&engine->journal_thread, NULL, journal_main, engine) != 0) abort();
    if (pthread_create(&engine->core_thread, NULL, engine_core_main, engine) != 0) abort();
    pthread_setname_np(engine->journal_thread, "gcx-journal");
    pthread_setname_np(engine->core_thread, "gcx-core");
    engine->started = true;
}

/* Ends the core's thread first: its last batches still need the journal's thread. */
void engine_stop(struct engine *engine)
{
    if (!engine || !engine->started) return;
    pthread_mutex_lock(&engine->lock);
    engine->stop = true;
    pthread_cond_signal(&engine->wake);
    pthread_mutex_unlock(&engine->lock);
    pthread_join(engine->core_thread, NULL);
    pthread_mutex_lock(&engine->journal_lock);
    engine->journal_stop = true;
    pthread_cond_signal(&engine->journal_wake);
    pthread_mutex_unlock(&engine->journal_lock);
    pthread_join(engine->journal_thread, NULL);
    engine->started = false;
}

void engine_ask(struct engine *engine)
{
    atomic_fetch_add(&engine->asked, 1);
    engine_stir(engine);
    pthread_mutex_lock(&engine->journal_lock);
    pthread_cond_signal(&engine->journal_wake);
    pthread_mutex_unlock(&engine->journal_lock);
}

const char *engine_hangs(struct engine *engine)
{
    uint64_t asked = atomic_load(&engine->asked);
    if (atomic_load(&engine->core_beat) < asked) return "core";
    return atomic_load(&engine->journal_beat) < asked ? "journal" : NULL;
}

void engine_journal_waits(struct engine *engine)
{
    atomic_store(&engine->journal_beat, atomic_load(&engine->asked));
}

void engine_prune(struct engine *engine, uint64_t below)
{
    pthread_mutex_lock(&engine->journal_lock);
    if (engine->prune_below < below) engine->prune_below = below;
    pthread_cond_signal(&engine->journal_wake);
    pthread_mutex_unlock(&engine->journal_lock);
}

bool engine_reserve(const struct engine *engine, uint64_t bytes, struct error *error)
{
    return !engine->options.state || reserve_take(engine->options.state, bytes, error);
}

bool engine_cut(struct engine *engine, struct error *error)
{
    assert(!engine->started);
    return partition_cut(engine->partition, error);
}

uint64_t engine_began(const struct engine *engine, uint64_t *tail)
{
    return partition_snapshot(engine->partition, tail);
}

struct engine_cost *engine_cost(struct engine *engine)
{
    return &engine->cost;
}

uint64_t engine_epoch(const struct engine *engine)
{
    return partition_epoch(engine->partition);
}

struct core *engine_core(struct engine *engine)
{
    return partition_core(engine->partition);
}

/* Has the core's thread call `read`, and waits until that is done. A caller may give up only before its reading has
 * begun. */
bool engine_read_within(struct engine *engine, uint64_t within_us, void (*read)(void *self, struct core *), void *self)
{
    assert(engine && read);
    struct core_reading *reading = memory_zeroed(1, sizeof *reading);
    uint64_t until_us = host_monotonic_us() + within_us;
    struct timespec until = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};
    *reading = (struct core_reading){.read = read, .self = self};
    pthread_mutex_lock(&engine->lock);
    if (!engine->started || engine->stop) { /* nobody turns the core */
        pthread_mutex_unlock(&engine->lock);
        free(reading);
        read(self, partition_core(engine->partition));
        return true;
    }
    reading->next = engine->readings;
    engine->readings = reading;
    pthread_cond_signal(&engine->wake);
    while (!reading->done) {
        /* a reading that has begun uses the caller's memory: its end is awaited, however long it takes */
        if (within_us == 0 || reading->taken) {
            pthread_cond_wait(&engine->read, &engine->lock);
        } else if (pthread_cond_timedwait(&engine->read, &engine->lock, &until) == ETIMEDOUT && !reading->taken &&
                   !reading->done) {
            reading->given_up = true;
            pthread_mutex_unlock(&engine->lock);
            return false;
        }
    }
    pthread_mutex_unlock(&engine->lock);
    free(reading);
    return true;
}

void engine_read(struct engine *engine, void (*read)(void *self, struct core *), void *self)
{
    engine_read_within(engine, 0, read, self);
}

void engine_serves(struct engine *engine)
{
    engine->serves = true;
}

/* False: the time is over, and the image is not known to be durable. With the journal's lock. */
static bool image_await(struct engine *engine, const struct image_job *job)
{
    uint64_t until_us = host_monotonic_us() + IMAGE_PATIENCE_US;
    struct timespec until = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};
    while (!job->done && (!engine->serves || host_monotonic_us() < until_us))
        if (engine->serves)
            pthread_cond_timedwait(&engine->image_done, &engine->journal_lock, &until);
        else
            pthread_cond_wait(&engine->image_done, &engine->journal_lock);
    return job->done;
}

bool engine_put_image(struct engine *engine, const uint8_t hash[32], struct span bytes, struct error *error)
{
    assert(hash && bytes.length > 0);
    struct image_job *job, **at;
    if (!engine->started) return batches_put_image(engine->options.store, hash, bytes, error);
    job = memory_zeroed(1, sizeof *job);
    memcpy(job->hash, hash, sizeof job->hash);
    job->bytes = memory_grown(NULL, bytes.length, 1);
    job->length = bytes.length;
    memcpy(job->bytes, bytes.bytes, bytes.length);
    pthread_mutex_lock(&engine->journal_lock);
    for (at = &engine->images; *at; at = &(*at)->next) continue;
    *at = job;
    pthread_cond_signal(&engine->journal_wake);
    bool good = image_await(engine, job), done = job->done;
    job->given_up = !done;
    if (done) good = job->good;
    if (done && !good && error) *error = job->error;
    pthread_mutex_unlock(&engine->journal_lock);
    if (done)
        image_job_free(job);
    else
        error_set(
            error, ERROR_UNAVAILABLE,
            "the journal has not taken the image within %d s, as its database or disk does not answer: nothing was "
            "changed; do it again when `gcxctl cluster` does not say so any more",
            IMAGE_PATIENCE_US / 1000000);
    return good;
}
