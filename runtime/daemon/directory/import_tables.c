/* runtime/daemon/directory/import_tables.c - Reads the tables of a directory: checks the values of their columns,
 * and the references between tables. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/site/campaign.h"
#include "runtime/daemon/protocol/words.h"
#include "runtime/daemon/directory/import_sql.h"
#include "runtime/daemon/directory/schedule_lines.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "base/written.h"

enum {
    CODE_MAX = 16,
    DEFAULTS_MAX = 16,
    SKILL_LEVEL_MAX = 100 /* highest level of a skill, as in the core and the language */
};

/* Reports a table that nobody reads, which is a typing error, and a file without tables, which was cut or emptied:
 * such a file must not replace a directory that is in force, nor at a start the one in the journal. A table without
 * rows is accepted as intended. */
bool import_tables_check(sqlite3 *db, const char *file, struct error *error)
{
    bool good = true, any = false;
    sqlite3_stmt *statement =
        lite_ask(db, "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%%'");
    assert(statement);
    while (good && lite_next(statement)) {
        const char *name = lite_text(statement, 0);
        any = true;
        if (import_table_named(name) || import_is_sheet(name)) continue;
        char names[IMPORT_TABLES_TEXT];
        good =
            error_set(error, ERROR_UNKNOWN, "%s: unknown table %s; expected %s", file, name, import_table_names(names));
    }
    sqlite3_finalize(statement);
    if (good && !any)
        error_set(error, ERROR_INPUT,
                  "%s: has no tables; is it whole? Where nobody is meant, expected tables without rows", file);
    return good && any;
}

/* Checks a list of DNs: texts of at most 64 bytes without blanks, up to a limit. */
static bool dns_good(const char *text)
{
    unsigned count = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        if (length == 0 || strcspn(text, " \t\r\n") < length || length > NAME_MAX_BYTES || ++count > DEFAULTS_MAX)
            return false;
        text += length;
        if (*text == ',' && *++text == '\0') return false;
    }
    return true;
}

/* Checks that each word of the text is a route type, and is there only once. */
static bool access_types_good(const char *text)
{
    bool had[access_type_direct + 1] = {false};
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        int type = enum_value_access_type(at, (uint32_t)length);
        if (type <= access_type_other || had[type]) return false;
        had[type] = true;
        at += length;
        if (*at == '\0') return true;
    }
}

/* Limit, above what any schedule may have: no more lines are written, however many dates a calendar has. */
static bool import_table_too_long(sqlite3_str *lines)
{
    return sqlite3_str_length(lines) > KV_BYTES_MAX;
}

/* Writes the hours of `holidays CALENDAR HOURS` for each date of the calendar. False: there is no such calendar. */
static bool holidays_put(sqlite3 *db, const char *calendar, size_t length, const char *hours, size_t hours_length,
                         sqlite3_str *lines)
{
    bool any = false;
    if (!import_table_there(db, "holiday")) return false;
    sqlite3_stmt *dates = lite_ask(db, "select date from holiday where calendar = '%.*q' order by date collate binary",
                                   (int)length, calendar);
    for (; !import_table_too_long(lines) && lite_next(dates); any = true)
        sqlite3_str_appendf(lines, "%s%s %.*s", any ? "; " : "", lite_text(dates, 0), (int)hours_length, hours);
    sqlite3_finalize(dates);
    return any || import_table_too_long(lines);
}

/* One line of a schedule as it is written. */
struct written_line {
    /* calendar: NULL, or the name after `holidays`; then the hours after that name */
    const char *text, *calendar, *hours;
    size_t length, calendar_length, hours_length;
};

/* Reads the line at `*text`, which becomes the place of the next line; NULL after the last. */
static struct written_line line_next(const char **text)
{
    static const char word[] = "holidays ";
    struct written_line line = {.text = *text, .length = strcspn(*text, ";")};
    size_t blanks = strspn(line.text, " \t");
    const char *at = line.text + (blanks < line.length ? blanks : line.length), *end = line.text + line.length;
    if (strncmp(at, word, sizeof word - 1) == 0) {
        line.calendar = at + sizeof word - 1;
        line.calendar_length = strcspn(line.calendar, " ;");
        line.hours = line.calendar + line.calendar_length;
        line.hours_length = (size_t)(end - line.hours);
    }
    *text = *end == '\0' ? NULL : end + 1;
    return line;
}

