/* runtime/core/interactions/submitted.c - The table of submitted interactions, their bins (queues and workbins), and
 * the ids of ended ones.
 *
 *     interaction --by_slot--> row --bin--> bin (a queue, or a workbin of `whose`)
 *                               |            first -> row -> row -> last, in the order of arrival
 *                               +--queue--> the queue to come back to after a workbin
 *                               +--held---> external id and body record, one piece of memory
 *
 * A row exists as long as its interaction. `in` says whether the interaction is in the bin now: when an agent takes
 * it, `bin` stays set, so that it can go back to the same place. When the interaction ends, its external id is
 * remembered for a while: the same submit, sent again, gets the old id and makes no second interaction. */
#include "runtime/core/interactions/submitted.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/rows.h"

static uint64_t row_key(const void *owner, uint32_t row)
{
    return ((const struct submissions *)owner)->all[row].key;
}

static uint64_t thread_key(const void *owner, uint32_t row)
{
    return ((const struct submissions *)owner)->all[row].thread;
}

static uint64_t bin_word(uint32_t name, uint32_t whose)
{
    return (uint64_t)whose << 32 | name;
}

static uint64_t bin_key(const void *owner, uint32_t bin)
{
    const struct submissions *submissions = owner;
    return bin_word(submissions->bins[bin].name, submissions->bins[bin].whose);
}

static uint64_t ended_key(const void *owner, uint32_t at)
{
    return ((const struct submissions *)owner)->ended[at].key;
}

static void submitted_init(void *self, const struct parts *parts)
{
    struct submissions *submissions = self;
    *submissions = (struct submissions){.now = parts->now,
                                        .facts = parts->facts,
                                        .names = parts->names,
                                        .agents = parts->agents,
                                        .claims = parts->claims,
                                        .links = parts->links,
                                        .options = parts->options,
                                        .timers = parts->timers,
                                        .slab = parts->slab,
                                        .interactions = parts->interactions,
                                        .effects = parts->effects,
                                        .free = SUBMITTED_NONE};
    lookup_init(&submissions->by_key, submissions, row_key);
    lookup_init(&submissions->by_thread, submissions, thread_key);
    lookup_init(&submissions->by_bin, submissions, bin_key);
    lookup_init(&submissions->by_ended, submissions, ended_key);
}

static void submitted_release(void *self)
{
    struct submissions *submissions = self;
    for (uint32_t at = 0; at < submissions->count; at++) free(submissions->all[at].held);
    free(submissions->all);
    free(submissions->bins);
    free(submissions->ended);
    free(submissions->changed);
    free(submissions->noted);
    lookup_free(&submissions->by_key);
    lookup_free(&submissions->by_thread);
    free(submissions->by_slot);
    lookup_free(&submissions->by_bin);
    lookup_free(&submissions->by_ended);
}

/* Returns the key of what was submitted, made of tenant, medium and external id. */
uint64_t submitted_key(const struct submissions *submissions, struct span external, struct span tenant, unsigned medium)
{
    uint64_t key = table_text_hash(submissions->names, external);
    key = table_mix64(key + table_text_hash(submissions->names, tenant));
    return table_mix64(key + medium);
}

/* Returns the interaction that was submitted before under the key; 0: there is none. The caller must ask this before
 * it makes a new interaction. */
uint64_t submitted_before(const struct submissions *submissions, uint64_t key)
{
    uint32_t at;
    if (lookup_find(&submissions->by_key, key, &at))
        return interaction_at(submissions->interactions, submissions->all[at].slot)->id;
    return lookup_find(&submissions->by_ended, key, &at) ? submissions->ended[at].ixn : 0;
}

bool submitted_forgets(const struct submissions *submissions)
{
    return submissions->ended_count > ENDED_KEYS;
}

/* Returns the row of the interaction. The array holds row + 1, so 0 means no row. */
static uint32_t submitted_row(const struct submissions *submissions, const struct interaction *ix)
{
    assert(ix->submitted && ix->slot < submissions->slot_capacity && submissions->by_slot[ix->slot] != 0);
    return submissions->by_slot[ix->slot] - 1;
}

/* Notes which row belongs to the interaction's slot. False: the slot has another row already. */
static bool slot_set(struct submissions *submissions, uint32_t slot, uint32_t row)
{
    submissions->by_slot =
        memory_grow(submissions->by_slot, &submissions->slot_capacity, slot + 1, sizeof *submissions->by_slot);
    if (submissions->by_slot[slot] != 0) return false;
    submissions->by_slot[slot] = row + 1;
    return true;
}

