/* runtime/core/base/record.c - Rings of records: a position only grows, and modulo the ring's size it gives the
 * place in the ring. A row gets memory when a position reaches it for the first time: a new core has none.
 *
 *     decisions, history, ended: rows          number n stands at n % size while count - n <= size
 *     data, notes: bytes                       a piece never runs around the end of the ring
 *
 * Records are shown to people and no decision depends on them, so they are not in the digest. A record keeps its
 * number for ever: a reader that asks for a number gets that record, or hears that it is overwritten. */
#include "runtime/core/base/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/block.h"
#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/table.h"

static void records_init(void *self, const struct parts *parts)
{
    struct records *records = self;
    *records = (struct records){.names = parts->names, .slab = parts->slab, .now = parts->now};
}

static void records_free(void *self)
{
    struct records *records = self;
    free(records->decisions);
    free(records->history);
    free(records->ended);
    free(records->data.bytes);
    free(records->notes.bytes);
}

static uint32_t in_ring(uint64_t count, uint32_t size)
{
    return count < size ? (uint32_t)count : size;
}

/* Returns the row at a position, and gives it memory if it has none. */
static struct decision *decision_row(struct records *records, uint64_t number)
{
    records->decisions = memory_grow(records->decisions, &records->decision_capacity,
                                     in_ring(number + 1, DECISIONS_KEPT), sizeof *records->decisions);
    return &records->decisions[number % DECISIONS_KEPT];
}

static struct happening *happening_row(struct records *records, uint64_t number)
{
    records->history = memory_grow(records->history, &records->happening_capacity, in_ring(number + 1, HISTORY_KEPT),
                                   sizeof *records->history);
    return &records->history[number % HISTORY_KEPT];
}

static struct ended *ended_row(struct records *records, uint64_t number)
{
    records->ended =
        memory_grow(records->ended, &records->ended_capacity, in_ring(number + 1, ENDED_KEPT), sizeof *records->ended);
    return &records->ended[number % ENDED_KEPT];
}

/* Gives memory to the bytes of the ring before the given position. */
static void bytes_reach(struct byte_ring *ring, uint32_t size, uint64_t position)
{
    ring->bytes = memory_grow(ring->bytes, &ring->capacity, in_ring(position, size), 1);
}

/* Appends a piece of bytes and returns the position at which the piece begins. If the piece does not fit before the
 * end, the rest of the ring is skipped. */
static uint64_t byte_ring_add(struct byte_ring *ring, uint32_t size, struct span piece)
{
    assert(piece.length <= size);
    uint64_t room = size - ring->count % size;
    if (room < piece.length) ring->count += room;
    bytes_reach(ring, size, ring->count + piece.length);
    memcpy(ring->bytes + ring->count % size, piece.bytes, piece.length);
    ring->count += piece.length;
    return ring->count - piece.length;
}

/* True: the piece is in the ring and not overwritten. A snapshot may be wrong, so this is checked before the bytes
 * are read. */
static bool bytes_have(const struct byte_ring *ring, uint32_t size, uint64_t at, uint32_t length)
{
    return length != 0 && at <= ring->count && ring->count - at <= size && length <= ring->count - at &&
           at % size + length <= ring->capacity;
}

static void bytes_keep(struct byte_ring *ring, uint32_t size, struct keeper *keeper)
{
    ring->count = keep_u64(keeper, ring->count);
    bytes_reach(ring, size, ring->count);
    keep_raw(keeper, ring->bytes, in_ring(ring->count, size));
}

static void ended_add(struct records *records, const struct ended *ended, struct span data)
{
    struct ended *kept = ended_row(records, records->ended_count++);
    *kept = *ended;
    kept->data_length = 0;
    if (data.length == 0) return;
    assert(ended->ixn != 0);
    kept->data_at = byte_ring_add(&records->data, ENDED_BYTES, data);
    kept->data_length = data.length;
}

