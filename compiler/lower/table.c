/* compiler/lower/table.c - The first rows of a business table: none, or those of its CSV file.
 *
 * The CSV file of a table is made by a person, often with a spreadsheet. The file is read by the columns of the table's
 * record, each field by its type and in the language's own notation; the first mistake of each line is reported with
 * the line and the column name. Rows are sorted by key: two rows with one key are then neighbours, and are reported,
 * since only one of them would ever be found. */
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/written.h"
#include "compiler/lower/lowerer.h"
#include "compiler/syntax/csv.h"
#include "compiler/syntax/literal.h"

#define DAY_US INT64_C(86400000000)

struct loading {
    struct lowerer *l;
    const struct node *node;     /* SITE_TABLE */
    const struct record *record; /* the table's columns */
    const char *path;
    struct csv_text csv;
    int places[RECORD_WIDEST]; /* for each column: the index of its field in a line; -1: no such field */
    int width;                 /* of the heading */
    uint32_t key;
};

struct keyed { /* a row, kept to find another row of the same key */
    const char *key;
    unsigned line;
};

static void bad_at(struct loading *load, unsigned line, const char *why)
{
    const char *text = arena_printf(load->l->arena, "line %u of '%s': %s", line, load->path, why);
    diag_report(load->l->program->diags, TABLE_FILE, load->node->table.from.span, text);
}

static bool loading_bad(struct loading *load, const char *why)
{
    bad_at(load, load->csv.line, why);
    return false;
}

/* Does the text have the shape, in which 0 means any digit? The shape is checked before a value is read: strtol()
 * and similar functions accept signs, spaces and hexadecimal digits, which the language does not. */
static bool table_shaped(struct literal text, const char *shape)
{
    if (text.length != strlen(shape)) return false;
    for (size_t i = 0; i < text.length; i++)
        if (shape[i] == '0' ? text.bytes[i] < '0' || text.bytes[i] > '9' : text.bytes[i] != shape[i]) return false;
    return true;
}

/* Minus zero becomes zero: both are equal, but their bytes are not, and an image's hash includes the bytes. */
static bool loading_float(struct loading *load, struct literal text, int64_t *word)
{
    double value;
    bool minus = *text.bytes == '-';
    const char *digits = text.bytes + minus;
    size_t length = text.length - minus, point = strcspn(digits, ".");
    bool good = point > 0 && strspn(digits, "0123456789.") == length && point + 1 != length &&
                (point == length || !strchr(digits + point + 1, '.')) &&
                literal_float(load->l->arena, text.bytes, text.length, &value);
    if (good && value == 0) value = 0; /* one zero */
    if (good) memcpy(word, &value, sizeof value);
    return good;
}

static bool enum_of(const struct enumeration *enumeration, const char *text, int64_t *word)
{
    for (uint32_t i = 0; i < enumeration->count; i++) {
        if (strcmp(enumeration->words[i], text) != 0) continue;
        *word = i;
        return true;
    }
    return false;
}

/* Reads a value that is stored as a word, except for numbers with units. */
static bool plain_of(struct loading *load, const struct type *type, struct literal text, int64_t *word)
{
    switch (type->kind) {
    case LANG_BOOL:
        *word = !strcmp(text.bytes, "true");
        return *word || !strcmp(text.bytes, "false");
    case LANG_FLOAT:
        return loading_float(load, text, word);
    case LANG_DATE:
        if (!table_shaped(text, "0000-00-00") || !literal_date(text.bytes, word)) return false;
        *word /= DAY_US;
        return true;
    case LANG_CLOCK:
        return (table_shaped(text, "00:00") || table_shaped(text, "00:00:00")) &&
               written_clock(text.bytes, text.length, word);
    case LANG_ENUM:
        return enum_of(type->enumeration, text.bytes, word);
    default:
        return false;
    }
}

/* Reads "12%", "12.5%", "0.25%", as the language writes them, in hundredths of a percent; a word has millionths of
 * one. */
static bool percent_of(const char *bytes, size_t length, int64_t *word)
{
    size_t whole = strspn(bytes, "0123456789"), decimals = 0;
    if (bytes[whole] == '.') decimals = strspn(bytes + whole + 1, "0123456789");
    size_t end = whole + (bytes[whole] == '.') + decimals;
    bool shaped = whole > 0 && decimals <= 2 && (bytes[whole] != '.' || decimals > 0);
    if (!shaped || end + 1 != length || bytes[end] != '%' || !literal_percent(bytes, length, word)) return false;
    *word *= 100;
    return true;
}

