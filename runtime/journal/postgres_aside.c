/* runtime/journal/postgres_aside.c - Puts a journal of the database aside to free its number for another one: its
 * rows are kept under a number that no partition has (-1, -2 ...), for an administrator to restore or to delete. A
 * gcxvm that used the journal notices at its next append that it is gone, as if the database had been exchanged. */
#include "runtime/journal/batches_postgres.h"
#include "runtime/journal/postgres_rows.h"

enum { ASIDE_MS = 1800000 /* time limit in ms for putting a journal aside, as all its rows are rewritten */ };

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