const struct submitted *submitted_of(const struct submissions *submissions, const struct interaction *ix)
{
    return ix->submitted ? &submissions->all[submitted_row(submissions, ix)] : NULL;
}

uint32_t submitted_queue(const struct submissions *submissions, const struct interaction *ix)
{
    const struct submitted *row = submitted_of(submissions, ix);
    const struct bin *bin = row && row->bin != BIN_NONE ? &submissions->bins[row->bin] : NULL;
    return bin && bin->whose == 0 ? bin->name : 0;
}

struct span submitted_external_id(const struct submitted *row)
{
    return (struct span){row->held, row->external_length};
}

struct span submitted_body(const struct submitted *row)
{
    return (struct span){row->held + row->external_length, row->body_length};
}

/* Copies the external id and the body's record into one piece of memory. */
static void submitted_hold(struct submitted *row, struct span external, struct span body)
{
    row->held = memory_zeroed(external.length + body.length + 1, 1);
    memcpy(row->held, external.bytes, external.length);
    if (body.length != 0) memcpy(row->held + external.length, body.bytes, body.length);
    row->external_length = (uint16_t)external.length;
    row->body_length = (uint16_t)body.length;
}

/* ---- threads ---- */

/* Puts the row into the list of its thread, behind the first one. A thread that has THREAD_MAX rows takes no more. */
static void thread_join(struct submissions *submissions, uint32_t at)
{
    struct submitted *row = &submissions->all[at];
    uint32_t first, count = 0;
    row->thread_next = row->thread_previous = SUBMITTED_NONE;
    if (row->thread == 0) return;
    if (!lookup_find(&submissions->by_thread, row->thread, &first)) {
        lookup_add(&submissions->by_thread, at);
        return;
    }
    for (uint32_t one = first; one != SUBMITTED_NONE; one = submissions->all[one].thread_next) count++;
    if (count >= THREAD_MAX) {
        row->thread = 0;
        return;
    }
    row->thread_previous = first;
    row->thread_next = submissions->all[first].thread_next;
    if (row->thread_next != SUBMITTED_NONE) submissions->all[row->thread_next].thread_previous = at;
    submissions->all[first].thread_next = at;
}

static void thread_leave(struct submissions *submissions, uint32_t at)
{
    const struct submitted *row = &submissions->all[at];
    if (row->thread == 0) return;
    if (row->thread_next != SUBMITTED_NONE) submissions->all[row->thread_next].thread_previous = row->thread_previous;
    if (row->thread_previous != SUBMITTED_NONE) {
        submissions->all[row->thread_previous].thread_next = row->thread_next;
        return;
    }
    lookup_remove(&submissions->by_thread, row->thread);
    if (row->thread_next != SUBMITTED_NONE) lookup_add(&submissions->by_thread, row->thread_next);
}

/* Notes that somebody else may have the row's interaction now: others of its thread may wait for that. */
static void thread_note(struct submissions *submissions, const struct submitted *row)
{
    if (row->thread == 0) return;
    uint32_t count = ++submissions->noted_count;
    submissions->noted =
        memory_grow(submissions->noted, &submissions->noted_capacity, count, sizeof *submissions->noted);
    submissions->noted[count - 1] = row->thread;
}

void submitted_threads_settle(struct submissions *submissions, void *self,
                              void (*told)(void *self, const struct interaction *))
{
    for (uint32_t at = 0; at < submissions->noted_count; at++) {
        uint32_t row;
        if (!lookup_find(&submissions->by_thread, submissions->noted[at], &row)) continue;
        for (; row != SUBMITTED_NONE; row = submissions->all[row].thread_next)
            told(self, interaction_at(submissions->interactions, submissions->all[row].slot));
    }
    submissions->noted_count = 0;
}

/* Returns the name of the agent who has the interaction, or in whose workbin it lies; 0: nobody has it. Others than
 * agents have workbins, too; but whoever has written it is an agent, even if no link has reported them yet. */
static uint32_t submitted_agent(const struct submissions *submissions, const struct submitted *row)
{
    const struct interaction *ix = interaction_at(submissions->interactions, row->slot);
    uint32_t agent, name = ix->state == IX_HANDLING && ix->owner_kind == OWNER_AGENT ? ix->owner
                           : row->in                                                 ? submissions->bins[row->bin].whose
                                                                                     : 0;
    return name != 0 && (name == row->author || agent_find(submissions->agents, name, &agent)) ? name : 0;
}

