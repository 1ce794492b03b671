/* tests/differential/evaluate_site.c - What the site declares: its parameters, tables and schedules; chance; and what
 * came with the call. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/zone.h"
#include "tests/differential/evaluate.h"

static const int64_t DAY_US = INT64_C(86400000000), WHOLE = 1000000;
enum { ADD_DAYS = 1098, NEXT_DAYS = 400, EDGES_MAX = 40000 };

/* Settings */

static const struct value *whole_table(struct evaluator *, const struct symbol *);

const struct value *evaluate_setting(struct evaluator *e, const struct symbol *symbol)
{
    int64_t number;
    if (symbol->node->kind == NODE_SITE_TABLE) return whole_table(e, symbol);
    if (world_setting(e->seed, e->waits, symbol->name, strlen(symbol->name), &number)) return value_number(e, number);
    return evaluate_as(e, symbol->node->parameter.value, symbol->type);
}

/* The rows of tests/differential/rates.csv and areas.csv. "" is none. */
struct row {
    const char *table, *key;
    const char *cells[9];
};
static const struct row rows[] = {
    {"rates", "4711", {"Gold", "3", "1m30s", "12.5%", "2026-03-02", "08:30", "-1.5", "true"}},
    {"rates", "", {"nobody", "", "", "0%", "2024-02-29", "00:00", "0.0", "false"}},
    {"rates", "gold", {"", "-7", "250ms", "100%", "1970-01-01", "23:59:59", "1000.25", "true"}},
    {"rates",
     "gr\303\274n",
     {"a name, \"quoted\"", "9223372036854775807", "-2d", "0.25%", "2026-12-24", "12:00", "0.5", "false"}},
    {"areas", "", {"", "1"}},
    {"areas", "+33", {"France", ""}},
    {"areas", "+331", {"Paris", "75"}},
    {"areas", "4", {"four", "-4"}},
    {"areas", "4711", {"exactly", "5"}},
};

static const struct value *number_of(struct evaluator *e, const char *text, int64_t scale)
{
    return value_number(e, strtoll(text, NULL, 10) * scale);
}

/* A cell as the column's type; of durations only those that stand there. */
static const struct value *cell(struct evaluator *e, const char *text, const struct type *type)
{
    const struct type *bare = type_bare(type);
    struct tm tm = {0};
    if (!*text && type_is_option(type)) return value_none_of(e);
    switch (bare->kind) {
    case LANG_INT:
        return number_of(e, text, 1);
    case LANG_FLOAT:
        return value_real(e, strtod(text, NULL));
    case LANG_BOOL:
        return value_number(e, *text == 't');
    case LANG_PERCENT:
        return value_number(e, (int64_t)(strtod(text, NULL) * 10000));
    case LANG_DURATION:
        return value_number(e, !strcmp(text, "1m30s") ? 90000000 : !strcmp(text, "250ms") ? 250000 : -2 * DAY_US);
    case LANG_DATE:
        sscanf(text, "%d-%d-%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
        tm.tm_year -= 1900;
        tm.tm_mon--;
        return value_number(e, timegm(&tm) / 86400);
    case LANG_CLOCK:
        sscanf(text, "%d:%d:%d", &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
        return value_number(e, (tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec) * INT64_C(1000000));
    default:
        return value_bytes(e, text, strlen(text));
    }
}

bool evaluate_is_table(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_SETTING && symbol->node->kind == NODE_SITE_TABLE;
}

static const struct value *written_row(struct evaluator *e, const struct symbol *table, const struct row *row)
{
    const struct record *record = table->type->of->record;
    const struct value *fields[10];
    fields[0] = value_bytes(e, row->key, strlen(row->key));
    for (uint32_t i = 1; i < record->count; i++) fields[i] = cell(e, row->cells[i - 1], record->fields[i].type);
    return value_of_items(e, WORTH_RECORD, fields, record->count);
}

const struct value *evaluate_row(struct evaluator *e, const struct node *table, const struct value *key)
{
    const struct symbol *symbol = table->meaning;
    const struct row *best = NULL;
    if (key->worth != WORTH_TEXT) return value_none_of(e);
    enum world_row how = world_row(e->seed, e->waits, symbol->name, strlen(symbol->name), key->bytes, key->length);
    if (how == ROW_NONE) return value_none_of(e);
    if (how == ROW_MADE) {
        struct stream stream = world_stream(e->seed, e->waits);
        return evaluate_made(e, symbol->type->of, &stream);
    }
    bool prefix = symbol->node->table.columns.first->column.prefix;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = strlen(rows[i].key);
        if (strcmp(rows[i].table, symbol->name) != 0 || length > key->length) continue;
        if (memcmp(rows[i].key, key->bytes, length) != 0 || (!prefix && length != key->length)) continue;
        if (!best || strlen(best->key) <= length) best = &rows[i];
    }
    return best ? written_row(e, symbol, best) : value_none_of(e);
}

/* As it is now: what goes through it goes through this, whatever comes meanwhile. */
static const struct value *whole_table(struct evaluator *e, const struct symbol *symbol)
{
    const struct value *made = value_of_items(e, WORTH_MAP, NULL, 0);
    uint32_t version = world_version(e->seed, e->waits, symbol->name, strlen(symbol->name));
    for (uint32_t i = 0; version != 0 && i < world_rows(version); i++) {
        struct stream stream = world_row_stream(e->seed, version, i);
        const char *key = world_row_key(i);
        const struct value *row = evaluate_made(e, symbol->type->of, &stream);
        made = evaluate_map_set(e, made, value_bytes(e, key, strlen(key)), row);
    }
    for (size_t i = 0; version == 0 && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].table, symbol->name) == 0)
            made = evaluate_map_set(e, made, value_bytes(e, rows[i].key, strlen(rows[i].key)),
                                    written_row(e, symbol, &rows[i]));
    return made;
}

