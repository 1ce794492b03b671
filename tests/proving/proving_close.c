/* tests/proving/proving_close.c - Checks at the end that each promise of the ledger was kept.
 *
 * At the end the journal is played once more from its first batch. Each acknowledged event must be in the journal
 * under its number; each effect that was seen must be one that the journal causes, and seen no more often than that;
 * each interaction must have ended once, and the counts of arrivals and of virtual queues must balance. */
#include <inttypes.h>
#include <stdlib.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/read.h"
#include "tests/proving/proving_state.h"
#include "runtime/vocabulary/rows.h"

struct closing {
    struct proving *world;
    uint64_t *events[PROVING_LINKS], *effects, *owned, *ended;
    size_t event_count[PROVING_LINKS], effect_count, owned_count, ended_count;
    uint64_t mails, passed_on;
};

static void closing_event(struct closing *closing, struct span frame)
{
    struct message event;
    struct error error = {0};
    if (!message_read(&event, frame.bytes, frame.length, &error)) {
        proving_fail(closing->world, "the journal has an event that is none: %s", error.text);
        return;
    }
    uint64_t source = message_u(&event, ENVELOPE_source), seq = message_u(&event, ENVELOPE_seq);
    if (source < PROVING_SWITCH) return;
    unsigned at = (unsigned)source - PROVING_SWITCH;
    if (seq > closing->event_count[at] + 1)
        proving_fail(closing->world, "link %u: event %" PRIu64 " of the journal comes after %zu", (unsigned)source, seq,
                     closing->event_count[at]);
    if (seq == closing->event_count[at] + 1) /* a smaller number: the event was added already */
        proving_hash_add(&closing->events[at], &closing->event_count[at], proving_frame_hash(frame));
}

static void closing_batch(void *self, const struct batch *batch)
{
    struct span events = batch->events;
    while (events.length > 0) {
        uint32_t size = (uint32_t)message_frame_size(events.bytes, events.length);
        if (size == 0 || size > events.length) return;
        closing_event(self, (struct span){events.bytes, size});
        events = (struct span){events.bytes + size, events.length - size};
    }
}

static void closing_effect(void *self, struct span frame)
{
    struct closing *closing = self;
    proving_hash_add(&closing->effects, &closing->effect_count, proving_frame_hash(frame));
}

static void closing_mail(struct closing *closing, const struct core *core, uint64_t ixn)
{
    struct interaction_row row;
    if (!core_find(core, ixn, &row)) return;
    bool went = proving_passages_went(closing->world, ixn), gone = span_is(row.outcome, "passed on");
    closing->mails += span_is(row.media, "email");
    closing->passed_on += gone;
    if (went != gone)
        proving_fail(closing->world, "interaction %" PRIx64 " %s", ixn,
                     went ? "has ended here, and the other domain has it"
                          : "is given away, and no other domain has it");
}

static void closing_hears(void *self, const struct core *core, const struct fact *fact)
{
    struct closing *closing = self;
    switch (fact->what) {
    case FACT_owned:
        proving_hash_add(&closing->owned, &closing->owned_count, fact->ixn);
        break;
    case FACT_claimed:
        if (fact->vq != 0) proving_loans_claimed(closing->world, core, core_text(core, fact->name));
        break;
    case FACT_ended:
        closing_mail(closing, core, fact->ixn);
        proving_hash_add(&closing->ended, &closing->ended_count, fact->ixn);
        break;
    default:
        break;
    }
}

static int hash_before(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return first < second ? -1 : first > second;
}

static void hashes_sort(uint64_t *hashes, size_t count)
{
    if (count > 0) qsort(hashes, count, sizeof *hashes, hash_before);
}

/* True: each hash of the first list is also in the second, at least as often. */
static bool hashes_within(const uint64_t *some, size_t count, const uint64_t *all, size_t all_count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        while (at < all_count && all[at] < some[i]) at++;
        if (at == all_count || all[at] != some[i]) return false;
        at++;
    }
    return true;
}

