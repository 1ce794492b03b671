/* runtime/sim/sheets.c - Writes SQL statements for the directory's file.
 *
 * Over the wire, a test's settings reach gcxvm like an operator's: through the directory's SQL file, which is
 * written anew at the beginning and appended to when the test changes something. An appended statement replaces the
 * effect of earlier ones, so the file can be executed from its beginning at any time.
 *
 *     insert into parameter values ('limit', 5);        at the beginning
 *     delete from parameter where name = 'limit';       then appended: the test sets it to 9 for a while
 *     insert into parameter values ('limit', 9);
 *     delete from parameter where name = 'limit';       and the while is over
 *
 * Names and texts come from the test and may contain any character, so all are written by sheets_quoted(). */
#include "runtime/sim/sheets.h"

#include <errno.h>
#include <string.h>

#include "base/inside.h"
#include "runtime/sim/values.h"

/* Writes a text in quotes; a quote within it is doubled, as in SQL: 'O''Neill'. No other character is special within
 * quotes. */
void sheets_quoted(FILE *out, const char *text, char quote)
{
    fputc(quote, out);
    for (; *text != '\0'; text++) {
        if (*text == quote) fputc(quote, out);
        fputc(*text, out);
    }
    fputc(quote, out);
}

static bool is_scalar(json_t *value)
{
    json_t *plain = value_plain(value);
    bool scalar = !json_is_object(plain) && !json_is_array(plain);
    json_decref(plain);
    return scalar;
}

/* Can SQL express the setting? SQL has no lists and maps. */
bool sheets_can_say(const struct scenario_item *item)
{
    const char *key, *column;
    json_t *row, *value;
    if (item->kind == ITEM_PARAMETER) return is_scalar(item->setting.value);
    json_object_foreach(item->setting.value, key, row)
    {
        json_object_foreach(row, column, value)
        {
            if (!is_scalar(value)) return false;
        }
    }
    return true;
}

/* Writes a value in the form of the directory's file. */
static void print_value(FILE *out, json_t *value)
{
    json_t *plain = value_plain(value);
    switch (json_typeof(plain)) {
    case JSON_STRING:
        sheets_quoted(out, json_string_value(plain), '\'');
        break;
    case JSON_INTEGER:
        fprintf(out, "%lld", (long long)json_integer_value(plain));
        break;
    case JSON_REAL:
        fprintf(out, "%.17g", json_real_value(plain));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        fputs(json_is_true(plain) ? "'true'" : "'false'", out);
        break;
    default:
        fputs("null", out);
        break;
    }
    json_decref(plain);
}

/* Returns the column that contains every row's key; NULL: there are no rows. A test's table does not say which
 * column is the key; it is the one equal to the key in every row. */
static const char *key_column(json_t *rows)
{
    const char *key, *column, *first_key = json_object_iter_key(json_object_iter(rows));
    json_t *row, *value, *first = first_key ? json_object_get(rows, first_key) : NULL;
    json_object_foreach(first, column, value)
    {
        bool all = true;
        json_object_foreach(rows, key, row)
        {
            const char *text = json_string_value(json_object_get(row, column));
            all = all && text && strcmp(text, key) == 0;
        }
        if (all) return column;
    }
    return NULL;
}

/* Writes a table with the columns of its first row. Without rows, the table has only a column for the key. */
static void sheet_print_table(FILE *out, const struct scenario_setting *table)
{
    char name[SCENARIO_NAME_MAX + 8];
    const char *column, *key = key_column(table->value), *separator = "";
    json_t *row, *value;
    (void)snprintf(name, sizeof name, "table_%s", table->name);
    fputs("create table ", out);
    sheets_quoted(out, name, '"');
    fputs(" (", out);
    json_object_foreach(json_object_iter_value(json_object_iter(table->value)), column, value)
    {
        fputs(separator, out);
        sheets_quoted(out, column, '"');
        if (key && strcmp(key, column) == 0) fputs(" text primary key", out);
        separator = ", ";
    }
    fputs(!key ? "\"key\" text primary key);\n" : ");\n", out);
    const char *of;
    json_object_foreach(table->value, of, row)
    {
        fputs("insert into ", out);
        sheets_quoted(out, name, '"');
        separator = " values (";
        json_object_foreach(row, column, value)
        {
            fputs(separator, out);
            print_value(out, value);
            separator = ", ";
        }
        fputs(");\n", out);
    }
}