uint32_t submitted_thread_agent(const struct submissions *submissions, const struct interaction *ix)
{
    const struct submitted *own = submitted_of(submissions, ix);
    uint32_t at, found = 0;
    uint64_t oldest = UINT64_MAX;
    if (!own || own->thread == 0 || !lookup_find(&submissions->by_thread, own->thread, &at)) return 0;
    for (; at != SUBMITTED_NONE; at = submissions->all[at].thread_next) {
        const struct submitted *row = &submissions->all[at];
        uint64_t id = interaction_at(submissions->interactions, row->slot)->id;
        uint32_t agent = row == own || id >= oldest ? 0 : submitted_agent(submissions, row);
        if (agent == 0) continue;
        found = agent;
        oldest = id;
    }
    return found;
}

/* Returns the key of the thread that the message names. A part of a mail (SUBTYPE_SPLIT) is of the mail's thread. */
static uint64_t thread_named(const struct submissions *submissions, const struct message *message)
{
    struct span name = message_text(message, Submit_thread);
    const struct interaction *split =
        span_is(message_text(message, Submit_subtype), SUBTYPE_SPLIT)
            ? interaction_by_id(submissions->interactions, message_u(message, Submit_parent))
            : NULL;
    const struct submitted *of = split ? submitted_of(submissions, split) : NULL;
    if (of) return of->thread;
    return name.length == 0 ? 0
                            : submitted_key(submissions, name, message_text(message, ENVELOPE_tenant),
                                            (unsigned)message_u(message, Submit_media));
}

/* Returns the link that is the interaction's home. The home of an answer, even of one that a desk has submitted, is
 * the link where the answered interaction came in. An interaction that the core itself has submitted has no home. */
static uint16_t home_of(const struct submissions *submissions, const struct interaction *ix, uint64_t parent)
{
    const struct interaction *answered = interaction_by_id(submissions->interactions, parent);
    const struct submitted *row = answered ? submitted_of(submissions, answered) : NULL;
    return row && ix->link != 0 ? row->home : (uint16_t)ix->link;
}

/* Counts a reference to the agent of the given name, if there is one, for submitted interactions. */
static void refer_named(const struct submissions *submissions, uint32_t name)
{
    uint32_t agent;
    if (name != 0 && agent_find(submissions->agents, name, &agent)) agent_refer(submissions->agents, agent);
}

void submitted_add(struct submissions *submissions, struct interaction *ix, uint64_t key, const struct message *message)
{
    uint16_t home = home_of(submissions, ix, message_u(message, Submit_parent));
    bool split = span_is(message_text(message, Submit_subtype), SUBTYPE_SPLIT); /* the customer has written it */
    assert(!ix->submitted && submitted_before(submissions, key) == 0);
    uint32_t row = POOL_TAKE(submissions, slot);
    submissions->all[row] = (struct submitted){
        .key = key,
        .parent = message_u(message, Submit_parent),
        .thread = thread_named(submissions, message),
        .slot = ix->slot,
        .bin = BIN_NONE,
        .queue = BIN_NONE,
        .author = split ? 0 : names_find(submissions->names, message_text(message, ENVELOPE_actor)),
        .home = home,
        .online = message_u(message, Submit_online) != 0,
        .split = split,
    };
    struct span body = message_text(message, Submit_body);
    if (body.length > UINT16_MAX) body.length = 0; /* a frame is smaller, so a body that long cannot come */
    submitted_hold(&submissions->all[row], message_text(message, Submit_external_id), body);
    lookup_add(&submissions->by_key, row);
    thread_join(submissions, row);
    bool set = slot_set(submissions, ix->slot, row);
    assert(set);
    (void)set;
    refer_named(submissions, submissions->all[row].author);
    ix->submitted = true;
    interaction_touch(submissions->interactions, ix);
}

/* Sets the body. The new memory is filled before the old is freed, because the external id is read from the old
 * memory. */
void submitted_set_body(struct submissions *submissions, struct interaction *ix, struct span body)
{
    struct submitted *row = &submissions->all[submitted_row(submissions, ix)];
    if (body.length == 0 || body.length > UINT16_MAX) return;
    uint8_t *before = row->held;
    submitted_hold(row, submitted_external_id(row), body);
    free(before);
    interaction_touch(submissions->interactions, ix);
}

void submitted_answers(struct submissions *submissions, const struct interaction *ix, bool answers)
{
    submissions->all[submitted_row(submissions, ix)].answers = answers;
    interaction_touch(submissions->interactions, interaction_at(submissions->interactions, ix->slot));
}

/* ---- bins ---- */

static bool bin_is_free(const struct bin *bin)
{
    return bin->name == 0 && bin->whose == 0;
}

