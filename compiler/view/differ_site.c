/* compiler/view/differ_site.c - Changes in a declaration that has parts and no steps, and in the files that tables
 * and schedules name.
 *
 * A difference is told in the words of the declaration: which part, before and after. Files that a table or schedule
 * names belong to the program, so their rows and days are compared as if they stood in the source; at most TOLD_MAX
 * of each are told one by one. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/check/holidays.h"
#include "compiler/check/typed.h"
#include "compiler/syntax/csv.h"
#include "compiler/view/differing.h"
#include "compiler/view/phrase.h"

enum { TOLD_MAX = 20 };

/* ---- holidays ---- */

static const struct node *holidays_like(const struct node *schedule, const struct node *wanted)
{
    assert(schedule->kind == NODE_SITE_SCHEDULE);
    EACH_NODE (line, schedule->schedule.lines)
        EACH_NODE (day, line->schedule_line.days)
            if (day->kind == NODE_HOLIDAYS && strcmp(day->holidays.of.text, wanted->holidays.of.text) == 0) return day;
    return NULL;
}

static bool holidays_have_day(const struct holidays *holidays, int64_t day)
{
    for (size_t i = 0; i < holidays->count; i++)
        if (holidays->days[i] == day) return true;
    return false;
}

/* 2026-12-25: days since 1970 as people write them (Howard Hinnant's civil_from_days). */
static const char *date_text(struct arena *arena, int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    return arena_printf(arena, "%lld-%02lld-%02lld", (long long)(yoe + era * 400 + (month <= 2)), (long long)month,
                        (long long)day);
}

/* Dates that are told one by one could be hundreds, as a file of holidays covers years: they make one change with a
 * list. */
static void tell_days(struct differ *d, const struct node *node, const struct holidays *these,
                      const struct holidays *others, bool gone)
{
    assert(node->kind == NODE_HOLIDAYS);
    const char *about = arena_printf(d->arena, "holidays %s", node->holidays.of.text), *all = NULL;
    int told = 0, more = 0;
    for (size_t i = 0; i < these->count; i++) {
        if (holidays_have_day(others, these->days[i])) continue;
        const char *date = date_text(d->arena, these->days[i]);
        if (++told > TOLD_MAX)
            more++;
        else
            all = all ? arena_printf(d->arena, "%s, %s", all, date) : date;
    }
    if (!all) return;
    if (more) all = arena_printf(d->arena, "%s and %d more", all, more);
    differ_tell(d, about, gone ? all : NULL, gone ? NULL : all, node->span, node->span);
}

static void differ_holidays(struct differ *d, const struct node *old, const struct node *new)
{
    assert(new->kind == NODE_SITE_SCHEDULE);
    EACH_NODE (line, new->schedule.lines)
        EACH_NODE (day, line->schedule_line.days) {
            const struct node *was = day->kind == NODE_HOLIDAYS ? holidays_like(old, day) : NULL;
            if (!was || !was->meaning || !day->meaning) continue;
            tell_days(d, was, was->meaning, day->meaning, true);
            tell_days(d, day, day->meaning, was->meaning, false);
        }
}

static bool any_line(const struct node *old, const struct node *new)
{
    return old->kind == new->kind &&nodes_same(old->schedule_line.days, new->schedule_line.days);
}

/* If two lines name one day, the later one holds, so their order means something; a line whose hours are the same but
 * which moved is a change. */
static void differ_hours(struct differ *d, const struct node *old, const struct node *new, bool moved)
{
    differ_compare(d, "hours", old, new);
    if (moved) /* of those that name a day the last one holds */
        differ_tell(d, "order", "before others", "after others", old->span, new->span);
}

static void differ_schedule(struct differ *d, const struct node *old, const struct node *new)
{
    assert(old->kind == NODE_SITE_SCHEDULE);
    assert(new->kind == NODE_SITE_SCHEDULE);
    differ_words(d, "zone", old->schedule.zone, new->schedule.zone);
    differ_words(d, "edit", old->schedule.edit, new->schedule.edit);
    differ_pairs(d, "hours", old->schedule.lines, new->schedule.lines, any_line, differ_hours);
    differ_holidays(d, old, new);
}

/* ---- rows ---- */

struct row {
    const char *key, *text;
    bool known;
};
struct rows {
    struct row *all;
    size_t count;
};

/* The old program's file may lie in another folder (a version from git, an image's sources): the path goes from its
 * own site file. */