char *import_schedule_date(const char *text, const char *calendar, const char *date)
{
    sqlite3_str *lines = sqlite3_str_new(NULL);
    while (text) {
        struct written_line line = line_next(&text);
        if (!line.calendar || line.calendar_length != strlen(calendar) ||
            memcmp(line.calendar, calendar, line.calendar_length) != 0)
            continue;
        sqlite3_str_appendf(lines, "%s%s%.*s", sqlite3_str_length(lines) > 0 ? "; " : "", date, (int)line.hours_length,
                            line.hours);
    }
    return sqlite3_str_finish(lines);
}

void import_schedule_calendars(const char *text, void (*each)(void *self, struct span calendar, struct span hours),
                               void *self)
{
    while (text) {
        struct written_line line = line_next(&text);
        if (!line.calendar) continue;
        while (line.hours_length > 0 && *line.hours == ' ') line.hours++, line.hours_length--;
        each(self, (struct span){(const uint8_t *)line.calendar, (uint32_t)line.calendar_length},
             (struct span){(const uint8_t *)line.hours, (uint32_t)line.hours_length});
    }
}

char *import_schedule_expand(sqlite3 *db, const char *text)
{
    sqlite3_str *lines = sqlite3_str_new(NULL);
    bool good = true;
    while (text) {
        struct written_line line = line_next(&text);
        if (line.calendar)
            good = good && holidays_put(db, line.calendar, line.calendar_length, line.hours, line.hours_length, lines);
        else
            sqlite3_str_append(lines, line.text, (int)line.length);
        if (text) sqlite3_str_appendchar(lines, 1, ';');
    }
    char *expanded = sqlite3_str_finish(lines);
    if (good && expanded) return expanded;
    good = good && !expanded; /* nothing was written */
    sqlite3_free(expanded);
    return good ? sqlite3_mprintf("") : NULL;
}

/* Reads a schedule into an empty list. Returns NULL, or, after a mistake, what is expected instead. */
static const char *schedule_read(sqlite3 *db, const char *text, struct kv *list)
{
    static const char shorter[] = "fewer lines, or fewer dates in its calendars";
    const char *expected = NULL;
    char *expanded = import_schedule_expand(db, text);
    if (expanded && strlen(expanded) > KV_BYTES_MAX)
        expected = shorter;
    else if (!expanded || !schedule_lines_read(expanded, list, NULL))
        expected = "closed, open, or lines as mon..fri 08:00..18:00; sat closed; holidays FR closed, FR a calendar of "
                   "table holiday";
    else if (list->length > KV_BYTES_MAX - 1000) /* size limit: the schedule goes into one event */
        expected = shorter;
    sqlite3_free(expanded);
    return expected;
}

static const char *schedule_expected(sqlite3 *db, const char *text)
{
    struct kv list;
    kv_init(&list);
    const char *expected = schedule_read(db, text, &list);
    kv_free(&list);
    return expected;
}

/* True: a row may leave this column empty (NULL or an empty text). */
static bool may_be_left_empty(const struct column *column)
{
    return column->type != COLUMN_MEMBERS && column->missing && strcmp(column->missing, "null") == 0;
}

/* Reads the number of a rule of campaigns, within its range. */
static const char *rule_expected(const char *name, int type, int64_t number, char words[WORDS_TEXT])
{
    const struct campaign_number *rule = campaign_numbers;
    /* finds the column's row: each column of numbers has one among the campaign's rules */
    while (strcmp(rule->name, name) != 0) rule++;
    if (type == SQLITE_INTEGER && number >= rule->least && number <= rule->most) return NULL;
    snprintf(words, WORDS_TEXT, "a number from %u to %u", (unsigned)rule->least, (unsigned)rule->most);
    return words;
}

