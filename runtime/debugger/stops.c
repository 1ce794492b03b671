/* runtime/debugger/stops.c - Parses, stores and checks breakpoints.
 *
 *     kind        it is met                                      its name is
 *     LINE        before the first instruction of the line       the file
 *     FUNCTION    before the first instruction of the function   the function or strategy
 *     STEP, EXIT  when a step begins, or fails                   the step, or the code
 *     EVENT       at a line of the timeline                      the line's first word
 *     CHANGE      when a value is another one than before        the key, attribute or variable
 *     AGENT       when an agent has another state than before    the agent
 *     TIME        at a time of the play, also where nothing      as it is written: 20s
 *                 happens
 *
 * When a breakpoint is reached, first its condition is checked, then its log text is printed, if any (the play
 * continues), then its ignore count. A silent play that looks for a moment to go back to (look_back) changes none of
 * these counts: it only asks whether the play would stop.
 *
 * A place in code is one word, function << 16 | pc; a running gcxvm gets the places to stop at as these words. */
#include "runtime/debugger/stops_row.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/expression.h"
#include "runtime/debugger/show.h"
#include "base/memory.h"
#include "base/written.h"
#include "runtime/vocabulary/message.h"
#include "base/near.h"
#include "base/shown.h"
#include "base/why.h"
#include "vm/opcode.h"

#define QUERY "query" /* a breakpoint at any query, be it `query first`, `query rows` ... */

/* ---- names ---- */

static bool breakpoint_is_called(struct text text, const char *name)
{
    return text.length == strlen(name) && memcmp(text.bytes, name, text.length) == 0;
}

/* Writes the agent's state as a word; false: there is no such agent, or none yet. */
static bool agent_state(struct debugger *d, const char *name, char *text, size_t size)
{
    struct agent_row row;
    uint32_t index;
    bool is = d->core && core_agent_named(d->core, span_of(name), &index) && core_agent(d->core, index, &row);
    if (is) (void)snprintf(text, size, "%s", enum_name_agent_state(row.state));
    return is;
}

/* ---- where code begins ---- */

static bool is_file(struct text path, const char *name)
{
    size_t length = strlen(name);
    if (length > path.length || memcmp(path.bytes + path.length - length, name, length) != 0) return false;
    return length == path.length || path.bytes[path.length - length - 1] == '/';
}

/* Finds the first line from `line` on at which code begins. */
static bool find_line(const struct image *image, const char *file, uint32_t *line)
{
    uint32_t best = UINT32_MAX, function, pc;
    struct image_place at;
    for (uint32_t i = 0; image_place_at(image, i, &function, &pc, &at); i++)
        if (is_file(at.file, file) && at.line >= *line && at.line < best) best = at.line;
    if (best != UINT32_MAX) *line = best;
    return best != UINT32_MAX;
}

static bool find_function(const struct image *image, const char *name, uint32_t *function, uint32_t *line)
{
    for (uint32_t i = 0; i < image_count(image, SECTION_FUNCTIONS); i++) {
        struct text text = image_text(image, image_function(image, i)->name);
        struct image_place at;
        if (!breakpoint_is_called(text, name)) continue;
        if (!image_place(image, i, 0, &at)) continue;
        *function = i;
        *line = at.line;
        return true;
    }
    return false;
}

/* ---- reading ---- */

static struct breakpoint *breakpoint_add(struct debugger *d, const struct breakpoint *one)
{
    assert(one->number == 0); /* a breakpoint gets its number here, once */
    d->breakpoints = memory_grown(d->breakpoints, d->breakpoint_count + 1, sizeof *d->breakpoints);
    struct breakpoint *added = &d->breakpoints[d->breakpoint_count++];
    *added = *one;
    added->number = ++d->breakpoint_number;
    return added;
}

void stops_describe(const struct breakpoint *one, char *text, size_t size)
{
    static const char *const words[] = {"", "", "step ", "exit", "event ", "change of ", "agent ", "at "};
    const char *more = one->kind == AT_EXIT && *one->name ? " " : "";
    int length = one->kind == AT_LINE ? snprintf(text, size, "%s:%" PRIu32, one->name, one->line)
                                      : snprintf(text, size, "%s%s%s%s%s", words[one->kind], more, one->name,
                                                 *one->wanted ? " " : "", one->wanted);
    if (one->condition[0] && (size_t)length < size)
        (void)snprintf(text + length, size - (size_t)length, " if %s", one->condition);
}

