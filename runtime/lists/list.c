/* runtime/lists/list.c - Lists, and the fields that their records have.
 *
 * A list declares which fields its records have, by name and kind; the values are one JSON object in each record.
 * The fields of one list are kept in memory (lists->fields) until those of another list are needed or a field
 * changes (fields_forget). */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/denied.h"

/* True: a filter, or a heading, already uses the name for a column. */
static bool is_column(const char *name)
{
    static const char *const names[][2] = {
#define COLUMN(table, column, type, doc) {#table, #column},
#include "runtime/lists/lists.def"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], "records") == 0 && strcmp(names[i][1], name) == 0) return true;
    return strcmp(name, "customer") == 0 || strcmp(name, "at") == 0;
}

static bool tenant_good(const char *tenant, struct error *error)
{
    return !tenant || !*tenant || lists_word_good(span_of(tenant), LISTS_WORD_MAX, "tenant", error);
}

bool lists_find(struct lists *lists, const char *tenant, const char *name, int64_t *list, struct error *error)
{
    bool there;
    return sql_find(lists->sql, error, list, &there, "SELECT id FROM lists WHERE tenant = $1 AND name = $2",
                    SQL_WITH(sql_text(tenant ? tenant : ""), sql_text(name)));
}

bool lists_make(struct lists *lists, const char *tenant, const char *name, int64_t now, int64_t *list,
                struct error *error)
{
    *list = 0;
    if (!tenant_good(tenant, error) || !lists_word_good(span_of(name), LISTS_WORD_MAX, "name of the list", error))
        return false;
    return sql_do(lists->sql, error, "INSERT INTO lists(tenant, name, made) VALUES($1, $2, $3) ON CONFLICT DO NOTHING",
                  SQL_WITH(sql_text(tenant ? tenant : ""), sql_text(name), sql_number(now))) &&
           lists_find(lists, tenant, name, list, error);
}

bool lists_sample(struct lists *lists, int64_t list, unsigned count, void (*each)(void *self, struct span number),
                  void *self, struct error *error)
{
    struct sql_rows *rows = sql_ask(lists->sql, error,
                                    "SELECT number FROM records WHERE list = $1 AND status IN ('ready', 'retrieved')"
                                    " ORDER BY id LIMIT $2",
                                    SQL_WITH(sql_number(list), sql_number(count)));
    while (sql_next(rows)) each(self, sql_string(rows, 0));
    return sql_end(rows, error);
}

static const char counts[] = "SELECT l.id, l.made, l.tenant, l.name, count(r.id),"
                             " sum(CASE r.status WHEN 'ready' THEN 1 ELSE 0 END),"
                             " sum(CASE r.status WHEN 'retrieved' THEN 1 ELSE 0 END),"
                             " sum(CASE r.status WHEN 'updated' THEN 1 ELSE 0 END)"
                             " FROM lists l LEFT JOIN records r ON r.list = l.id WHERE l.tenant = $1"
                             " GROUP BY l.id, l.made, l.tenant, l.name ORDER BY l.name";

bool lists_each(struct lists *lists, const char *tenant, lists_each_list *each, void *self, struct error *error)
{
    struct sql_rows *rows = sql_ask(lists->sql, error, counts, SQL_WITH(sql_text(tenant ? tenant : "")));
    while (sql_next(rows)) {
        struct lists_shown shown = {
            .list = sql_int(rows, 0),
            .made = sql_int(rows, 1),
            .tenant = sql_string(rows, 2),
            .name = sql_string(rows, 3),
            .records = sql_int(rows, 4),
            .ready = sql_int(rows, 5),
            .retrieved = sql_int(rows, 6),
            .updated = sql_int(rows, 7),
        };
        shown.cancelled = shown.records - shown.ready - shown.retrieved - shown.updated;
        each(self, &shown);
    }
    return sql_end(rows, error);
}

/* Tries an UPDATE that changes no row: a PostgreSQL that is read-only refuses it. */
bool lists_take(struct lists *lists, struct error *error)
{
    return sql_dialect(lists->sql) == SQL_SQLITE ||
           sql_do(lists->sql, error, "UPDATE records SET list = list WHERE id = 0", NULL, 0);
}

/* Shows the lists with records whose number is above `*newest`, which becomes the number of the newest record; -1:
 * only that number is wanted. */
bool lists_newer(struct lists *lists, const char *tenant, int64_t *newest, void (*each)(void *self, struct span list),
                 void *self, struct error *error)
{
    static const char names[] = "SELECT DISTINCT l.name FROM records r JOIN lists l ON l.id = r.list"
                                " WHERE r.id > $1 AND r.id <= $2 AND l.tenant = $3 ORDER BY 1";
    int64_t found, before = *newest;
    bool there;
    if (!sql_find(lists->sql, error, &found, &there, "SELECT coalesce(max(id), 0) FROM records", SQL_NONE))
        return false;
    *newest = found;
    if (before == -1 || found <= before) return true;
    struct sql_rows *rows = sql_ask(lists->sql, error, names,
                                    SQL_WITH(sql_number(before), sql_number(found), sql_text(tenant ? tenant : "")));
    while (sql_next(rows)) each(self, sql_string(rows, 0));
    return sql_end(rows, error);
}

/* ---- fields ---- */

void fields_forget(struct lists *lists)
{
    lists->fields->list = 0;
}

/* Returns the fields of the list; NULL: they cannot be read. The result is borrowed until the next call. */
const struct fields *fields_of(struct lists *lists, int64_t list, struct error *error)
{
    struct fields *fields = lists->fields;
    if (fields->list == list) return fields;
    *fields = (struct fields){0};
    struct sql_rows *rows =
        sql_ask(lists->sql, error, "SELECT name, kind FROM list_fields WHERE list = $1 ORDER BY name",
                SQL_WITH(sql_number(list)));
    while (sql_next(rows) && fields->count < LISTS_FIELDS_MAX) {
        struct span name = sql_string(rows, 0);
        struct list_field *field = &fields->rows[fields->count];
        if (name.length > LISTS_WORD_MAX) continue; /* not ours */
        memcpy(field->name, name.bytes, name.length);
        field->name[name.length] = '\0';
        field->number = span_is(sql_string(rows, 1), "number");
        fields->count++;
    }
    if (!sql_end(rows, error)) return NULL;
    assert(fields->count <= LISTS_FIELDS_MAX);
    fields->list = list;
    return fields;
}

const struct list_field *fields_find(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->rows[i].name, name) == 0) return &fields->rows[i];
    return NULL;
}

