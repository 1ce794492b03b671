/* tests/differential/program.c - A random program: its site, types, functions and strategy. */
#include "config.h"
#include "tests/differential/program.h"

#include "tests/differential/natives.h"

#include <stdlib.h>
#include <string.h>

unsigned pick(struct program_maker *m, unsigned below)
{
    return (unsigned)input_below(m->in, below);
}

bool chance(struct program_maker *m, unsigned of)
{
    return pick(m, of) == of - 1 && of > 1;
}

/* Types */

static struct sort *add_sort(struct program_maker *m, enum base base, const struct sort *of)
{
    MUST(m->sort_count < SORTS_MAX);
    struct sort *sort = &m->sorts[m->sort_count];
    *sort = (struct sort){.base = base, .of = of, .number = m->sort_count, .depth = of ? of->depth + 1 : 0};
    m->sort_count++;
    return sort;
}

const struct sort *sort_of(struct program_maker *m, enum base base, const struct sort *of)
{
    for (unsigned i = 0; i < m->sort_count; i++)
        if (m->sorts[i].base == base && m->sorts[i].of == of) return &m->sorts[i];
    return NULL;
}

bool sort_has_skills(const struct sort *sort)
{
    if (sort->base == BASE_SKILL || (sort->of && sort_has_skills(sort->of))) return true;
    for (unsigned i = 0; sort->base == BASE_RECORD && i < sort->count; i++)
        if (sort_has_skills(sort->fields[i])) return true;
    return false;
}

static const struct sort *but_skills(const struct program_maker *m, const struct sort *sort)
{
    return m->in_line && sort_has_skills(sort) ? &m->sorts[BASE_INT] : sort;
}

const struct sort *sort_any(struct program_maker *m)
{
    return but_skills(m, &m->sorts[pick(m, m->sort_count)]);
}

const struct sort *sort_plain(struct program_maker *m)
{
    return but_skills(m, &m->sorts[pick(m, BASE_ENUM)]); /* they stand first */
}

bool sort_is_ordered(const struct sort *sort)
{
    return sort->base <= BASE_CLOCK && sort->base != BASE_BOOL;
}

bool sort_is_shown(const struct sort *sort)
{
    return sort->base <= BASE_ENUM || sort->base == BASE_VALUE ||
           (sort->base == BASE_OPTION && sort->of->base <= BASE_ENUM);
}

static void add_plain(struct program_maker *m)
{
    static const char *const names[] = {"int",  "str",  "bool",  "float", "duration", "percent",
                                        "time", "date", "clock", "skill", "weekday"};
    for (unsigned i = 0; i < BASE_ENUM; i++)
        snprintf(add_sort(m, (enum base)i, NULL)->text, sizeof m->sorts[0].text, "%s", names[i]);
}

/* weekday is a type, but has no name to declare it by. */
static const struct sort *declarable(struct program_maker *m)
{
    const struct sort *sort;
    unsigned tries = 0;
    do sort = sort_any(m);
    while ((sort->base == BASE_WEEKDAY || sort->depth > 2 || strlen(sort->text) > 36) && tries++ < 20);
    return tries > 20 ? &m->sorts[0] : sort;
}

static void add_container_of(struct program_maker *m, enum base base, const struct sort *of)
{
    if (base == BASE_OPTION && of->base == BASE_OPTION) of = of->of;
    if (sort_of(m, base, of)) return;
    struct sort *sort = add_sort(m, base, of);
    const char *const forms[] = {[BASE_LIST] = "list<%s>", [BASE_MAP] = "map<%s>", [BASE_OPTION] = "%s?"};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(sort->text, sizeof sort->text, forms[base], of->text);
#pragma GCC diagnostic pop
}

static void add_container(struct program_maker *m, enum base base)
{
    add_container_of(m, base, declarable(m));
}

static const struct sort *declare_record(struct program_maker *m, struct sort fields)
{
    unsigned depth = 0;
    for (unsigned i = 0; i < fields.count; i++)
        if (fields.fields[i]->depth > depth) depth = fields.fields[i]->depth;
    struct sort *sort = add_sort(m, BASE_RECORD, NULL);
    memcpy(sort->fields, fields.fields, sizeof sort->fields);
    sort->count = fields.count;
    sort->depth = depth + 1;
    snprintf(sort->text, sizeof sort->text, "R%u", sort->number);
    fprintf(m->out, "record %s {", sort->text);
    for (unsigned i = 0; i < sort->count; i++) fprintf(m->out, " f%u: %s;", i, sort->fields[i]->text);
    fprintf(m->out, " }\n");
    return sort;
}

