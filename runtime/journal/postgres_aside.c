/* runtime/journal/postgres_aside.c - A journal of the database gives its place to another one: its rows keep what they
 * have, under a number that is no partition's (-1, -2 ...), for an administrator who wants it back or removes it.
 * A gcxvm that had it finds that it is gone at the next append, as with a database that was changed for another. */
#include "runtime/journal/batches_postgres.h"
#include "runtime/journal/postgres_rows.h"

enum { ASIDE_MS = 1800000 /* all rows are written anew */ };

bool postgres_aside(const struct journal_place *place, uint64_t *number, struct error *error)
{
    static const uint8_t any[POSTGRES_ID];
    struct batches_rows *store = rows_new(place, true, any, error);
    struct line_values values = {0};
    struct span node;
    if (store) values = rows_values(store);
    bool good = store && rows_up(store, error) == LINE_DONE && batches_know_domain(store, &node, error) == LINE_DONE &&
                postgres_line_ask(store->line, ASK_domain_aside, &values, ASIDE_MS, error) == LINE_DONE;
    if (good) *number = postgres_line_number(store->line, 0, 0);
    if (store) postgres_close(store);
    return good;
}
