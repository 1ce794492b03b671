/* runtime/journal/partition.c - Takes events from the ring, makes batches, applies them to the core, appends them to
 * the journal and releases their effects.
 *
 * The life of a batch: events wait in the ring; a turn takes them, numbers those of host and administrator, and
 * applies them to the core, which writes effects into the batch's slot. Another thread appends the batch; when it is
 * durable (partition_appended), the effects are sent, and the sources are told which of their events they need not
 * repeat. Nothing of a batch is visible outside before it is durable.
 *
 * After the core stood still (the machine was paused, the disk hung, or the process was killed and restarted), time
 * does not jump: events that came meanwhile are applied at the times at which they happened, before timers of later
 * times fire, until the present is reached.
 *
 * One batch may be made while the batch before it is being appended (AHEAD); appends are done in order, one at a
 * time. After a failed append the partition is dead: only a recovery can find out what is durable. */
#include "runtime/journal/partition.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/journal/batch.h"
#include "runtime/journal/images.h"
#include "runtime/journal/recovery.h"
#include "runtime/journal/secrets.h"
#include "runtime/journal/snapshots.h"
#include "runtime/journal/ring.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"
#include "runtime/vocabulary/semantics.h"

enum {
    AHEAD = 2,                /* batches not yet durable: the one being appended and the one made meanwhile */
    STAMP_ROOM = 32,          /* an event grows by its number and its age */
    DRIFT_US = 20000,         /* if the core's wall clock is wrong by so much, it is corrected */
    DRIFT_CHECK_US = 1000000, /* the core's wall clock is checked no more often than this */
    HELD_LEAST_US = 250000,   /* the core is told of appends that take so long, since answers wait for them */
    LATE_US = 500000,         /* if a timer is overdue by so much, the core or the journal has stood still */
    /* events that came while the core stood still are applied in steps of time no shorter than this */
    LATE_STEP_US = 50000,
    /* events that came while the core stood still are applied in about so many steps at most */
    LATE_STEPS = 100,
    AWAY_MOST_US = 60000000, /* after a longer absence events have not been kept: all overdue timers are due now */
    AGO_LEAST_US = 50000,    /* an event at least so old when it is applied carries its age */
    REFUSED_MAX = 64,  /* at most so many withheld effects are reported to the core in one batch; later ones follow */
    REFUSED_ROOM = 64, /* bytes of an event that reports a withheld effect */
};

struct commit {
    unsigned source;
    uint64_t seq;
};

/* A batch that was applied and is not yet durable. */
struct partition_slot {
    uint64_t number;
    uint8_t *bytes;
    size_t length, capacity;
    struct writer effects; /* the batch's effects, held until it is durable */
    struct commit *commits;
    size_t commit_count, commit_capacity;
};

struct partition {
    struct partition_options options;
    struct batches *store;
    const struct host *host;
    struct core *core;
    struct images *images;
    struct ring *ring;
    struct journal_head head;       /* the journal's head after the last applied batch */
    uint64_t base_us, base_time_us; /* monotonic clock and logical time, at the start */
    uint64_t counts_us;             /* logical time since when adapters may have kept events that happened */
    bool begun;                     /* true: the leader's first batch has been made */
    uint64_t clock_checked_us;
    uint64_t epoch, batches;
    uint64_t snapshot, tail; /* batch of the snapshot where the recovery began; how many batches it has applied since */
    uint64_t own_seq[SOURCE_PARTITIONS]; /* by source: the last number that this partition gave to an event of host
                                          * or admin */
    struct writer raw, stamped;
    struct writer aged;           /* one event with its age added */
    struct writer refused;        /* answers for withheld effects, for the next batches; it begins at `refused_start` */
    size_t refused_start;         /* from here on */
    struct writer hidden, sealed; /* the events without their secrets, and the encrypted secrets */
    struct partition_slot slots[AHEAD];
    unsigned first, count; /* slots in use */
    uint64_t append_us;    /* logical time when the current append began */
    /* ... logical time of the last batch made, which reported the delays until then */
    uint64_t told_us;
    uint64_t held_us;                 /* ... how long slow appends have delayed the core since `told_us` */
    uint64_t late_us;                 /* logical time since when the core stood still; 0: the core is not late */
    uint64_t times[BATCH_EVENTS_MAX]; /* for each event of the batch being made: when it happened */
    bool dead;
};