static void add_record(struct program_maker *m)
{
    struct sort fields = {.count = 1 + pick(m, 4)};
    for (unsigned i = 0; i < fields.count; i++) fields.fields[i] = declarable(m);
    declare_record(m, fields);
}

static void add_enum(struct program_maker *m)
{
    struct sort *sort = add_sort(m, BASE_ENUM, NULL);
    sort->count = 2 + pick(m, 3);
    snprintf(sort->text, sizeof sort->text, "E%u", sort->number);
    fprintf(m->out, "enum %s {", sort->text);
    for (unsigned i = 0; i < sort->count; i++) fprintf(m->out, "%s w%u_%u", i ? "," : "", sort->number, i);
    fprintf(m->out, " }\n");
}

static void add_types(struct program_maker *m)
{
    add_plain(m);
    add_enum(m);
    snprintf(add_sort(m, BASE_VALUE, NULL)->text, sizeof m->sorts[0].text, "value");
    add_container_of(m, BASE_OPTION, &m->sorts[BASE_STR]);
    add_container_of(m, BASE_OPTION, &m->sorts[BASE_INT]);
    add_container_of(m, BASE_OPTION, &m->sorts[BASE_DURATION]);
    add_container_of(m, BASE_LIST, &m->sorts[BASE_STR]);
    const struct sort row = {.count = 4,
                             .fields = {&m->sorts[BASE_STR], sort_of(m, BASE_OPTION, &m->sorts[BASE_STR]),
                                        &m->sorts[BASE_INT], sort_of(m, BASE_OPTION, &m->sorts[BASE_DURATION])}};
    m->client = declare_record(m, row);
    add_container_of(m, BASE_OPTION, m->client);
    add_container_of(m, BASE_LIST, m->client);
    unsigned count = 3 + pick(m, 12);
    for (unsigned i = 0; i < count; i++) {
        unsigned what = pick(m, 6);
        if (what == 5)
            add_record(m);
        else
            add_container(m, what < 2 ? BASE_OPTION : what < 4 ? BASE_LIST : BASE_MAP);
    }
}

/* Functions */

struct program_variable *variable_new(struct program_maker *m, const struct sort *sort)
{
    if (m->variable_count == VARIABLES_MAX) return NULL;
    struct program_variable *variable = &m->variables[m->variable_count++];
    *variable = (struct program_variable){.sort = sort, .narrows = -1};
    snprintf(variable->name, sizeof variable->name, "v%u", ++m->serial);
    return variable;
}

/* For each T?: what makes one of a T, and none. */
static void write_options(struct program_maker *m)
{
    fprintf(m->out, "function boxed(x: value): value { return x; }\n");
    for (unsigned i = 0; i < m->sort_count; i++) {
        const struct sort *sort = &m->sorts[i];
        if (sort->base != BASE_OPTION) continue;
        fprintf(m->out, "function opt%u(x: %s): %s { return x; }\n", i, sort->of->text, sort->text);
        fprintf(m->out, "function no%u(): %s { return none; }\n", i, sort->text);
    }
}

static void write_routine(struct program_maker *m)
{
    struct routine *routine = &m->routines[m->routine_count];
    unsigned count = pick(m, 4);
    *routine = (struct routine){.count = count, .result = declarable(m), .waits = chance(m, 4)};
    snprintf(routine->name, sizeof routine->name, "f%u", m->routine_count);
    m->variable_count = m->loops = 0;
    m->budget = 60;
    m->result = routine->result;
    m->steps = routine->waits;
    fprintf(m->out, "%s %s(", routine->waits ? "subroutine" : "function", routine->name);
    for (unsigned i = 0; i < count; i++) {
        routine->params[i] = declarable(m);
        const struct program_variable *variable = variable_new(m, routine->params[i]);
        m->variables[m->variable_count - 1].fixed = true;
        fprintf(m->out, "%s%s: %s", i ? ", " : "", variable->name, variable->sort->text);
    }
    fprintf(m->out, "): %s {\n", routine->result->text);
    write_body(m, 2, 1 + pick(m, 5), 1);
    fprintf(m->out, "    return ");
    write_fitting(m, routine->result, 3);
    fprintf(m->out, ";\n}\n");
    m->routine_count++;
}

