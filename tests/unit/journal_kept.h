/* tests/unit/journal_kept.h - A journal in a folder of its own, or in the database that GCX_PG_CONNINFO names, whose
 * tables are then dropped before; and machines that lead it and follow it. tests/flows/postgres_journal.sh has a
 * server. */
#pragma once

#include <criterion/criterion.h>
#include <libpq-fe.h>

#include "runtime/journal/place.h"

struct kept {
    struct journal_place place;
    bool postgres;
};
extern struct kept kept;
extern char directory[64], conninfo[512];

void directory_make(void);
void directory_remove(void);
void server_make(void); /* without a server the test is skipped */
void server_run(const char *sql);
/* True: the question has an answer with a row, within five seconds. */
bool server_says(PGconn *, const char *sql);
void copies_answer(bool they_do);

struct batches *kept_open(void);
void kept_append(struct batches *, uint64_t number, const char *text);
void kept_is(struct batches *, uint64_t number, const char *text);
unsigned copies_of(struct batches *); /* a whole look, as of the leader's thread */

/* The site's key is in each folder, as an administrator has copied it. */
void site_key_put(const char *state);
void keys_ready(const char *state);
struct batches *leader_open(void); /* with keys */
/* Follows from an empty folder. */
struct batches *follower_open_in(const char *name);
struct batches_sign sign_of(struct batches *); /* what a follower sees */