/* Returns the lowest free place; the table's count: none is free. */
static uint32_t bin_free_place(struct submissions *submissions)
{
    if (submissions->bins_free == 0) return submissions->bin_count;
    while (!bin_is_free(&submissions->bins[submissions->bin_free_from])) submissions->bin_free_from++;
    return submissions->bin_free_from;
}

static uint32_t bin_made(struct submissions *submissions, uint32_t name, uint32_t whose)
{
    uint32_t bin;
    if (lookup_find(&submissions->by_bin, bin_word(name, whose), &bin)) return bin;
    bin = bin_free_place(submissions);
    if (bin == submissions->bin_count)
        submissions->bins = memory_grow(submissions->bins, &submissions->bin_capacity, ++submissions->bin_count,
                                        sizeof *submissions->bins);
    else
        submissions->bins_free--;
    submissions->bins[bin] =
        (struct bin){.name = name, .whose = whose, .first = SUBMITTED_NONE, .last = SUBMITTED_NONE};
    lookup_add(&submissions->by_bin, bin);
    return bin;
}

bool submitted_bins_full(const struct submissions *submissions)
{
    return submissions->bin_count - submissions->bins_free >= BINS_MAX;
}

void submitted_refer_owners(const struct submissions *submissions)
{
    for (uint32_t at = 0; at < submissions->count; at++) {
        const struct submitted *row = &submissions->all[at];
        if (row->held && row->bin != BIN_NONE) refer_named(submissions, submissions->bins[row->bin].whose);
    }
}

/* Frees the workbins that nothing refers to. The bins of queues stay. */
void submitted_sweep(struct submissions *submissions)
{
    bool *needed = memory_zeroed(submissions->bin_count + 1, sizeof *needed);
    for (uint32_t at = 0; at < submissions->count; at++) {
        const struct submitted *row = &submissions->all[at];
        if (row->held && row->bin != BIN_NONE) needed[row->bin] = true;
        if (row->held && row->queue != BIN_NONE) needed[row->queue] = true;
    }
    for (uint32_t at = 0; at < submissions->bin_count; at++) {
        struct bin *bin = &submissions->bins[at];
        if (needed[at] || bin->whose == 0 || bin->count != 0 || bin->watched || bin->changed) continue;
        lookup_remove(&submissions->by_bin, bin_word(bin->name, bin->whose));
        *bin = (struct bin){.first = SUBMITTED_NONE, .last = SUBMITTED_NONE};
        submissions->bins_free++;
        if (at < submissions->bin_free_from) submissions->bin_free_from = at;
    }
    free(needed);
}

/* Adds the bin to the list of changed bins, once, however often it changes in an event. */
static void note_change(struct submissions *submissions, uint32_t at)
{
    struct bin *bin = &submissions->bins[at];
    if (!bin->watched || bin->changed) return;
    bin->changed = true;
    uint32_t count = ++submissions->changed_count;
    submissions->changed =
        memory_grow(submissions->changed, &submissions->changed_capacity, count, sizeof *submissions->changed);
    submissions->changed[count - 1] = at;
}

static void leave_bin(struct submissions *submissions, uint32_t at)
{
    struct submitted *row = &submissions->all[at];
    if (!row->in) return;
    struct bin *bin = &submissions->bins[row->bin];
    assert(bin->count > 0);
    *(row->previous == SUBMITTED_NONE ? &bin->first : &submissions->all[row->previous].next) = row->next;
    *(row->next == SUBMITTED_NONE ? &bin->last : &submissions->all[row->next].previous) = row->previous;
    bin->count--;
    row->in = false;
    note_change(submissions, row->bin);
}

/* Joins at the end. Puts the row into the bin's list, in the order in which people see the bin. */
static void enter_bin(struct submissions *submissions, uint32_t at, uint32_t to)
{
    struct submitted *row = &submissions->all[at];
    struct bin *bin = &submissions->bins[to];
    if (row->in && row->bin == to) return; /* nothing changes: the interaction keeps its place in the bin */
    leave_bin(submissions, at);
    row->bin = to;
    row->in = true;
    row->previous = bin->last;
    row->next = SUBMITTED_NONE;
    *(bin->last == SUBMITTED_NONE ? &bin->first : &submissions->all[bin->last].next) = at;
    bin->last = at;
    bin->count++;
    note_change(submissions, to);
}

/* Makes the bin the owner of the interaction; no strategy or agent works on it any more. */
static void owned_by(struct submissions *submissions, struct interaction *ix, const struct bin *bin)
{
    interaction_own(submissions->interactions, ix, IX_QUEUED, bin->whose != 0 ? OWNER_WORKBIN : OWNER_QUEUE, bin->name);
    interaction_touch(submissions->interactions, ix);
}