/* Schedules, by wall clocks: what a day has is read from the lines each time. */

static int64_t day_number(const struct node *day, bool *of_week)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    *of_week = day->kind == NODE_NAME;
    if (!*of_week) return day->date.days;
    int64_t number = 0;
    while (strcmp(names[number], day->name.name.text) != 0) number++;
    return number;
}

static bool names_day(const struct node *day, int64_t number)
{
    bool of_week;
    int64_t from = day_number(day->kind == NODE_RANGE ? day->range.from : day, &of_week);
    int64_t to = day_number(day->kind == NODE_RANGE ? day->range.to : day, &of_week);
    if (of_week) number = evaluate_weekday(number);
    return from <= to ? from <= number && number <= to : number >= from || number <= to;
}

/* The line that has the day; NULL: none. */
static const struct node *line_of(const struct node *schedule, int64_t number)
{
    const struct node *found = NULL;
    EACH_NODE (line, schedule->schedule.lines)
        EACH_NODE (day, line->schedule_line.days)
            if (names_day(day, number)) found = line;
    return found && !found->schedule_line.closed ? found : NULL;
}

static void hours_of(const struct node *hours, int64_t day, int64_t *from, int64_t *to)
{
    *from = day * DAY_US + hours->range.from->clock.us;
    *to = day * DAY_US + hours->range.to->clock.us;
    if (*to <= *from) *to += DAY_US;
}

/* Outside what a calendar has it is never open. */
static bool far_away(int64_t us)
{
    return us < -1000000 * DAY_US || us > 10000000 * DAY_US;
}

static bool is_open(const struct node *schedule, int64_t us)
{
    if (far_away(us)) return false;
    int64_t today = evaluate_days(us), from, to;
    for (int64_t day = today - 1; day <= today; day++) {
        const struct node *line = line_of(schedule, day);
        if (!line) continue;
        EACH_NODE (hours, line->schedule_line.hours) {
            hours_of(hours, day, &from, &to);
            if (from <= us && us < to) return true;
        }
    }
    return false;
}

