/* runtime/ctl/export.c - Writes the directory in force so that it can be imported again: as SQL, or as a folder of
 * CSV files (RFC 4180). gcxctl itself writes the files, with the rights of the user who runs it.
 *
 *     pages:   {"table": "agent", "columns": [...], "keys": 1}, ["marie", ...], ["paul", ...], {"table": "queue", ...
 *
 * An object begins a table; an array is a row of the last table. SQL and CSV are written page by page, so a directory
 * of any size needs only the memory of one page. A CSV file of a table that the directory no longer has is reported and
 * not removed: the folder belongs to the user, and may be under version control. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"
#include "base/memory.h"
#include "base/shown.h"

enum { ROWS_IN_ONE = 200 }; /* rows in one `insert` at most */

struct writing {
    const char *folder; /* of sheets; NULL: SQL */
    FILE *to;
    json_t *tables;    /* the names of all tables written so far, for a folder */
    char *name;        /* the name of the table that is being written */
    unsigned inserted; /* rows in the current `insert` so far */
};

static enum ctl_exit export_failed(const char *path, const char *why)
{
    shown_print(stderr, "gcxctl: %s: %s\n", path, why);
    return CTL_refused;
}

/* ---- SQL ---- */

static void sql_quote(FILE *to, const char *text, char quote)
{
    putc(quote, to);
    for (; *text != '\0'; text++) {
        if (*text == quote) putc(quote, to);
        putc(*text, to);
    }
    putc(quote, to);
}