static bool loading_word(struct loading *load, const struct type *type, struct literal text, int64_t *word)
{
    bool minus = text.length > 1 && *text.bytes == '-';
    const char *bytes = text.bytes + minus;
    size_t length = text.length - minus, digits = strspn(bytes, "0123456789");
    bool good = false;
    switch (type->kind) {
    case LANG_INT:
        good = length > 0 && digits == length && written_integer(bytes, length, word);
        break;
    case LANG_DURATION:
        good = digits > 0 && length > digits && written_duration(bytes, length, word);
        break;
    case LANG_PERCENT:
        good = percent_of(bytes, length, word);
        break;
    default:
        return plain_of(load, type, text, word);
    }
    if (!good || *word == INT64_MIN) return false; /* that is none */
    if (minus) *word = -*word;
    return true;
}

/* Reads a field whose value is one of the site's names of the column's kind. */
static bool loading_name(struct loading *load, const struct type_field *column, struct literal text,
                         struct ir_constant *value)
{
    const struct type *bare = type_bare(column->type);
    const struct checked *checked = load->l->checked;
    const uint32_t which = bare->kind - LANG_SKILL;
    const char *near = NULL;
    uint32_t closest = UINT32_MAX;
    for (uint32_t i = 0; i < checked->name_counts[which]; i++) {
        const struct symbol *symbol = checked->names[which][i];
        if (!strcmp(symbol->name, text.bytes)) {
            *value = *constant_name(load->l, symbol);
            return true;
        }
        if (near_is_nearer(text.bytes, symbol->name, &closest)) near = symbol->name;
    }
    const char *meant = near ? arena_printf(load->l->arena, "; did you mean '%s'?", near) : "";
    return loading_bad(load, arena_printf(load->l->arena, "column %s is \"%s\": the site has no %s of that name%s",
                                          column->name, text.bytes, bare->text, meant));
}

/* Reads a field as a value of the column's type; an empty field is none where the type allows none. */
static bool loading_value(struct loading *load, const struct type_field *column, struct literal text,
                          struct ir_constant *value)
{
    const struct type *bare = type_bare(column->type);
    uint32_t type = lower_type(load->l, bare);
    *value = (struct ir_constant){.kind = IR_CONSTANT_WORD, .type = type};
    if (text.length == 0 && type_is_option(column->type)) {
        value->kind = IR_CONSTANT_NONE;
        value->type = lower_type(load->l, column->type);
        return true;
    }
    if (bare->kind == LANG_STR) {
        bool good = source_utf8_check(text.bytes, text.length) == text.length && !memchr(text.bytes, '\0', text.length);
        value->kind = IR_CONSTANT_TEXT;
        value->text = text.bytes;
        value->length = text.length;
        if (!good) loading_bad(load, "this is not UTF-8");
        return good;
    }
    if (type_is_site_name(bare)) return loading_name(load, column, text, value);
    if (loading_word(load, bare, text, &value->word)) return true;
    return loading_bad(load,
                       arena_printf(load->l->arena, "\"%s\" is no %s, as %s is", text.bytes, bare->text, column->name));
}

/* The types that a file's fields may have; values of other types can come only from the directory. */
static bool is_readable(const struct type *type)
{
    return type->kind == LANG_STR || type->kind == LANG_INT || type->kind == LANG_DURATION ||
           type->kind == LANG_PERCENT || type->kind == LANG_BOOL || type->kind == LANG_FLOAT ||
           type->kind == LANG_DATE || type->kind == LANG_CLOCK || type_is_site_name(type) ||
           (type->kind == LANG_ENUM && type->enumeration->own);
}

static bool read_heading(struct loading *load)
{
    struct literal fields[RECORD_WIDEST];
    int count = load->width = csv_next(&load->csv, fields, RECORD_WIDEST);
    if (count < 0) return loading_bad(load, load->csv.wrong);
    for (uint32_t i = 0; i < load->record->count; i++) {
        const struct type_field *column = &load->record->fields[i];
        load->places[i] = -1;
        if (!is_readable(type_bare(column->type)))
            return loading_bad(
                load, arena_printf(load->l->arena,
                                   "a file holds no %s, as %s is: texts, numbers, durations, percents, bools, dates, "
                                   "times of day, own enums and names of the site",
                                   type_bare(column->type)->text, column->name));
        for (int f = 0; f < count && f < RECORD_WIDEST; f++)
            if (!strcmp(fields[f].bytes, column->name)) load->places[i] = f;
        if (load->places[i] >= 0 || type_is_option(column->type)) continue;
        return loading_bad(load, arena_printf(load->l->arena, "there is no column %s", column->name));
    }
    return true;
}

/* Checks the number of fields: a comma without quotes, or a missing field, shifts all later fields, so the whole row
 * is refused. Empty fields at the end are allowed. */
