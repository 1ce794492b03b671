/* tests/unit/lists_world.h - Calling lists for the tests: in a file of their own, or in the database that
 * GCX_PG_CONNINFO names, whose tables are then dropped before. Times are virtual. */
#pragma once

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/lists/lists.h"

struct lists_world {
    char folder[64], target[256];
    struct lists *lists;
    int64_t list, now; /* the list "spring"; Monday, 2026-03-02, 12:00 UTC */
    struct lists_told told;
    char said[4096]; /* rows that an import refused, as "ROW LINE ANSWER;" */
    struct error error;
};

void world_new(struct lists_world *);
void world_free(struct lists_world *);
struct lists *world_opened(struct lists_world *); /* one more, as another process has it */
/* What the database says, the cells of a row separated by |, the rows by a line end. */
const char *world_asks(const struct lists_world *, const char *sql);
/* Takes in a text of comma-separated values, with the country DE and the zone Europe/Berlin. */
bool world_import(struct lists_world *, const char *text);
/* What a session fetches at world->now, as "NUMBER:STATUS NUMBER:STATUS|" per chain, numbers without +4930, the current
 * one with a * in front. The ref is a new one. */
const char *world_fetch(struct lists_world *, struct lists *, const char *session, const char *filter,
                        const char *order, const struct lists_terms *, unsigned count);
/* The record of a number, such as "1000001", and its version. */
int64_t world_record(const struct lists_world *, const char *digits, int64_t *version);
/* The moment of "2026-03-02 12:00", UTC. */
int64_t world_moment(const char *utc);

#define GOOD(call) cr_assert((call), "%s", world.error.text)
#define IS(call, wanted)                                                                                               \
    do {                                                                                                               \
        enum lists_answer got = (call);                                                                                \
        cr_expect_eq(got, LISTS_##wanted, "%s: %s", lists_answer_name(got), world.error.text);                         \
    } while (0)