/* Reads source and number of a frame, which are its first two fields. No further field is read, because this function
 * is called for each event and each effect. */
static struct commit partition_envelope(struct span frame)
{
    struct commit commit = {0};
    struct reader reader = {.bytes = frame.bytes, .length = frame.length, .at = MESSAGE_HEADER};
    while (reader.at < reader.length) {
        uint64_t tag = reader_varint(&reader);
        if (tag == ENVELOPE_source << 2)
            commit.source = (unsigned)reader_varint(&reader);
        else if (tag == ENVELOPE_seq << 2)
            commit.seq = reader_varint(&reader);
        else
            break;
    }
    return commit;
}

/* Returns the link whose events keep their order when the ring is sorted by time. 0 for events of the host and of
 * operators, which have no order of their own: each is sorted by its own time, as one may date from before the core
 * stood still and the next from now. */
static unsigned order_of_frame(struct span frame)
{
    unsigned source = partition_envelope(frame).source;
    return source < SOURCE_LINKS ? 0 : source;
}

static struct span partition_frame_at(const struct writer *frames, size_t at)
{
    return (struct span){frames->bytes + at, (uint32_t)message_frame_size(frames->bytes + at, frames->length - at)};
}

/* Returns the present logical time; the first batch has the time of the last batch before it, so that the core
 * learns of its absence before anything that was due meanwhile. After that batch the absence is included. */
static uint64_t logical_now(const struct partition *partition)
{
    if (!partition->begun) return partition->head.time_us;
    uint64_t now =
        partition->base_time_us + (partition->host->monotonic_us(partition->host->self) - partition->base_us);
    return now > partition->head.time_us ? now : partition->head.time_us;
}

/* Returns the logical time of a moment of the monotonic clock. */
static uint64_t logical_of(const struct partition *partition, uint64_t moment_us)
{
    int64_t before_us = (int64_t)(partition->base_us - moment_us);
    if (before_us > (int64_t)partition->base_time_us) return 0;
    return partition->base_time_us - (uint64_t)before_us;
}

/* Posts the event Clock; the offset is also put into the head at once, so that the drift is measured against what
 * the core will know. */
static void post_clock(struct partition *partition, struct writer *writer, int64_t offset)
{
    writer_begin(writer, KIND_Clock);
    writer_i(writer, Clock_offset, offset);
    writer_end(writer);
    partition->head.clock_offset = offset;
}

/* Returns how long nobody led: by the monotonic clock, so that a wall clock set meanwhile makes no caller wait a
 * day; if the machine itself was down, by the wall clock. */
static int64_t partition_absence(const struct partition *partition, int64_t wall_us)
{
    const struct journal_head *head = &partition->head;
    const char *boot = partition->host->boot;
    bool same_boot = boot && boot[0] && strcmp(boot, head->boot) == 0;
    int64_t now = same_boot ? (int64_t)partition->base_us + head->origin : wall_us - head->clock_offset;
    int64_t gap = now - (int64_t)head->time_us;
    return head->number > 0 && gap > 0 ? gap : 0;
}

static void post_quarantined(const struct partition *partition, struct writer *writer)
{
    const struct crash *crash;
    const struct crashes *crashes = partition->options.crashes;
    for (size_t at = 0; crashes && (crash = crashes_due(crashes, at)); at++) crash_write(crash, writer);
}

/* Posts the first events of a leader. A quarantined interaction comes first (core.c). The order of these events:
 * what is in quarantine, the epoch, how long nobody led, and the wall clock. */
static void post_beginning(struct partition *partition)
{
    int64_t wall = partition->host->wall_us(partition->host->self);
    partition->base_us = partition->host->monotonic_us(partition->host->self);
    int64_t gap = partition_absence(partition, wall);
    partition->base_time_us = partition->head.time_us + (uint64_t)gap;
    partition->counts_us = gap > AWAY_MOST_US ? partition->base_time_us : partition->head.time_us;
    struct writer *writer = &partition->raw;
    post_quarantined(partition, writer);
    writer_begin(writer, KIND_Epoch);
    writer_u(writer, Epoch_number, partition->epoch);
    writer_u(writer, Epoch_semantics, SEMANTICS_NUMBER);
    if (partition->host->boot) writer_text(writer, Epoch_boot, partition->host->boot);
    writer_i(writer, Epoch_origin, (int64_t)partition->base_time_us - (int64_t)partition->base_us);
    writer_u(writer, Epoch_restored, partition->options.restored_s);
    writer_end(writer);
    if (partition->head.number > 0) {
        writer_begin(writer, KIND_Recovered);
        writer_i(writer, Recovered_gap, gap);
        writer_end(writer);
    }
    post_clock(partition, writer, wall - (int64_t)partition->base_time_us);
    for (size_t at = 0; at < writer->length; at += partition_frame_at(writer, at).length) {
        bool room = ring_push(partition->ring, partition_frame_at(writer, at), 0);
        assert(room);
    }
    writer_clear(writer);
}

