/* runtime/daemon/directory/import.c - Reads directory.sql, and checks its content.
 *
 * Rows are kept as pairs, table by table in the order of their keys; a row is found by binary search. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/directory/import_sql.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"

void import_free(struct directory_import *directory)
{
    if (!directory) return;
    for (size_t i = 0; i < directory->count; i++) {
        free(directory->rows[i].key);
        kv_free(&directory->rows[i].values);
    }
    for (size_t i = 0; i < directory->point_count; i++) {
        free(directory->points[i].dn);
        free(directory->points[i].strategy);
        free(directory->points[i].defaults);
        kv_free(&directory->points[i].given);
    }
    for (size_t i = 0; i < directory->sheet_count; i++) {
        free(directory->sheets[i].name);
        free(directory->sheets[i].key);
        kv_free(&directory->sheets[i].rows);
    }
    import_names_free(&directory->doubts);
    free(directory->sheets);
    free(directory->rows);
    free(directory->points);
    sqlite3_close(directory->db);
    free(directory);
}

/* The time limit is for the whole import: it also ends a source that does not answer, and a view that never ends. */
struct directory_import *import_read(const char *file, unsigned seconds, const atomic_bool *stop, struct error *error)
{
    assert(file);
    struct bound bound = {host_monotonic_us() + seconds * UINT64_C(1000000), stop};
    sqlite3 *db = import_source_open(file, &bound, error);
    return db ? import_of(db, file, error) : NULL;
}

/* Reads the database, and closes it even if a check fails. The order of the checks gives the most helpful complaint:
 * first whether tables and columns exist, then single rows, then references between rows. */
struct directory_import *import_of(sqlite3 *db, const char *file, struct error *error)
{
    struct directory_import *directory = memory_grown(NULL, 1, sizeof *directory);
    *directory = (struct directory_import){.db = db};
    import_columns_doubt(db, file, &directory->doubts);
    bool good = import_tables_check(db, file, error) && import_tables_complete(db, file, error) &&
                import_tables_read(directory, db, file, error) && import_sheets_read(directory, db, file, error) &&
                import_references_check(db, file, error) && import_accesses_check(db, file, error);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    if (good) return directory;
    import_free(directory);
    return NULL;
}

const char *import_doubt(const struct directory_import *directory, size_t index)
{
    return index < directory->doubts.count ? directory->doubts.all[index] : NULL;
}

size_t import_count(const struct directory_import *directory)
{
    return directory->count + directory->sheet_rows;
}

/* Gets the setting of that index: first parameters and schedules, which are the last rows, then the business tables.
 * False: there are no more. */
bool import_setting(const struct directory_import *directory, size_t index, struct import_setting *setting)
{
    assert(setting);
    if (index < directory->setting_count) {
        const struct entry *row = &directory->rows[directory->count - directory->setting_count + index];
        *setting = (struct import_setting){.name = row->key, .table = row->table};
        return kv_get(kv_span(&row->values), "value", &setting->value);
    }
    index -= directory->setting_count;
    if (index >= directory->sheet_count) return false;
    const struct business_sheet *sheet = &directory->sheets[index];
    *setting = (struct import_setting){
        sheet->name, sheet->key, {.tag = KV_LIST, .span = kv_span(&sheet->rows)}, table_business};
    return true;
}

bool import_setting_wrong(const char *file, const struct import_setting *setting, const char *row, const char *what,
                          struct error *error)
{
    char sheet[NAME_MAX_BYTES + sizeof IMPORT_SHEET];
    const char *const keys[] = {setting->key ? setting->key : "name", NULL};
    snprintf(sheet, sizeof sheet,
             setting->key                       ? IMPORT_SHEET "%s"
             : setting->table == table_schedule ? "schedule"
                                                : "parameter",
             setting->name);
    if (!row)
        error_set(error, ERROR_INPUT, "%s: table %s: %s", file, sheet, what);
    else
        import_row_wrong(file, sheet, keys, row, what, error);
    return false;
}

