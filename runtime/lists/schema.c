/* runtime/lists/schema.c - The tables of lists.def as a schema; opens the lists; the texts of answers. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"
#include "runtime/vocabulary/target.h"

#define SCHEMA_DEF "runtime/lists/lists.def"
#include "runtime/sql/schema_rows.h"

/* Before version 2 an entry by a person's own message was known by its reason alone, which an entry by somebody else
 * replaces. Before version 4 a person had one rest, the longest, and a callback could shorten it: now abandoned persons
 * rest for as long as the attempt says. Attempts from before version 3 do not say how long the person rests, so 72
 * hours are taken. This conversion is made only once, by version: later it would undo what people have changed since.
 * Before version 5 an attempt was over when its record was closed, so an attempt without an end is over if its record
 * is closed. Before version 5 a blank at the end of a customer's, chain's or agent's name made another name of it. Only
 * one chain of a list gets the name without blanks; two chains are not merged, because both may have a record at the
 * same position. */
#define VERSION_BEFORE "(SELECT version FROM gcx_lists)"
#define BEFORE_5       VERSION_BEFORE " BETWEEN 1 AND 4"
/* SQL: the characters that person_name() removes from both ends of a name. */
#define BLANKS "' \t'"
#define PADDED "kind = 'customer' AND value <> trim(value, " BLANKS ")"
static const char *const after[] = {
#define INDEX(unique, name, on) "CREATE " #unique " INDEX IF NOT EXISTS " #name " ON " on,
#include "runtime/lists/lists.def"
    "UPDATE do_not_call SET otherwise = 0 WHERE otherwise IS NULL AND until IS NULL AND reason = '" LISTS_BY_WORD
    "' AND " VERSION_BEFORE " = 1",
    "INSERT INTO rests(tenant, number, why, until) SELECT tenant, number, why, rests FROM persons"
    " WHERE rests > 0 AND why IS NOT NULL" OR_REST_LONGER,
    "UPDATE persons SET rests = 0, why = NULL WHERE rests > 0",
    "DELETE FROM persons WHERE day_from IS NULL",
    "INSERT INTO rests(tenant, number, why, until) SELECT l.tenant, a.number, 'abandoned',"
    " max(coalesce(a.ended, a.begun) + coalesce(a.pause, 259200000000)) FROM attempts a JOIN lists l ON l.id = a.list"
    " WHERE a.result = 'abandoned' AND (a.pause IS NULL OR a.pause > 0) AND " VERSION_BEFORE
    " BETWEEN 1 AND 3 GROUP BY l.tenant, a.number" OR_REST_LONGER,
    "UPDATE attempts SET ended = begun WHERE ended IS NULL AND NOT EXISTS (SELECT 1 FROM records r"
    " WHERE r.id = attempts.record AND r.attempt = attempts.n AND r.begun IS NOT NULL) AND " BEFORE_5,
    "UPDATE chains SET customer = nullif(trim(customer, " BLANKS "), '') WHERE customer <> trim(customer, " BLANKS
    ") AND " BEFORE_5,
    "UPDATE chains SET name = nullif(trim(name, " BLANKS "), '') WHERE id IN (SELECT min(c.id) FROM chains c"
    " WHERE c.name <> trim(c.name, " BLANKS ") AND NOT EXISTS (SELECT 1 FROM chains o WHERE o.list = c.list"
    " AND o.name = trim(c.name, " BLANKS ")) GROUP BY c.list, trim(c.name, " BLANKS ")) AND " BEFORE_5,
    "UPDATE records SET agent = nullif(trim(agent, " BLANKS "), '') WHERE agent <> trim(agent, " BLANKS
    ") AND " BEFORE_5,
    "INSERT INTO do_not_call(tenant, kind, value, reason, since, until, otherwise) SELECT tenant, kind,"
    " trim(value, " BLANKS "), min(reason), min(since), CASE WHEN count(until) < count(*) THEN NULL"
    " ELSE max(until) END, max(otherwise) FROM do_not_call WHERE " PADDED " AND trim(value, " BLANKS
    ") <> '' AND " BEFORE_5 " GROUP BY tenant, kind, trim(value, " BLANKS ")" OR_BLOCK_LONGER,
    "DELETE FROM do_not_call WHERE " PADDED " AND " BEFORE_5,
    "INSERT INTO consents(tenant, kind, value, purpose, source, since, until) SELECT tenant, kind,"
    " trim(value, " BLANKS "), purpose, min(source), min(since), CASE WHEN count(until) < count(*) THEN NULL"
    " ELSE max(until) END FROM consents WHERE " PADDED " AND trim(value, " BLANKS ") <> '' AND " BEFORE_5
    " GROUP BY tenant, kind, trim(value, " BLANKS "), purpose ON CONFLICT DO NOTHING",
    "DELETE FROM consents WHERE " PADDED " AND " BEFORE_5,
    NULL};

static const struct table_schema schema = {
    .of = SQL_gcx_lists,
    .tables = tables,
    .count = sizeof tables / sizeof *tables,
    .after = {[SQL_SQLITE] = after, [SQL_POSTGRES] = after},
};

static const char lists_what[] = "the database of calling lists";

static struct lists *lists_of(struct sql *sql)
{
    if (!sql) return NULL;
    struct lists *lists = memory_zeroed(1, sizeof *lists);
    *lists = (struct lists){.sql = sql, .zones = zones_new(), .fields = memory_zeroed(1, sizeof *lists->fields)};
    return lists;
}

struct lists *lists_open(const char *target, bool there, struct error *error)
{
    return lists_of(sql_schema_open(target, lists_what, &schema, there, error));
}

struct lists *lists_open_as_is(const char *target, struct error *error)
{
    const char *why;
    const char *path = target_file(target);
    if (!path || !file_may_be_read(path, &why)) {
        error_set(error, ERROR_UNAVAILABLE, "%s: %s", path ? path : target, path ? why : "it is no file");
        return NULL;
    }
    return lists_of(sql_open(target, lists_what, error));
}

void lists_close(struct lists *lists)
{
    if (!lists) return;
    sql_close(lists->sql);
    zones_free(lists->zones);
    free(lists->fields);
    free(lists);
}

bool lists_transaction_end(struct lists *lists, bool good, struct error *error)
{
    if (good && sql_commit(lists->sql, error)) return true;
    sql_rollback(lists->sql);
    lists->zone_put[0] = '\0';
    return false;
}

/* ---- answers ---- */

static const struct {
    const char *name, *text;
} answers[] = {
#define ANSWER(name, doc) {#name, doc},
#include "runtime/lists/answers.def"
};

const char *lists_answer_name(enum lists_answer given)
{
    return given < LISTS_ANSWERS ? answers[given].name : "";
}

const char *lists_answer_text(enum lists_answer given)
{
    assert(given < LISTS_ANSWERS);
    return answers[given].text;
}

enum lists_answer lists_refuses(struct error *error, enum lists_answer given, const char *format, ...)
{
    char text[sizeof error->text];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    error_set(error, given == LISTS_wrong ? ERROR_INPUT : ERROR_STATE, "%s", text);
    return given;
}

bool lists_word_good(struct span word, size_t most, const char *what, struct error *error)
{
    if (word.length > 0 && word.length <= most && bytes_are_utf8(word)) return true;
    return error_set(error, ERROR_INPUT, "the %s is missing, longer than %zu bytes, or no UTF-8", what, most);
}
