/* runtime/lists/loaded.c - Loads a record of a list, which then stays locked until the transaction ends. */
#include <assert.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"

#define LOADED                                                                                                         \
    "SELECT r.id, r.list, r.chain, r.n, c.at, r.attempt, r.due, r.begun, r.day_from, r.day_till, r.again_from,"        \
    " r.again_till, r.version, r.last_try, r.cancelled, l.tenant, r.number, r.status, r.zone, r.writer, c.customer, "  \
    "c.owner, "                                                                                                        \
    "r.type, coalesce((SELECT"                                                                                         \
    " a.number FROM attempts a WHERE a.record = r.id AND a.n = r.attempt AND r.begun IS NOT NULL), r.number)"          \
    " FROM records r JOIN chains c ON c.id = r.chain JOIN lists l ON l.id = r.list WHERE r.id = $1"

static void loaded_read(struct loaded *loaded, const struct sql_rows *rows)
{
    int64_t *const numbers[] = {&loaded->record,
                                &loaded->list,
                                &loaded->chain,
                                &loaded->n,
                                &loaded->at,
                                &loaded->attempt,
                                &loaded->due,
                                &loaded->begun,
                                &loaded->windows.from,
                                &loaded->windows.till,
                                &loaded->windows.again_from,
                                &loaded->windows.again_till,
                                &loaded->version,
                                &loaded->last_try,
                                &loaded->cancelled};
    int count = (int)(sizeof numbers / sizeof *numbers);
    assert(loaded->record == 0); /* lists_record_load() has cleared it */
    for (int i = 0; i < count; i++) *numbers[i] = sql_int(rows, i);
    text_set_span(loaded->tenant, sizeof loaded->tenant, sql_string(rows, count));
    text_set_span(loaded->number, sizeof loaded->number, sql_string(rows, count + 1));
    text_set_span(loaded->status, sizeof loaded->status, sql_string(rows, count + 2));
    text_set_span(loaded->zone, sizeof loaded->zone, sql_string(rows, count + 3));
    text_set_span(loaded->writer, sizeof loaded->writer, sql_string(rows, count + 4));
    text_set_span(loaded->customer, sizeof loaded->customer, sql_string(rows, count + 5));
    text_set_span(loaded->owner, sizeof loaded->owner, sql_string(rows, count + 6));
    text_set_span(loaded->type, sizeof loaded->type, sql_string(rows, count + 7));
    text_set_span(loaded->dialled, sizeof loaded->dialled, sql_string(rows, count + 8));
}

enum lists_answer lists_record_load(struct lists *lists, int64_t record, struct loaded *loaded, struct error *error)
{
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = LOADED, [SQL_POSTGRES] = LOADED " FOR UPDATE OF c, r"};
    *loaded = (struct loaded){0};
    struct sql_rows *rows = sql_ask(lists->sql, error, texts[sql_dialect(lists->sql)], SQL_WITH(sql_number(record)));
    bool there = sql_next(rows);
    if (there) loaded_read(loaded, rows);
    if (!sql_end(rows, error)) return LISTS_failed;
    return there ? LISTS_done : lists_refuses(error, LISTS_unknown, "there is no record %lld", (long long)record);
}