bool import_point(const struct directory_import *directory, size_t index, struct import_point *point)
{
    assert(point);
    if (index >= directory->point_count) return false;
    const struct point *row = &directory->points[index];
    *point = (struct import_point){row->dn, row->strategy, row->defaults, kv_span(&row->given)};
    return true;
}

/* Finds a row by binary search: the rows of a table are in the order of their keys. */
static const struct entry *entry_named(const struct directory_import *directory, enum table table, const char *key)
{
    assert(directory->tables[table].first + directory->tables[table].count <= directory->count);
    const struct entries *of = &directory->tables[table];
    size_t low = of->first, high = of->first + of->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(directory->rows[middle].key, key);
        if (order == 0) return &directory->rows[middle];
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    return NULL;
}

bool import_has(const struct directory_import *directory, enum table table, const char *key)
{
    assert((size_t)table < (size_t)TABLE_NUMBERS && key);
    return entry_named(directory, table, key) != NULL;
}

static bool entry_has_type(const struct entry *dn, const char *wanted)
{
    struct kv_value type;
    return kv_get(kv_span(&dn->values), "type", &type) && type.tag == KV_TEXT && span_is(type.span, wanted);
}

/* True: the DN is one at which somebody may be called. */
static bool is_telephone(const struct entry *dn)
{
    return entry_has_type(dn, "extension") || entry_has_type(dn, "position");
}

bool import_entry(const struct directory_import *directory, enum table table, size_t index, struct import_entry *entry)
{
    assert((size_t)table < (size_t)TABLE_NUMBERS);
    const struct entries *rows = &directory->tables[table];
    if (index >= rows->count) return false;
    const struct entry *row = &directory->rows[rows->first + index];
    *entry = (struct import_entry){row->key, kv_span(&row->values)};
    return true;
}

bool import_access(const struct directory_import *directory, size_t index, struct import_access *access)
{
    const struct entries *rows = &directory->tables[table_access];
    struct kv_value from, to;
    if (index >= rows->count) return false;
    const struct kv *values = &directory->rows[rows->first + index].values;
    *access = (struct import_access){0};
    if (kv_get(kv_span(values), "from", &from)) access->from = from.span;
    if (kv_get(kv_span(values), "to", &to)) access->to = to.span;
    return true;
}

/* True: the name is that of a queue; the type of a DN counts before a queue of the same name. */
bool import_is_queue(const struct directory_import *directory, const char *dn)
{
    assert(dn);
    const struct entry *row = entry_named(directory, table_dn, dn);
    return row ? entry_has_type(row, "queue") : import_has(directory, table_queue, dn);
}

/* True: a DN is missing in the directory. Shorter numbers may be the switch's own (the operator, pilots), and longer
 * ones are numbers outside. A queue's name also counts as missing: nobody can be called there, and its DN was meant. */
bool import_lacks_dn(const struct directory_import *directory, const char *dn)
{
    assert(dn);
    const struct entries *dns = &directory->tables[table_dn];
    size_t length = strlen(dn);
    if (import_has(directory, table_dn, dn)) return false;
    if (strspn(dn, "0123456789") != length) return import_has(directory, table_queue, dn);
    for (size_t i = 0; i < dns->count; i++) {
        const struct entry *row = &directory->rows[dns->first + i];
        if (strlen(row->key) == length && is_telephone(row)) return true;
    }
    return false;
}

static const char *const point_keys[] = {"dn", NULL};

void import_point_place(const char *file, const char *dn, char *place, size_t size)
{
    struct sql_place found;
    unsigned line;
    bool sheet = import_csv_line(file, "routing_point", point_keys, dn, &line);
    char *path = sheet ? import_csv_file(file, "routing_point") : NULL;
    if (sheet)
        snprintf(place, size, "%s:%u", path, line);
    else if (sql_row_line(file, "routing_point", point_keys, dn, &found))
        snprintf(place, size, "%s:%u", file, found.line);
    else
        snprintf(place, size, "%s", file);
    free(path);
}

void import_point_wrong(const char *file, const char *dn, const char *what, struct error *error)
{
    import_row_wrong(file, "routing_point", point_keys, dn, what, error);
}
