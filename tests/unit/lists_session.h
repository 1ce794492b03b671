/* tests/unit/lists_session.h - What a session does with calling lists (lists_world.h): it fetches, dials, and says how
 * an attempt is over. */
#pragma once

#include "tests/unit/lists_world.h"

static const int64_t minute = INT64_C(60000000);

void session_begins(struct lists_world *world, const char *csv);
enum lists_answer session_dials(struct lists_world *world, const char *session, const char *digits, int64_t *attempt);
/* The record's attempt is over so. */
enum lists_answer session_ends(struct lists_world *world, const char *digits, enum cause result, int64_t due);
void session_is_silent(void *self, const char *session); /* it is appended to the text `self` */
/* One more list of the tenant with these records; its number is world.list from then on. */
int64_t session_list(struct lists_world *world, const char *name, const char *csv);

#define FETCHED(count, wanted)                                                                                         \
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, NULL, count), wanted)