static void breakpoint_told(const struct breakpoint *one)
{
    char text[3 * STOP_NAME_BYTES];
    stops_describe(one, text, sizeof text);
    shown_print(stdout, "Breakpoint %u: %s\n", one->number, text);
}

/* ---- at which places a breakpoint may stop ---- */

static bool breakpoint_is_step(const struct breakpoint *one, const char *step)
{
    if (strcmp(one->name, QUERY) == 0) return strncmp(step, QUERY, strlen(QUERY)) == 0;
    return strcmp(one->name, step) == 0;
}

struct places {
    uint32_t *all;
    size_t count, room;
};

static void put_place(struct places *places, uint32_t function, uint32_t pc)
{
    assert(pc <= UINT16_MAX && function <= UINT16_MAX); /* a place must fit into one word */
    if (places->count++ < places->room) places->all[places->count - 1] = function << 16 | pc;
}

static void line_places(const struct image *image, const struct breakpoint *one, struct places *places)
{
    struct image_place at;
    uint32_t function, pc;
    for (uint32_t n = 0; image_place_at(image, n, &function, &pc, &at); n++) {
        bool meant = one->kind == AT_LINE ? is_file(at.file, one->name) : function == one->function;
        if (meant && at.line == one->line) put_place(places, function, pc);
    }
}

static void step_places(const struct image *image, const struct breakpoint *one, struct places *places)
{
    for (uint32_t n = 0; n < image_count(image, SECTION_WAITS); n++) {
        const struct image_wait *wait = image_wait(image, n);
        if (wait->step != 0 && breakpoint_is_step(one, step_numbered(wait->step)->name))
            put_place(places, wait->function, wait->pc);
    }
}

static void all_places(const struct image *image, struct places *places)
{
    struct image_place at;
    uint32_t function, pc;
    for (uint32_t n = 0; image_place_at(image, n, &function, &pc, &at); n++) put_place(places, function, pc);
}

/* Collects the places of all steps, as any step may fail: a condition at an exit must compile at all of them. */
static void failing_places(const struct image *image, struct places *places)
{
    for (uint32_t n = 0; n < image_count(image, SECTION_WAITS); n++)
        if (image_wait(image, n)->step != 0)
            put_place(places, image_wait(image, n)->function, image_wait(image, n)->pc);
}

/* Is the breakpoint's condition valid at all places where it may stop? At an event, nothing of a strategy is known. */
bool stops_good(const struct debugger *d, const struct breakpoint *one, char *why, size_t size)
{
    struct places places = {NULL, 0, 0};
    bool good = true;
    if (!one->condition[0]) return true;
    struct text asks = expression_asks(d->program, one->condition);
    if ((one->kind == AT_EVENT || one->kind == AT_TIME) && asks.length > 0)
        return why_set(why, size, "no strategy runs at an event or a time, and %.*s has no value there",
                       (int)asks.length, asks.bytes);
    for (unsigned pass = 0; pass < 2; pass++) { /* counts, then notes */
        if (pass == 1) places = (struct places){calloc(places.count + 1, sizeof *places.all), 0, places.count};
        if (pass == 1 && !places.all) abort();
        if (one->kind == AT_LINE || one->kind == AT_FUNCTION) line_places(d->program, one, &places);
        if (one->kind == AT_STEP) step_places(d->program, one, &places);
        if (one->kind == AT_EXIT) failing_places(d->program, &places);
        if (one->kind == AT_CHANGE || one->kind == AT_AGENT) all_places(d->program, &places);
    }
    assert(places.count <= places.room); /* both passes over the code found the same places */
    good = condition_good(d, one->condition, places.all, places.count, why, size);
    free(places.all);
    return good;
}

/* Adds the breakpoint, or prints what is wrong with its condition. */
static bool add_good(struct debugger *d, const struct breakpoint *one)
{
    char why[2 * STOP_NAME_BYTES] = "";
    bool good = stops_good(d, one, why, sizeof why);
    if (good)
        breakpoint_told(breakpoint_add(d, one));
    else
        shown_print(stdout, "%s: %s.\n", one->condition, why);
    return good;
}

