/* runtime/daemon/directory/difference.c - Compares two directories: the rows of each table, in the order of their
 * keys.
 *
 * Both sides are statements ordered by key and are read like a merge: the smaller key is a row that only one side has,
 * equal keys are compared column by column. So comparing directories of any size needs two rows of memory, and lines
 * come in the order of keys. The number of lines is bounded, and long values are cut. */
#include "runtime/daemon/directory/difference.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/directory/import_state.h"
#include "runtime/daemon/directory/kept.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "vm/value.h"

enum { SHOWN_MAX = 200 }; /* bytes of a value that are shown in a line */

struct difference_side {
    struct import_rows rows;
    bool there, row; /* row: a row has been read and not yet compared */
    bool failed;
};

/* The caller closes the statement, even if the other side could not be opened. */
static bool side_open(struct difference_side *side, sqlite3 *db, const char *name)
{
    *side = (struct difference_side){.there = db && import_table_there(db, name)};
    return !side->there || import_rows_open(db, name, &side->rows);
}

static void side_next(struct difference_side *side)
{
    if (!side->rows.statement) return;
    int result = sqlite3_step(side->rows.statement);
    side->row = result == SQLITE_ROW;
    side->failed = side->failed || (result != SQLITE_ROW && result != SQLITE_DONE);
}

static const char *difference_text_at(const struct difference_side *side, int column)
{
    return column < 0 ? NULL : lite_text(side->rows.statement, column);
}

/* Compares the keys of the two current rows. */
static int difference_order_of(const struct difference_side *old, const struct difference_side *new)
{
    if (!old->row || !new->row) return old->row ? -1 : 1;
    for (int i = 0; i < new->rows.keys; i++) {
        const char *before = difference_text_at(old, i), *after = difference_text_at(new, i);
        int order = strcmp(before ? before : "", after ? after : "");
        if (order != 0) return order;
    }
    return 0;
}

/* Returns the index of the column of that name; -1: the side has none. */
static int difference_column_named(const struct difference_side *side, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(side->rows.statement); i++)
        if (strcmp(sqlite3_column_name(side->rows.statement, i), name) == 0) return i;
    return -1;
}

static bool difference_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void difference_value_put(sqlite3_str *line, const char *value)
{
    size_t length = value ? strlen(value) : 0;
    if (!value)
        sqlite3_str_appendall(line, "none");
    else if (length == 0)
        sqlite3_str_appendall(line, "\"\"");
    else
        sqlite3_str_appendf(line, "%.*s%s", (int)utf8_cut(value, (uint32_t)length, SHOWN_MAX), value,
                            length > SHOWN_MAX ? "..." : "");
}

static void line_begin(sqlite3_str *line, char sign, const char *name, const struct difference_side *side)
{
    sqlite3_str_appendf(line, "%c %s ", sign, name);
    for (int i = 0; i < side->rows.keys; i++) {
        if (i > 0) sqlite3_str_appendchar(line, 1, '/');
        difference_value_put(line, difference_text_at(side, i));
    }
}

static void difference_line_end(struct difference *difference, sqlite3_str *line)
{
    char *text = sqlite3_str_finish(line);
    if (!text) abort();
    if (difference->line_count < difference->limit) {
        difference->lines = memory_more(difference->lines, difference->line_count, sizeof *difference->lines);
        difference->lines[difference->line_count++] = memory_text(text);
    }
    sqlite3_free(text);
}

/* Writes the line for a row that is added or removed, with its values. */
static void difference_row_put(struct difference *difference, char sign, const char *name,
                               const struct difference_side *side)
{
    size_t *count = sign == '+' ? &difference->added : &difference->removed;
    ++*count;
    if (difference->line_count >= difference->limit) return;
    sqlite3_str *line = sqlite3_str_new(NULL);
    line_begin(line, sign, name, side);
    for (int i = side->rows.keys; i < sqlite3_column_count(side->rows.statement); i++) {
        sqlite3_str_appendf(line, "%s %s=", i == side->rows.keys ? ":" : ",",
                            sqlite3_column_name(side->rows.statement, i));
        difference_value_put(line, difference_text_at(side, i));
    }
    difference_line_end(difference, line);
}