/* Notes in the journal an event that has crashed a replay twice: this replay and all later ones skip it. */
static bool partition_pass_over(struct partition *partition, struct error *error)
{
    const struct crash *crash;
    for (size_t at = 0; (crash = crashes_due(partition->options.crashes, at)); at++) {
        const struct core_mark *mark = &crash->mark;
        uint32_t place = mark->place == CORE_FIRES ? mark->index | PASSED_TIMER : mark->index;
        if (crash->phase == CRASH_REPLAY && !batches_pass(partition->store, mark->batch, place, error)) return false;
    }
    return true;
}

/* Makes the core and its head: recovers them from the journal, or takes over those of a follower. */
static bool partition_core_make(struct partition *partition, struct recovery *recovery, struct error *error)
{
    const struct partition_begun *begun = partition->options.begun;
    if (!begun) {
        partition->core = journal_recover(recovery, &partition->head, error);
        return partition->core != NULL;
    }
    partition->core = begun->core;
    partition->head = begun->head;
    recovery->snapshot = begun->snapshot;
    recovery->applied = begun->tail;
    return true;
}

static bool partition_recover(struct partition *partition, struct error *error)
{
    struct core_options *options = &partition->options.core;
    struct recovery recovery = {.store = partition->store,
                                .state = partition->options.state,
                                .crashes = partition->options.crashes,
                                .told = partition->options.told,
                                .core = options};
    if (recovery.crashes) {
        options->mark = crashes_mark(recovery.crashes);
        if (!partition_pass_over(partition, error)) return false;
    }
    if (!options->image) {
        partition->images = images_new(partition->store, NULL, NULL);
        options->image = images_get;
        options->self = partition->images;
    }
    if (!partition_core_make(partition, &recovery, error)) return false;
    if (recovery.crashes) {
        crashes_recovered(recovery.crashes, partition->core);
        crashes_phase(recovery.crashes, CRASH_LIVE, 0);
    }
    partition->snapshot = recovery.snapshot;
    partition->tail = recovery.applied;
    partition->epoch = partition->options.epoch ? partition->options.epoch : partition->head.epoch + 1;
    /* Adapters that have seen the epochs of the lost batches refuse lower ones. An epoch counts starts, of which
     * there were fewer than seconds since 1970. */
    if (partition->options.restored_s > partition->epoch) partition->epoch = partition->options.restored_s;
    if (partition->epoch > partition->head.epoch) return true;
    return error_set(error, ERROR_STATE, "journal: its epoch is already %llu: another has led since",
                     (unsigned long long)partition->head.epoch);
}

/* Makes the partition; NULL with the reason: the journal cannot be recovered. */
struct partition *partition_open(const struct partition_options *options, struct batches *store,
                                 const struct host *host, struct error *error)
{
    int ready = sodium_init();
    assert(ready >= 0);
    struct partition *partition = memory_zeroed(1, sizeof *partition);
    partition->options = *options;
    partition->store = store;
    partition->host = host;
    partition->ring = ring_new(options->ring_bytes, options->ring_events);
    if (!partition_recover(partition, error)) {
        partition_free(partition);
        return NULL;
    }
    for (unsigned source = 0; source < SOURCE_PARTITIONS; source++)
        partition->own_seq[source] = core_last_seq(partition->core, source);
    post_beginning(partition);
    return partition;
}

void partition_free(struct partition *partition)
{
    if (!partition) return;
    core_free(partition->core);
    images_free(partition->images); /* the images are freed after the core, which borrows them */
    ring_free(partition->ring);
    for (unsigned i = 0; i < AHEAD; i++) {
        free(partition->slots[i].bytes);
        free(partition->slots[i].commits);
        writer_free(&partition->slots[i].effects);
    }
    writer_free(&partition->raw);
    writer_free(&partition->stamped);
    writer_free(&partition->aged);
    writer_free(&partition->refused);
    writer_free(&partition->hidden);
    writer_free(&partition->sealed);
    free(partition);
}