static void set_log(struct breakpoint *one, const char *text)
{
    assert(one && text);
    (void)snprintf(one->log, sizeof one->log, "%s", text);
}

/* Finds the file meant by a line number alone: the file of the present place, else that of the first strategy. */
static void usual_file(const struct debugger *d, const struct image *image, char *name, size_t size)
{
    uint32_t function = image_strategy(image, 0)->function, pc = 0;
    struct image_place at = {{"", 0}, 0, 0};
    if (!debugger_frame(d, &function, &pc, &at)) (void)image_place(image, function, 0, &at);
    uint32_t skip = at.file.length;
    while (skip > 0 && at.file.bytes[skip - 1] != '/') skip--;
    (void)snprintf(name, size, "%.*s", (int)(at.file.length - skip), at.file.bytes + skip);
}

/* `FILE:LINE` or `LINE`. False: it is neither. */
static bool breakpoint_read_line(const struct debugger *d, const struct image *image, const char *where,
                                 struct breakpoint *one)
{
    const char *colon = strrchr(where, ':'), *digits = colon ? colon + 1 : where;
    char *end;
    if (!isdigit((unsigned char)*digits)) return false;
    unsigned long line = strtoul(digits, &end, 10);
    if (*end) return false;
    usual_file(d, image, one->name, sizeof one->name);
    if (colon) (void)snprintf(one->name, sizeof one->name, "%.*s", (int)(colon - where), where);
    one->kind = AT_LINE;
    one->line = line > UINT32_MAX ? UINT32_MAX : (uint32_t)line;
    return true;
}

bool stops_find(const struct debugger *d, const char *where, char *file, size_t size, uint32_t *line)
{
    struct breakpoint one = {.kind = AT_LINE};
    struct image_place at = {{"", 0}, 0, 0};
    uint32_t function;
    struct text source;
    bool found = breakpoint_read_line(d, d->program, where, &one);
    *line = one.line;
    for (uint32_t i = 0; found && image_source(d->program, i, &source); i++)
        if (is_file(source, one.name)) at.file = source;
    if (!found && find_function(d->program, where, &function, line)) (void)image_place(d->program, function, 0, &at);
    (void)snprintf(file, size, "%.*s", (int)at.file.length, at.file.bytes);
    return at.file.length > 0 && *line > 0;
}

static bool after_word(const char *text, const char *word, const char **rest)
{
    size_t length = strlen(word);
    if (strncmp(text, word, length) != 0 || text[length] != ' ') return false;
    *rest = text + length + strspn(text + length, " ");
    return true;
}

/* The name that was given for an event, and the existing name most similar to it. */
struct wanted_event {
    const char *name;
    char near[STOP_NAME_BYTES];
    uint32_t distance;
};

static void on_event_name(void *self, const char *name)
{
    struct wanted_event *wanted = self;
    if (near_is_nearer(wanted->name, name, &wanted->distance))
        (void)snprintf(wanted->near, sizeof wanted->near, "%s", name);
}

/* Is this the first word of some line in the timeline: a message, or what callers, agents and tests do? If it is
 * not, prints what is wrong and returns false. */
static bool is_event(const char *name)
{
    static const char *const acts[] = {"Accepts", "Arrives", "Change",   "Consults", "Declines",
                                       "Fault",   "HangsUp", "IsRung",   "Keys",     "Over",
                                       "Refused", "Select",  "SetState", "Speaks",   "Transfers"};
    struct wanted_event wanted = {.name = name, .distance = UINT32_MAX};
    message_names(on_event_name, &wanted);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) on_event_name(&wanted, acts[i]);
    if (wanted.distance == 0) return true;
    shown_print(stdout, "There is no event '%s'", name);
    if (wanted.distance != UINT32_MAX)
        printf("; did you mean '%s'?\n", wanted.near);
    else
        puts("; timeline shows their names.");
    return false;
}

