/* runtime/records/erase.c - Which interactions are a person's, and deleting their rows from every table. */
#include "runtime/records/erase.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/records/sink_kind.h"
#include "runtime/vocabulary/memory.h"

enum { IXN_SIZE = 32 };

struct found {
    int64_t journal;
    char ixn[IXN_SIZE];
};

struct list {
    struct found *all;
    size_t count, capacity;
};

static bool find(struct sql *sql, const char *person, struct list *list, struct error *error)
{
    struct sql_rows *rows = sql_ask(sql, error,
                                    "SELECT journal, ixn FROM interactions "
                                    "WHERE ltrim(ani, '+') = ltrim($1, '+') OR ltrim(dnis, '+') = ltrim($1, '+') "
                                    "UNION SELECT journal, ixn FROM parties WHERE ltrim(dn, '+') = ltrim($1, '+')",
                                    SQL_WITH(sql_text(person)));
    if (!rows) return false;
    while (sql_next(rows)) {
        if (list->count == list->capacity) {
            list->capacity = list->capacity ? 2 * list->capacity : 64;
            list->all = memory_grown(list->all, list->capacity, sizeof *list->all);
        }
        struct found *found = &list->all[list->count++];
        found->journal = sql_int(rows, 0);
        text_set_span(found->ixn, sizeof found->ixn, sql_string(rows, 1));
    }
    return sql_end(rows, error);
}

static bool has_ixn(const struct record_table *table)
{
    for (unsigned at = 0; at < table->count; at++)
        if (strcmp(table->columns[at].name, "ixn") == 0) return true;
    return false;
}

static bool delete_rows(struct sql *sql, const struct record_table *table, const struct list *list, uint64_t *rows,
                        struct error *error)
{
    struct out text = {0};
    bool good = true;
    if (!has_ixn(table)) return true;
    out_format(&text, "DELETE FROM %s WHERE journal = $1 AND ixn = $2", table->name);
    for (size_t i = 0; i < list->count && good; i++) {
        good = sql_do(sql, error, text.bytes, SQL_WITH(sql_number(list->all[i].journal), sql_text(list->all[i].ixn)));
        if (good) *rows += (uint64_t)sql_changes(sql);
    }
    sql_forget(sql, text.bytes);
    out_free(&text);
    return good;
}

bool records_erase(const char *target, const char *person, uint64_t *interactions, uint64_t *rows, struct error *error)
{
    struct list list = {0};
    *rows = 0;
    if (!sql_names_sqlite(target) && !sql_names_postgres(target)) {
        error_set(error, ERROR_INPUT, "only rows of a database can be erased: sqlite:FILE, or a connection string");
        return false;
    }
    struct sql *sql = sql_open(target, "the records' database", error);
    bool good = sql && records_make(sql, error) && sql_begin(sql, error) && find(sql, person, &list, error);
    for (unsigned table = 0; table < TABLES && good; table++)
        good = delete_rows(sql, &record_tables[table], &list, rows, error);
    good = good && sql_commit(sql, error);
    *interactions = list.count;
    sql_close(sql);
    free(list.all);
    return good;
}