static void closing_promises(struct closing *closing)
{
    struct proving *world = closing->world;
    struct proving_ledger *ledger = &world->ledger;
    for (unsigned i = 0; i < PROVING_LINKS; i++) {
        size_t count = ledger->acknowledged_count[i];
        bool there = count <= closing->event_count[i];
        for (size_t at = 0; there && at < count; at++) /* 0: the content of this event is not known */
            there = ledger->acknowledged[i][at] == 0 || ledger->acknowledged[i][at] == closing->events[i][at];
        if (!there)
            proving_fail(world, "link %u: an event that was acknowledged is not in the journal", PROVING_SWITCH + i);
    }
    hashes_sort(ledger->released, ledger->released_count);
    hashes_sort(closing->effects, closing->effect_count);
    if (!hashes_within(ledger->released, ledger->released_count, closing->effects, closing->effect_count))
        proving_fail(world, "an effect was seen that the journal does not cause, or more often");
}

/* Checks that each interaction with an owner has ended, once; among them the acknowledged mails, and those that came
 * from the other domain. Each interaction that was passed on must be in the other domain. */
static void closing_books(struct closing *closing, const struct core *core)
{
    struct proving *world = closing->world;
    struct queue_row row;
    hashes_sort(closing->ended, closing->ended_count);
    for (size_t i = 1; i < closing->ended_count; i++)
        if (closing->ended[i] == closing->ended[i - 1])
            proving_fail(world, "interaction %" PRIx64 " has ended twice", closing->ended[i]);
    for (size_t i = 0; i < closing->owned_count; i++)
        if (!hashes_within(&closing->owned[i], 1, closing->ended, closing->ended_count))
            proving_fail(world, "interaction %" PRIx64 " had an owner, and has no end", closing->owned[i]);
    for (uint32_t i = 0; i < world->mail_count; i++)
        if (!hashes_within(&world->mails[i].ixn, 1, closing->ended, closing->ended_count))
            proving_fail(world, "e-mail %" PRIu32 " was acknowledged, and is not there", world->mails[i].number);
    if (closing->mails != world->mail_count + proving_passages_taken(world, true))
        proving_fail(world,
                     "%" PRIu64 " e-mails have come, and %" PRIu64 " from the other domain: %" PRIu64 " are here",
                     (uint64_t)world->mail_count, proving_passages_taken(world, true), closing->mails);
    if (closing->passed_on != proving_passages_taken(world, false))
        proving_fail(world, "%" PRIu64 " interactions are given away, and the other domain has %" PRIu64,
                     closing->passed_on, proving_passages_taken(world, false));
    for (uint32_t i = 0; core_queue(core, i, &row); i++)
        if (row.entered != row.distributed + row.abandoned + row.cleared + row.waiting)
            proving_fail(world, "the books of virtual queue %.*s are not closed", (int)row.name.length,
                         (const char *)row.name.bytes);
}

static void closing_free(struct closing *closing)
{
    for (unsigned i = 0; i < PROVING_LINKS; i++) free(closing->events[i]);
    free(closing->effects);
    free(closing->owned);
    free(closing->ended);
}

void proving_ledger_close(struct proving *world)
{
    struct closing closing = {.world = world};
    struct proving_lead nobody = {0};
    struct batches *store = proving_store_open(&world->store, &nobody, false);
    struct core_options options = {.partition = PROVING_HERE, .image = proving_site_image, .self = &world->site};
    const struct core_listener listener = {&closing, closing_hears};
    const struct journal_watch watch = {&closing, closing_batch, {closing_effect, &closing}};
    struct journal_head head;
    struct error error = {0};
    bool good = journal_options(store, &options, &error);
    struct core *core = core_new(&options);
    core_listen(core, &listener);
    journal_begin(&options, &head);
    while (good && head.number < batches_last(store)) good = journal_next(store, &options, core, &head, &watch, &error);
    if (!good) proving_fail(world, "the journal cannot be played once more: %s", error.text);
    const struct proving_node *leader = proving_leader(world);
    if (good && leader && core_digest(core) != partition_digest(leader->partition))
        proving_fail(world, "the journal, played once more, has another digest");
    if (good) proving_loans_close(world);
    if (good) closing_promises(&closing);
    if (good) closing_books(&closing, core);
    core_free(core);
    batches_close(store);
    closing_free(&closing);
}