void stops_log(struct debugger *d, const char *text)
{
    char where[2 * STOP_NAME_BYTES];
    size_t before = d->breakpoint_count;
    const char *comma = strchr(text, ',');
    if (!comma) {
        puts("What is to be told? Write dprintf WHERE, TEXT, with expressions in braces.");
        return;
    }
    (void)snprintf(where, sizeof where, "%.*s", (int)(comma - text), text);
    stops_add(d, where, false);
    if (d->breakpoint_count > before) set_log(&d->breakpoints[before], comma + 1 + strspn(comma + 1, " "));
}

/* `agent NAME [STATE]`. False: a message says what is wrong. */
static bool read_agent(struct debugger *d, const char *text, struct breakpoint *one)
{
    char state[STOP_NAME_BYTES] = "";
    (void)sscanf(text, "%255s %255s", one->name, state);
    one->kind = AT_AGENT;
    if (*state && enum_value_agent_state(state, (uint32_t)strlen(state)) < 0) {
        shown_print(stdout, "No agent's state is called '%s'; those are", state);
        for (unsigned i = 1; strcmp(enum_name_agent_state(i), "unknown") != 0; i++)
            printf("%s %s", i == 1 ? "" : ",", enum_name_agent_state(i));
        puts(".");
        return false;
    }
    (void)snprintf(one->wanted, sizeof one->wanted, "%s", state);
    one->known = agent_state(d, one->name, one->value, sizeof one->value);
    return true;
}

/* Reads `at 20s`. False: a message says what is wrong. */
static bool read_time(const struct debugger *d, const char *text, struct breakpoint *one)
{
    int64_t us;
    one->kind = AT_TIME;
    one->at_us = written_duration(text, strlen(text), &us) && us > 0 ? (uint64_t)us : 0;
    (void)snprintf(one->name, sizeof one->name, "%s", text);
    if (d->past)
        puts("A time is for a test; in a journal, gcxdb replay JOURNAL 20s begins there.");
    else if (one->at_us == 0)
        shown_print(stdout, "'%s' is no time of the play; write 20s, 1m30s or 500ms.\n", text);
    return !d->past && one->at_us != 0;
}

/* Reads `key NAME`, `key NAME == VALUE`, or either with a condition, as after `watch`. */
static void watch_key(struct debugger *d, const char *text, const struct breakpoint *terms)
{
    char line[3 * STOP_NAME_BYTES];
    size_t length = strcspn(text, " =");
    const char *value = strchr(text + length, '=');
    if (value && !terms->condition[0])
        (void)snprintf(line, sizeof line, "%.*s if %.*s == %s", (int)length, text, (int)length, text,
                       value + strspn(value, "= "));
    else
        (void)snprintf(line, sizeof line, "%s%s%s", text, terms->condition[0] ? " if " : "", terms->condition);
    stops_watch(d, line, terms->once);
}

/* Reads the text after `break` or `tbreak`, and adds the breakpoint if it is valid and its condition is. */
void stops_add(struct debugger *d, const char *text, bool once)
{
    const struct image *image = d->program;
    struct breakpoint one = {.once = once};
    char where[STOP_NAME_BYTES];
    const char *rest, *condition = strstr(text, " if ");
    (void)snprintf(where, sizeof where, "%.*s", condition ? (int)(condition - text) : (int)strlen(text), text);
    if (condition)
        (void)snprintf(one.condition, sizeof one.condition, "%s", condition + 4 + strspn(condition + 4, " "));
    if (after_word(where, "agent", &rest)) {
        if (!read_agent(d, rest, &one)) return;
    } else if (after_word(where, "at", &rest)) {
        if (!read_time(d, rest, &one)) return;
    } else if (after_word(where, "key", &rest)) {
        watch_key(d, rest, &one);
        return;
    } else if (strcmp(where, "exit") == 0) {
        one.kind = AT_EXIT;
    } else if (after_word(where, "step", &rest) || after_word(where, "exit", &rest) ||
               after_word(where, "event", &rest)) {
        one.kind = where[0] == 's' ? AT_STEP : where[1] == 'x' ? AT_EXIT : AT_EVENT;
        (void)snprintf(one.name, sizeof one.name, "%s", rest);
        if (one.kind == AT_EXIT && enum_value_code(rest, (uint32_t)strlen(rest)) < 0) {
            shown_print(stdout, "No step fails with '%s'.\n", rest);
            return;
        }
        if (one.kind == AT_EVENT && !is_event(rest)) return;
        if (one.kind == AT_STEP && strcmp(rest, QUERY) != 0 && !step_named(rest, (uint32_t)strlen(rest))) {
            shown_print(stdout, "There is no step '%s'.\n", rest);
            return;
        }
    } else if (!*where && d->place.interaction != 0) {
        one.kind = AT_LINE;
        usual_file(d, image, one.name, sizeof one.name);
        one.line = d->place.at.line;
    } else if (breakpoint_read_line(d, image, where, &one)) {
        if (!find_line(image, one.name, &one.line)) {
            shown_print(stdout, "Nothing begins at line %" PRIu32 " of %s, or behind it.\n", one.line, one.name);
            return;
        }
    } else if (find_function(image, where, &one.function, &one.line)) {
        one.kind = AT_FUNCTION;
        (void)snprintf(one.name, sizeof one.name, "%s", where);
    } else {
        shown_print(stdout, "'%s' is no line, function or strategy of this program; see help break.\n", where);
        return;
    }
    if (add_good(d, &one) && one.kind == AT_AGENT && !one.known)
        shown_print(stdout, "There is no agent '%s' so far.\n", one.name);
}