static void sql_value(FILE *to, const json_t *value)
{
    if (json_is_string(value))
        sql_quote(to, json_string_value(value), '\'');
    else if (json_is_integer(value))
        fprintf(to, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        fprintf(to, "%.17g", json_real_value(value));
    else
        fputs("null", to);
}

static void export_sql_end(struct writing *writing)
{
    assert(writing->inserted <= ROWS_IN_ONE);
    if (writing->inserted > 0) fputs(";\n", writing->to);
    writing->inserted = 0;
}

static void sql_table(struct writing *writing, const json_t *heading)
{
    const json_t *columns = json_object_get(heading, "columns"), *column;
    size_t i, keys = (size_t)ctl_number_at(heading, "keys");
    fputs("create table ", writing->to);
    sql_quote(writing->to, writing->name, '"');
    fputs(" (", writing->to);
    json_array_foreach(columns, i, column)
    {
        sql_quote(writing->to, json_string_value(column), '"');
        fputs(", ", writing->to);
    }
    fputs("primary key (", writing->to);
    json_array_foreach(columns, i, column)
    {
        if (i >= keys) break;
        if (i > 0) fputs(", ", writing->to);
        sql_quote(writing->to, json_string_value(column), '"');
    }
    fputs("));\n", writing->to);
}

static void sql_row(struct writing *writing, const json_t *row)
{
    const json_t *value;
    size_t i;
    if (writing->inserted == ROWS_IN_ONE) export_sql_end(writing);
    if (writing->inserted++ > 0) {
        fputs(",\n", writing->to);
    } else {
        fputs("insert into ", writing->to);
        sql_quote(writing->to, writing->name, '"');
        fputs(" values\n", writing->to);
    }
    json_array_foreach(row, i, value)
    {
        fputs(i > 0 ? ", " : "  (", writing->to);
        sql_value(writing->to, value);
    }
    putc(')', writing->to);
}

/* ---- sheets ---- */

/* Writes a text. An empty text is written as "", because an empty cell means a missing value. */
static void csv_text(FILE *to, const char *text)
{
    if (*text == '\0' || strpbrk(text, ",\"\r\n"))
        sql_quote(to, text, '"');
    else
        fputs(text, to);
}

static void csv_row(FILE *to, const json_t *row)
{
    const json_t *value;
    size_t i;
    json_array_foreach(row, i, value)
    {
        if (i > 0) putc(',', to);
        if (json_is_string(value))
            csv_text(to, json_string_value(value));
        else if (!json_is_null(value))
            sql_value(to, value);
    }
    fputs("\r\n", to);
}

/* Closes what is open. Closes the file. False: the disk did not take all of it. */
static bool sheet_close(struct writing *writing)
{
    bool good = !writing->to || (!ferror(writing->to) && fclose(writing->to) == 0);
    writing->to = NULL;
    return good;
}

static bool sheet_begin(struct writing *writing, const json_t *heading)
{
    char *path;
    assert(writing->folder && writing->name);
    if (!sheet_close(writing)) return false;
    path = memory_format("%s/%s.csv", writing->folder, writing->name);
    writing->to = fopen(path, "we");
    free(path);
    if (writing->to) csv_row(writing->to, json_object_get(heading, "columns"));
    return writing->to != NULL;
}

/* Reports CSV files of tables that do not exist any more, because they would be imported, too. */
static enum ctl_exit others_told(const struct writing *writing)
{
    struct dirent **files;
    int count = scandir(writing->folder, &files, NULL, alphasort);
    enum ctl_exit result = CTL_good;
    for (int i = 0; i < count; i++) {
        char *name = files[i]->d_name, *dot = strrchr(name, '.');
        if (dot && name[0] != '.' && strcmp(dot, ".csv") == 0) {
            *dot = '\0';
            if (!json_object_get(writing->tables, name)) {
                shown_print(stderr, "gcxctl: %s/%s.csv is of no table of the directory in force: remove it\n",
                            writing->folder, name);
                result = CTL_refused;
            }
        }
        free(files[i]);
    }
    if (count >= 0) free(files);
    return result;
}

/* ---- both ---- */

/* Writes an entry: an object begins a table; an array is a row of the last table. */
static bool entry_write(struct writing *writing, const json_t *entry)
{
    if (!json_is_object(entry)) {
        if (!writing->name) return false; /* a row without a table, which gcxvm never sends */
        if (writing->folder)
            csv_row(writing->to, entry);
        else
            sql_row(writing, entry);
        return !ferror(writing->to);
    }
    if (!writing->folder) export_sql_end(writing);
    free(writing->name);
    writing->name = memory_text(ctl_text_at(entry, "table"));
    json_object_set_new(writing->tables, writing->name, json_true());
    if (writing->folder) return sheet_begin(writing, entry);
    sql_table(writing, entry);
    return true;
}

/* Writes all pages of one version of the directory: if another one comes into force meanwhile, gcxvm reports that. */
static enum ctl_exit pages_write(struct ctl *ctl, struct writing *writing, const char *path)
{
    json_t *next = NULL, *page;
    enum ctl_exit result = CTL_good;
    bool good = true;
    do {
        const json_t *entry;
        size_t i;
        json_t *request = json_pack("{s:i,s:s}", "id", 1, "command", "directory-rows");
        if (next) json_object_set_new(request, "from", next);
        next = NULL;
        page = ctl_ask(ctl, request, &result);
        errno = 0;
        json_array_foreach(json_object_get(page, "rows"), i, entry) good = good && entry_write(writing, entry);
        if (json_is_string(json_object_get(page, "next"))) next = json_incref(json_object_get(page, "next"));
        json_decref(page);
    } while (good && next);
    json_decref(next);
    if (!good) return export_failed(path, errno != 0 ? strerror(errno) : "not all of it could be written");
    return result;
}

static bool is_sql(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".sql") == 0;
}

enum ctl_exit ctl_export(struct ctl *ctl, const struct ctl_line *line)
{
    assert(ctl && line);
    const char *path = json_string_value(json_object_get(line->request, "file"));
    struct writing writing = {.tables = json_object()};
    enum ctl_exit result = CTL_good;
    if (!path)
        writing.to = stdout;
    else if (is_sql(path))
        writing.to = fopen(path, "we");
    else if (mkdir(path, 0777) == 0 || errno == EEXIST)
        writing.folder = path;
    if (!writing.to && !writing.folder)
        result = export_failed(path, strerror(errno));
    else
        result = pages_write(ctl, &writing, path ? path : "standard output");
    if (result == CTL_good && !writing.folder) export_sql_end(&writing);
    if (writing.to && writing.to != stdout && !sheet_close(&writing) && result == CTL_good)
        result = export_failed(path, strerror(errno));
    if (result == CTL_good && writing.folder) result = others_told(&writing);
    json_decref(writing.tables);
    free(writing.name);
    return result;
}