/* As natives.h has them; the rows that tell what they take and give are these. */
static void write_natives(struct program_maker *m)
{
    static const struct {
        enum base result;
        unsigned count;
        enum base params[3];
    } rows[WORLD_NATIVES] = {
        {BASE_INT, 2, {BASE_INT, BASE_FLOAT}},
        {BASE_STR, 3, {BASE_STR, BASE_INT, BASE_STR}},
        {BASE_BOOL, 3, {BASE_BOOL, BASE_DURATION, BASE_PERCENT}},
        {BASE_FLOAT, 3, {BASE_FLOAT, BASE_TIME, BASE_DATE}},
        {BASE_DATE, 1, {BASE_INT}},
        {BASE_TIME, 2, {BASE_INT, BASE_DURATION}},
        {BASE_DURATION, 2, {BASE_INT, BASE_PERCENT}},
    };
    for (unsigned i = 0; i < WORLD_NATIVES; i++) {
        struct routine *routine = &m->routines[m->routine_count++];
        *routine = (struct routine){.result = sort_of(m, rows[i].result, NULL), .count = rows[i].count};
        snprintf(routine->name, sizeof routine->name, "%s", world_natives[i].name);
        for (unsigned n = 0; n < routine->count; n++) routine->params[n] = sort_of(m, rows[i].params[n], NULL);
        fprintf(m->out, "native function %s%s from \"world\";\n", world_natives[i].name, world_natives[i].declared);
    }
}

/* Of the library that is built in: written in the language, so its bodies are run like those of the program. */
static const char *const imported[] = {"text", "lists", "days", "hours", "phone", "data"};

static void write_imports(struct program_maker *m)
{
    for (unsigned i = 0; i < sizeof imported / sizeof *imported; i++) fprintf(m->out, "import %s;\n", imported[i]);
}

static void add_library(struct program_maker *m)
{
    static const struct {
        const char *name;
        enum base result, params[3];
        unsigned count;
    } rows[] = {
        {"text_digits", BASE_STR, {BASE_STR}, 1},
        {"text_only", BASE_STR, {BASE_STR, BASE_STR}, 2},
        {"text_trim", BASE_STR, {BASE_STR}, 1},
        {"text_lower", BASE_STR, {BASE_STR}, 1},
        {"text_before", BASE_STR, {BASE_STR, BASE_STR}, 2},
        {"text_after", BASE_STR, {BASE_STR, BASE_STR}, 2},
        {"text_replace", BASE_STR, {BASE_STR, BASE_STR, BASE_STR}, 3},
        {"text_mask", BASE_STR, {BASE_STR, BASE_INT}, 2},
        {"text_grouped", BASE_STR, {BASE_STR, BASE_INT}, 2},
        {"text_is_digits", BASE_BOOL, {BASE_STR}, 1},
        {"text_same", BASE_BOOL, {BASE_STR, BASE_STR}, 2},
        {"text_ends", BASE_BOOL, {BASE_STR, BASE_STR}, 2},
        {"phone_withheld", BASE_BOOL, {BASE_STR}, 1},
        {"phone_of_uri", BASE_STR, {BASE_STR}, 1},
        {"phone_shown", BASE_STR, {BASE_STR, BASE_STR}, 2},
        {"phone_same", BASE_BOOL, {BASE_STR, BASE_STR, BASE_STR}, 3},
        {"hours_may_ring", BASE_BOOL, {BASE_STR, BASE_TIME}, 2},
        {"day_year", BASE_INT, {BASE_DATE}, 1},
        {"day_in_week", BASE_BOOL, {BASE_DATE}, 1},
        {"day_last_before", BASE_DATE, {BASE_DATE, BASE_WEEKDAY}, 2},
        {"day_is_holiday", BASE_BOOL, {BASE_STR, BASE_DATE}, 2},
        {"day_is_working", BASE_BOOL, {BASE_STR, BASE_DATE}, 2},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct routine *routine = &m->routines[m->routine_count++];
        *routine = (struct routine){.result = sort_of(m, rows[i].result, NULL), .count = rows[i].count};
        snprintf(routine->name, sizeof routine->name, "%s", rows[i].name);
        for (unsigned n = 0; n < routine->count; n++) routine->params[n] = sort_of(m, rows[i].params[n], NULL);
    }
    const struct sort *str = &m->sorts[BASE_STR], *texts = sort_of(m, BASE_LIST, str);
    const struct routine lists[] = {
        {"text_split", {str, str}, texts, 2, false},
        {"text_join", {texts, str}, str, 2, false},
        {"list_reversed", {texts}, texts, 1, false},
        {"list_distinct", {texts}, texts, 1, false},
        {"list_without", {texts, str}, texts, 2, false},
        {"list_common", {texts, texts}, texts, 2, false},
        {"list_find", {texts, str}, sort_of(m, BASE_OPTION, &m->sorts[BASE_INT]), 2, false},
        {"text_find", {str, str}, sort_of(m, BASE_OPTION, &m->sorts[BASE_INT]), 2, false},
        {"phone_e164", {str, str}, sort_of(m, BASE_OPTION, str), 2, false},
        {"phone_country", {str}, sort_of(m, BASE_OPTION, str), 1, false},
    };
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++) m->routines[m->routine_count++] = lists[i];
}