static void print_parameter(FILE *out, const struct scenario_setting *parameter)
{
    fputs("insert into parameter values (", out);
    sheets_quoted(out, parameter->name, '\'');
    fputs(", ", out);
    print_value(out, parameter->value);
    fputs(");\n", out);
}

/* Does the setting apply from the beginning, without an end? */
static bool sheet_row_stays(const struct scenario_item *item)
{
    return item->at_us == 0 && item->setting.for_us == SCENARIO_NEVER && sheets_can_say(item);
}

/* Writes the parameters and tables that the test sets at its beginning; of several lines about the same one the last
 * is used. */
void sheets_settings(FILE *out, const struct scenario_test *test)
{
    fputs("create table parameter     (name text primary key, value);\n", out);
    for (size_t i = 0; i < test->count; i++) {
        const struct scenario_item *item = &test->items[i];
        bool last = true;
        if (item->kind != ITEM_PARAMETER && item->kind != ITEM_TABLE) continue;
        for (size_t k = i + 1; k < test->count; k++)
            if (test->items[k].kind == item->kind && sheet_row_stays(&test->items[k]) &&
                strcmp(test->items[k].setting.name, item->setting.name) == 0)
                last = false;
        if (!last || !sheet_row_stays(item)) continue;
        if (item->kind == ITEM_TABLE) {
            sheet_print_table(out, &item->setting);
            continue;
        }
        print_parameter(out, &item->setting);
    }
}

/* ---- changes ---- */

static FILE *sheet_append(const char *path, struct error *error)
{
    FILE *out = inside_open(path, "a");
    if (!out) error_set(error, ERROR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    return out;
}

static bool sheet_written(FILE *out, const char *path, struct error *error)
{
    if (fclose(out) == 0) return true;
    return error_set(error, ERROR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
}

/* Appends a change; `over`: the time of the setting has ended. The old rows are always deleted, so that a second
 * change has the same form. */
bool sheets_change(const char *path, bool table, const struct scenario_setting *setting, bool over, struct error *error)
{
    char name[SCENARIO_NAME_MAX + 8];
    FILE *out = sheet_append(path, error);
    if (!out) return false;
    if (table) {
        (void)snprintf(name, sizeof name, "table_%s", setting->name);
        fputs("drop table if exists ", out);
        sheets_quoted(out, name, '"');
    } else {
        fputs("delete from parameter where name = ", out);
        sheets_quoted(out, setting->name, '\'');
    }
    fputs(";\n", out);
    if (!over) (table ? sheet_print_table : print_parameter)(out, setting);
    return sheet_written(out, path, error);
}

static void sheet_forget(FILE *out, const char *table, const char *column, const char *key)
{
    fprintf(out, "delete from \"%s\" where %s = ", table, column);
    sheets_quoted(out, key, '\'');
    fputs(";\n", out);
}

static void sheet_add(FILE *out, const char *table, const char *columns, const char *first, const char *second)
{
    fprintf(out, "insert into \"%s\" (%s) values (", table, columns);
    sheets_quoted(out, first, '\'');
    fputs(", ", out);
    sheets_quoted(out, second, '\'');
}

/* Appends what a test says about an agent: skills, groups and place are deleted before the new ones are inserted;
 * others stay. */
bool sheets_learn(const char *path, const struct plan_agent *agent, const struct scenario_agent *says,
                  struct error *error)
{
    const char *skill;
    json_t *level, *group;
    size_t index;
    FILE *out = sheet_append(path, error);
    if (!out) return false;
    if (says->skills) sheet_forget(out, "agent_skill", "agent", agent->name);
    json_object_foreach(says->skills, skill, level)
    {
        sheet_add(out, "agent_skill", "agent, skill, level", agent->name, skill);
        fprintf(out, ", %lld);\n", (long long)json_integer_value(level));
    }
    if (says->groups) sheet_forget(out, "group_member", "agent", agent->name);
    json_array_foreach(says->groups, index, group)
    {
        sheet_add(out, "group_member", "agent, \"group\"", agent->name, json_string_value(group));
        fputs(");\n", out);
    }
    if (says->capacity) {
        fputs("update agent set capacity = ", out);
        sheets_quoted(out, says->capacity, '\'');
        fputs(" where name = ", out);
        sheets_quoted(out, agent->name, '\'');
        fputs(";\n", out);
    }
    if (says->place) {
        sheet_forget(out, "place_dn", "dn", agent->dn);
        sheet_add(out, "place_dn", "dn, place", agent->dn, says->place);
        fputs(");\n", out);
    }
    return sheet_written(out, path, error);
}