/* The columns of numbers, each with its bounds and their description for complaints. */
static const struct number_column {
    enum column_type column;
    int64_t least, most;
    const char *expected;
} number_columns[] = {{COLUMN_LEVEL, 0, SKILL_LEVEL_MAX, "a level from 0 to 100"},
                      {COLUMN_SECONDS, 1, 86400, "seconds, 1 to 86400"},
                      {COLUMN_DELAY, 0, 86400, "seconds, 0 to 86400, or NULL"},
                      {COLUMN_DOMAIN, 1, DOMAIN_MAX, "a domain, 1 to 65535, or NULL"},
                      {COLUMN_FLAG, 0, 1, "0 or 1"}};

/* Checks a number against the bounds of its column; NULL: the number is good, else what is expected. */
static const char *number_expected(enum column_type column, int type, int64_t number)
{
    const struct number_column *of = number_columns;
    while (of->column != column) of++;
    return type == SQLITE_INTEGER && number >= of->least && number <= of->most ? NULL : of->expected;
}

static bool access_code_good(const char *code, size_t length)
{
    return length <= CODE_MAX && strspn(code, "0123456789*#") == length;
}

/* Checks a value against its column; NULL: the value is good, else what is expected. `words`: buffer for a list of
 * the allowed words. */
static const char *value_expected(const struct column *column, sqlite3_stmt *statement, int place,
                                  char words[WORDS_TEXT])
{
    int type = sqlite3_column_type(statement, place);
    bool text = type == SQLITE_TEXT;
    const char *value = lite_text(statement, place);
    size_t length = (size_t)sqlite3_column_bytes(statement, place);
    int64_t number = sqlite3_column_int64(statement, place);
    if (text && (strlen(value) != length || !bytes_are_utf8(span_of(value)))) return "a text in UTF-8";
    if (may_be_left_empty(column) && length == 0) return NULL;
    bool short_text = text && length <= TEXT_MAX_BYTES, name = text && length <= NAME_MAX_BYTES;
    switch (column->type) {
    case COLUMN_KEY:
    case COLUMN_NAME:
        return name && length > 0 ? NULL : "a text of 1 to 64 bytes";
    case COLUMN_TEXT:
        return short_text ? NULL : "a text of at most 4096 bytes";
    case COLUMN_CAPACITY:
        return name ? NULL : "a capacity of the site, a text of at most 64 bytes, or NULL";
    case COLUMN_LEVEL:
    case COLUMN_SECONDS:
    case COLUMN_DELAY:
    case COLUMN_DOMAIN:
    case COLUMN_FLAG:
        return number_expected(column->type, type, number);
    case COLUMN_DN_TYPE:
        if (text && enum_value_dn_type(value, (uint32_t)length) > 0) return NULL;
        words_say("dn_type", " or ", words);
        return words;
    case COLUMN_MODE:
        if (text && enum_value_campaign_mode(value, (uint32_t)length) > campaign_mode_none) return NULL;
        words_say("campaign_mode", " or ", words);
        return words;
    case COLUMN_RULE:
        return rule_expected(column->name, type, number, words);
    case COLUMN_VALUE:
        return import_value_good(type, length) ? NULL : "a number, or a text of at most 4096 bytes";
    case COLUMN_DNS:
        return text && dns_good(value) ? NULL : "at most 16 DNs with commas and no blanks between";
    case COLUMN_CODE:
        return text && access_code_good(value, length)
                   ? NULL
                   : "the digits that lead to the other switch, at most 16, or an empty text where one plan of numbers "
                     "has both";
    case COLUMN_ACCESS_TYPES:
        if (text && access_types_good(value)) return NULL;
        words_say("access_type", " or ", words);
        return words;
    case COLUMN_SCHEDULE:
        return short_text ? schedule_expected(sqlite3_db_handle(statement), value)
                          : "a schedule, a text of at most 4096 bytes";
    case COLUMN_DATE_KEY:
        return text && written_date(value, length, &number) ? NULL : "a date, as 2026-12-25";
    case COLUMN_MEMBERS: /* the names in the value are checked when all groups have been read */
        return type == SQLITE_NULL || (short_text && length > 0)
                   ? NULL
                   : "an expression of at most 4096 bytes, as French >= 5 and not billing";
    }
    return "something else";
}

