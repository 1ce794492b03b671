/* compiler/view/differ_site.c - Changes in declarations with parts and without steps, and in the files that tables
 * and schedules name.
 *
 * A difference is reported in the words of the declaration: which part, before and after. Files that a table or
 * schedule names belong to the program, so their rows and days are compared like text of the source; at most
 * TOLD_MAX of each are reported one by one. */
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

/* Returns days since 1970 as a date, 2026-12-25 (Howard Hinnant's civil_from_days). */
static const char *date_text(struct arena *arena, int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    return arena_printf(arena, "%lld-%02lld-%02lld", (long long)(yoe + era * 400 + (month <= 2)), (long long)month,
                        (long long)day);
}

/* There could be hundreds of changed dates, as a file of holidays covers years: so they become one change with a
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
    return old->kind == new->kind &&phrase_nodes_same(old->schedule_line.days, new->schedule_line.days);
}

/* The lines of a schedule: if two lines name one day, the later one counts. So a line with the same hours at another
 * place is a change, too. */
static void differ_hours(struct differ *d, const struct node *old, const struct node *new, bool moved)
{
    differ_compare(d, "hours", old, new);
    if (moved) /* of the lines that name a day the last one counts */
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

/* The old program's file may be in another folder (a version from git, an image's sources): the path is relative to
 * the site file of its own program. */
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

/* Keys are compared as the text in the file: the same number may be written differently, and is then reported as two
 * rows, since the file's author has changed it, too. */
static struct rows table_rows_of(struct differ *d, const struct program *program, const struct node *table)
{
    const struct source *source = table_file(program, table);
    struct literal fields[RECORD_WIDEST];
    struct rows rows = {0};
    struct csv_text csv;
    if (!source) return rows;
    csv_begin(&csv, d->arena, source->text, source->length);
    int key = -1, count;
    while ((count = csv_next(&csv, fields, RECORD_WIDEST)) > 0) { /* unreadable rows were reported by the checker */
        if (count > RECORD_WIDEST) count = RECORD_WIDEST;         /* the table does not read further columns either */
        if (key < 0) {                                            /* the row with the names of the columns */
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

/* Both lists of rows are sorted by key. A row of the new file whose key is also in the old one is compared with that
 * row, so a changed cell is one change and not a removed and a new row. */
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

static void differ_default(struct differ *d, const struct node *old, const struct node *new)
{
    assert(old->kind == NODE_SITE_DEFAULT);
    assert(new->kind == NODE_SITE_DEFAULT);
    const struct node *a = old->site_default.value, *b = new->site_default.value;
    if (a->kind == NODE_BLOCK && b->kind == NODE_BLOCK)
        differ_block(d, a, b);
    else
        differ_compare(d, "value", a, b);
    differ_compare(d, "schedule", old->site_default.schedule, new->site_default.schedule);
}

bool differ_site(struct differ *d, const struct node *old, const struct node *new)
{
#define PART(how, about, member) differ_##how(d, about, old->member, new->member)
    assert(old->kind == new->kind);
    switch (new->kind) {
    case NODE_SITE_DEFAULT:
        differ_default(d, old, new);
        break;
    case NODE_CONST:
        PART(compare, "type", constant.type), PART(compare, "value", constant.value);
        break;
    case NODE_RECORD:
        PART(fields, "field", record.fields);
        break;
    case NODE_ENUM:
        PART(lines, "word", enumeration.words);
        break;
    case NODE_SITE_VIRTUAL:
        PART(compare, "condition", site_virtual.value);
        break;
    case NODE_SITE_SOURCE:
        PART(words, "kind", site_source.kind), PART(words, "schema", site_source.schema);
        break;
    case NODE_SITE_ENDPOINT:
        PART(each, "parameter", endpoint.params), PART(compare, "result", endpoint.result);
        PART(words, "method", endpoint.method), PART(compare, "address", endpoint.url);
        PART(compare, "timeout", endpoint.timeout);
        break;
    case NODE_SITE_PARAMETER:
        PART(compare, "type", parameter.type), PART(compare, "value", parameter.value);
        PART(compare, "within", parameter.within), PART(words, "edit", parameter.edit);
        break;
    case NODE_SITE_TABLE:
        PART(words, "file", table.from), PART(words, "edit", table.edit), PART(lines, "column", table.columns);
        differ_rows(d, old, new);
        break;
    case NODE_SITE_SCHEDULE:
        differ_schedule(d, old, new);
        break;
    case NODE_SITE_STATISTIC:
        PART(each, "of", statistic.kinds), PART(compare, "value", statistic.value);
        PART(compare, "window", statistic.window);
        break;
    case NODE_SITE_LATCH:
        PART(compare, "on", latch.on), PART(compare, "until", latch.off);
        break;
    case NODE_SITE_COUNTER:
        PART(compare, "key", counter.of), PART(compare, "window", counter.window);
        PART(compare, "keys", counter.keys);
        break;
    case NODE_SITE_CAPACITY:
        PART(lines, "rule", capacity.rules);
        break;
    case NODE_SITE_ORDER:
        PART(words, "by", order.by), PART(lines, "rule", order.rules);
        break;
    case NODE_SITE_VIEW:
        PART(compare, "of", site_view.bin), PART(lines, "line", site_view.rules);
        break;
    case NODE_SITE_MEDIUM:
        PART(compare, "number", site_medium.number);
        break;
    case NODE_SITE_SIGNAL:
        PART(each, "parameter", signal.params);
        break;
    default:
        return false;
    }
#undef PART
    return true;
}
