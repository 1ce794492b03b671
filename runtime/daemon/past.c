/* runtime/daemon/past.c - Replays the journal in a core, batch by batch, until the interaction has ended.
 *
 * The batches are applied to a separate core until the requested interaction has ended; then the pages of gcxctl's
 * `why` are made by the same functions as for the running core. A decision is examined at the moment when it is made
 * (past_on_deciding), since a batch later the agents have other states. Effects go nowhere. */
#include "runtime/daemon/past.h"

#include <stdio.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/daemon/admin/reads.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/journal/images.h"
#include "runtime/journal/place.h"
#include "runtime/journal/recovery.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/rows.h"

struct daemon_past {
    struct asking asking;
    struct keeping journal;
    uint64_t ixn;    /* the interaction that is asked about; 0: the journal has not mentioned it yet */
    uint64_t hidden; /* number of erased keys of secrets before the batch that is being applied */
    bool erased;     /* some of the interaction's own secrets were erased */
    uint64_t waited; /* the last batch after which the interaction waited, since it last got an agent; 0: none */
};

static const struct image *past_answer_image(void *self, const uint8_t hash[CORE_HASH])
{
    const struct daemon_past *p = self;
    return images_get(p->journal.images, hash);
}

static void past_find(struct daemon_past *p, const struct core *core)
{
    if (p->ixn == 0) p->ixn = p->asking.by_conn ? core_ixn_of(core, p->asking.ixn) : p->asking.ixn;
}

static void past_on_deciding(void *self, struct core *core, uint64_t ixn, struct span chosen, struct span vq)
{
    struct daemon_past *p = self;
    (void)vq;
    past_find(p, core);
    if (ixn != p->ixn || chosen.length == 0) return;
    why_then(&p->asking, core, ixn, chosen);
    p->waited = 0;
}

static bool past_waits(const struct daemon_past *p)
{
    struct waiting_row row;
    return p->ixn != 0 && core_waiting(p->journal.core, p->ixn, &row) && row.position > 0;
}

static bool past_has_ended(const struct daemon_past *p)
{
    struct interaction_row row;
    return p->ixn != 0 && core_find(p->journal.core, p->ixn, &row) && span_is(row.state, "ended");
}

/* True: the event may have had a secret of the interaction. */
static bool had_secret(const struct daemon_past *p, const struct message *message)
{
    uint64_t ixn = message_u(message, ENVELOPE_ixn), conn = message_u(message, ENVELOPE_conn);
    bool its_own = p->ixn != 0 && (ixn != 0 ? ixn : core_ixn_of(p->journal.core, conn)) == p->ixn, stars = false;
    for (unsigned i = 0; its_own && i < message->count; i++) {
        const struct field *field = &message->fields[i];
        const struct field_row *row = row_field(message->row, field->number);
        bool may = row && (row->secret || row->type == TYPE_KV || row->type == TYPE_ROWS || row->type == TYPE_VALUES);
        stars = stars || (may && memchr(field->span.bytes, '*', field->span.length));
    }
    return stars;
}

/* Counts erased secrets: a secret whose key is erased appears as stars in the events. */
static void past_answer_batch(void *self, const struct batch *batch)
{
    struct daemon_past *p = self;
    struct message message;
    if (p->journal.head.hidden == p->hidden) return;
    p->hidden = p->journal.head.hidden;
    for (uint32_t at = 0; at < batch->events.length;) {
        uint32_t size = (uint32_t)message_frame_size(batch->events.bytes + at, batch->events.length - at);
        if (message_read(&message, batch->events.bytes + at, size, NULL)) p->erased |= had_secret(p, &message);
        at += size;
    }
}

/* Ignores the effects, which are not performed again. */
static void past_answer_effect(void *self, struct span frame)
{
    (void)self;
    (void)frame;
}

static bool past_next(struct daemon_past *p)
{
    const struct journal_watch watch = {.self = p, .batch = past_answer_batch, .sink = {past_answer_effect, NULL}};
    return keeping_next(&p->journal, &watch, p->asking.error);
}

/* Replays from the journal's beginning until the interaction has ended, or the journal has. */
static bool past_replay(struct daemon_past *p)
{
    p->journal.core = journal_earliest(&p->journal.recovery, &p->journal.head, p->asking.error);
    if (!p->journal.core) return false;
    past_find(p, p->journal.core);
    while (p->journal.head.number < batches_last(p->journal.store) && !past_has_ended(p)) {
        if (!past_next(p)) return false;
        past_find(p, p->journal.core);
        if (past_waits(p)) p->waited = p->journal.head.number;
    }
    return true;
}

/* If the interaction ended without an agent, examines the last moment at which it waited. */
static bool past_look_again(struct daemon_past *p)
{
    struct core *end = p->journal.core;
    struct journal_head head = p->journal.head;
    p->journal.options.deciding = NULL;
    p->journal.core = journal_earliest(&p->journal.recovery, &p->journal.head, p->asking.error);
    bool good = p->journal.core != NULL;
    while (good && p->journal.head.number < p->waited) good = past_next(p);
    if (good) why_then(&p->asking, p->journal.core, p->ixn, span_of(""));
    core_free(p->journal.core);
    p->journal.core = end;
    p->journal.head = head;
    return good;
}

static bool open_journal(struct daemon_past *p, const struct conf *conf)
{
    uint8_t first[CORE_HASH];
    struct keeping *k = &p->journal;
    struct error *error = p->asking.error;
    if (!keeping_on(k, conf, place_follow(conf->state, error))) return false;
    if (batches_last(k->store) == 0)
        return error_set(error, ERROR_UNKNOWN, "the journal in %.200s is empty", conf->state);
    if (!journal_identity(&k->recovery, first, error)) return false;
    k->options.image = past_answer_image;
    k->options.deciding = past_on_deciding;
    k->options.self = p;
    return true;
}

static bool past_answer(struct daemon_past *p, const struct conf *conf)
{
    if (!reads_ixn(p->asking.request, &p->asking.ixn, &p->asking.by_conn, p->asking.error)) return false;
    if (!open_journal(p, conf) || !past_replay(p)) return false;
    if (!past_waits(p) && p->waited != 0 && !past_look_again(p)) return false;
    if (p->hidden > 0) json_put(p->asking.into, "erased", json_string(p->erased ? "own" : "others"));
    reads_core_why(&p->asking, p->journal.core);
    return p->asking.good;
}

bool past_why(const struct conf *conf, const char *request)
{
    struct error error = {0};
    json_t *asked = json_loads(request, JSON_REJECT_DUPLICATES, NULL), *into = json_object();
    struct daemon_past p = {.asking = {.request = asked, .into = into, .error = &error, .good = true, .past = true}};
    bool good = past_answer(&p, conf);
    if (!good) json_object_clear(into);
    json_put(into, "ok", json_boolean(good));
    if (!good) json_put(into, "error", json_string(error.text));
    json_dumpf(into, stdout, JSON_COMPACT);
    putchar('\n');
    keeping_close(&p.journal);
    json_decref(into);
    json_decref(asked);
    return good;
}