void submitted_put(struct submissions *submissions, struct interaction *ix, uint32_t name, uint32_t whose)
{
    uint32_t at = submitted_row(submissions, ix), bin = bin_made(submissions, name, whose);
    struct submitted *row = &submissions->all[at];
    row->parked = row->came_back = false;
    if (whose == 0) row->queue = bin;
    enter_bin(submissions, at, bin);
    owned_by(submissions, ix, &submissions->bins[bin]);
}

/* Parks the interaction: only in a workbin, and only if it has a queue to come back to. The interaction itself keeps
 * the time. */
void submitted_park(struct submissions *submissions, struct interaction *ix, uint64_t until_us)
{
    struct submitted *row = &submissions->all[submitted_row(submissions, ix)];
    assert(row->in && submissions->bins[row->bin].whose != 0);
    if (row->queue == BIN_NONE) return;
    row->parked = true;
    ix->ends_us = until_us;
    interaction_touch(submissions->interactions, ix);
}

/* Puts the interaction into its last queue. The queue's name is copied first, because submitted_put() may move the
 * bins. */
void submitted_unpark(struct submissions *submissions, struct interaction *ix)
{
    uint32_t at = submitted_row(submissions, ix);
    assert(submissions->all[at].parked && submissions->all[at].in);
    const struct bin queue = submissions->bins[submissions->all[at].queue];
    submitted_put(submissions, ix, queue.name, queue.whose);
    submissions->all[at].came_back = true;
}

uint32_t submitted_last_queue(const struct submissions *submissions, const struct interaction *ix)
{
    const struct submitted *row = submitted_of(submissions, ix);
    return row && row->queue != BIN_NONE ? submissions->bins[row->queue].name : 0;
}

uint64_t submitted_back_us(const struct submissions *submissions, const struct interaction *ix)
{
    const struct submitted *row = submitted_of(submissions, ix);
    return row && row->parked && ix->state == IX_QUEUED ? ix->ends_us : 0;
}

void submitted_stays(struct submissions *submissions, struct interaction *ix)
{
    submissions->all[submitted_row(submissions, ix)].parked = false;
    interaction_touch(submissions->interactions, ix);
}

/* Puts the interaction back into the bin from which an agent took it, at the end of the list. */
void submitted_return(struct submissions *submissions, struct interaction *ix)
{
    uint32_t row = submitted_row(submissions, ix), bin = submissions->all[row].bin;
    assert(bin != BIN_NONE);
    enter_bin(submissions, row, bin);
    owned_by(submissions, ix, &submissions->bins[bin]);
}

/* Takes the interaction out of its bin; the row still remembers which bin it was. */
void submitted_take(struct submissions *submissions, struct interaction *ix)
{
    uint32_t row = submitted_row(submissions, ix);
    submissions->all[row].came_back = false;
    leave_bin(submissions, row);
    interaction_touch(submissions->interactions, ix);
}

const struct bin *submitted_bin(const struct submissions *submissions, uint32_t name, uint32_t whose)
{
    uint32_t bin;
    return lookup_find(&submissions->by_bin, bin_word(name, whose), &bin) ? &submissions->bins[bin] : NULL;
}

/* Returns the bin for a watcher, and makes it if it does not exist yet. NULL: there are too many bins. */
const struct bin *submitted_watch(struct submissions *submissions, uint32_t name, uint32_t whose, bool watched)
{
    if (submitted_bins_full(submissions) && !submitted_bin(submissions, name, whose)) return NULL;
    uint32_t bin = bin_made(submissions, name, whose);
    submissions->bins[bin].watched = watched;
    return &submissions->bins[bin];
}

const struct bin *submitted_changed(struct submissions *submissions)
{
    if (submissions->changed_count == 0) return NULL;
    struct bin *bin = &submissions->bins[submissions->changed[--submissions->changed_count]];
    bin->changed = false;
    return bin;
}

struct interaction *submitted_next(const struct submissions *submissions, const struct bin *bin, uint32_t *row)
{
    *row = *row == SUBMITTED_NONE ? bin->first : submissions->all[*row].next;
    return *row == SUBMITTED_NONE ? NULL : interaction_at(submissions->interactions, submissions->all[*row].slot);
}

/* ---- the end ---- */