/* It sees nothing of what was there before. */
static void write_handler(struct program_maker *m, const char *on, const char *does)
{
    m->variable_count = 0;
    m->handler = true;
    m->secret = false;
    m->budget += 20;
    fprintf(m->out, "    on %s {\n        %s\n", on, does);
    write_body(m, 2, pick(m, 4), 2);
    fprintf(m->out, "        delay 2s;\n        stop \"handled\";\n    }\n");
}

static void write_strategy(struct program_maker *m)
{
    m->variable_count = m->loops = 0;
    m->budget = 120;
    m->result = NULL;
    m->steps = m->strategy = true;
    m->key_count = 1 + pick(m, 5);
    m->consults = pick(m, 4) == 3;
    fprintf(m->out, "strategy s on voice%s {\n    attached {", m->consults ? ".consult" : "");
    for (unsigned i = 0; i < m->key_count; i++) {
        m->keys[i] = declarable(m);
        fprintf(m->out, " k%u: %s;", i, m->keys[i]->text);
    }
    bool secret = pick(m, 4) == 3;
    if (secret) fprintf(m->out, " secret pin: str;");
    fprintf(m->out, " }\n");
    if (secret) fprintf(m->out, "    attach pin = ivr.digits(prompt hello) else \"4711\";\n");
    for (unsigned i = 0; i < m->key_count; i++) {
        fprintf(m->out, "    attach k%u = ", i);
        write_key(m, i);
        fprintf(m->out, ";\n");
    }
    for (unsigned i = 0; i < m->key_count; i++) { /* from here on they may be read like variables */
        struct program_variable *variable = variable_new(m, m->keys[i]);
        MUST(variable);
        snprintf(variable->name, sizeof variable->name, "k%u", i);
        variable->fixed = true;
    }
    m->secret = secret;
    for (unsigned steps = 1 + pick(m, 8); steps > 0; steps--) { /* some that nothing before them fails for sure */
        write_step(m, 2, 1);
        m->budget += 20;
    }
    write_body(m, 3, 2 + pick(m, 10), 1);
    fprintf(m->out, "    stop \"end\";\n");
    if (pick(m, 2)) write_handler(m, "error (e)", "attach user_data[\"e\"] = \"{e.text} {e.step}\";");
    if (pick(m, 2)) write_handler(m, "abandoned", "attach user_data[\"gone\"] = \"{limit}\";");
    if (pick(m, 2))
        write_handler(m, "signal paid(p)", "attach user_data[\"p\"] = \"{p.ref} {p.note}\"; priority = p.amount;");
    if (m->consults && pick(m, 2)) write_handler(m, "transferred", "attach user_data[\"at\"] = \"transferred\";");
    if (m->consults && pick(m, 2)) write_handler(m, "main_released", "attach user_data[\"at\"] = \"released\";");
    fprintf(m->out, "}\nstrategy t(p: int, q: str?) on voice, voice.consult { stop \"{p} {q}\"; }\n"
                    "strategy u(n: int, q: str?) on callback { stop \"{n} {q}\"; }\n");
}

_Static_assert(ROUTINES_MAX >= WORLD_NATIVES + 32 + 6, "natives, the library's, and the program's own");

char *program_random(struct input *in, size_t *length)
{
    char *text = NULL;
    struct program_maker *m = calloc(1, sizeof *m);
    MUST(m);
    *m = (struct program_maker){.in = in, .out = open_memstream(&text, length)};
    bool library = pick(m, 3) == 2; /* which takes its time to compile */
    if (library) write_imports(m);
    fprintf(m->out, "const LARGE = 9223372036854775807;\nconst WORDS = [\"4711\", \"gold\", \"\"];\n");
    add_types(m);
    import_write_site(m);
    write_options(m);
    write_natives(m);
    if (library) add_library(m);
    for (unsigned count = pick(m, 6); count > 0; count--) write_routine(m);
    write_strategy(m);
    fclose(m->out);
    free(m);
    return program_settled(text, length);
}
