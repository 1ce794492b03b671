/* runtime/journal/replay.c - Applies batches of the journal again, checking each one.
 *
 * The head belongs to the core: it says after which batch the core is, and what the next batch must match. A batch
 * that does not match - in number, partition, hash, time, or the digest of the core - ends the replay with an error;
 * only a matching batch is applied, and moves the head. */
#include "runtime/journal/replay.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/core/migration.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/secrets.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/semantics.h"

/* Makes the `previous` of the first batch: no batch is before it, so seed and bound take the place of that hash. */
void journal_birth(const struct core_options *options, uint8_t previous[CORE_HASH])
{
    memset(previous, 0, CORE_HASH);
    bytes_put_eight(previous, options->seed);
    bytes_put_eight(previous + 8, options->interactions_max);
}

static bool replay_decode(struct batches *store, uint64_t number, struct batch *batch, uint8_t hash[CORE_HASH],
                          struct error *error)
{
    struct span bytes;
    struct error why;
    if (!batches_read(store, number, &bytes, &why) || !batch_decode(batch, bytes, hash, &why))
        return error_set(error, why.code, "journal, batch %" PRIu64 ": %s", number, why.text);
    return true;
}

bool journal_options(struct batches *store, struct core_options *options, struct error *error)
{
    struct batch first;
    uint8_t hash[CORE_HASH];
    if (batches_last(store) == 0) return true;
    if (!replay_decode(store, 1, &first, hash, error)) return false;
    options->seed = bytes_get_eight(first.previous);
    options->interactions_max = (uint32_t)bytes_get_eight(first.previous + 8);
    return true;
}

static bool replay_refuse(struct error *error, enum error_code code, uint64_t number, const char *why)
{
    return error_set(error, code, "journal, batch %" PRIu64 ": %s", number, why);
}

/* Is this the batch that comes next? `unsure`: its digest cannot be compared (batches_digest_unsure). The checks in
 * order: number, version, partition, hashes, time, and last the digest, which needs the core. */
static bool replay_follows(const struct batch *batch, const struct journal_head *head,
                           const struct core_options *options, const struct core *core, bool unsure,
                           struct error *error)
{
    uint64_t number = head->number + 1;
    if (batch->number != number)
        return replay_refuse(error, ERROR_INPUT, number, "it is another batch, by its own number");
    bool taken_over = core_takes_over(batch->semantics);
    if (batch->semantics != SEMANTICS_NUMBER)
        return error_set(
            error, taken_over ? ERROR_UNAVAILABLE : ERROR_VERSION,
            "journal, batch %" PRIu64 ": made by semantics number %" PRIu32 "; this program replays only %d%s: "
            "UPGRADES in gcxvm(8)",
            number, batch->semantics, SEMANTICS_NUMBER,
            taken_over
                ? ", and goes on from a snapshot: start the gcxvm that made it and stop it in order, which cuts one"
            : batch->semantics > SEMANTICS_NUMBER ? ": start the gcxvm that made it, or a later one"
                                                  : ": let the program that made it drain, then move the journal away");
    if (batch->partition != options->partition)
        return replay_refuse(error, ERROR_STATE, number, "of another partition");
    if (memcmp(batch->previous, head->previous, CORE_HASH) != 0)
        return replay_refuse(error, ERROR_INPUT, number,
                             "it does not follow the one before: the chain of hashes is broken");
    if (batch->epoch < head->epoch || batch->time_us < head->time_us)
        return replay_refuse(error, ERROR_INPUT, number, "its epoch or its time goes back");
    if (head->hidden > 0 || unsure || batch->digest_before == core_digest(core)) return true;
    return error_set(error, ERROR_STATE,
                     "journal, batch %" PRIu64 ": replay diverges: the digest was %016" PRIx64
                     " and is now %016" PRIx64,
                     number, batch->digest_before, core_digest(core));
}

static void note_leader(const struct message *epoch, struct journal_head *head)
{
    struct span boot = message_text(epoch, Epoch_boot);
    size_t length = boot.length < sizeof head->boot ? boot.length : 0;
    if (length > 0) memcpy(head->boot, boot.bytes, length);
    head->boot[length] = '\0';
    head->origin = message_i(epoch, Epoch_origin);
}

/* Notes facts about clocks that the next leader needs. */
static void note_clocks(struct span events, struct journal_head *head)
{
    struct message message;
    for (uint32_t at = 0; at < events.length;) {
        uint32_t size = (uint32_t)message_frame_size(events.bytes + at, events.length - at);
        const uint8_t *frame = events.bytes + at;
        unsigned kind = (unsigned)(frame[4] | frame[5] << 8);
        at += size;
        if (kind != KIND_Clock && kind != KIND_Epoch) continue;
        if (!message_read(&message, frame, size, NULL)) continue;
        if (kind == KIND_Clock) head->clock_offset = message_i(&message, Clock_offset);
        if (kind == KIND_Epoch) note_leader(&message, head);
    }
}

/* Puts the secrets back into the events, before the core applies them. The bytes are changed in place, in the
 * store's own buffer of this read. */
static bool replay_show(struct batches *store, const struct batch *batch, struct journal_head *head,
                        struct error *error)
{
    uint32_t erased = 0;
    struct error why;
    if (batch->sealed.length == 0) return true;
    if (!secrets_show(batches_keys(store), batch->number, batch->sealed, (uint8_t *)(uintptr_t)batch->events.bytes,
                      batch->events.length, &erased, &why))
        return error_set(error, why.code, "journal: %s", why.text);
    head->hidden += erased;
    return true;
}

void journal_begin(const struct core_options *options, struct journal_head *head)
{
    *head = (struct journal_head){0};
    journal_birth(options, head->previous);
}

/* Applies the next batch; false: it was not applied, and the head is unchanged. */
bool journal_next(struct batches *store, const struct core_options *options, struct core *core,
                  struct journal_head *head, const struct journal_watch *watch, struct error *error)
{
    struct batch batch;
    uint8_t hash[CORE_HASH];
    if (!replay_decode(store, head->number + 1, &batch, hash, error)) return false;
    bool unsure = batches_digest_unsure(store, head->number + 1);
    if (!replay_follows(&batch, head, options, core, unsure, error) || !replay_show(store, &batch, head, error))
        return false;
    batch.passed = batches_passes(store, batch.number, &batch.passed_count);
    if (watch) watch->batch(watch->self, &batch);
    core_apply(core, &batch, watch ? &watch->sink : NULL);
    head->number = batch.number;
    head->time_us = batch.time_us;
    head->epoch = batch.epoch;
    head->events += batch.count;
    memcpy(head->previous, hash, CORE_HASH);
    if (head->number == 1) memcpy(head->first, hash, CORE_HASH);
    note_clocks(batch.events, head);
    return true;
}
