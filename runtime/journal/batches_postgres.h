/* runtime/journal/batches_postgres.h - Opens the journal whose batches are rows of PostgreSQL. Only for files of
 * this folder: other folders use place.h. */
#pragma once

#include "runtime/journal/place.h"

enum { POSTGRES_ID = 16 };

/* Opens the journal for appending. `id`: the mark of the folder's journal; zeros: unknown, and it is set. */
struct batches *batches_open_postgres(const char *state, const struct journal_place *, uint8_t id[POSTGRES_ID],
                                      const struct batches_watch *, struct error *);
/* Implements place_fetch; `id` of zeros: the folder knows of no journal yet. */
bool postgres_fetch(const char *state, const struct journal_place *, const uint8_t id[POSTGRES_ID], struct error *);
/* As place_share_snapshot. */
bool postgres_share_snapshot(const char *state, const struct journal_place *, const uint8_t id[POSTGRES_ID],
                             struct error *);
/* As place_term and place_keys_erase. */
bool postgres_term(const struct journal_place *, const uint8_t id[POSTGRES_ID], uint64_t *term, bool *led,
                   struct error *);
bool postgres_keys_erase(const char *state, const struct journal_place *, const uint8_t id[POSTGRES_ID], uint64_t term,
                         struct error *);
/* Implements the second half of place_aside, when the journal is there and nobody leads it. */
bool postgres_aside(const struct journal_place *, uint64_t *number, struct error *);
/* As place_stand_by. */
struct batches *batches_stand_by_postgres(const char *state, const struct journal_place *, uint8_t id[POSTGRES_ID],
                                          const struct batches_watch *, struct error *);
/* Opens the journal to read only. NULL with ERROR_UNKNOWN: nothing was written to it yet. */
struct batches *batches_follow_postgres(const char *state, const struct journal_place *, const uint8_t id[POSTGRES_ID],
                                        struct error *);