/* Remembers the ended interaction under its key, in a ring of fixed size: the oldest one is forgotten. */
static void submitted_remember(struct submissions *submissions, uint64_t key, uint64_t ixn)
{
    uint32_t at = (uint32_t)(submissions->ended_count % ENDED_KEYS);
    if (!submissions->ended) submissions->ended = memory_zeroed(ENDED_KEYS, sizeof *submissions->ended);
    if (submissions->ended_count >= ENDED_KEYS) lookup_remove(&submissions->by_ended, submissions->ended[at].key);
    submissions->ended[at] = (struct ended_key){key, ixn};
    lookup_add(&submissions->by_ended, at);
    submissions->ended_count++;
    submissions->ended_content = table_mix64(table_mix64(submissions->ended_content + key) + ixn);
}

const char *submitted_ended_word(unsigned outcome)
{
    static const char *const words[] = {
#define OUTCOME(name, shown, told) told,
#include "runtime/vocabulary/outcomes.def"
#undef OUTCOME
    };
    assert(outcome < sizeof words / sizeof *words);
    return words[outcome];
}

/* Tells the link that keeps a submitted interaction that it has ended, whoever has ended it. An e-mail is kept by
 * the link that has mails, also if a desk has submitted it. */
static void tell_keeper(struct submissions *submissions, const struct interaction *ix, const struct submitted *row)
{
    unsigned link = ix->media == media_email ? link_that_can(submissions->links, row->home, CAP_ENDS) : row->home;
    if (!link_can(submissions->links, link, CAP_ENDS)) return;
    effect_begin(submissions->effects, &(struct effect){.kind = KIND_EventEnded, .link = link, .about = ix->id});
    writer_bytes(&submissions->effects->writer, EventEnded_external_id, submitted_external_id(row));
    writer_text(&submissions->effects->writer, EventEnded_how, submitted_ended_word(ix->outcome));
    effect_end(submissions->effects);
}

/* The interaction ends: tells its link before the row is freed, since the external id is in the row. */
static void submitted_forget(void *self, struct interaction *ix)
{
    struct submissions *submissions = self;
    if (!ix->submitted) return;
    uint32_t at = submitted_row(submissions, ix);
    struct submitted *row = &submissions->all[at];
    tell_keeper(submissions, ix, row);
    leave_bin(submissions, at);
    thread_note(submissions, row);
    thread_leave(submissions, at);
    lookup_remove(&submissions->by_key, row->key);
    submissions->by_slot[row->slot] = 0;
    submitted_remember(submissions, row->key, ix->id);
    free(row->held);
    POOL_GIVE(submissions, at, slot);
    ix->submitted = false;
}

static void submitted_hear(void *self, const struct fact *fact)
{
    struct submissions *submissions = self;
    if (fact->what != FACT_owned) return;
    const struct interaction *ix = interaction_by_id(submissions->interactions, fact->ixn);
    if (ix && ix->submitted) thread_note(submissions, submitted_of(submissions, ix));
}

static uint64_t submissions_hash(const void *self)
{
    const struct submissions *submissions = self;
    return submissions->ended_content;
}

/* Returns the hash of the row; fields of later versions add nothing if they are not set. */
static uint64_t submissions_content(const void *self, const struct interaction *ix)
{
    const struct submissions *submissions = self;
    const struct submitted *row = submitted_of(submissions, ix);
    if (!row) return 0;
    uint64_t word = row->bin == BIN_NONE ? 0 : bin_key(submissions, row->bin);
    uint64_t park = !row->parked && !row->came_back ? 0 : table_mix64((row->parked ? ix->ends_us : 0) + row->queue + 1);
    return table_mix64(table_mix64(row->key + row->in) + word) + park +
           table_mix64(row->parent + row->author + ((uint64_t)row->home << 1) + (row->online ? 1u : 0u)) +
           (row->answers ? table_mix64(row->parent + 1) : 0) + (row->split ? table_mix64(row->parent + 2) : 0);
}

/* True: a bin has the interaction exactly if no agent has it. */
static bool submitted_holds(const void *self, const struct interaction *ix)
{
    const struct submissions *submissions = self;
    const struct submitted *row = submitted_of(submissions, ix);
    if (!row) return ix->owner_kind != OWNER_WORKBIN;
    if (row->bin == BIN_NONE) return false;
    return row->in == (ix->state == IX_QUEUED || ix->state == IX_ROUTING);
}

static bool submissions_check(const void *self)
{
    const struct submissions *submissions = self;
    uint32_t rows = 0, in = 0;
    for (uint32_t at = 0; at < submissions->count; at++) {
        const struct submitted *row = &submissions->all[at];
        if (row->held && submissions->by_slot[row->slot] != at + 1) return false;
        rows += row->held != NULL;
    }
    for (uint32_t bin = 0; bin < submissions->bin_count; bin++) {
        uint32_t count = 0;
        for (uint32_t at = submissions->bins[bin].first; at != SUBMITTED_NONE; at = submissions->all[at].next) {
            if (!submissions->all[at].in || submissions->all[at].bin != bin) return false;
            count++;
        }
        if (count != submissions->bins[bin].count) return false;
        in += count;
    }
    return rows == submissions->by_key.count && in <= rows;
}