static const bool has_line[FACTS] = {
#define LINE(fact, text, between, value, key, span, names) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
};

/* All notes of the history together have fewer than 2^32 bytes, so the low half of a position is enough to find a
 * note. */
static_assert((uint64_t)HISTORY_KEPT * NOTE_BYTES_MAX * 2 < UINT32_MAX, "a note's position is kept in 32 bits");

static void note_record(struct records *records, struct happening *row, struct span note)
{
    assert(note.length <= NOTE_BYTES_MAX);
    row->name = note.length != 0 ? (uint32_t)byte_ring_add(&records->notes, NOTE_BYTES, note) : 0;
    row->value = (uint16_t)note.length;
}

/* Returns the full position of a note; its row has only the low 32 bits. The upper half follows from the present
 * position of the ring. */
static uint64_t note_at(const struct records *records, const struct happening *row)
{
    return records->notes.count - (uint32_t)((uint32_t)records->notes.count - row->name);
}

struct span record_note(const struct records *records, const struct happening *row)
{
    bool there = row->fact == FACT_noted && row->value <= NOTE_BYTES_MAX &&
                 bytes_have(&records->notes, NOTE_BYTES, note_at(records, row), row->value);
    return there ? (struct span){records->notes.bytes + note_at(records, row) % NOTE_BYTES, row->value}
                 : (struct span){0};
}

/* Takes a fact and notes it where it belongs: among the happenings, the decisions, the corrections, the faults, what
 * has ended. */
static void records_hear(void *self, const struct fact *fact)
{
    struct records *records = self;
    if (has_line[fact->what])
        *happening_row(records, records->happening_count++) = (struct happening){.at_us = records->now->time_us,
                                                                                 .ixn = fact->ixn,
                                                                                 .fact = fact->what,
                                                                                 .value = fact->value,
                                                                                 .name = fact->name};
    if (fact->what == FACT_noted)
        note_record(records, happening_row(records, records->happening_count - 1), fact->note);
    if (fact->what == FACT_decided) *decision_row(records, records->decision_count++) = *fact->decision;
    if (fact->what == FACT_condition_failed)
        records->fault = (struct condition_fault){.count = records->fault.count + 1,
                                                  .ixn = fact->ixn,
                                                  .image = fact->image,
                                                  .function = fact->function,
                                                  .pc = fact->pc,
                                                  .kind = fact->value};
    if (fact->what == FACT_agent_corrected)
        records->corrections[records->correction_count++ % CORRECTIONS_KEPT] =
            (struct correction){.name = fact->name, .was = fact->was, .is = fact->value};
    if (fact->what == FACT_ended) ended_add(records, fact->ended, fact->data);
}

const struct decision *record_decision_at(const struct records *records, uint64_t number)
{
    if (number >= records->decision_count || records->decision_count - number > DECISIONS_KEPT) return NULL;
    return &records->decisions[number % DECISIONS_KEPT];
}

const struct happening *record_happening_at(const struct records *records, uint64_t number)
{
    if (number >= records->happening_count || records->happening_count - number > HISTORY_KEPT) return NULL;
    return &records->history[number % HISTORY_KEPT];
}

const struct ended *record_ended_at(const struct records *records, uint64_t number)
{
    if (number >= records->ended_count || records->ended_count - number > ENDED_KEPT) return NULL;
    return &records->ended[number % ENDED_KEPT];
}

static bool ended_has_data(const struct records *records, const struct ended *ended)
{
    return bytes_have(&records->data, ENDED_BYTES, ended->data_at, ended->data_length);
}

bool record_ended_data(const struct records *records, const struct ended *ended, struct span *data)
{
    if (!ended_has_data(records, ended)) return false;
    *data = (struct span){records->data.bytes + ended->data_at % ENDED_BYTES, ended->data_length};
    return true;
}