/* Adds a row at the end of the directory. The pointer is valid until the next row is added. */
static struct entry *row_add(struct directory_import *directory, int table)
{
    directory->rows = memory_more(directory->rows, directory->count, sizeof *directory->rows);
    directory->rows[directory->count] = (struct entry){.table = (enum table)table, .key = memory_text("")};
    kv_init(&directory->rows[directory->count].values);
    return &directory->rows[directory->count++];
}

/* Removes the last row. */
static void row_drop(struct directory_import *directory)
{
    assert(directory->count > 0);
    struct entry *row = &directory->rows[--directory->count];
    free(row->key);
    kv_free(&row->values);
}

/* Appends one column's value to a key of several columns. */
static void key_extend(struct entry *row, const char *value)
{
    assert(row->key && value);
    char *longer;
    size_t length = strlen(row->key);
    longer = memory_grown(row->key, length + strlen(value) + 2, 1);
    if (length > 0) longer[length++] = '/';
    strcpy(longer + length, value);
    row->key = longer;
}

/* Writes a complaint about a row, with the key columns by which an administrator finds the row. */
static bool import_table_told(const struct sheet *table, const char *key, const char *file, const char *what,
                              struct error *error)
{
    const char *keys[COLUMNS_MAX + 1] = {NULL};
    for (int i = 0, n = 0; i < COLUMNS_MAX && table->columns[i].name; i++)
        if (column_is_key(&table->columns[i])) keys[n++] = table->columns[i].name;
    import_row_wrong(file, table->name, keys, key, what, error);
    return false;
}

static void schedule_put(sqlite3 *db, struct kv *values, const char *name, const char *text)
{
    struct kv list;
    kv_init(&list);
    const char *expected = schedule_read(db, text, &list);
    assert(!expected); /* value_expected has read it */
    kv_put(values, span_of(name), &(struct kv_value){.tag = KV_LIST, .span = kv_span(&list)});
    kv_free(&list);
}

/* Reads one row into the directory. False with the reason: a value is wrong, or the key is there twice. */
static bool import_table_row_read(struct directory_import *directory, const struct sheet *table,
                                  sqlite3_stmt *statement, const char *file, struct error *error)
{
    struct entry *row = row_add(directory, table->number);
    char words[WORDS_TEXT];
    for (int i = 0; i < COLUMNS_MAX && table->columns[i].name; i++) {
        const struct column *column = &table->columns[i];
        const char *expected = value_expected(column, statement, i, words);
        const char *text = lite_text(statement, i);
        if (column_is_key(column)) key_extend(row, !text ? "NULL" : text);
        if (expected) {
            char what[WORDS_TEXT + 128];
            snprintf(what, sizeof what, "column %s is %.60s; expected %s", column->name, !text ? "NULL" : text,
                     expected);
            return import_table_told(table, row->key, file, what, error);
        }
        if (may_be_left_empty(column) && (!text || text[0] == '\0')) continue;
        if (column_is_number(column))
            kv_put_int(&row->values, column->name, sqlite3_column_int64(statement, i));
        else if (column->type == COLUMN_VALUE)
            import_value_put(&row->values, column->name, statement, i);
        else if (column->type == COLUMN_SCHEDULE)
            schedule_put(sqlite3_db_handle(statement), &row->values, column->name, text);
        else if (column->type != COLUMN_MEMBERS)
            kv_put_text(&row->values, column->name, span_of(text));
    }
    /* Reads the rows in the order of their keys. */
    if (directory->count > 1 && row[-1].table == row->table && strcmp(row[-1].key, row->key) == 0)
        return import_table_told(table, row->key, file, "stands twice", error);
    return true;
}