static int by_number(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

struct hours_search { /* a schedule by a zone's clocks, and the moments at which it may open or close, ascending */
    struct evaluator *e;
    const struct node *schedule;
    const char *zone;
    int64_t *edges;
    size_t count;
};

static void add_edge(struct hours_search *search, int64_t us)
{
    if (search->count == EDGES_MAX) evaluate_unknown(search->e, "too many hours");
    search->edges[search->count++] = us;
}

static int64_t offset_of(const struct hours_search *search, int64_t us)
{
    return evaluate_wall(search->e, us, search->zone) - us;
}

/* Each moment at which the clocks show that. */
static void add_shown(struct hours_search *search, int64_t wall)
{
    int64_t before = wall - offset_of(search, wall - DAY_US), after = wall - offset_of(search, wall + DAY_US);
    if (evaluate_wall(search->e, before, search->zone) == wall) add_edge(search, before);
    if (after != before && evaluate_wall(search->e, after, search->zone) == wall) add_edge(search, after);
}

/* When the clocks are set, within the day before. */
static void add_change(struct hours_search *search, int64_t until)
{
    int64_t from = until - DAY_US, offset = offset_of(search, from);
    if (offset_of(search, until) == offset) return;
    while (until - from > 1) {
        int64_t middle = from + (until - from) / 2;
        if (offset_of(search, middle) == offset)
            from = middle;
        else
            until = middle;
    }
    add_edge(search, until);
}

static void find_edges(struct hours_search *search, int64_t us, int64_t days)
{
    evaluate_work(search->e, (size_t)days);
    for (int64_t day = evaluate_days(us) - 2; day <= evaluate_days(us) + days + 1; day++) {
        const struct node *line = line_of(search->schedule, day);
        int64_t from, to;
        add_change(search, day * DAY_US);
        if (!line) continue;
        EACH_NODE (hours, line->schedule_line.hours) {
            hours_of(hours, day, &from, &to);
            add_shown(search, from);
            add_shown(search, to);
        }
    }
    qsort(search->edges, search->count, sizeof *search->edges, by_number);
}

static bool is_open_at(const struct hours_search *search, int64_t us)
{
    return is_open(search->schedule, evaluate_wall(search->e, us, search->zone));
}

static bool find_next(const struct hours_search *search, int64_t us, bool opens, int64_t *at)
{
    for (size_t i = 0; i < search->count; i++) {
        *at = search->edges[i];
        if (*at <= us) continue;
        if (is_open_at(search, *at) == opens && is_open_at(search, *at - 1) != opens)
            return *at <= us + NEXT_DAYS * DAY_US;
    }
    return false;
}

static bool find_added(const struct hours_search *search, int64_t us, int64_t duration, int64_t *at)
{
    int64_t last = us + ADD_DAYS * DAY_US;
    if (duration < 0) return false;
    for (size_t i = 0; i < search->count; i++) {
        int64_t edge = search->edges[i];
        if (edge <= us) continue;
        bool open = is_open_at(search, us);
        if (open && duration <= edge - us) {
            *at = us + duration;
            return *at <= last;
        }
        if (open) duration -= edge - us;
        us = edge;
    }
    return false;
}

static int64_t sum_between(const struct hours_search *search, int64_t from, int64_t to)
{
    int64_t sum = 0;
    if (to > from + ADD_DAYS * DAY_US) to = from + ADD_DAYS * DAY_US;
    for (size_t i = 0; i < search->count && from < to; i++) {
        if (search->edges[i] <= from) continue;
        int64_t end = search->edges[i] < to ? search->edges[i] : to;
        if (is_open_at(search, from)) sum += end - from;
        from = end;
    }
    return sum;
}

bool evaluate_is_open(struct evaluator *e, const struct node *schedule, int64_t us)
{
    const struct symbol *symbol = schedule->meaning;
    return is_open(symbol->node, evaluate_wall(e, us, symbol->node->schedule.zone.text));
}

const struct value *evaluate_schedule(struct evaluator *e, const struct node *node, const struct call_use *use)
{
    const struct symbol *symbol = node->call.callee->member.object->meaning;
    const struct node *schedule = symbol->node;
    int64_t first = use->arguments[0] ? evaluate_expr(e, use->arguments[0])->number : world_now_us, second = 0, at = 0;
    if (use->arguments[1]) second = evaluate_expr(e, use->arguments[1])->number;
    if (use->asks == ASKS_OPEN || use->asks == ASKS_CLOSED)
        return value_number(e, is_open(schedule, evaluate_wall(e, first, use->zone)) == (use->asks == ASKS_OPEN));
    struct hours_search search = {.e = e, .schedule = schedule, .zone = use->zone};
    search.edges = arena_alloc(e->arena, EDGES_MAX * sizeof *search.edges);
    if (use->asks == ASKS_BETWEEN) {
        int64_t from = first < second ? first : second, to = first < second ? second : first;
        if (far_away(from) || far_away(to)) return value_number(e, 0);
        find_edges(&search, from, ADD_DAYS);
        int64_t sum = sum_between(&search, from, to);
        return value_number(e, first <= second ? sum : -sum);
    }
    bool adds = use->asks == ASKS_ADD;
    if (far_away(first)) return value_none_of(e);
    find_edges(&search, first, adds ? ADD_DAYS : NEXT_DAYS);
    bool found =
        adds ? find_added(&search, first, second, &at) : find_next(&search, first, use->asks == ASKS_OPENS, &at);
    return found ? value_number(e, at) : value_none_of(e);
}

/* Chance: a function of the router's seed (0 here), the interaction (1) and how often it was asked. */
int64_t evaluate_drawn(struct evaluator *e)
{
    const uint64_t step = 0x9e3779b97f4a7c15;
    return (int64_t)((world_mixed(world_mixed(step) + step * ++e->draws) >> 32) * (uint64_t)WHOLE >> 32);
}

/* The data that came with the call */

static const struct value *datum_of(struct evaluator *e, const struct datum *datum)
{
    static const enum lang_type kinds[] = {
        [DATUM_NONE] = LANG_VOID, [DATUM_INT] = LANG_INT,     [DATUM_TEXT] = LANG_STR,  [DATUM_BINARY] = LANG_VOID,
        [DATUM_LIST] = LANG_MAP,  [DATUM_FLOAT] = LANG_FLOAT, [DATUM_BOOL] = LANG_BOOL, [DATUM_TIME] = LANG_TIME};
    struct value *box = ARENA_NEW(e->arena, struct value);
    const struct value **in = ARENA_ARRAY(e->arena, const struct value *, 1);
    *box = (struct value){.worth = WORTH_BOX, .items = in, .count = 1, .boxed = kinds[datum->tag]};
    if (datum->tag == DATUM_LIST) {
        struct value *list = ARENA_NEW(e->arena, struct value);
        const struct value **items = ARENA_ARRAY(e->arena, const struct value *, datum->count + 1);
        const struct value **keys = ARENA_ARRAY(e->arena, const struct value *, datum->count + 1);
        for (unsigned i = 0; i < datum->count; i++) {
            keys[i] = value_bytes(e, datum->items[i].key, strlen(datum->items[i].key));
            items[i] = datum_of(e, &datum->items[i]);
        }
        *list =
            (struct value){.worth = WORTH_PAIRS, .items = items, .keys = keys, .count = datum->count, .datum = datum};
        in[0] = list;
    } else if (datum->tag == DATUM_FLOAT) {
        in[0] = value_real(e, datum->real);
    } else if (datum->tag == DATUM_TEXT) {
        in[0] = value_bytes(e, datum->text, strlen(datum->text));
    } else {
        in[0] = value_number(e, datum->number);
    }
    return box;
}

void evaluate_bring_data(struct evaluator *e)
{
    unsigned count;
    const struct datum *data = world_data(&count);
    for (unsigned i = 0; i < count; i++) {
        e->data_keys[i] = value_bytes(e, data[i].key, strlen(data[i].key));
        e->data[i] = datum_of(e, &data[i]);
    }
    e->data_count = count;
}

/* v[k]: the first of the pairs of that name. */
const struct value *evaluate_walk(struct evaluator *e, const struct value *box, const struct value *key)
{
    const struct value *pairs = box->worth == WORTH_BOX ? box->items[0] : box;
    if (box->worth != WORTH_BOX || pairs->worth != WORTH_PAIRS || key->worth != WORTH_TEXT) return value_none_of(e);
    for (size_t i = 0; i < pairs->count; i++) {
        if (value_order(pairs->keys[i], key) != 0) continue;
        return pairs->items[i]->boxed == LANG_VOID ? value_none_of(e) : pairs->items[i];
    }
    return value_none_of(e);
}

const struct value *evaluate_pairs(struct evaluator *e, const struct value *box, bool map)
{
    const struct value *pairs = box->worth == WORTH_BOX ? box->items[0] : box;
    if (box->worth != WORTH_BOX || pairs->worth != WORTH_PAIRS) return value_none_of(e);
    if (!map) return value_of_items(e, WORTH_LIST, pairs->items, pairs->count);
    const struct value *made = value_of_items(e, WORTH_MAP, NULL, 0);
    for (size_t i = pairs->count; i > 0; i--) made = evaluate_map_set(e, made, pairs->keys[i - 1], pairs->items[i - 1]);
    return made;
}

/* Counters */

static const struct symbol *counter_of(struct evaluator *e, const struct node *node, const struct value **key)
{
    bool keyed = node->kind == NODE_INDEX;
    *key = keyed ? evaluate_expr(e, node->index.index) : NULL;
    return keyed ? node->index.object->meaning : node->meaning;
}

const struct value *evaluate_counted(struct evaluator *e, const struct node *node)
{
    const struct value *key;
    const struct symbol *symbol = counter_of(e, node, &key);
    int64_t count = 0;
    for (const struct tally *tally = e->tallies; tally; tally = tally->next)
        if (!strcmp(tally->name, symbol->name))
            count += !key || !key->length || (tally->key && value_order(tally->key, key) == 0);
    return value_number(e, count);
}

/* So long; or, negative, since when: the clocks of the site's zone showed that last today, or yesterday. */
static int64_t window_of(struct evaluator *e, const struct node *window)
{
    if (!window->window.since) return window->window.value->duration.us;
    int64_t wall = evaluate_wall(e, world_now_us, "Europe/Paris"), since = window->window.value->clock.us;
    int64_t days = evaluate_days(wall) - (evaluate_clock(wall) < since);
    return -evaluate_instant(e, days * DAY_US + since, "Europe/Paris");
}

void evaluate_count(struct evaluator *e, const struct node *counter)
{
    const struct value *key;
    const struct symbol *symbol = counter_of(e, counter, &key);
    const struct node *window = symbol->node->counter.window;
    struct tally *tally = ARENA_NEW(e->arena, struct tally);
    *tally = (struct tally){symbol->name, evaluate_seen(e, key, "a key of a counter"), e->tallies};
    e->tallies = tally;
    const struct node *keys = symbol->node->counter.keys;
    fprintf(e->trace, "count %s %lld %lld ", symbol->name, window ? (long long)window_of(e, window) : 0,
            keys ? (long long)keys->integer.value : 0);
    evaluate_dump(e->trace, key ? key : value_bytes(e, "", 0));
    fputc('\n', e->trace);
}

/* Answers */

const struct value *evaluate_made(struct evaluator *e, const struct type *type, struct stream *stream)
{
    const struct value *items[10];
    if (type_is_option(type) && world_below(stream, 4) == 0) return value_none_of(e);
    type = type_bare(type);
    const char *text;
    switch (type->kind) {
    case LANG_STR:
        text = world_text(stream);
        return value_bytes(e, text, strlen(text));
    case LANG_BOOL:
        return value_number(e, world_below(stream, 2));
    case LANG_CLOCK:
        return value_number(e, (int64_t)world_below(stream, 86400) * 1000000);
    case LANG_FLOAT:
        return value_real(e, world_real(stream));
    case LANG_RECORD:
        for (uint32_t i = 0; i < type->record->count; i++)
            items[i] = evaluate_made(e, type->record->fields[i].type, stream);
        return value_of_items(e, WORTH_RECORD, items, type->record->count);
    case LANG_LIST: {
        unsigned count = world_below(stream, 3);
        for (unsigned i = 0; i < count; i++) items[i] = evaluate_made(e, type->of, stream);
        return value_of_items(e, WORTH_LIST, items, count);
    }
    default:
        return value_number(e, world_number(stream));
    }
}