bool partition_post(struct partition *partition, struct span frame)
{
    return partition_post_of(partition, frame, 0);
}

bool partition_post_of(struct partition *partition, struct span frame, uint64_t moment_us)
{
    return ring_push(partition->ring, frame, moment_us);
}

void partition_waiting(struct partition *partition, size_t *events, size_t *bytes)
{
    ring_holds(partition->ring, events, bytes);
}

/* Notes up to which number a source's events are committed with the batch in the slot. The last number of each
 * source is sufficient: it covers all earlier ones. */
static void note_commit(struct partition_slot *slot, struct commit commit)
{
    for (size_t i = 0; i < slot->commit_count; i++) {
        if (slot->commits[i].source != commit.source) continue;
        if (slot->commits[i].seq < commit.seq) slot->commits[i].seq = commit.seq;
        return;
    }
    if (slot->commit_count == slot->commit_capacity) {
        slot->commit_capacity = slot->commit_capacity ? slot->commit_capacity * 2 : 8;
        slot->commits = memory_grown(slot->commits, slot->commit_capacity, sizeof *slot->commits);
    }
    slot->commits[slot->commit_count++] = commit;
}

/* Puts an event for the core if the wall clock was set, or deviates from the monotonic clock. The event comes before
 * all others of the batch. */
static size_t clock_event(struct partition *partition, uint64_t now_us)
{
    if (!partition->begun || now_us < partition->clock_checked_us + DRIFT_CHECK_US) return 0;
    partition->clock_checked_us = now_us;
    int64_t offset = partition->host->wall_us(partition->host->self) - (int64_t)now_us;
    int64_t drift = offset - partition->head.clock_offset;
    if (drift < DRIFT_US && drift > -DRIFT_US) return 0;
    post_clock(partition, &partition->raw, offset);
    return 1;
}

/* Returns how long the current append has delayed the core since the last batch was made; 0: it is not slow. */
static uint64_t append_held_us(const struct partition *partition, uint64_t now_us)
{
    uint64_t from_us = partition->append_us > partition->told_us ? partition->append_us : partition->told_us;
    return now_us < partition->append_us + HELD_LEAST_US || now_us < from_us ? 0 : now_us - from_us;
}

/* Returns how much later it is now than the time of the batch being made, approximately: so an agent's lease that
 * has already run out gives that agent no work. 0: the batch is at the present time. */
static uint64_t partition_behind_us(const struct partition *partition, uint64_t at_us)
{
    uint64_t behind_us = logical_now(partition) - at_us;
    return partition->late_us != 0 || behind_us >= AGO_LEAST_US ? behind_us : 0;
}

/* Puts an event for the core if the journal was slow since the last batch, or the core stood still, so that the core
 * knows of the delay before any timer fires. */
static size_t held_event(struct partition *partition, uint64_t at_us)
{
    const uint64_t late_us = partition->late_us, time_us = partition->head.time_us;
    uint64_t held_us = partition->held_us + (partition->count > 0 ? append_held_us(partition, at_us) : 0);
    uint64_t from_us = late_us > time_us ? late_us : time_us;
    /* an absence before this process began is reported by the event Recovered */
    if (from_us < partition->base_time_us) from_us = partition->base_time_us;
    uint64_t stood_us = late_us != 0 && at_us > from_us ? at_us - from_us : 0;
    if (stood_us > held_us) held_us = stood_us;
    partition->held_us = 0;
    partition->told_us = at_us;
    uint64_t behind_us = partition_behind_us(partition, at_us);
    if (held_us == 0 && behind_us == 0) return 0;
    writer_begin(&partition->raw, KIND_Held);
    if (held_us > 0) writer_i(&partition->raw, Held_lasted, (int64_t)held_us);
    if (behind_us > 0) writer_i(&partition->raw, Held_behind, (int64_t)behind_us);
    writer_end(&partition->raw);
    return 1;
}

/* Returns how long before `at_us` the event happened; 0: not long, or unknown. */
static int64_t event_ago(const struct partition *partition, uint64_t moment_us, uint64_t at_us)
{
    uint64_t happened_us = moment_us != 0 ? logical_of(partition, moment_us) : at_us;
    return happened_us + AGO_LEAST_US <= at_us ? (int64_t)(at_us - happened_us) : 0;
}