/* Has the program an attribute, a key or a variable of the given name? */
static bool in_program(const struct image *image, const char *name)
{
    struct text text;
    if (attribute_named(name, (uint32_t)strlen(name))) return true;
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        const struct image_strategy *strategy = image_strategy(image, i);
        for (uint32_t slot = 0; slot < image_slot_count(strategy); slot++)
            if (breakpoint_is_called(image_text(image, image_slot(image, strategy, slot)->name), name)) return true;
    }
    for (uint32_t i = 0; image_variable_at(image, i, &text); i++)
        if (breakpoint_is_called(text, name)) return true;
    return false;
}

/* Reads the text after `watch`: a name, perhaps with a condition. */
void stops_watch(struct debugger *d, const char *text, bool once)
{
    struct breakpoint one = {.kind = AT_CHANGE, .once = once};
    const char *condition = strstr(text, " if ");
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (length == 0 || length >= sizeof one.name || (text[length] && text + length != condition)) {
        shown_print(stdout, "A key, an attribute or a variable can be watched, by its name; '%s' is none.\n", text);
        return;
    }
    (void)snprintf(one.name, sizeof one.name, "%.*s", (int)length, text);
    if (condition)
        (void)snprintf(one.condition, sizeof one.condition, "%s", condition + 4 + strspn(condition + 4, " "));
    one.known = d->place.interaction != 0 && show_named(d, one.name, one.value, sizeof one.value);
    if (add_good(d, &one) && !one.known && !in_program(d->program, one.name))
        shown_print(stdout, "Nothing in this program is called '%s': only user data could be.\n", one.name);
}

void stops_take_away(struct debugger *d, size_t index)
{
    assert(index < d->breakpoint_count);
    free(d->breakpoints[index].commands);
    d->breakpoint_count--;
    memmove(&d->breakpoints[index], &d->breakpoints[index + 1], (d->breakpoint_count - index) * sizeof *d->breakpoints);
}

bool stops_add_line(struct debugger *d, const char *file, uint32_t *line, const struct stop_terms *terms, char *why,
                    size_t size)
{
    assert(terms->condition && terms->log);
    struct breakpoint one = {.kind = AT_LINE};
    if (!find_line(d->program, file, line)) return why_set(why, size, "Nothing begins at this line, or behind it");
    (void)snprintf(one.name, sizeof one.name, "%s", file);
    (void)snprintf(one.condition, sizeof one.condition, "%s", terms->condition);
    set_log(&one, terms->log);
    one.ignored = terms->ignored;
    one.line = *line;
    bool good = stops_good(d, &one, why, size);
    if (good) (void)breakpoint_add(d, &one);
    return good;
}

void stops_delete_lines(struct debugger *d, const char *file)
{
    for (size_t i = d->breakpoint_count; i-- > 0;)
        if (d->breakpoints[i].kind == AT_LINE && strcmp(d->breakpoints[i].name, file) == 0) stops_take_away(d, i);
}