static const struct source *table_file(const struct program *program, const struct node *table)
{
    const struct source *site = source_set_at(program->sources, table->span.begin);
    const char *why, *slash = site ? strrchr(site->path, '/') : NULL;
    if (!site || !table->table.from.text) return NULL;
    int folder = *table->table.from.text != '/' && slash ? (int)(slash - site->path) + 1 : 0;
    const char *path = arena_printf(program->arena, "%.*s%s", folder, site->path, table->table.from.text);
    const struct source *source = source_set_find(program->sources, path);
    return source ? source : source_set_read(program->sources, path, &why);
}

static const char *row_text(struct arena *arena, const struct literal *fields, int count)
{
    size_t room = 1, length = 0;
    for (int i = 0; i < count; i++) room += fields[i].length + 2;
    char *text = arena_alloc(arena, room);
    for (int i = 0; i < count; i++) {
        if (i > 0) {
            text[length++] = ',';
            text[length++] = ' ';
        }
        memcpy(text + length, fields[i].bytes, fields[i].length);
        length += fields[i].length;
    }
    return text;
}

static int table_key_column(const struct node *table, const struct literal *names, int count)
{
    assert(table->kind == NODE_SITE_TABLE);
    EACH_NODE (column, table->table.columns)
        for (int i = 0; column->column.key && i < count; i++)
            if (strlen(column->column.name.text) == names[i].length &&
                memcmp(column->column.name.text, names[i].bytes, names[i].length) == 0)
                return i;
    return 0;
}

static int rows_by_key(const void *left, const void *right)
{
    return strcmp(((const struct row *)left)->key, ((const struct row *)right)->key);
}

/* Keys are compared as the text in the file, since both sides were checked: the same number may be written in two
 * ways, and then it is told as two rows, which the file's author has changed too. */
static struct rows table_rows_of(struct differ *d, const struct program *program, const struct node *table)
{
    const struct source *source = table_file(program, table);
    struct literal fields[RECORD_WIDEST];
    struct rows rows = {0};
    struct csv_text csv;
    if (!source) return rows;
    csv_begin(&csv, d->arena, source->text, source->length);
    int key = -1, count;
    while ((count = csv_next(&csv, fields, RECORD_WIDEST)) > 0) { /* what cannot be read was told by the check */
        if (count > RECORD_WIDEST) count = RECORD_WIDEST;         /* nor does the table read the others */
        if (key < 0) {                                            /* the names of the columns */
            key = table_key_column(table, fields, count);
            continue;
        }
        if ((rows.count & (rows.count + 1)) == 0)
            rows.all =
                arena_grow(d->arena, rows.all, rows.count * sizeof *rows.all, (2 * rows.count + 1) * sizeof *rows.all);
        const struct literal *of = &fields[key < count ? key : 0];
        rows.all[rows.count++] =
            (struct row){arena_copy(d->arena, of->bytes, of->length), row_text(d->arena, fields, count), false};
    }
    if (rows.count > 1) qsort(rows.all, rows.count, sizeof *rows.all, rows_by_key);
    return rows;
}

static void tell_row(struct differ *d, int *told, const char *before, const char *after, const struct node *old,
                     const struct node *new)
{
    if (++*told <= TOLD_MAX) differ_tell(d, "row", before, after, old->table.from.span, new->table.from.span);
}

/* Both sides are sorted by key. A row of the new side whose key the old side has is compared with it, so a changed
 * cell is one change and not a row that went and another that came. */
static void differ_rows(struct differ *d, const struct node *old, const struct node *new)
{
    struct rows was = table_rows_of(d, d->old, old), is = table_rows_of(d, d->new, new);
    int told = 0;
    for (size_t i = 0; i < is.count; i++) {
        struct row *before = was.count ? bsearch(&is.all[i], was.all, was.count, sizeof *was.all, rows_by_key) : NULL;
        if (before) before->known = true;
        if (!before || strcmp(before->text, is.all[i].text) != 0)
            tell_row(d, &told, before ? before->text : NULL, is.all[i].text, old, new);
    }
    for (size_t i = 0; i < was.count; i++)
        if (!was.all[i].known) tell_row(d, &told, was.all[i].text, NULL, old, new);
    if (told > TOLD_MAX)
        differ_tell(d, "rows", NULL, arena_printf(d->arena, "%d more", told - TOLD_MAX), old->table.from.span,
                    new->table.from.span);
}