/* Numbers the events of `raw`, and adds its age to each. */
static void stamp_events(struct partition *partition, struct partition_slot *slot, const uint64_t *times,
                         uint64_t at_us)
{
    for (size_t at = 0, index = 0; at < partition->raw.length; index++) {
        struct span frame = partition_frame_at(&partition->raw, at);
        at += frame.length;
        struct commit commit = partition_envelope(frame);
        int64_t ago_us = times && commit.source >= SOURCE_PARTITIONS ? event_ago(partition, times[index], at_us) : 0;
        writer_clear(&partition->aged);
        if (ago_us > 0) frame = writer_aged(&partition->aged, frame, ago_us);
        if (commit.source < SOURCE_PARTITIONS)
            commit.seq = ++partition->own_seq[commit.source];
        else
            note_commit(slot, commit);
        writer_stamp(&partition->stamped, frame, commit.source, commit.seq);
    }
    writer_clear(&partition->raw);
}

/* Collects an effect as a frame until the batch is durable. */
static void hold_effect(void *self, struct span frame)
{
    struct writer *held = self;
    memcpy(bytes_room(&held->bytes, &held->capacity, held->length, frame.length), frame.bytes, frame.length);
    held->length += frame.length;
}

/* Are there withheld effects of which the core has not been told? */
static bool has_refused(const struct partition *partition)
{
    return partition->refused_start < partition->refused.length;
}

/* Puts the events that tell the core of effects withheld from links; if there are many, only the first ones. */
static size_t refused_events(struct partition *partition)
{
    size_t count = 0;
    for (; count < REFUSED_MAX && has_refused(partition); count++) {
        struct span frame = partition_frame_at(&partition->refused, partition->refused_start);
        hold_effect(&partition->raw, frame);
        writer_drop(&partition->refused, &partition->refused_start, frame.length);
    }
    return count;
}

/* While the core is late, returns until when events belong to a batch of the given time. */
static uint64_t step_until_us(const struct partition *partition, uint64_t at_us)
{
    uint64_t now_us = logical_now(partition), step_us = (now_us - partition->late_us) / LATE_STEPS;
    if (partition->late_us == 0 || at_us == now_us) return UINT64_MAX;
    int64_t from_us = (int64_t)partition->base_us + (int64_t)(at_us - partition->base_time_us);
    /* events may date from before the machine was started, where its monotonic clock has no time for them */
    if (from_us < 0) return 0;
    return (uint64_t)from_us + (step_us > LATE_STEP_US ? step_us : LATE_STEP_US);
}

/* Puts the next batch's events, numbered, into `stamped`. Returns how many. */
static uint32_t partition_gather(struct partition *partition, struct partition_slot *slot, uint64_t at_us)
{
    writer_clear(&partition->raw);
    writer_clear(&partition->stamped);
    size_t count = held_event(partition, at_us);
    if (partition->late_us == 0) count += clock_event(partition, at_us);
    count += refused_events(partition);
    stamp_events(partition, slot, NULL, at_us);
    struct ring_bounds bounds = {.events = BATCH_EVENTS_MAX - count,
                                 .bytes = BATCH_BYTES_MAX - 128 - REFUSED_MAX * REFUSED_ROOM,
                                 .extra = STAMP_ROOM,
                                 .until_us = step_until_us(partition, at_us)};
    count += ring_take(partition->ring, &partition->raw, &bounds, partition->times);
    stamp_events(partition, slot, partition->times, at_us);
    return (uint32_t)count;
}

/* Starts the append of a slot's batch; its bytes stay unchanged until partition_appended(), because the append reads
 * them. */
static void start_append(struct partition *partition)
{
    assert(partition->count > 0);
    struct partition_slot *slot = &partition->slots[partition->first];
    partition->append_us = logical_now(partition);
    partition->host->append(partition->host->self, slot->number, (struct span){slot->bytes, (uint32_t)slot->length});
}

