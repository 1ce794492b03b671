/* runtime/debugger/past_play.c - Plays of a past: events become lines of the timeline, and checkpoints are made from
 * which a later play may begin.
 *
 *     journal   |----|--------|----|--|-|*       `|` a checkpoint, `*` the present
 *                    ^ a step back plays on from the last checkpoint before its aim, not from the beginning
 *
 * A play applies the batches of the journal to a core, and reports events and effects to the onlooker until the
 * onlooker has enough. While the play goes on, it saves the core now and then. A checkpoint only saves time: without
 * one the play begins at the beginning of the journal and comes to the same core. */
#include <assert.h>
#include <string.h>

#include "runtime/core/snapshot.h"
#include "runtime/debugger/past_state.h"
#include "runtime/debugger/twin.h"
#include "runtime/journal/replay.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/vocabulary.h"

enum {
    PAST_LINE_BYTES = 1200,
    CHECKPOINTS_BYTES = 256 * 1024 * 1024, /* of all */
    /* larger cores are saved less often: one event more between checkpoints per so many bytes */
    BYTES_PER_EVENT = 512,
};

struct past_playing {
    const struct past *past;
    struct core *core; /* the twin that plays two versions, if there is one */
    struct twin *twin;
    const struct sim_onlooker *onlooker;
    const struct past_keeper *keeper;
    uint64_t now_us; /* time of the batch being applied */
};

/* Is the event shown? Events that only keep the core and its adapters running are not shown, nor are the thousands of
 * rows of a directory. */
static bool is_news(unsigned kind)
{
    return kind != KIND_Clock && kind != KIND_Epoch && kind != KIND_Configure && kind != KIND_Resync &&
           kind != KIND_Restore && kind != KIND_Reply && kind != KIND_DirectoryRow;
}

/* Does the message belong in the timeline? Without a chosen interaction every message does; else those of that
 * interaction or its connection. */
static bool past_concerns(const struct past *p, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    return p->only_ixn == 0 || message_u(message, ENVELOPE_ixn) == p->only_ixn || (conn != 0 && conn == p->only_conn);
}

static void play_say(const struct past_playing *play, const char *component, struct span frame)
{
    struct message message;
    char text[PAST_LINE_BYTES];
    if (!message_read(&message, frame.bytes, frame.length, NULL) || !is_news(message.kind) ||
        !past_concerns(play->past, &message))
        return;
    (void)message_print_masked(&message, core_mask(play->past->end), text, sizeof text);
    if (!component) {
        uint64_t source = message_u(&message, ENVELOPE_source);
        component = source == SOURCE_HOST ? "host" : source == SOURCE_ADMIN ? "admin" : "adapter";
    }
    play->onlooker->line(play->onlooker->self, play->now_us, component, UINT32_MAX, text);
}

static void past_on_batch(void *self, const struct batch *batch)
{
    struct past_playing *play = self;
    play->now_us = batch->time_us;
    for (uint32_t at = 0; at < batch->events.length;) {
        const uint8_t *frame = batch->events.bytes + at;
        uint32_t size = (uint32_t)message_frame_size(frame, batch->events.length - at);
        if (size == 0) return;
        play_say(play, NULL, (struct span){frame, size});
        at += size;
    }
}

static void past_on_effect(void *self, struct span frame)
{
    play_say(self, "core", frame);
}

/* ---- checkpoints ---- */

/* Returns the checkpoint that can best be dropped: the one whose neighbours would then have the smallest gap relative
 * to their distance from the present. This keeps checkpoints close together near the present and far apart in the old
 * part of the journal: a step back near the present plays at most `each` events again, and a jump far back plays a part
 * of the distance. */
static size_t least_needed(const struct past *p, uint64_t now)
{
    assert(p->checkpoint_count > 0);
    size_t least = 0;
    double least_share = 0;
    for (size_t i = 0; i < p->checkpoint_count; i++) {
        uint64_t at = p->checkpoints[i].head.events;
        uint64_t before = i == 0 ? 0 : p->checkpoints[i - 1].head.events;
        uint64_t after = i + 1 == p->checkpoint_count ? at + p->each : p->checkpoints[i + 1].head.events;
        assert(before <= at && at <= after); /* checkpoints are sorted by their events */
        uint64_t distance = (now > at ? now - at : at - now) + p->each;
        double share = (double)(after - before) / (double)distance;
        if (i == 0 || share < least_share) least = i, least_share = share;
    }
    return least;
}

/* Returns how many checkpoints are at the given batch or before it. */
static size_t past_snapshot_before(const struct past *p, uint64_t number)
{
    size_t count = p->checkpoint_count;
    while (count > 0 && p->checkpoints[count - 1].head.number > number) count--;
    return count;
}

