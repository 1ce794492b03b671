/* runtime/sim/rows.h - Rows of a directory for simulated sites: agents, numbers, queues, routing points.
 *
 * The caller's function gets one row after another, for an event to a core, or for a line of directory.sql. Borrowed
 * until `each` returns. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

struct scenario_profile;

/* A row's columns with names and values; `number` is used if `text` is NULL. A row without columns is a deletion. */
struct plan_column {
    const char *name, *text;
    int64_t number;
};
struct plan_row {
    enum table table;
    const char *key;
    const struct plan_column *columns;
    uint32_t count;
};

struct row_taker {
    void (*each)(void *self, const struct plan_row *);
    void *self;
};

/* Time limits that routing points of a simulated site have, and that its switch applies. */
enum { ROWS_ANSWER_TIMEOUT_S = 10, ROWS_ROUTER_GRACE_S = 60 };

void rows_put(const struct row_taker *, enum table, const char *key, const struct plan_column *, uint32_t count);
void rows_named(const struct row_taker *, enum table, const char *name);
void rows_pair(const struct row_taker *, enum table, const struct plan_column *,
               uint32_t count); /* the first two columns are the key */
void rows_gone(const struct row_taker *, enum table, const char *first,
               const char *second); /* deletes the row whose key is the given pair */
void rows_dn(const struct row_taker *, const char *number, const char *type);
/* Adds an agent's row. `capacity` NULL or "": one call at a time; `profile` NULL or "": none */
void rows_agent(const struct row_taker *, const char *name, const char *capacity, const char *profile);
/* A row of a profile; `vq` may be `*` */
void rows_preference(const struct row_taker *, const char *profile, const char *vq, int64_t rank, int64_t delay_s);
void rows_profile(const struct row_taker *, const struct scenario_profile *);
void rows_skill(const struct row_taker *, const char *agent, const char *skill, int64_t level);
void rows_member(const struct row_taker *, const char *group, const char *agent);
void rows_queue(const struct row_taker *, const char *name, const char *dn);
void rows_point(const struct row_taker *, const char *dn, const char *strategy, const char *defaults);
void rows_campaign(const struct row_taker *, const char *name, const char *mode,
                   const char *agents); /* NULL, "": nobody */