static void change_put(sqlite3_str *line, bool first, const char *column, const char *before, const char *after)
{
    sqlite3_str_appendf(line, "%s %s ", first ? ":" : ",", column);
    difference_value_put(line, before);
    sqlite3_str_appendall(line, " -> ");
    difference_value_put(line, after);
}

/* Writes the line for a row that both sides have: the columns whose values differ. */
static void values_compare(struct difference *difference, const char *name, const struct difference_side *old,
                           const struct difference_side *new)
{
    sqlite3_str *line = NULL;
    for (int i = 0; i < sqlite3_column_count(new->rows.statement); i++) {
        const char *column = sqlite3_column_name(new->rows.statement, i), *after = difference_text_at(new, i);
        const char *before = difference_text_at(old, difference_column_named(old, column));
        if (difference_same(before, after)) continue;
        bool first = !line;
        if (first) line_begin(line = sqlite3_str_new(NULL), '~', name, new);
        change_put(line, first, column, before, after);
    }
    for (int i = 0; i < sqlite3_column_count(old->rows.statement); i++) {
        const char *column = sqlite3_column_name(old->rows.statement, i);
        if (difference_column_named(new, column) >= 0 || !difference_text_at(old, i)) continue;
        bool first = !line;
        if (first) line_begin(line = sqlite3_str_new(NULL), '~', name, new);
        change_put(line, first, column, difference_text_at(old, i), NULL);
    }
    if (!line) return;
    difference->changed++;
    difference_line_end(difference, line);
}

/* Writes a line if only one side has a business table: even an empty table replaces the site's rows, which are in
 * force without it. */
static void sheet_compare(struct difference *difference, const char *name, const struct difference_side *old,
                          const struct difference_side *new)
{
    if (!import_is_sheet(name) || old->there == new->there) return;
    sqlite3_str *line = sqlite3_str_new(NULL);
    sqlite3_str_appendf(line, "%c %s", new->there ? '+' : '-', name);
    difference_line_end(difference, line);
    size_t *count = new->there ? &difference->added : &difference->removed;
    ++*count;
}

/* A side that lacks the table counts as one without rows. */
static bool table_compare(struct difference *difference, const char *name, sqlite3 *from, sqlite3 *to)
{
    struct difference_side old, new;
    bool good = side_open(&old, from, name);
    good = side_open(&new, to, name) && good; /* both are closed below */
    if (good) {
        sheet_compare(difference, name, &old, &new);
        side_next(&old);
        side_next(&new);
    }
    while (good && (old.row || new.row)) {
        int order = difference_order_of(&old, &new);
        if (order == 0)
            values_compare(difference, name, &old, &new);
        else if (order < 0)
            difference_row_put(difference, '-', name, &old);
        else
            difference_row_put(difference, '+', name, &new);
        if (order <= 0) side_next(&old);
        if (order >= 0) side_next(&new);
    }
    good = good && !old.failed && !new.failed;
    sqlite3_finalize(old.rows.statement);
    sqlite3_finalize(new.rows.statement);
    return good;
}

static bool is_listed(const struct import_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->all[i], name) == 0) return true;
    return false;
}

/* Compares first the tables of the new directory, then those that only the old one has. */
bool difference_make(struct difference *difference, const struct directory_import *directory, const char *state,
                     struct error *error)
{
    assert(difference && directory && state);
    sqlite3 *kept = kept_open(state);
    struct import_names old = {0}, new;
    bool good = true;
    if (kept) import_names_list(kept, &old);
    import_names_list(directory->db, &new);
    for (size_t i = 0; good && i < new.count; i++) good = table_compare(difference, new.all[i], kept, directory->db);
    for (size_t i = 0; good && i < old.count; i++)
        if (!is_listed(&new, old.all[i])) good = table_compare(difference, old.all[i], kept, directory->db);
    if (!good)
        error_set(error, ERROR_SYSTEM,
                  "the directory in force cannot be read from %s/directory.sqlite; `gcxctl reload` writes it anew",
                  state);
    import_names_free(&old);
    import_names_free(&new);
    sqlite3_close(kept);
    return good;
}

void difference_free(struct difference *difference)
{
    for (size_t i = 0; i < difference->line_count; i++) free(difference->lines[i]);
    free(difference->lines);
    *difference = (struct difference){0};
}
