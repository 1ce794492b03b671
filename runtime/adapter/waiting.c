/* runtime/adapter/waiting.c - Keeps effects in order, with an index of the notices by the object they are about.
 *
 *     first --> [effect] --> [Notify queue A] --> [effect] --> [Restore call 7] --> last
 *                                 |                                 |
 *                              bucket 3                          bucket 9
 *
 * An effect must be performed, so every effect stays in the list. A notice only tells a present state: a newer one
 * about the same object replaces it and goes to the end. Two changes of user data become one with the pairs of both,
 * so no key is lost. */
#include "runtime/adapter/waiting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "base/memory.h"

enum { LIST_MAX = 1000 }; /* pairs in a list of a message, at most */

struct waiter {
    struct waiter *previous, *next; /* in order */
    struct waiter *chain;           /* the next waiter in the same bucket */
    uint32_t bucket;                /* WAITING_BUCKETS: in none */
    uint32_t length;
    uint8_t frame[];
};

/* What a notice is about; notices with equal subjects can replace each other. */
struct subject {
    unsigned kind, object, change;
    uint64_t conn, ixn;
    struct span name, whose;
};

static bool subject_of(const struct message *message, struct subject *subject)
{
    *subject = (struct subject){.kind = message->kind, .conn = message_u(message, ENVELOPE_conn)};
    switch (message->kind) {
    case KIND_Restore:
    case KIND_EventAttachedDataChanged:
        return subject->conn != 0;
    case KIND_Notify:
        subject->object = (unsigned)message_u(message, Notify_object);
        subject->change = (unsigned)message_u(message, Notify_change);
        subject->ixn = message_u(message, ENVELOPE_ixn);
        subject->name = message_text(message, Notify_name);
        subject->whose = message_text(message, Notify_whose);
        /* A notice of one of these three changes is about another agent, whom its value names: none replaces
         * another. */
        if (subject->change == notify_PartyAdded || subject->change == notify_PartyRemoved ||
            subject->change == notify_OfferRefused)
            return false;
        return subject->name.length > 0;
    default:
        return false;
    }
}

