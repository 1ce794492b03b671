/* runtime/lists/import.c - Imports records from comma-separated values: wrong rows are reported, the others are
 * taken.
 *
 * The heading decides for each column where its values go (struct target). Rows are taken in transactions of BATCH
 * rows: if one transaction fails, as when the database is lost, its rows count as not taken, and the import ends.
 * Refused rows and progress are reported between transactions: the caller may write to a slow reader, and others
 * would wait for the locks. */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"
#include "base/csv.h"
#include "base/memory.h"

enum { COLUMNS_MAX = 256, BATCH = 500, TOLD = 10000 };

/* The target of a column of the file: this member of the row, a field, or none. */
struct target {
    enum { TO_NOTHING, TO_ROW, TO_FIELD } kind;
    size_t offset;
    char field[LISTS_WORD_MAX + 1];
};

static const struct {
    const char *name;
    bool left;
    size_t offset;
} known[] = {
#define COLUMN(name, doc) {#name, false, offsetof(struct lists_row, name)},
#define LEFT(name, doc)   {#name, true, 0},
#include "runtime/lists/columns.def"
};

_Static_assert(TOLD % BATCH == 0, "progress is told behind a transaction");

struct refused_row { /* a refused row that is reported after the transaction */
    uint64_t row;
    unsigned line;
    enum lists_answer given;
    char *why; /* owned */
};

struct import {
    struct lists *lists;
    const struct lists_import *asked;
    struct target targets[COLUMNS_MAX];
    int count;
    struct csv_text csv;
    struct lists_told *told;
    struct error *error;
    struct refused_row refused[BATCH];
    unsigned refused_count;
};

static bool lists_import_refuse(struct import *import, const char *format, const char *name)
{
    return error_set(import->error, ERROR_INPUT, format, name);
}

/* ---- the header ---- */

static bool lists_import_column_find(const char *name, struct target *target)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, name) != 0) continue;
        *target = (struct target){.kind = known[i].left ? TO_NOTHING : TO_ROW, .offset = known[i].offset};
        return true;
    }
    return false;
}

static bool field_target(struct import *import, const char *name, size_t length, bool number, struct target *target)
{
    *target = (struct target){.kind = TO_FIELD};
    if (length > LISTS_WORD_MAX)
        return lists_import_refuse(import, "the name of the field '%.70s...' is too long", name);
    assert(length < sizeof target->field);
    memcpy(target->field, name, length);
    return lists_field(import->lists, import->asked->list, target->field, number, import->error);
}

/* HEADER=COLUMN, HEADER=FIELD:text, HEADER=FIELD:number, HEADER= */
static bool import_mapped(struct import *import, const char *to, struct target *target)
{
    const char *kind = strchr(to, ':');
    if (*to == '\0') return true;
    if (!kind && lists_import_column_find(to, target)) return true;
    if (!kind)
        return lists_import_refuse(
            import, "'%.70s' is no column: a field of one's own is written as NAME:text or NAME:number", to);
    bool number = strcmp(kind, ":number") == 0;
    if (!number && strcmp(kind, ":text") != 0)
        return lists_import_refuse(import, "'%.70s' is no kind: expected text or number", kind + 1);
    return field_target(import, to, (size_t)(kind - to), number, target);
}

/* Finds the target of a column: as the caller maps it, else by its name, as a column or a field of the list. */
static bool column_map(struct import *import, const char *header, struct target *target)
{
    size_t length = strlen(header);
    *target = (struct target){.kind = TO_NOTHING};
    for (size_t i = 0; i < import->asked->map_count; i++) {
        const char *map = import->asked->map[i];
        if (strncmp(map, header, length) == 0 && map[length] == '=')
            return import_mapped(import, map + length + 1, target);
    }
    if (lists_import_column_find(header, target)) return true;
    const struct fields *fields = fields_of(import->lists, import->asked->list, import->error);
    if (!fields) return false;
    if (fields_find(fields, header))
        return field_target(import, header, length, fields_find(fields, header)->number, target);
    return lists_import_refuse(
        import, "the column '%.70s' is not known: say what it is by a mapping, or that it is passed over", header);
}

/* Reads the heading. One of the columns must be the number, and no two may have the same target. */
static bool lists_import_head_read(struct import *import)
{
    struct csv_field fields[COLUMNS_MAX];
    bool number = false;
    import->count = csv_text_next(&import->csv, fields, COLUMNS_MAX);
    if (import->count <= 0)
        return lists_import_refuse(import, "%s", import->csv.wrong ? import->csv.wrong : "it has no line of columns");
    if (import->count > COLUMNS_MAX) return lists_import_refuse(import, "it has more than 256 columns%s", "");
    for (int i = 0; i < import->count; i++) {
        struct target *target = &import->targets[i];
        if (strlen(fields[i].bytes) != fields[i].length || !bytes_are_utf8(span_of(fields[i].bytes)))
            return lists_import_refuse(import, "the names of its columns are no UTF-8%s", "");
        if (!column_map(import, fields[i].bytes, target)) return false;
        for (int before = 0; before < i; before++)
            if (target->kind != TO_NOTHING && target->kind == import->targets[before].kind &&
                target->offset == import->targets[before].offset &&
                strcmp(target->field, import->targets[before].field) == 0)
                return lists_import_refuse(import, "two columns are the same: '%.70s'", fields[i].bytes);
        number = number || (target->kind == TO_ROW && target->offset == offsetof(struct lists_row, number));
    }
    return number ||
           lists_import_refuse(import, "none of its columns is the %s: its first line names the columns", "number");
}