static void keep_decision(const struct records *records, struct keeper *keeper, struct decision *row)
{
    row->at_us = keep_u64(keeper, row->at_us);
    row->ixn = keep_u64(keeper, row->ixn);
    row->vq = name_keep(records->names, keeper, row->vq);
    row->chosen = name_keep(records->names, keeper, row->chosen);
    row->candidates = keep_u32(keeper, row->candidates);
    row->not_ready = keep_u32(keeper, row->not_ready);
    row->not_matching = keep_u32(keeper, row->not_matching);
    row->claimed = keep_u32(keeper, row->claimed);
    row->line = keep_u32(keeper, row->line);
    row->waited_ms = keep_u32(keeper, row->waited_ms);
    row->among = keep_u32(keeper, row->among);
    row->order = keep_u8(keeper, row->order);
    row->figure_type = keep_u8(keeper, row->figure_type);
    row->figure = keep_i64(keeper, row->figure);
    row->others = keep_has(keeper, 2) ? keep_u32(keeper, row->others) : 0;
    row->equal = keep_has(keeper, 17) ? keep_u32(keeper, row->equal) : 0;
    row->tie = keep_has(keeper, 17) ? (uint8_t)keep_index(keeper, row->tie, ORDERS, 0) : 0;
    row->tie_type = keep_has(keeper, 17) ? keep_u8(keeper, row->tie_type) : (uint8_t)TYPE_VOID;
    row->tie_figure = keep_has(keeper, 17) ? keep_i64(keeper, row->tie_figure) : 0;
}

static void keep_happening(const struct records *records, struct keeper *keeper, struct happening *row)
{
    row->at_us = keep_u64(keeper, row->at_us);
    row->ixn = keep_u64(keeper, row->ixn);
    row->fact = (uint16_t)keep_index(keeper, row->fact, FACTS, 0);
    row->value = keep_u16(keeper, row->value);
    row->name = row->fact == FACT_noted ? keep_u32(keeper, row->name) : name_keep(records->names, keeper, row->name);
}

static void ended_keep(const struct records *records, struct keeper *keeper, struct ended *row)
{
    row->ixn = keep_u64(keeper, row->ixn);
    row->conn = keep_u64(keeper, row->conn);
    row->arrived_us = keep_u64(keeper, row->arrived_us);
    row->changed_us = keep_u64(keeper, row->changed_us);
    row->priority = keep_i64(keeper, row->priority);
    row->data_at = keep_u64(keeper, row->data_at);
    row->data_length = keep_u32(keeper, row->data_length);
    row->strategy = name_keep(records->names, keeper, row->strategy);
    row->owner = name_keep(records->names, keeper, row->owner);
    row->media = keep_u8(keeper, row->media);
    row->outcome = keep_u8(keeper, row->outcome);
    row->owner_kind = keep_u8(keeper, row->owner_kind);
    if (row->data_at % ENDED_BYTES + row->data_length > ENDED_BYTES)
        keep_fail(keeper, "the data of an interaction that has ended run around the end");
}

static void keep_fault(const struct records *records, struct keeper *keeper, struct condition_fault *fault)
{
    fault->count = keep_u64(keeper, fault->count);
    if (fault->count == 0) return;
    fault->image = slab_keep_image(records->slab, keeper, fault->image);
    fault->ixn = keep_u64(keeper, fault->ixn);
    fault->function = keep_u32(keeper, fault->function);
    fault->pc = keep_u32(keeper, fault->pc);
    fault->kind = keep_u16(keeper, fault->kind);
}

/* True: the data of all ended interactions are well-formed pairs. These data are shown to people without a further
 * check. */
static bool data_sound(const struct records *records)
{
    bool good = true;
    struct span data;
    struct error error;
    for (uint32_t at = 0; good && at < in_ring(records->ended_count, ENDED_KEPT); at++)
        if (record_ended_data(records, &records->ended[at], &data)) good = kv_check(data, &error);
    return good;
}

/* Erases what the records have of an interaction, by overwriting its texts. The row itself stays, so the numbers of
 * records do not change. */