/* Routing points are also kept in a list of their own: a load checks each of them. */
static void point_add(struct directory_import *directory, sqlite3_stmt *statement)
{
    struct point *point;
    directory->points = memory_more(directory->points, directory->point_count, sizeof *directory->points);
    point = &directory->points[directory->point_count++];
    point->dn = memory_text(lite_text(statement, 0));
    point->strategy = memory_text(lite_text(statement, 1));
    point->defaults = memory_text(lite_text(statement, 2));
    kv_init(&point->given);
}

/* Gives the points their parameters; both tables are in the order of the DNs. A parameter whose DN has no point is
 * found when references are checked. */
static bool point_give(struct directory_import *directory, sqlite3_stmt *statement, const char *file,
                       struct error *error)
{
    const char *dn = lite_text(statement, 0), *name = lite_text(statement, 1);
    size_t low = 0, high = directory->point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(directory->points[middle].dn, dn) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == directory->point_count || strcmp(directory->points[low].dn, dn) != 0) return true;
    struct kv *given = &directory->points[low].given;
    kv_put_text(given, name, span_of(lite_text(statement, 2)));
    if (kv_span(given).length <= KV_BYTES_MAX) return true;
    return error_set(error, ERROR_INPUT,
                     "%s: table routing_point_given, row %s/%s: with it %s is given more than %d bytes", file, dn, name,
                     dn, KV_BYTES_MAX);
}