/* the first versions of snapshots that say of what thread a row is, and whether it was split off from another mail */
enum { SUBMITTED_HAS_THREAD = 21, SUBMITTED_HAS_SPLIT = 25 };

/* Writes or reads a row; in a free row, `slot` is the next free row. */
static void submission_keep(struct submissions *submissions, struct keeper *keeper, uint32_t at)
{
    struct submitted *row = &submissions->all[at];
    bool taken = keep_bool(keeper, row->held != NULL);
    if (!taken) {
        row->slot = keep_index(keeper, row->slot, submissions->count, SUBMITTED_NONE);
        return;
    }
    row->key = keep_u64(keeper, row->key);
    row->parent = keep_u64(keeper, row->parent);
    row->external_length = keep_u16(keeper, row->external_length);
    row->body_length = keep_u16(keeper, row->body_length);
    if (keep_reading(keeper)) row->held = memory_zeroed((size_t)row->external_length + row->body_length + 1, 1);
    keep_raw(keeper, row->held, (size_t)row->external_length + row->body_length);
    row->slot = keep_index(keeper, row->slot, slab_handles(submissions->slab), 0);
    row->bin = keep_u32(keeper, row->bin);
    row->in = keep_bool(keeper, row->in);
    if (row->in) row->next = keep_index(keeper, row->next, submissions->count, SUBMITTED_NONE);
    if (row->in) row->previous = keep_index(keeper, row->previous, submissions->count, SUBMITTED_NONE);
    row->author = name_keep(submissions->names, keeper, row->author);
    row->home = keep_u16(keeper, row->home);
    row->online = keep_bool(keeper, row->online);
    row->parked = keep_has(keeper, 3) && keep_bool(keeper, row->parked);
    row->came_back = keep_has(keeper, 3) && keep_bool(keeper, row->came_back);
    row->queue = keep_has(keeper, 3) ? keep_u32(keeper, row->queue) : BIN_NONE; /* submissions_keep() sees to it */
    row->thread = keep_has(keeper, SUBMITTED_HAS_THREAD) ? keep_u64(keeper, row->thread) : 0;
    row->answers = keep_has(keeper, SUBMITTED_HAS_THREAD) && keep_bool(keeper, row->answers);
    row->split = keep_has(keeper, SUBMITTED_HAS_SPLIT) && keep_bool(keeper, row->split);
    lookup_restore(&submissions->by_key, keeper, at);
    if (keep_reading(keeper)) thread_join(submissions, at);
    if (keep_reading(keeper) && !slot_set(submissions, row->slot, at))
        keep_fail(keeper, "an interaction was submitted twice");
}

static void keep_bin(struct submissions *submissions, struct keeper *keeper, struct bin *bin)
{
    bin->name = name_keep(submissions->names, keeper, bin->name);
    bin->whose = name_keep(submissions->names, keeper, bin->whose);
    bin->first = keep_index(keeper, bin->first, submissions->count, SUBMITTED_NONE);
    bin->last = keep_index(keeper, bin->last, submissions->count, SUBMITTED_NONE);
    bin->count = keep_u32(keeper, bin->count);
    bin->watched = keep_bool(keeper, bin->watched);
    bin->changed = keep_bool(keeper, bin->changed);
}

/* Sets each interaction's last queue for a snapshot before version 3, which does not have it: if its bin is a queue,
 * that one; if its bin is a workbin, the queue is unknown. */
static void queues_known(struct submissions *submissions)
{
    for (uint32_t at = 0; at < submissions->count; at++) {
        struct submitted *row = &submissions->all[at];
        row->queue = row->bin < submissions->bin_count && submissions->bins[row->bin].whose == 0 ? row->bin : BIN_NONE;
    }
}

static void keep_ended(struct submissions *submissions, struct keeper *keeper)
{
    submissions->ended_count = keep_u64(keeper, submissions->ended_count);
    submissions->ended_content = keep_u64(keeper, submissions->ended_content);
    if (submissions->ended_count != 0 && !submissions->ended)
        submissions->ended = memory_zeroed(ENDED_KEYS, sizeof *submissions->ended);
    for (uint32_t at = 0; at < ENDED_KEYS && at < submissions->ended_count && keep_good(keeper); at++) {
        submissions->ended[at].key = keep_u64(keeper, submissions->ended[at].key);
        submissions->ended[at].ixn = keep_u64(keeper, submissions->ended[at].ixn);
        lookup_restore(&submissions->by_ended, keeper, at);
    }
}