bool record_forget(struct records *records, uint64_t ixn)
{
    bool there = false;
    for (uint32_t at = 0; at < in_ring(records->ended_count, ENDED_KEPT); at++) {
        struct ended *row = &records->ended[at];
        if (row->ixn != ixn) continue;
        if (ended_has_data(records, row)) memset(records->data.bytes + row->data_at % ENDED_BYTES, 0, row->data_length);
        row->data_length = 0;
        row->owner = 0;
        there = true;
    }
    for (uint32_t at = 0; at < in_ring(records->happening_count, HISTORY_KEPT); at++) {
        struct happening *row = &records->history[at];
        if (row->ixn != ixn) continue;
        struct span note = record_note(records, row);
        if (note.length != 0) memset(records->notes.bytes + note_at(records, row) % NOTE_BYTES, 0, note.length);
        if (row->fact == FACT_noted) row->value = 0;
        row->name = 0;
        there = true;
    }
    return there;
}

/* Removes from the records each name that came from an event and that nothing else holds, so that the sweep can free
 * it. */
void records_sweep(struct records *records)
{
    const struct names *names = records->names;
    for (uint32_t at = 0; at < in_ring(records->decision_count, DECISIONS_KEPT); at++) {
        struct decision *row = &records->decisions[at];
        row->vq = name_held(names, row->vq);
        row->chosen = name_held(names, row->chosen);
    }
    for (uint32_t at = 0; at < in_ring(records->happening_count, HISTORY_KEPT); at++)
        if (records->history[at].fact != FACT_noted)
            records->history[at].name = name_held(names, records->history[at].name);
    for (uint32_t at = 0; at < in_ring(records->ended_count, ENDED_KEPT); at++) {
        struct ended *row = &records->ended[at];
        row->strategy = name_held(names, row->strategy);
        row->owner = name_held(names, row->owner);
    }
    for (uint32_t at = 0; at < in_ring(records->correction_count, CORRECTIONS_KEPT); at++)
        records->corrections[at].name = name_held(names, records->corrections[at].name);
}

static void records_keep(void *self, struct keeper *keeper)
{
    struct records *records = self;
    if (records->names->held) return; /* it holds none */
    keep_fault(records, keeper, &records->fault);
    records->correction_count = keep_u64(keeper, records->correction_count);
    for (uint32_t at = 0; at < in_ring(records->correction_count, CORRECTIONS_KEPT); at++) {
        struct correction *row = &records->corrections[at];
        row->name = name_keep(records->names, keeper, row->name);
        row->was = keep_u16(keeper, row->was);
        row->is = keep_u16(keeper, row->is);
    }
    records->decision_count = keep_u64(keeper, records->decision_count);
    for (uint32_t at = 0; at < in_ring(records->decision_count, DECISIONS_KEPT) && keep_good(keeper); at++)
        keep_decision(records, keeper, decision_row(records, at));
    records->happening_count = keep_u64(keeper, records->happening_count);
    for (uint32_t at = 0; at < in_ring(records->happening_count, HISTORY_KEPT) && keep_good(keeper); at++)
        keep_happening(records, keeper, happening_row(records, at));
    records->ended_count = keep_u64(keeper, records->ended_count);
    for (uint32_t at = 0; at < in_ring(records->ended_count, ENDED_KEPT) && keep_good(keeper); at++)
        ended_keep(records, keeper, ended_row(records, at));
    bytes_keep(&records->data, ENDED_BYTES, keeper);
    if (keep_has(keeper, 4)) bytes_keep(&records->notes, NOTE_BYTES, keeper);
    if (keep_reading(keeper) && keep_good(keeper) && !data_sound(records))
        keep_fail(keeper, "the data of an interaction that has ended are no list of keys and values");
}

const struct part_ops part_ops_records = {
    .size = sizeof(struct records),
    .init = records_init,
    .free = records_free,
    .hear = records_hear,
    .keep = records_keep,
};
