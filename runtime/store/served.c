/* runtime/store/served.c - Which cores work with the store: a core takes over the interactions of a lost core, and
 * leaves those of other cores alone. */

#include "runtime/store/state.h"

#define SERVE(clock)                                                                                                   \
    "INSERT INTO served(journal, domain, until) VALUES($1, $2, " clock " + $3)"                                        \
    " ON CONFLICT (journal) DO UPDATE SET domain = excluded.domain, until = excluded.until"
#define LEAVE(clock) "UPDATE served SET until = " clock " WHERE journal = $1 AND until > " clock
#define ALL(clock)                                                                                                     \
    "SELECT journal, domain, until, CASE WHEN until > " clock " THEN 1 ELSE 0 END FROM served ORDER BY until"
#define TWIN(clock)                                                                                                    \
    "SELECT 1 FROM served s JOIN served o ON o.journal = $1 AND o.domain = s.domain WHERE s.journal <> o.journal AND"  \
    " s.until > " clock " LIMIT 1"
#define BOTH(query)                                                                                                    \
    {                                                                                                                  \
        [SQL_SQLITE] = query(STORE_CLOCK_SQLITE), [SQL_POSTGRES] = query(STORE_CLOCK_POSTGRES)                         \
    }

bool store_serve(struct store *store, uint64_t journal, unsigned domain, struct error *error)
{
    static const char *const serve[SQL_DIALECTS] = BOTH(SERVE);
    if (store->served != 0 && store->served != journal && !store_leave(store, store->served, error)) return false;
    store->served = journal;
    return sql_do(
        store->sql, error, serve[sql_dialect(store->sql)],
        SQL_WITH(sql_number((int64_t)journal), sql_number(domain), sql_number(STORE_LEASE_S * INT64_C(1000000))));
}

bool store_leave(struct store *store, uint64_t journal, struct error *error)
{
    static const char *const leave[SQL_DIALECTS] = BOTH(LEAVE);
    return sql_do(store->sql, error, leave[sql_dialect(store->sql)], SQL_WITH(sql_number((int64_t)journal)));
}

bool store_all_served(struct store *store, store_each_served *each, void *self, struct error *error)
{
    static const char *const all[SQL_DIALECTS] = BOTH(ALL);
    struct sql_rows *rows = sql_ask(store->sql, error, all[sql_dialect(store->sql)], SQL_NONE);
    while (sql_next(rows))
        each(self, &(struct store_served){.journal = (uint64_t)sql_int(rows, 0),
                                          .domain = (unsigned)sql_int(rows, 1),
                                          .until = sql_int(rows, 2),
                                          .lives = sql_int(rows, 3) != 0});
    return sql_end(rows, error);
}

bool store_has_twin(struct store *store, uint64_t journal, bool *twin, struct error *error)
{
    static const char *const query[SQL_DIALECTS] = BOTH(TWIN);
    int64_t one;
    return sql_find(store->sql, error, &one, twin, query[sql_dialect(store->sql)],
                    SQL_WITH(sql_number((int64_t)journal)));
}
