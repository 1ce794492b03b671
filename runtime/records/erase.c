/* runtime/records/erase.c - Finds the interactions of a person, and deletes their rows from every table.
 *
 * A number is stored as a link has reported it, with or without its country: so the search reads all numbers and
 * compares each by person_same, instead of asking the database for one text. All rows are deleted in one
 * transaction; afterwards sql_overwritten clears the freed pages, as far as the database can. */
#include "runtime/records/erase.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/records/sink_kind.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/vocabulary/person.h"

enum { IXN_SIZE = 32 };

struct erase_ixn {
    int64_t journal;
    char ixn[IXN_SIZE];
};

struct list {
    struct erase_ixn *all;
    size_t count;
};

/* The person to find, and the country for numbers without +. */
struct erase_person {
    struct span person;
    const char *country;
};

static bool erase_is_asked(const struct erase_person *asked, struct span text)
{
    return text.length > 0 && person_same(text, asked->person, asked->country);
}

static void found_add(struct list *list, int64_t journal, struct span ixn)
{
    list->all = memory_more(list->all, list->count, sizeof *list->all);
    struct erase_ixn *found = &list->all[list->count++];
    found->journal = journal;
    text_set_span(found->ixn, sizeof found->ixn, ixn);
}

/* Lists the interactions that have the person as their caller, a party, or a default destination. */
static bool erase_find(struct sql *sql, const struct erase_person *asked, struct list *list, struct error *error)
{
    struct sql_rows *rows = sql_ask(sql, error,
                                    "SELECT journal, ixn, ani, dnis FROM interactions"
                                    " UNION SELECT journal, ixn, dn, NULL FROM parties"
                                    " UNION SELECT journal, ixn, destination, NULL FROM default_routes",
                                    SQL_NONE);
    while (sql_next(rows))
        if (erase_is_asked(asked, sql_string(rows, 2)) || erase_is_asked(asked, sql_string(rows, 3)))
            found_add(list, sql_int(rows, 0), sql_string(rows, 1));
    return sql_end(rows, error);
}

/* True: one of the texts of the JSON belongs to the person. Escapes in a text are compared as they are: no number or
 * mailbox contains any. */
static bool json_names(const struct erase_person *asked, struct span json)
{
    for (uint32_t at = 0; at < json.length; at++) {
        uint32_t from = at + 1, to = from;
        if (json.bytes[at] != '"') continue;
        while (to < json.length && json.bytes[to] != '"') to += json.bytes[to] == '\\' ? 2 : 1;
        if (to > json.length) return false;
        if (erase_is_asked(asked, (struct span){json.bytes + from, to - from})) return true;
        at = to;
    }
    return false;
}

struct change {
    int64_t journal, batch, n;
};

/* Deletes changes of other interactions' data that name the person, such as a number to call back. */
static bool delete_changes(struct sql *sql, const struct erase_person *asked, uint64_t *deleted, struct error *error)
{
    struct change *all = NULL;
    size_t count = 0;
    struct sql_rows *rows = sql_ask(sql, error, "SELECT journal, batch, n, changed FROM data_changes", SQL_NONE);
    while (sql_next(rows)) {
        if (!json_names(asked, sql_string(rows, 3))) continue;
        all = memory_more(all, count, sizeof *all);
        all[count++] = (struct change){sql_int(rows, 0), sql_int(rows, 1), sql_int(rows, 2)};
    }
    bool good = sql_end(rows, error);
    for (size_t i = 0; i < count && good; i++) {
        good = sql_do(sql, error, "DELETE FROM data_changes WHERE journal = $1 AND batch = $2 AND n = $3",
                      SQL_WITH(sql_number(all[i].journal), sql_number(all[i].batch), sql_number(all[i].n)));
        *deleted += good ? (uint64_t)sql_changes(sql) : 0;
    }
    free(all);
    return good;
}

static bool has_ixn(const struct record_table *table)
{
    for (unsigned at = 0; at < table->count; at++)
        if (strcmp(table->columns[at].name, "ixn") == 0) return true;
    return false;
}

/* Deletes the rows of the listed interactions from a table that has a column for them. */
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

static bool erase_overwritten(struct sql *sql, struct error *error)
{
    const char *names[TABLES];
    for (unsigned table = 0; table < TABLES; table++) names[table] = record_tables[table].name;
    return sql_overwritten(sql, names, TABLES, error);
}

/* All rows of the person's interactions are deleted; of other interactions, only the changes of data that name the
 * person. */
bool records_erase(const char *target, const char *person, const char *country, uint64_t *interactions, uint64_t *rows,
                   struct error *error)
{
    struct list list = {0};
    const struct erase_person asked = {span_of(person), country};
    *rows = 0;
    if (!sql_names_sqlite(target) && !sql_names_postgres(target))
        return error_set(error, ERROR_INPUT,
                         "only rows of a database can be erased: sqlite:FILE, or a connection string");
    struct sql *sql = sql_open(target, "the records' database", error);
    bool good = sql && records_make(sql, error) && sql_begin(sql, error) && erase_find(sql, &asked, &list, error);
    for (unsigned table = 0; table < TABLES && good; table++)
        good = delete_rows(sql, &record_tables[table], &list, rows, error);
    good = good && delete_changes(sql, &asked, rows, error) && sql_commit(sql, error) && erase_overwritten(sql, error);
    *interactions = list.count;
    sql_close(sql);
    free(list.all);
    return good;
}
