/* runtime/core/read/totals.h - The core's status as readers see it (core_status of read.h): totals from the lines
 * COUNTS of facts.def, and present values. This header includes no others, so that a new line makes only files
 * compile again that read totals. */
#pragma once

#include "runtime/core/read/read.h"

struct core_status {
/* how often the fact of this counter has been reported since the core began */
#define COUNTS(fact, field, shown, metric, word) uint64_t field;
#include "runtime/core/base/facts.def"
    uint64_t batches, events, effects, interactions, waiting, claims;
    uint64_t agents; /* how many agents are in the directory, or outside of it and logged in */
    uint64_t agents_logged_in, agents_ready, time_us, digest, block_bytes;
    uint64_t seed;       /* the seed with which the journal was created */
    uint64_t restored_s; /* when the journal was last restored from a copy, in seconds; 0: never */
    int64_t wall_us;
    uint64_t running;      /* strategies that run: their interactions wait, get a treatment, or are being routed */
    uint64_t bookings;     /* call-backs that are not yet due */
    uint64_t names;        /* how many texts have a number: the site's words, and texts from events */
    uint64_t list_records; /* records of calling lists that the core holds */
    bool draining;         /* arrivals are default-routed */
    uint64_t directory;    /* version of the directory in force; 0: none was ever committed */
    uint8_t rows_hash[32]; /* hash of all rows of the directory, as the last import reported it; zero: unknown */
    uint64_t walked_bytes; /* bytes of old versions of tables that a cursor still reads (table_cursor.h) */
    uint64_t effects_outstanding;
};