/* Saves the core, and the observer's knowledge, unless a neighbouring checkpoint is nearer than `each` events. */
static void take_checkpoint(struct past *p, struct core *core, const struct journal_head *head,
                            const struct past_keeper *keeper)
{
    assert(p->checkpoint_count <= CHECKPOINTS_MAX); /* there is room for one more */
    size_t index = past_snapshot_before(p, head->number);
    assert(index <= p->checkpoint_count);
    struct checkpoint one = {.head = *head};
    if (head->events - (index > 0 ? p->checkpoints[index - 1].head.events : 0) < p->each) return;
    if (index < p->checkpoint_count && p->checkpoints[index].head.events - head->events < p->each) return;
    one.core = past_saved(core, &one.length);
    one.kept = keeper->keep(keeper->self, &one.kept_size);
    uint64_t each = one.length / BYTES_PER_EVENT;
    if (p->each < each) p->each = each;
    memmove(&p->checkpoints[index + 1], &p->checkpoints[index], (p->checkpoint_count - index) * sizeof one);
    p->checkpoints[index] = one;
    p->checkpoint_count++;
    p->checkpoint_bytes += one.length + one.kept_size;
    while (p->checkpoint_count > CHECKPOINTS_MAX || p->checkpoint_bytes > CHECKPOINTS_BYTES)
        past_forget_checkpoint(p, least_needed(p, head->events));
}

/* Returns the core of the last checkpoint at which this play may begin, and its head; NULL: the play has to begin at
 * the beginning. A checkpoint whose core cannot be loaded is no fault of the user's: from then on, plays begin at
 * the beginning. */
static struct core *from_checkpoint(struct past *p, const struct past_keeper *keeper, struct journal_head *head)
{
    size_t index = p->checkpoint_count;
    assert(!p->no_checkpoints);
    struct error ignored;
    while (index > 0 && !keeper->fits(keeper->self, p->checkpoints[index - 1].kept)) index--;
    if (index == 0) return NULL;
    const struct checkpoint *one = &p->checkpoints[index - 1];
    struct core *core = core_load(&p->options, one->core, one->length, &ignored);
    if (!core) { /* then it takes longer */
        p->no_checkpoints = true;
        past_forget_checkpoints(p);
        return NULL;
    }
    *head = one->head;
    keeper->take(keeper->self, one->kept);
    return core;
}

/* ---- a play ---- */

/* Plays the whole journal, or the part after a checkpoint, until the onlooker has enough. This function and the next
 * return false with the error if the journal cannot be applied any further. */
static bool play_all(struct past *p, struct past_playing *play, const struct journal_watch *watch, struct error *error)
{
    assert(!play->twin && p->alone == 0);
    const struct sim_onlooker *onlooker = play->onlooker;
    const struct past_keeper *keeper = p->no_checkpoints ? NULL : play->keeper;
    struct journal_head head;
    bool good = true;
    play->core = keeper ? from_checkpoint(p, keeper, &head) : NULL;
    if (!play->core) play->core = past_begin(p, &p->options, &head);
    core_watch(play->core, onlooker->watch);
    onlooker->begins(onlooker->self, play->core);
    while (good && (head.number < p->last || (p->more && p->more(p->more_self))) &&
           onlooker->goes_on(onlooker->self, core_next_timer(play->core))) {
        good = journal_next(p->store, &p->options, play->core, &head, watch, error);
        if (good && keeper && !p->no_checkpoints) take_checkpoint(p, play->core, &head, keeper);
    }
    return good;
}

/* Plays the journal with one interaction on the other version of its strategy; without checkpoints. */
static bool past_play_alone(struct past *p, struct past_playing *play, const struct journal_watch *watch,
                            struct error *error)
{
    assert(p->with && p->alone != 0);
    const struct sim_onlooker *onlooker = play->onlooker;
    bool good = true;
    play->twin = twin_new(p, p->alone);
    play->core = twin_core(play->twin);
    twin_watch(play->twin, onlooker->watch, watch);
    onlooker->begins(onlooker->self, play->core);
    while (good && twin_batches(play->twin) < p->last && onlooker->goes_on(onlooker->self, core_next_timer(play->core)))
        good = twin_next(play->twin, error);
    return good;
}

/* Plays the journal; the core belongs to the twin, if there is one, and is freed with it. */
void past_play(struct past *p, const struct sim_onlooker *onlooker, const struct past_keeper *keeper,
               const struct sim_report *report)
{
    struct past_playing play = {.past = p, .onlooker = onlooker, .keeper = keeper};
    const struct journal_watch watch = {&play, past_on_batch, {past_on_effect, &play}};
    struct error error = {0};
    assert(onlooker->begins && onlooker->line && onlooker->goes_on);
    bool good = p->alone != 0 ? past_play_alone(p, &play, &watch, &error) : play_all(p, &play, &watch, &error);
    if (!good) report->failure(report->self, "journal", 0, error.text);
    report->result(report->self, &(struct sim_result){.name = "journal", .file = "journal", .failures = !good});
    if (play.twin)
        twin_free(play.twin);
    else
        core_free(play.core);
}