void stops_delete_kind(struct debugger *d, enum break_kind kind)
{
    for (size_t i = d->breakpoint_count; i-- > 0;)
        if (d->breakpoints[i].kind == kind) stops_take_away(d, i);
}

/* ---- meeting ---- */

/* Has the watched expression another value than at the moment before? If its value cannot be read now, the last
 * value is kept. */
static bool breakpoint_changed(struct debugger *d, struct breakpoint *one, char *why, size_t size)
{
    char now[STOP_VALUE_BYTES];
    if (!show_named(d, one->name, now, sizeof now)) return false;
    bool is = one->known && strcmp(now, one->value) != 0;
    if (is) (void)snprintf(why, size, "Breakpoint %u: %s was %s, is %s", one->number, one->name, one->value, now);
    (void)snprintf(one->value, sizeof one->value, "%s", now);
    one->known = true;
    return is;
}

/* Has the agent's state changed since the moment before, and to the wanted state? */
static bool has_state(struct debugger *d, struct breakpoint *one, char *why, size_t size)
{
    char now[STOP_VALUE_BYTES];
    if (!agent_state(d, one->name, now, sizeof now)) return false;
    bool is = (!one->known || strcmp(now, one->value) != 0) && (!*one->wanted || strcmp(now, one->wanted) == 0);
    if (is && one->known)
        (void)snprintf(why, size, "Breakpoint %u: agent %s was %s, is %s", one->number, one->name, one->value, now);
    else if (is)
        (void)snprintf(why, size, "Breakpoint %u: agent %s is %s", one->number, one->name, now);
    (void)snprintf(one->value, sizeof one->value, "%s", now);
    one->known = true;
    return is;
}

/* Is the play at the breakpoint's place? `what` NULL: at a line of code; else a step or an event. */
static bool breakpoint_meets(struct debugger *d, struct breakpoint *one, const struct happens *what)
{
    const struct fiber_place *place = &d->place;
    if (what) {
        static const enum break_kind kinds[] = {
            [HAPPENS_STEP] = AT_STEP, [HAPPENS_EXIT] = AT_EXIT, [HAPPENS_EVENT] = AT_EVENT, [HAPPENS_TIME] = AT_TIME};
        if (one->kind != kinds[what->what]) return false;
        if (one->kind == AT_TIME) return one->at_us == d->now_us;
        return one->kind == AT_STEP ? breakpoint_is_step(one, what->name)
                                    : !*one->name || strcmp(one->name, what->name) == 0;
    }
    if (one->kind == AT_LINE) return place->at.line == one->line && is_file(place->at.file, one->name);
    return one->kind == AT_FUNCTION && place->function == one->function && place->at.line == one->line;
}

/* Writes the log's text to standard output, with the values of the expressions in its braces. */
static void tell_log(struct debugger *d, const char *text)
{
    char expression[STOP_NAME_BYTES], value[4 * STOP_VALUE_BYTES];
    for (;;) {
        size_t plain = strcspn(text, "{"), inner = strcspn(text + plain, "}");
        shown_print(stdout, "%.*s", (int)plain, text);
        text += plain;
        if (*text == '\0') break;
        (void)snprintf(expression, sizeof expression, "%.*s", (int)inner - 1, text + 1);
        if (!show_named(d, expression, value, sizeof value) && !expression_show(d, expression, value, sizeof value))
            (void)snprintf(value, sizeof value, "(%s)", expression);
        shown_print(stdout, "%s", value);
        text += text[inner] == '}' ? inner + 1 : inner;
    }
    putchar('\n');
}

/* Does the condition hold? A condition that cannot be computed counts as true, and `trouble` says why. */
static bool breakpoint_holds(struct debugger *d, const struct breakpoint *one, char *trouble, size_t size)
{
    bool yes = true;
    if (one->condition[0] && !expression_holds(d, one->condition, &yes, trouble, size)) yes = true;
    return yes;
}