/* ---- rows ---- */

static void lists_import_row_fill(const struct import *import, const struct csv_field *fields, struct lists_row *row,
                                  struct lists_text *texts)
{
    assert(import->count > 0 && import->count <= COLUMNS_MAX);
    *row = (struct lists_row){.fields = texts};
    for (int i = 0; i < import->count; i++) {
        const struct target *target = &import->targets[i];
        struct span value = {(const uint8_t *)fields[i].bytes, (uint32_t)fields[i].length};
        if (target->kind == TO_ROW) *(struct span *)((char *)row + target->offset) = value;
        if (target->kind != TO_FIELD || value.length == 0) continue;
        /* there is room: each field has one column, and a list has at most so many fields */
        assert(row->field_count < LISTS_FIELDS_MAX);
        texts[row->field_count++] = (struct lists_text){target->field, value};
    }
}

static void lists_import_count(struct import *import, enum lists_answer given, struct error *why)
{
    struct lists_told *told = import->told;
    told->taken += given == LISTS_done;
    told->duplicates += given == LISTS_duplicate;
    told->refused += given != LISTS_done && given != LISTS_duplicate;
    if (given != LISTS_done)
        import->refused[import->refused_count++] =
            (struct refused_row){told->rows, import->csv.line, given, memory_text(why->text)};
}

/* Behind the transaction. Reports the batch's refused rows; `good`: its other rows are taken. */
static void batch_tell(struct import *import, bool good)
{
    const struct lists_import *asked = import->asked;
    for (unsigned i = 0; i < import->refused_count; i++) {
        struct refused_row *row = &import->refused[i];
        if (good && asked->refused) asked->refused(asked->self, row->row, row->line, row->given, row->why);
        free(row->why);
    }
    import->refused_count = 0;
}

/* Checks a row and adds it to the list. */
static enum lists_answer lists_import_row_take(struct import *import, const struct csv_field *fields, int found,
                                               struct error *why)
{
    const struct lists_import *asked = import->asked;
    struct lists_text texts[LISTS_FIELDS_MAX];
    struct lists_row row;
    struct list_checked checked;
    int64_t record;
    if (found != import->count)
        return lists_refuses(why, LISTS_wrong, "it has %d fields, the first line names %d columns", found,
                             import->count);
    lists_import_row_fill(import, fields, &row, texts);
    enum lists_answer given = row_check(import->lists, asked->list, &asked->form, &row, &checked, why);
    if (given != LISTS_done) return given;
    given = lists_record_put(import->lists, asked->list, &row, &checked, asked->now, &record, why);
    out_free(&checked.fields);
    return given;
}

/* Takes the next rows, BATCH at most, within the caller's transaction. `*found`: the number of values in the last
 * row that was read; 0: the text has ended; -1: the row cannot be read. False: the database has failed. */
static bool batch_take(struct import *import, int *found)
{
    struct csv_field fields[COLUMNS_MAX];
    for (int row = 0; row < BATCH && (*found = csv_text_next(&import->csv, fields, COLUMNS_MAX)) > 0; row++) {
        struct error why = {0};
        import->told->rows++;
        enum lists_answer given = lists_import_row_take(import, fields, *found, &why);
        if (given == LISTS_failed) {
            *import->error = why;
            return false;
        }
        lists_import_count(import, given, &why);
    }
    return true;
}

bool lists_import(struct lists *lists, const struct lists_import *asked, char *text, size_t length,
                  struct lists_told *told, struct error *error)
{
    struct import import = {.lists = lists, .asked = asked, .told = told, .error = error};
    int found = 1;
    *told = (struct lists_told){0};
    csv_text_begin(&import.csv, text, length);
    fields_forget(lists);
    if (!lists_import_head_read(&import)) return false;
    while (found > 0) {
        struct lists_told before = *told;
        if (!sql_begin(lists->sql, error)) return false;
        bool good = lists_transaction_end(lists, batch_take(&import, &found), error);
        batch_tell(&import, good);
        if (!good) *told = before; /* no row of this transaction was taken */
        if (!good) return false;
        if (told->rows > before.rows && told->rows % TOLD == 0 && asked->progress) asked->progress(asked->self, told);
    }
    if (found < 0) error_set(error, ERROR_INPUT, "line %u: %s", import.csv.line, import.csv.wrong);
    return found == 0;
}