static void submissions_keep(void *self, struct keeper *keeper)
{
    struct submissions *submissions = self;
    POOL_KEEP(submissions, keeper, UINT32_MAX);
    lookup_fill(&submissions->by_key, keeper, submissions->count);
    for (uint32_t at = 0; at < submissions->count && keep_good(keeper); at++) submission_keep(submissions, keeper, at);
    lookup_filled(&submissions->by_key, keeper);
    submissions->bins = keep_rows(keeper, submissions->bins, &submissions->bin_count, &submissions->bin_capacity,
                                  UINT32_MAX, sizeof *submissions->bins);
    for (uint32_t at = 0; at < submissions->bin_count && keep_good(keeper); at++) {
        keep_bin(submissions, keeper, &submissions->bins[at]);
        if (!bin_is_free(&submissions->bins[at])) lookup_restore(&submissions->by_bin, keeper, at);
        if (keep_reading(keeper)) submissions->bins_free += bin_is_free(&submissions->bins[at]);
    }
    if (keep_reading(keeper) && !keep_has(keeper, 3)) queues_known(submissions);
    submissions->changed =
        keep_rows(keeper, submissions->changed, &submissions->changed_count, &submissions->changed_capacity,
                  submissions->bin_count, sizeof *submissions->changed);
    for (uint32_t at = 0; at < submissions->changed_count; at++)
        submissions->changed[at] = keep_index(keeper, submissions->changed[at], submissions->bin_count, 0);
    keep_ended(submissions, keeper);
}

/* True: the list of the bin is linked in both directions, and each row in it names the bin. */
static bool bin_sound(const struct submissions *submissions, uint32_t number, struct marks *marks)
{
    uint32_t before = SUBMITTED_NONE;
    for (uint32_t at = submissions->bins[number].first; at != SUBMITTED_NONE; at = submissions->all[at].next) {
        const struct submitted *row = &submissions->all[at];
        if (!marks_mark(marks, at) || !row->held || !row->in || row->bin != number || row->previous != before)
            return false;
        before = at;
    }
    return submissions->bins[number].last == before;
}

static bool bin_known(const struct submissions *submissions, uint32_t bin)
{
    return bin == BIN_NONE || bin < submissions->bin_count;
}

/* True: if the interaction is parked, it is in a workbin or was taken from one, and has a queue to come back to. */
static bool queue_sound(const struct submissions *submissions, const struct submitted *row)
{
    if (row->parked && (row->queue == BIN_NONE || row->bin == BIN_NONE || submissions->bins[row->bin].whose == 0))
        return false;
    return row->queue == BIN_NONE || (row->queue < submissions->bin_count && submissions->bins[row->queue].whose == 0);
}

/* True: each row is free or belongs to an interaction, and an interaction that is in a bin is in the bin's list.
 * Each interaction that counts as submitted has a row, and there are no other rows in use. */
static bool submissions_sound(void *self)
{
    struct submissions *submissions = self;
    struct marks marks = marks_of(submissions->count);
    uint32_t live = 0;
    bool good = true;
    POOL_MARK_FREE(submissions, slot, held, NULL, &marks, good);
    for (uint32_t bin = 0; good && bin < submissions->bin_count; bin++) good = bin_sound(submissions, bin, &marks);
    for (uint32_t at = 0; good && at < submissions->count; at++) {
        const struct submitted *row = &submissions->all[at];
        if (!row->held) continue;
        good = (row->in || marks_mark(&marks, at)) && bin_known(submissions, row->bin) && queue_sound(submissions, row);
        live++;
    }
    good = good && marks.marked == submissions->count;
    for (uint32_t at = submissions->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(submissions->interactions, at)->next) {
        if (!interaction_at(submissions->interactions, at)->submitted) continue;
        good = at < submissions->slot_capacity && submissions->by_slot[at] != 0 && live > 0;
        live--;
    }
    marks_free(&marks);
    return good && live == 0;
}

const struct part_ops part_ops_submissions = {
    .size = sizeof(struct submissions),
    .init = submitted_init,
    .free = submitted_release,
    .forget = submitted_forget,
    .hear = submitted_hear,
    .hash = submissions_hash,
    .content = submissions_content,
    .check = submissions_check,
    .holds = submitted_holds,
    .keep = submissions_keep,
    .sound = submissions_sound,
};