static bool fits_heading(struct loading *load, const struct literal *fields, int count)
{
    const struct record *record = load->record;
    int filled = count < RECORD_WIDEST ? count : RECORD_WIDEST;
    while (count <= RECORD_WIDEST && filled > load->width && fields[filled - 1].length == 0) filled--;
    if (filled > load->width)
        return loading_bad(
            load, arena_printf(load->l->arena, "it has more fields than the heading, which has %d", load->width));
    for (uint32_t i = 0; i < record->count; i++)
        if (load->places[i] >= count && !type_is_option(record->fields[i].type))
            return loading_bad(load, arena_printf(load->l->arena, "it ends before %s", record->fields[i].name));
    return true;
}

static int loaded_by_key(const void *left, const void *right)
{
    const struct keyed *a = left, *b = right;
    int order = strcmp(a->key, b->key);
    return order ? order : a->line < b->line ? -1 : a->line > b->line;
}

/* Reports rows with the same key: only one of two would ever be found. */
static bool keys_differ(struct loading *load, struct keyed *rows, uint32_t count)
{
    if (count > 1) qsort(rows, count, sizeof *rows, loaded_by_key);
    for (uint32_t i = 1; i < count; i++) {
        if (strcmp(rows[i - 1].key, rows[i].key) != 0) continue;
        bad_at(load, rows[i].line,
               arena_printf(load->l->arena, "the key \"%s\" stands in line %u already", rows[i].key, rows[i - 1].line));
        return false;
    }
    return true;
}

static bool loading_read_row(struct loading *load, const struct literal *fields, int count, struct ir_constant *key,
                             struct ir_constant *row, const struct type *type)
{
    const struct record *record = load->record;
    struct ir_constant *parts = ARENA_ARRAY(load->l->arena, struct ir_constant, record->count + 1);
    for (uint32_t i = 0; i < record->count; i++) {
        struct literal none = {"", 0};
        int place = load->places[i];
        if (!loading_value(load, &record->fields[i], place >= 0 && place < count ? fields[place] : none, &parts[i]))
            return false;
    }
    const struct ir_constant *made = constant_object(load->l, type, parts, record->count);
    if (!made) return false;
    *key = parts[load->key];
    *row = *made;
    return true;
}

static const struct ir_constant *read_rows(struct loading *load, const struct type *type)
{
    struct ir_constant *parts = NULL;
    struct keyed *keyed = NULL;
    uint32_t count = 0, room = 0;
    struct literal fields[RECORD_WIDEST];
    if (!read_heading(load)) return NULL;
    for (int found; (found = csv_next(&load->csv, fields, RECORD_WIDEST)) != 0; count++) {
        if (found < 0) {
            loading_bad(load, load->csv.wrong);
            return NULL;
        }
        if (count == room) {
            uint32_t more = room ? 2 * room : 32;
            parts = arena_grow(load->l->arena, parts, 2 * room * sizeof *parts, 2 * more * sizeof *parts);
            keyed = arena_grow(load->l->arena, keyed, room * sizeof *keyed, more * sizeof *keyed);
            room = more;
        }
        struct ir_constant *key = &parts[2 * count];
        if (!fits_heading(load, fields, found) || !loading_read_row(load, fields, found, key, key + 1, type->of))
            return NULL;
        keyed[count] = (struct keyed){key->text, load->csv.line};
    }
    return keys_differ(load, keyed, count) ? constant_object(load->l, type, parts, 2 * count) : NULL;
}

const struct ir_constant *table_constant(struct lowerer *l, const struct symbol *symbol)
{
    const struct node *node = symbol->node;
    struct loading load = {.l = l, .node = node, .record = symbol->type->of->record};
    if (!node->table.from.text) return constant_object(l, symbol->type, NULL, 0);
    EACH_NODE (column, node->table.columns) {
        if (column->column.key) break;
        load.key++;
    }
    const char *site = source_set_at(l->program->sources, node->span.begin)->path, *slash = strrchr(site, '/'), *why;
    int folder = *node->table.from.text != '/' && slash ? (int)(slash - site) + 1 : 0;
    load.path = arena_printf(l->arena, "%.*s%s", folder, site, node->table.from.text);
    const struct source *source = source_set_find(l->program->sources, load.path);
    if (!source) source = source_set_read(l->program->sources, load.path, &why);
    if (!source) {
        diag_report(l->program->diags, TABLE_FILE, node->table.from.span,
                    arena_printf(l->arena, "cannot read '%s': %s", load.path, why));
        return NULL;
    }
    csv_begin(&load.csv, l->arena, source->text, source->length);
    return read_rows(&load, symbol->type);
}