/* Does the breakpoint stop here? `line` gets the message that is shown when it stops. */
static bool breakpoint_stops(struct debugger *d, struct breakpoint *one, const struct happens *what, char *line,
                             size_t size)
{
    assert(size > 0 && *line == '\0');
    char trouble[STOP_NAME_BYTES] = "";
    bool silent = d->look_back > 0;
    bool met = one->kind == AT_CHANGE  ? d->place.interaction != 0 && breakpoint_changed(d, one, line, size)
               : one->kind == AT_AGENT ? has_state(d, one, line, size)
                                       : breakpoint_meets(d, one, what);
    if (!met || !breakpoint_holds(d, one, trouble, sizeof trouble)) return false;
    if (one->log[0]) {
        if (!silent) tell_log(d, one->log);
        return false;
    }
    if (one->ignored > 0 && !silent) {
        assert(!one->log[0]);
        one->ignored--;
        one->hits++;
        return false;
    }
    if (one->kind != AT_CHANGE && one->kind != AT_AGENT)
        (void)snprintf(line, size, "Breakpoint %u%s%.100s", one->number, what ? ", " : "", what ? what->name : "");
    if (*trouble) shown_print(stdout, "Whether %s: %s\n", one->condition, trouble);
    return true;
}

static bool is_elsewhere(const struct breakpoint *one)
{
    return one->kind == AT_EVENT || one->kind == AT_AGENT;
}

/* Keeps the commands of a breakpoint that stops, for the prompt. */
static void stops_then(struct debugger *d, const char *commands)
{
    if (!commands) return;
    size_t before = d->then ? strlen(d->then) : 0, more = strlen(commands) + 1;
    d->then = memory_grown(d->then, before + more, 1);
    memcpy(d->then + before, commands, more);
}

/* Checks all breakpoints, each of which may count how often it is reached, and writes into `why` those that stop
 * here. */
static bool breakpoint_hit(struct debugger *d, const struct happens *what, bool only_elsewhere, char *why, size_t size)
{
    bool hit = false;
    for (size_t i = 0; i < d->breakpoint_count; i++) {
        struct breakpoint *one = &d->breakpoints[i];
        char line[4 * STOP_VALUE_BYTES] = "";
        if (one->disabled || (only_elsewhere && !is_elsewhere(one))) continue;
        if (!breakpoint_stops(d, one, what, line, sizeof line)) continue;
        size_t length = strlen(why);
        assert(length < size);
        (void)snprintf(why + length, size - length, "%s%s", hit ? "\n" : "", line);
        hit = true;
        if (d->look_back > 0) continue;
        one->hits++;
        stops_then(d, one->commands);
        if (one->once) stops_take_away(d, i--);
    }
    return hit;
}

bool stops_hit(struct debugger *d, const struct happens *what, char *why, size_t size)
{
    return breakpoint_hit(d, what, false, why, size);
}

/* Returns the next time behind the present one for which there is a breakpoint; UINT64_MAX: none. */
static uint64_t stops_next_time(const struct debugger *d)
{
    uint64_t next_us = UINT64_MAX;
    for (size_t i = 0; i < d->breakpoint_count; i++) {
        const struct breakpoint *one = &d->breakpoints[i];
        if (one->disabled) continue;
        if (one->kind == AT_TIME && one->at_us > d->now_us && one->at_us < next_us) next_us = one->at_us;
    }
    return next_us;
}

bool stops_time(struct debugger *d, uint64_t last_us, char *why, size_t size)
{
    for (uint64_t at_us; (at_us = stops_next_time(d)) <= last_us && at_us != UINT64_MAX;) {
        d->now_us = at_us;
        d->place = (struct fiber_place){0};
        why[0] = '\0';
        if (breakpoint_hit(d, &(struct happens){HAPPENS_TIME, "the time has come"}, false, why, size)) return true;
    }
    return false;
}

bool stops_seen(struct debugger *d, const struct happens *what, char *why, size_t size)
{
    return breakpoint_hit(d, what, true, why, size);
}

/* ---- places ---- */

/* Collects the places where a strategy continues after a failing step: an `else`, or else the error handler. */
static void exit_places(const struct image *image, struct places *places)
{
    for (uint32_t n = 0; n < image_count(image, SECTION_WAITS); n++) {
        const struct image_wait *wait = image_wait(image, n);
        if (wait->failure != IMAGE_NONE) put_place(places, wait->function, wait->failure);
    }
    for (uint32_t n = 0; n < image_count(image, SECTION_STRATEGIES); n++)
        if (image_strategy(image, n)->on_error != IMAGE_NONE) put_place(places, image_strategy(image, n)->on_error, 0);
}