/* True: the database has the table with this column; `column` NULL: the table itself, which a view is not. */
static bool column_there(sqlite3 *db, const char *table, const char *column)
{
    return sqlite3_table_column_metadata(db, NULL, table, column, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

bool import_tables_complete(sqlite3 *db, const char *file, struct error *error)
{
    const struct sheet *table;
    for (size_t i = 0; (table = import_table_at(i)); i++)
        for (int k = 0; k < COLUMNS_MAX && table->columns[k].name; k++) {
            const struct column *column = &table->columns[k];
            if (column->missing && column_there(db, table->name, NULL) &&
                !column_there(db, table->name, column->name) &&
                !lite_do(db, "alter table \"%w\" add column \"%w\" default %s", table->name, column->name,
                         column->missing))
                return import_table_refused(db, file, table->name, error);
        }
    return true;
}

/* Reads the rows of one table; a missing table counts as one without rows. */
static bool import_table_read_all(struct directory_import *directory, const struct sheet *table, sqlite3 *db,
                                  const char *file, struct error *error)
{
    bool good = true;
    if (!import_table_there(db, table->name)) return true; /* a site may leave out this table */
    assert(table->number == TABLE_HERE || (unsigned)table->number < TABLE_NUMBERS);
    size_t first = directory->count;
    sqlite3_stmt *statement = import_table_select(db, table);
    while (good && lite_next(statement)) {
        if (directory->count == IMPORT_ROWS_MAX) {
            good = error_set(error, ERROR_LIMIT, "%s: more than %d rows", file, IMPORT_ROWS_MAX);
            break;
        }
        good = import_table_row_read(directory, table, statement, file, error);
        directory->setting_count += table->number == table_parameter || table->number == table_schedule;
        if (good && table->number == table_routing_point) point_add(directory, statement);
        if (good && table->number == table_routing_point_given) good = point_give(directory, statement, file, error);
    }
    if (!lite_end(statement) && good) good = import_table_refused(db, file, table->name, error);
    if (table->number == TABLE_HERE)
        while (directory->count > first) row_drop(directory);
    else
        directory->tables[table->number] = (struct entries){first, directory->count - first};
    return good;
}

/* Checks that the row exists to which a value refers, whether or not the file declares a foreign key; an empty value
 * refers to nothing. The query selects the first value whose row is missing, after the keys of its own row. */
static bool reference_check(const struct sheet *table, const struct column *column, sqlite3 *db, const char *file,
                            struct error *error)
{
    const struct sheet *of = import_table_named(column->of);
    const char *name = table->name;
    sqlite3_str *text = sqlite3_str_new(NULL);
    int keys = 0;
    bool good = true;
    assert(of);
    sqlite3_str_appendall(text, "select ");
    for (; column_is_key(&table->columns[keys]); keys++)
        sqlite3_str_appendf(text, "\"%s\".\"%s\", ", name, table->columns[keys].name);
    sqlite3_str_appendf(text, "\"%s\".\"%s\" from \"%s\" where coalesce(\"%s\".\"%s\", '') <> ''", name, column->name,
                        name, name, column->name);
    if (import_table_there(db, of->name))
        sqlite3_str_appendf(text, " and \"%s\".\"%s\" not in (select \"%s\".\"%s\" from \"%s\")", name, column->name,
                            of->name, of->columns[0].name, of->name);
    sqlite3_stmt *statement = lite_ask(db, "%z limit 1", sqlite3_str_finish(text));
    if (!statement) return import_table_refused(db, file, name, error);
    if (lite_next(statement)) {
        struct entry row = {.key = memory_text("")};
        char what[256];
        for (int i = 0; i < keys; i++) key_extend(&row, lite_text(statement, i));
        snprintf(what, sizeof what, "names %s %.80s, which is not in table %s", column->name,
                 lite_text(statement, keys), of->name);
        import_table_told(table, row.key, file, what, error);
        free(row.key);
        good = false;
    }
    sqlite3_finalize(statement);
    return good;
}

/* Checks each column of a table that refers to another table. */
static bool references_check(const struct sheet *table, sqlite3 *db, const char *file, struct error *error)
{
    if (!import_table_there(db, table->name)) return true;
    for (int i = 0; i < COLUMNS_MAX && table->columns[i].name; i++) {
        const struct column *column = &table->columns[i];
        if (column->of && !reference_check(table, column, db, file, error)) return false;
    }
    return true;
}

/* Adds a member to a group that is defined by an expression. */
static void member_add(struct directory_import *directory, const char *group, const char *agent)
{
    struct entry *row = row_add(directory, table_group_member);
    key_extend(row, group);
    key_extend(row, agent);
    kv_put_text(&row->values, "group", span_of(group));
    kv_put_text(&row->values, "agent", span_of(agent));
}

/* Adds the agents who satisfy the groups' expressions, after the agents of table group_member. */
static bool members_read(struct directory_import *directory, sqlite3 *db, const char *file, struct error *error)
{
    bool good = true;
    if (!import_table_there(db, "group")) return true;
    sqlite3_stmt *groups =
        lite_ask(db, "select name, members from \"group\" where members is not null order by name collate binary");
    while (good && lite_next(groups)) {
        char what[MEMBERS_WHAT_MAX];
        const char *group = lite_text(groups, 0);
        sqlite3_stmt *agents = import_members_select(db, group, lite_text(groups, 1), what);
        good = agents != NULL;
        if (!good) import_table_told(import_table_named("group"), group, file, what, error);
        while (good && lite_next(agents)) {
            good = directory->count < IMPORT_ROWS_MAX;
            if (good)
                member_add(directory, group, lite_text(agents, 0));
            else
                error_set(error, ERROR_LIMIT, "%s: more than %d rows, with the members of groups", file,
                          IMPORT_ROWS_MAX);
        }
        if (!lite_end(agents) && good) good = import_table_refused(db, file, "group", error);
    }
    if (!lite_end(groups) && good) good = import_table_refused(db, file, "group", error);
    return good;
}

bool import_tables_read(struct directory_import *directory, sqlite3 *db, const char *file, struct error *error)
{
    const struct sheet *table;
    for (size_t i = 0; (table = import_table_at(i)); i++) {
        if (!import_table_read_all(directory, table, db, file, error)) return false;
        if (table->number == table_group_member && !members_read(directory, db, file, error)) return false;
    }
    return true;
}

bool import_references_check(sqlite3 *db, const char *file, struct error *error)
{
    const struct sheet *table;
    for (size_t i = 0; (table = import_table_at(i)); i++)
        if (!references_check(table, db, file, error)) return false;
    return true;
}