/* Computes the bucket from parts of the subject only; waiting_same() compares all of it. */
static uint32_t waiting_bucket_of(const struct subject *subject)
{
    uint64_t mix = subject->conn * 31 + subject->kind * 7 + subject->object;
    for (uint32_t i = 0; i < subject->name.length; i++) mix = mix * 31 + subject->name.bytes[i];
    return (uint32_t)((mix * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % WAITING_BUCKETS;
}

static bool waiting_same(const struct subject *a, const struct subject *b)
{
    return a->kind == b->kind && a->object == b->object && a->change == b->change && a->conn == b->conn &&
           a->ixn == b->ixn && span_equal(a->name, b->name) && span_equal(a->whose, b->whose);
}

static void waiting_read_own(const struct waiter *waiter, struct message *message)
{
    bool good = message_read(message, waiter->frame, waiter->length, NULL);
    assert(good); /* cannot fail: the message was checked when it was added */
}

static struct waiter *waiting_find(const struct waiting *waiting, uint32_t bucket, const struct subject *subject)
{
    for (struct waiter *at = waiting->buckets[bucket]; at; at = at->chain) {
        struct message message;
        struct subject other;
        waiting_read_own(at, &message);
        if (subject_of(&message, &other) && waiting_same(subject, &other)) return at;
    }
    return NULL;
}

static void waiting_take_out(struct waiting *waiting, struct waiter *waiter)
{
    assert(waiting->count > 0 && waiting->bytes >= waiter->length);
    *(waiter->previous ? &waiter->previous->next : &waiting->first) = waiter->next;
    *(waiter->next ? &waiter->next->previous : &waiting->last) = waiter->previous;
    waiting->count--;
    waiting->bytes -= waiter->length;
    if (waiter->bucket < WAITING_BUCKETS) {
        struct waiter **at = &waiting->buckets[waiter->bucket];
        while (*at != waiter) at = &(*at)->chain;
        *at = waiter->chain;
    }
    free(waiter);
}

/* Adds a copy of the effect to the list; false: the limit of count or bytes is reached. The caller then ends the
 * link, since no effect may be left out. */
static bool waiting_put_in(struct waiting *waiting, struct span frame, uint32_t bucket)
{
    assert(bucket <= WAITING_BUCKETS && !waiting->first == (waiting->count == 0));
    if (waiting->count >= WAITING_COUNT_MAX || waiting->bytes + frame.length > WAITING_BYTES_MAX) return false;
    struct waiter *waiter = memory_zeroed(1, sizeof *waiter + frame.length);
    memcpy(waiter->frame, frame.bytes, frame.length);
    waiter->length = frame.length;
    waiter->bucket = bucket;
    waiter->previous = waiting->last;
    *(waiting->last ? &waiting->last->next : &waiting->first) = waiter;
    waiting->last = waiter;
    waiting->count++;
    waiting->bytes += frame.length;
    if (bucket < WAITING_BUCKETS) {
        waiter->chain = waiting->buckets[bucket];
        waiting->buckets[bucket] = waiter;
    }
    return true;
}

/* --- merging two changes of user data --- */

/* Writes the pairs of the list whose key is in neither of the two other lists. Returns how many. */
static uint32_t put_pairs(struct kv *into, struct span pairs, struct span but_keys, struct span but_texts)
{
    struct kv_pair pair;
    uint32_t count = 0;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) {
        if (kv_has(but_keys, pair.key) || message_lists_text(but_texts, pair.key)) continue;
        kv_put(into, pair.key, &pair.value);
        count++;
    }
    return count;
}

static void write_texts(struct writer *writer, struct span texts, struct span but_keys, struct span but_texts)
{
    struct span element;
    for (uint32_t at = 0; message_next_text(texts, &at, &element);)
        if (!kv_has(but_keys, element) && !message_lists_text(but_texts, element)) writer_list_text(writer, element);
}

static uint32_t count_texts(struct span texts)
{
    struct span element;
    uint32_t count = 0;
    for (uint32_t at = 0; message_next_text(texts, &at, &element);) count++;
    return count;
}

static void write_envelope(struct writer *writer, const struct message *of)
{
    writer_u(writer, ENVELOPE_ixn, message_u(of, ENVELOPE_ixn));
    writer_u(writer, ENVELOPE_ref, message_u(of, ENVELOPE_ref));
    writer_conn(writer, ENVELOPE_conn, message_u(of, ENVELOPE_conn));
    writer_u(writer, ENVELOPE_epoch, message_u(of, ENVELOPE_epoch));
}

/* Writes one change of user data that has the result of `early` followed by `late`. False: the result is too much
 * for one message. A key that was set by the first and deleted by the second is only deleted; one that was deleted
 * first and set second is only set. */
static bool waiting_compose(struct writer *writer, const struct message *early, const struct message *late)
{
    struct span changed = message_text(late, EventAttachedDataChanged_changed);
    struct span deleted = message_text(late, EventAttachedDataChanged_deleted);
    struct span before = message_text(early, EventAttachedDataChanged_changed);
    struct span gone = message_text(early, EventAttachedDataChanged_deleted);
    const struct span none = {0};
    struct kv all;
    kv_init(&all);
    uint32_t count = put_pairs(&all, before, changed, deleted) + put_pairs(&all, changed, none, none);
    bool fits = all.length <= KV_BYTES_MAX && count <= LIST_MAX && count_texts(gone) + count_texts(deleted) <= LIST_MAX;
    if (fits) {
        writer_begin(writer, KIND_EventAttachedDataChanged);
        write_envelope(writer, late);
        writer_u(writer, EventAttachedDataChanged_revision, message_u(late, EventAttachedDataChanged_revision));
        writer_kv(writer, EventAttachedDataChanged_changed, &all);
        writer_list_begin(writer, EventAttachedDataChanged_deleted);
        write_texts(writer, gone, changed, deleted);
        write_texts(writer, deleted, none, none);
        writer_list_end(writer);
        writer_bytes(writer, EventAttachedDataChanged_by, message_text(late, EventAttachedDataChanged_by));
        writer_end(writer);
    }
    kv_free(&all);
    return fits;
}

/* Replaces an older notice about the same object by this one, which is newer. */
static bool add_notice(struct waiting *waiting, const struct message *message, const struct subject *subject)
{
    uint32_t bucket = waiting_bucket_of(subject);
    struct waiter *known = waiting_find(waiting, bucket, subject);
    if (!known) return waiting_put_in(waiting, message->frame, bucket);
    struct message earlier;
    struct writer writer;
    struct span frame = message->frame;
    bool merges = true;
    writer_init(&writer);
    waiting_read_own(known, &earlier);
    if (message->kind == KIND_EventAttachedDataChanged) {
        merges = waiting_compose(&writer, &earlier, message);
        if (merges) frame = (struct span){writer.bytes, (uint32_t)writer.length};
    }
    if (merges) {
        waiting_take_out(waiting, known);
        waiting->merged++;
    }
    bool added = waiting_put_in(waiting, frame, bucket);
    writer_free(&writer);
    return added;
}

bool waiting_add(struct waiting *waiting, struct span frame)
{
    struct message message;
    struct subject subject;
    bool notice = message_read(&message, frame.bytes, frame.length, NULL) && subject_of(&message, &subject);
    return notice ? add_notice(waiting, &message, &subject) : waiting_put_in(waiting, frame, WAITING_BUCKETS);
}

bool waiting_first(const struct waiting *waiting, struct span *frame)
{
    if (!waiting->first) return false;
    *frame = (struct span){waiting->first->frame, waiting->first->length};
    return true;
}

void waiting_drop_first(struct waiting *waiting)
{
    assert(waiting->first);
    waiting_take_out(waiting, waiting->first);
}

void waiting_free(struct waiting *waiting)
{
    while (waiting->first) waiting_take_out(waiting, waiting->first);
}