static bool is_slot(const struct image *image, uint32_t number, const char *name)
{
    for (uint32_t n = 0; n < image_count(image, SECTION_STRATEGIES); n++) {
        const struct image_strategy *strategy = image_strategy(image, n);
        if (number < image_slot_count(strategy) &&
            breakpoint_is_called(image_text(image, image_slot(image, strategy, number)->name), name))
            return true;
    }
    return false;
}

/* May the instruction set the key, variable or attribute of this name? `next`: position of the following
 * instruction. */
static bool stops_sets(const struct image *image, uint32_t function, uint32_t next, const uint32_t *code,
                       const char *name)
{
    const struct opcode_info *info = opcode_info(word_op(*code));
    const unsigned operands[] = {word_a(*code), word_b(*code), word_c(*code)};
    const struct attribute *attribute = attribute_named(name, (uint32_t)strlen(name));
    if (word_op(*code) == OP_SLOT_SET && is_slot(image, word_bc(*code), name)) return true;
    if (word_op(*code) == OP_SLOT_CLEAR && is_slot(image, word_abc(*code), name)) return true;
    if (word_op(*code) == OP_ATTRIBUTE_SET && attribute && word_bc(*code) == attribute->number) return true;
    for (unsigned i = 0; i < 3; i++)
        if (info->operand[i].role == ROLE_WRITE && operands[i] < image_function(image, function)->register_count &&
            breakpoint_is_called(image_variable(image, function, next, (uint8_t)operands[i]), name))
            return true;
    return false;
}

/* Collects the places after instructions that may change the watched name. */
static void change_places(const struct image *image, const struct breakpoint *one, struct places *places)
{
    for (uint32_t function = 0; function < image_count(image, SECTION_FUNCTIONS); function++) {
        const struct image_function *row = image_function(image, function);
        const uint32_t *code = image_code(image, row);
        for (uint32_t pc = 0, next; row->kind != FUNCTION_LEAF && pc < row->code_words; pc = next) {
            next = pc + opcode_layout_words(opcode_info(word_op(code[pc]))->layout);
            if (next < row->code_words && stops_sets(image, function, next, code + pc, one->name))
                put_place(places, function, next);
        }
    }
}

size_t stops_places(const struct debugger *d, uint32_t *all, size_t room, size_t *elsewhere)
{
    struct places places = {all, 0, room};
    *elsewhere = 0;
    for (size_t i = 0; i < d->breakpoint_count; i++) {
        const struct breakpoint *one = &d->breakpoints[i];
        if (one->disabled) continue;
        *elsewhere += is_elsewhere(one);
        if (one->kind == AT_LINE || one->kind == AT_FUNCTION) line_places(d->program, one, &places);
        if (one->kind == AT_STEP) step_places(d->program, one, &places);
        if (one->kind == AT_EXIT) exit_places(d->program, &places);
        if (one->kind == AT_CHANGE) change_places(d->program, one, &places);
    }
    return places.count;
}

void stops_begin(struct debugger *d)
{
    for (size_t i = 0; i < d->breakpoint_count; i++) d->breakpoints[i].known = false;
}

void stops_look(struct debugger *d)
{
    char ignored[4 * STOP_VALUE_BYTES];
    for (size_t i = 0; i < d->breakpoint_count; i++) {
        struct breakpoint *one = &d->breakpoints[i];
        if (one->kind == AT_CHANGE && d->place.interaction != 0)
            (void)breakpoint_changed(d, one, ignored, sizeof ignored);
        if (one->kind == AT_AGENT) (void)has_state(d, one, ignored, sizeof ignored);
    }
}

bool stops_change(const struct debugger *d)
{
    for (size_t i = 0; i < d->breakpoint_count; i++)
        if (d->breakpoints[i].kind == AT_CHANGE || d->breakpoints[i].kind == AT_AGENT) return true;
    return false;
}

void stops_free(struct debugger *d)
{
    for (size_t i = 0; i < d->breakpoint_count; i++) free(d->breakpoints[i].commands);
    free(d->breakpoints);
    free(d->then);
    d->breakpoints = NULL;
    d->then = NULL;
    d->breakpoint_count = 0;
}