static bool name_good(const char *name, struct error *error)
{
    size_t length = strlen(name);
    bool good = length > 0 && length <= LISTS_WORD_MAX && *name >= 'a' && *name <= 'z';
    good = good && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length && !is_column(name);
    return good ||
           error_set(error, ERROR_INPUT,
                     "'%.70s' is no name of a field: expected small letters, digits and _, and no column of records",
                     name);
}

bool lists_field(struct lists *lists, int64_t list, const char *name, bool number, struct error *error)
{
    const struct fields *fields = name_good(name, error) ? fields_of(lists, list, error) : NULL;
    if (!fields) return false;
    const struct list_field *there = fields_find(fields, name);
    if (there && there->number == number) return true;
    if (there)
        return error_set(error, ERROR_STATE, "the field %s of this list is a %s", name, number ? "text" : "number");
    if (fields->count == LISTS_FIELDS_MAX)
        return error_set(error, ERROR_LIMIT, "the list has %d fields already", LISTS_FIELDS_MAX);
    fields_forget(lists);
    return sql_do(lists->sql, error, "INSERT INTO list_fields(list, name, kind) VALUES($1, $2, $3)",
                  SQL_WITH(sql_number(list), sql_text(name), sql_text(number ? "number" : "text")));
}

/* Sets one field in the record's object, or removes it if the value is empty. */
static bool list_field_set(const struct fields *fields, json_t *object, const struct lists_text *given,
                           struct error *error)
{
    const struct list_field *field = fields_find(fields, given->name);
    const char *why = NULL;
    if (!field)
        why = denied_words(WHY_field);
    else if (given->value.length > LISTS_FIELD_MAX)
        why = "has a value that is too long";
    else if (!bytes_are_utf8(given->value))
        why = "has a value that is no UTF-8";
    else if (given->value.length > 0 && field->number && !denied_is_figure(given->value))
        why = denied_words(WHY_figure);
    if (why) return error_set(error, ERROR_INPUT, "%.70s %s", given->name, why);
    if (given->value.length == 0)
        json_object_del(object, given->name);
    else
        json_object_set_new(object, given->name, json_stringn((const char *)given->value.bytes, given->value.length));
    return true;
}

/* Applies the changes to the record's object `old` and writes JSON into `json`; nothing is written if there was no
 * field before and there is none after. */
bool fields_change(const struct fields *fields, struct span old, const struct lists_text *given, size_t count,
                   struct out *json, struct error *error)
{
    assert(fields && json && (given || count == 0));
    json_t *object = old.length > 0 ? json_loadb((const char *)old.bytes, old.length, 0, NULL) : json_object();
    if (!json_is_object(object)) { /* somebody else wrote it */
        json_decref(object);
        object = json_object();
    }
    bool good = true;
    for (size_t i = 0; good && i < count; i++) good = list_field_set(fields, object, &given[i], error);
    char *text = good && (json_object_size(object) > 0 || old.length > 0)
                     ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS)
                     : NULL;
    if (text) out_text(json, text);
    free(text);
    json_decref(object);
    return good;
}