/* Returns the batch as it is stored: with its secrets hidden, if the store has keys. */
static struct batch partition_written(struct partition *partition, const struct batch *batch)
{
    struct batch out = *batch;
    struct keys *keys = batches_keys(partition->store);
    struct message_mask mask = {0};
    struct error why = {0};
    if (!keys || batch->events.length == 0) return out;
    if (partition->options.mask) mask = partition->options.mask(partition->core);
    writer_clear(&partition->hidden);
    writer_clear(&partition->sealed);
    hold_effect(&partition->hidden, batch->events);
    if (!secrets_hide(keys, mask, batch->number, partition->hidden.bytes, batch->events.length, &partition->sealed,
                      &why))
        batches_fail(partition->store, &why); /* nothing secret is stored unencrypted */
    out.events.bytes = partition->hidden.bytes;
    out.sealed = (struct span){partition->sealed.bytes, (uint32_t)partition->sealed.length};
    return out;
}

/* Makes a batch; its bytes contain the digest of the core before the batch, so it is encoded before it is applied.
 * The order is fixed: collect events, hide secrets, encode with the digest, apply, then append unless an append is
 * running. */
static void make_batch(struct partition *partition, uint64_t now_us)
{
    assert(partition->count < AHEAD);
    struct partition_slot *slot = &partition->slots[(partition->first + partition->count) % AHEAD];
    slot->commit_count = 0;
    writer_clear(&slot->effects);
    struct batch batch = {
        .partition = partition->options.core.partition,
        .epoch = partition->epoch,
        .number = partition->head.number + 1,
        .semantics = SEMANTICS_NUMBER,
        .time_us = now_us,
        .digest_before = core_digest(partition->core),
        .count = partition_gather(partition, slot, now_us),
    };
    batch.events = (struct span){partition->stamped.bytes, (uint32_t)partition->stamped.length};
    memcpy(batch.previous, partition->head.previous, CORE_HASH);
    struct batch hidden = partition_written(partition, &batch);
    slot->number = batch.number;
    slot->length = batch_size(&hidden);
    bytes_room(&slot->bytes, &slot->capacity, 0, slot->length);
    batch_encode(&hidden, slot->bytes, partition->head.previous);
    (partition->options.apply ? partition->options.apply : core_apply)(
        partition->core, &batch, &(struct effect_sink){hold_effect, &slot->effects});
    partition->head.number = batch.number;
    if (batch.number == 1) memcpy(partition->head.first, partition->head.previous, CORE_HASH);
    partition->head.time_us = now_us;
    partition->head.events += batch.count;
    partition->batches++;
    partition->begun = true;
    if (partition->count++ == 0) start_append(partition);
}

bool partition_late(const struct partition *partition)
{
    uint64_t timer_us = core_next_timer(partition->core);
    if (partition->dead || !partition->begun || timer_us == UINT64_MAX) return false;
    if (timer_us < partition->counts_us) timer_us = partition->counts_us;
    return logical_now(partition) >= timer_us + LATE_US;
}

/* Returns the time of the next batch: now, or, for events that came while the core stood still, the time at which
 * they happened. */
static uint64_t next_time(struct partition *partition, uint64_t now_us)
{
    if (partition->late_us == 0 && partition_late(partition)) {
        uint64_t timer_us = core_next_timer(partition->core), from_us = partition->counts_us;
        if (timer_us > from_us + LATE_US) from_us = timer_us - LATE_US;
        partition->late_us = from_us > partition->head.time_us ? from_us : partition->head.time_us;
        ring_sort(partition->ring, order_of_frame);
    }
    if (partition->late_us == 0 || ring_empty(partition->ring)) return now_us;
    uint64_t moment_us = ring_moment(partition->ring);
    uint64_t at_us = moment_us != 0 ? logical_of(partition, moment_us) : 0;
    if (at_us > now_us) return now_us;
    if (at_us < partition->counts_us) at_us = partition->counts_us;
    return at_us > partition->head.time_us ? at_us : partition->head.time_us;
}

/* Makes at most one batch; true: call again at once, there is more to do. */
bool partition_turn(struct partition *partition)
{
    if (partition->dead || partition->count == AHEAD) return false;
    uint64_t now_us = logical_now(partition), at_us = next_time(partition, now_us);
    bool late = partition->late_us != 0; /* the core is told that it stood still, even if there are no events */
    bool heard = has_refused(partition) || !ring_empty(partition->ring);
    if (late || heard || core_next_timer(partition->core) <= at_us) make_batch(partition, at_us);
    if (at_us == now_us) partition->late_us = 0;
    uint64_t timer = core_next_timer(partition->core);
    heard = has_refused(partition) || !ring_empty(partition->ring);
    bool more = partition->late_us != 0 || heard || timer <= logical_now(partition);
    uint64_t wake = UINT64_MAX;
    if (timer != UINT64_MAX)
        wake = timer > partition->base_time_us ? partition->base_us + (timer - partition->base_time_us) : 0;
    partition->host->wake_at(partition->host->self, wake);
    return more && partition->count < AHEAD;
}