static void differ_endpoint(struct differ *d, const struct node *old, const struct node *new)
{
    assert(old->kind == NODE_SITE_ENDPOINT);
    assert(new->kind == NODE_SITE_ENDPOINT);
    differ_each(d, "parameter", old->endpoint.params, new->endpoint.params);
    differ_compare(d, "result", old->endpoint.result, new->endpoint.result);
    differ_words(d, "method", old->endpoint.method, new->endpoint.method);
    differ_compare(d, "address", old->endpoint.url, new->endpoint.url);
    differ_compare(d, "timeout", old->endpoint.timeout, new->endpoint.timeout);
}

static void differ_parameter(struct differ *d, const struct node *old, const struct node *new)
{
    assert(old->kind == NODE_SITE_PARAMETER);
    assert(new->kind == NODE_SITE_PARAMETER);
    differ_compare(d, "type", old->parameter.type, new->parameter.type);
    differ_compare(d, "value", old->parameter.value, new->parameter.value);
    differ_compare(d, "within", old->parameter.within, new->parameter.within);
    differ_words(d, "edit", old->parameter.edit, new->parameter.edit);
}

static void differ_table(struct differ *d, const struct node *old, const struct node *new)
{
    assert(old->kind == NODE_SITE_TABLE);
    assert(new->kind == NODE_SITE_TABLE);
    differ_words(d, "file", old->table.from, new->table.from);
    differ_words(d, "edit", old->table.edit, new->table.edit);
    differ_lines(d, "column", old->table.columns, new->table.columns);
    differ_rows(d, old, new);
}

static void differ_default(struct differ *d, const struct node *old, const struct node *new)
{
    assert(old->kind == NODE_SITE_DEFAULT);
    assert(new->kind == NODE_SITE_DEFAULT);
    const struct node *a = old->site_default.value, *b = new->site_default.value;
    if (a->kind == NODE_BLOCK && b->kind == NODE_BLOCK)
        differ_block(d, a, b);
    else
        differ_compare(d, "value", a, b);
}

bool differ_site(struct differ *d, const struct node *old, const struct node *new)
{
    switch (new->kind) {
    case NODE_SITE_DEFAULT:
        differ_default(d, old, new);
        return true;
    case NODE_CONST:
        differ_compare(d, "type", old->constant.type, new->constant.type);
        differ_compare(d, "value", old->constant.value, new->constant.value);
        return true;
    case NODE_RECORD:
        differ_fields(d, "field", old->record.fields, new->record.fields);
        return true;
    case NODE_ENUM:
        differ_lines(d, "word", old->enumeration.words, new->enumeration.words);
        return true;
    case NODE_SITE_VIRTUAL:
        differ_compare(d, "condition", old->site_virtual.value, new->site_virtual.value);
        return true;
    case NODE_SITE_SOURCE:
        differ_words(d, "kind", old->site_source.kind, new->site_source.kind);
        differ_words(d, "schema", old->site_source.schema, new->site_source.schema);
        return true;
    case NODE_SITE_ENDPOINT:
        differ_endpoint(d, old, new);
        return true;
    case NODE_SITE_PARAMETER:
        differ_parameter(d, old, new);
        return true;
    case NODE_SITE_TABLE:
        differ_table(d, old, new);
        return true;
    case NODE_SITE_SCHEDULE:
        differ_schedule(d, old, new);
        return true;
    case NODE_SITE_STATISTIC:
        differ_each(d, "of", old->statistic.kinds, new->statistic.kinds);
        differ_compare(d, "value", old->statistic.value, new->statistic.value);
        differ_compare(d, "window", old->statistic.window, new->statistic.window);
        return true;
    case NODE_SITE_LATCH:
        differ_compare(d, "on", old->latch.on, new->latch.on);
        differ_compare(d, "until", old->latch.off, new->latch.off);
        return true;
    case NODE_SITE_COUNTER:
        differ_compare(d, "key", old->counter.of, new->counter.of);
        differ_compare(d, "window", old->counter.window, new->counter.window);
        return true;
    case NODE_SITE_CAPACITY:
        differ_lines(d, "rule", old->capacity.rules, new->capacity.rules);
        return true;
    case NODE_SITE_MEDIUM:
        differ_compare(d, "number", old->site_medium.number, new->site_medium.number);
        return true;
    case NODE_SITE_SIGNAL:
        differ_each(d, "parameter", old->signal.params, new->signal.params);
        return true;
    default:
        return false;
    }
}
