/* runtime/twin/tally.c - Counts results of comparisons, line by line. */
#include "runtime/twin/tally.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { EIGHTHS = 3 }; /* bits of a time below its highest one that choose the bucket */

static void tally_word_take(char *into, size_t size, const char *text)
{
    (void)snprintf(into, size, "%s", text ? text : "");
}

static void tally_side_take(struct tally_side *into, const struct rival_side *side)
{
    tally_word_take(into->what, sizeof into->what, side->what);
    tally_word_take(into->place, sizeof into->place, side->place);
}

/* Does the row count results like this one? Places decide where both are known: what a side did has values in it, which
 * are others in each interaction. */
static bool tally_row_is_of(const struct tally_row *row, const struct rival_outcome *outcome)
{
    char why[TALLY_WORD], kind[TALLY_WORD], strategy[TALLY_WORD];
    tally_word_take(why, sizeof why, outcome->why);
    tally_word_take(kind, sizeof kind, outcome->kind);
    tally_word_take(strategy, sizeof strategy, outcome->strategy);
    return row->how == outcome->how && strcmp(row->was.place, outcome->was.place) == 0 &&
           strcmp(row->is.place, outcome->is.place) == 0 && strcmp(row->why, why) == 0 &&
           strcmp(row->kind, kind) == 0 && strcmp(row->strategy, strategy) == 0;
}

/* Returns the row for such results, a new one if there is none yet; NULL: all rows are taken. */
static struct tally_row *tally_row_for(struct rival_tally *tally, const struct rival_outcome *outcome)
{
    for (size_t i = 0; i < tally->row_count; i++)
        if (tally_row_is_of(&tally->rows[i], outcome)) return &tally->rows[i];
    if (tally->row_count == TALLY_ROWS) return NULL;
    struct tally_row *row = &tally->rows[tally->row_count];
    *row = (struct tally_row){.how = outcome->how};
    tally_word_take(row->strategy, sizeof row->strategy, outcome->strategy);
    tally_word_take(row->kind, sizeof row->kind, outcome->kind);
    tally_word_take(row->why, sizeof row->why, outcome->why);
    tally_side_take(&row->was, &outcome->was);
    tally_side_take(&row->is, &outcome->is);
    tally->row_count++; /* last: another process may be reading */
    return row;
}

/* Keeps the interaction as an example. Each row gets one before any row gets a second one: where all places are taken,
 * the first example of a row takes the place of a row's second. */
static void tally_example_take(struct rival_tally *tally, size_t row, const struct rival_outcome *outcome,
                               int64_t clock_us)
{
    const struct tally_example example = {outcome->how, outcome->ixn, outcome->conn,
                                          (int64_t)outcome->arrived_us + clock_us, row};
    if (tally->example_count < TALLY_EXAMPLES) {
        tally->examples[tally->example_count++] = example;
        return;
    }
    if (tally->rows[row].count > 1) return;
    for (size_t i = TALLY_EXAMPLES; i > 1; i--)
        for (size_t before = 0; before < i - 1; before++) {
            if (tally->examples[before].row != tally->examples[i - 1].row) continue;
            tally->examples[i - 1] = example;
            return;
        }
}

void tally_take(struct rival_tally *tally, const struct rival_outcome *outcome, int64_t clock_us)
{
    assert(tally && outcome && (unsigned)outcome->how < TALLY_HOWS);
    tally->hows[outcome->how]++;
    tally->open += outcome->open;
    tally->cut += outcome->cut;
    tally->partly += outcome->how == RIVAL_SAME && outcome->partly;
    tally->data += outcome->data;
    tally->decisions += outcome->decisions;
    if (outcome->how == RIVAL_SAME) return;
    struct tally_row *row = tally_row_for(tally, outcome);
    if (!row) {
        tally->left_out++;
        return;
    }
    row->last_us = (int64_t)outcome->parted_us + clock_us;
    if (row->count++ == 0) row->first_us = row->last_us;
    tally_example_take(tally, (size_t)(row - tally->rows), outcome, clock_us);
}

uint64_t tally_all(const struct rival_tally *tally)
{
    uint64_t all = 0;
    for (unsigned how = 0; how < TALLY_HOWS; how++) all += tally->hows[how];
    return all;
}

/* Buckets up to 2 * 8 are single nanoseconds; then each power of two has eight. */
static unsigned tally_bucket(uint64_t ns)
{
    unsigned shift = 0;
    while (ns >> shift >= 2u << EIGHTHS) shift++;
    unsigned bucket = (shift << EIGHTHS) + (unsigned)(ns >> shift);
    return bucket < TALLY_BUCKETS ? bucket : TALLY_BUCKETS - 1;
}

/* Returns the longest time of the bucket. */
static uint64_t tally_bucket_ns(unsigned bucket)
{
    if (bucket < 2u << EIGHTHS) return bucket;
    unsigned shift = (bucket >> EIGHTHS) - 1;
    uint64_t digits = bucket - (shift << EIGHTHS);
    return ((digits + 1) << shift) - 1;
}

void tally_time_take(struct tally_time *time, uint64_t ns)
{
    time->count++;
    time->buckets[tally_bucket(ns)]++;
}

uint64_t tally_time_at(const struct tally_time *time, unsigned percent)
{
    assert(percent > 0 && percent <= 100);
    uint64_t below = 0, wanted = (time->count * percent + 99) / 100;
    for (unsigned bucket = 0; time->count > 0 && bucket < TALLY_BUCKETS; bucket++) {
        below += time->buckets[bucket];
        if (below >= wanted) return tally_bucket_ns(bucket);
    }
    return 0;
}