/* Returns the time after which the effect must not be sent any more; 0: it may be sent at any time. */
static uint64_t effect_until(struct span frame, struct message *effect)
{
    unsigned kind = frame.bytes[4] | (unsigned)frame.bytes[5] << 8;
    if (kind != KIND_RequestRouteCall && kind != KIND_Invite) return 0;
    if (!message_read(effect, frame.bytes, frame.length, NULL)) return 0;
    return message_u(effect, kind == KIND_Invite ? Invite_until : RequestRouteCall_until);
}

/* Is the effect withheld? An effect is withheld if it has waited for the journal so long that another domain may
 * already give the same agent work. The link does not get a withheld effect, and the core is told that the agent did
 * not answer. */
static bool partition_keeps_back(struct partition *partition, struct span frame)
{
    struct message message;
    uint64_t until_us = effect_until(frame, &message);
    if (until_us == 0 || logical_now(partition) < until_us) return false;
    struct writer *writer = &partition->refused;
    writer_begin(writer, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, message_u(&message, ENVELOPE_ixn));
    writer_u(writer, ENVELOPE_ref, message_u(&message, ENVELOPE_ref));
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_no_answer);
    writer_end(writer);
    partition->host->wake_at(partition->host->self, 0);
    return true;
}

/* Releases the effects of a durable batch. */
static void partition_release(struct partition *partition, struct partition_slot *slot)
{
    const struct host *host = partition->host;
    for (size_t at = 0; at < slot->effects.length;) {
        struct span frame = partition_frame_at(&slot->effects, at);
        at += frame.length;
        if (partition_keeps_back(partition, frame)) continue;
        host->release(host->self, partition_envelope(frame).source, frame);
    }
    for (size_t i = 0; i < slot->commit_count; i++)
        host->committed(host->self, slot->commits[i].source, slot->commits[i].seq);
}

/* Handles the end of an append; false: the partition is dead, and the process has to end. Effects of a batch are
 * sent only here, after the next append has been started. */
bool partition_appended(struct partition *partition, enum append_result result)
{
    assert(partition->count > 0);
    if (partition->dead) return false;
    if (result != APPEND_OK) {
        partition->dead = true; /* what is durable must be found out by a recovery, in another process */
        return false;
    }
    partition->held_us += append_held_us(partition, logical_now(partition));
    struct partition_slot *done = &partition->slots[partition->first];
    partition->first = (partition->first + 1) % AHEAD;
    partition->count--;
    if (partition->count > 0) start_append(partition);
    partition_release(partition, done);
    return true;
}

struct core *partition_core(struct partition *partition)
{
    return partition->core;
}
uint64_t partition_batches(const struct partition *partition)
{
    return partition->head.number;
}
uint64_t partition_events(const struct partition *partition)
{
    return partition->head.events;
}
uint64_t partition_epoch(const struct partition *partition)
{
    return partition->epoch;
}
uint64_t partition_digest(const struct partition *partition)
{
    return core_digest(partition->core);
}

/* Returns the head as the next leader would read it from the batches: with this leader's data if it has written a
 * batch. */
static struct journal_head head_written(const struct partition *partition)
{
    struct journal_head head = partition->head;
    const char *boot = partition->host->boot;
    if (!partition->begun) return head;
    head.epoch = partition->epoch;
    head.origin = (int64_t)partition->base_time_us - (int64_t)partition->base_us;
    snprintf(head.boot, sizeof head.boot, "%s", boot ? boot : "");
    return head;
}

/* Cuts a snapshot. Only to be called between appends, else the snapshot might contain batches that the journal does
 * not have. */
bool partition_cut(struct partition *partition, struct error *error)
{
    assert(partition->options.state);
    struct journal_head head = head_written(partition);
    if (partition->dead || partition->count > 0)
        return error_set(error, ERROR_STATE, "the journal lacks batches that the core has");
    return snapshots_cut(partition->options.state, partition->core, &partition->options.core, &head,
                         partition->options.period_us, error);
}

uint64_t partition_snapshot(const struct partition *partition, uint64_t *tail)
{
    *tail = partition->tail;
    return partition->snapshot;
}
