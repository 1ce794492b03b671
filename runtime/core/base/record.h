/* runtime/core/base/record.h - What is kept for people to look at: decisions, history, and those ended lately.
 *
 * Rings of fixed size; nothing in the core decides by them. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum {
    DECISIONS_KEPT = 1 << 16,
    HISTORY_KEPT = 1 << 17,
    ENDED_KEPT = 10000,
    ENDED_BYTES = 8 << 20,
    ENDED_DATA_MAX = 16384
};

struct decision { /* 64 bytes */
    uint64_t at_us, ixn;
    uint32_t vq, chosen; /* names; chosen 0: nobody */
    uint32_t candidates, not_ready, not_matching, claimed;
    uint32_t line;
    uint32_t waited_ms; /* in the virtual queue so far, at most 49 days */
    uint32_t among;     /* how many matched, as far as that was looked at */
    uint8_t order;      /* enum wait_order */
    uint8_t figure_type; /* TYPE_VOID: they were not compared by one */
    int64_t figure;     /* of the one chosen */
};

struct happening {
    uint64_t at_us, ixn;
    uint16_t kind, value; /* a kind of message and its change or outcome */
    uint32_t name;        /* whom or what it was about */
};

struct ended {
    uint64_t ixn, conn, arrived_us, changed_us;
    int64_t priority;
    uint64_t data_at; /* position in the stream of bytes; too old: overwritten */
    uint32_t data_length;
    uint32_t strategy, owner; /* names */
    uint8_t media, outcome, owner_kind;
};

struct records {
    struct decision *decisions;
    struct happening *history;
    struct ended *ended;
    uint8_t *bytes;
    uint64_t decision_count, happening_count, ended_count, bytes_count;
};

void record_decision(struct records *, const struct decision *);
void record_happening(struct records *, const struct happening *);
void record_ended(struct records *, const struct ended *, struct span data);
/* The `number`th ever, NULL where it is gone or not yet there. */
const struct decision *record_decision_at(const struct records *, uint64_t number);
const struct happening *record_happening_at(const struct records *, uint64_t number);
const struct ended *record_ended_at(const struct records *, uint64_t number);
bool record_ended_data(const struct records *, const struct ended *, struct span *);

#endif
