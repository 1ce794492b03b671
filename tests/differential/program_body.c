/* tests/differential/program_body.c - Random statements. */
#include "tests/differential/program.h"

#include <string.h>

void put_indent(struct program_maker *m, unsigned indent)
{
    for (; indent > 0; indent--) PUT("    ");
}

struct mark enter(const struct program_maker *m)
{
    return (struct mark){m->variable_count};
}

/* Those declared since are gone; those that were hidden by them are back. */
void leave(struct program_maker *m, struct mark mark)
{
    while (m->variable_count > mark.variables) {
        int narrows = m->variables[--m->variable_count].narrows;
        if (narrows >= 0) m->variables[narrows].hidden = false;
    }
}

void import_write_block(struct program_maker *m, unsigned depth, unsigned statements, unsigned indent)
{
    struct mark mark = enter(m);
    PUT(" {\n");
    write_body(m, depth, statements, indent + 1);
    LINE("}");
    leave(m, mark);
}

/* Variables */

static void write_let(struct program_maker *m, unsigned indent)
{
    const struct sort *sort = sort_any(m);
    if (sort->base == BASE_WEEKDAY) sort = &m->sorts[BASE_INT];
    bool typed = pick(m, 2) && sort->base != BASE_OPTION;
    LINE("let v%u", m->serial + 1);
    if (typed) PUT(": %s", sort->text);
    PUT(" = ");
    if (typed)
        write_fitting(m, sort, 3);
    else
        write_exactly(m, sort, 3);
    PUT(";\n");
    variable_new(m, sort);
}

static struct program_variable *assignable(struct program_maker *m)
{
    unsigned fit[VARIABLES_MAX], count = 0;
    for (unsigned i = 0; i < m->variable_count; i++)
        if (!m->variables[i].fixed && !m->variables[i].hidden) fit[count++] = i;
    return count ? &m->variables[fit[pick(m, count)]] : NULL;
}

static bool has_sums(const struct sort *sort)
{
    return sort->base == BASE_INT || sort->base == BASE_DURATION || sort->base == BASE_PERCENT ||
           sort->base == BASE_FLOAT;
}

static void write_assignment(struct program_maker *m, unsigned indent)
{
    const struct program_variable *variable = assignable(m);
    const struct sort *sort = variable ? variable->sort : NULL;
    if (!variable) {
        write_let(m, indent);
    } else if (sort->base == BASE_MAP && pick(m, 2)) {
        LINE("%s[", variable->name);
        write_exactly(m, &m->sorts[BASE_STR], 2);
        PUT("] = ");
        write_fitting(m, sort->of->base == BASE_OPTION ? sort->of->of : sort->of, 2);
        PUT(";\n");
    } else if (sort->base == BASE_LIST && pick(m, 2)) {
        LINE("%s += ", variable->name);
        write_fitting(m, sort->of, 2);
        PUT(";\n");
    } else if (has_sums(sort) && pick(m, 2)) {
        LINE("%s %s ", variable->name, chance(m, 2) ? "-=" : "+=");
        write_exactly(m, sort, 2);
        PUT(";\n");
    } else {
        LINE("%s = ", variable->name);
        write_exactly(m, sort, 3);
        PUT(";\n");
    }
}

/* A value known not to be none has its own name's place, until the names visible here are left. */
static void narrow(struct program_maker *m, unsigned i)
{
    struct program_variable *whole = &m->variables[i], *bare = &m->variables[m->variable_count++];
    *bare = *whole;
    bare->sort = whole->sort->of;
    bare->fixed = true;
    bare->narrows = (int)i;
    whole->hidden = true;
}

/* One that a test may tell of, or -1. Of a key it tells until the next wait only. */
static int perhaps_none(struct program_maker *m)
{
    unsigned fit[VARIABLES_MAX], count = 0;
    for (unsigned i = 0; i < m->variable_count; i++)
        if (m->variables[i].sort->base == BASE_OPTION && !m->variables[i].hidden && m->variables[i].name[0] != 'k')
            fit[count++] = i;
    return count && m->variable_count + 1 < VARIABLES_MAX ? (int)fit[pick(m, count)] : -1;
}

/* It leaves what stands around it. False: nothing can here. */
static bool put_leaving(struct program_maker *m)
{
    if (m->result) {
        PUT("return ");
        write_fitting(m, m->result, 1);
    } else if (m->strategy && !m->handler && !m->loops) {
        PUT("stop \"none\"");
    } else {
        return false;
    }
    PUT(";");
    return true;
}

/* Within it, it is none again, or something else. */
static void write_again(struct program_maker *m, unsigned i, struct mark mark, unsigned depth, unsigned indent)
{
    const struct program_variable *whole = &m->variables[i];
    if (whole->fixed || !pick(m, 2)) return;
    LINE("%s = ", whole->name);
    leave(m, mark);
    write_exactly(m, whole->sort, 1);
    PUT(";\n");
    write_body(m, depth, pick(m, 2), indent);
}

/* Tests of names that may be none: what they are where the test says so. */
static bool write_narrowing(struct program_maker *m, unsigned depth, unsigned indent)
{
    int found = perhaps_none(m);
    if (found < 0) return false;
    unsigned i = (unsigned)found, how = pick(m, m->branches ? 5 : 6), counter;
    const char *name = m->variables[i].name;
    struct mark mark = enter(m);
    bool left = true;
    switch (how) {
    case 1: /* the other way round */
        LINE("if %s == none", name);
        m->branches++;
        import_write_block(m, depth, pick(m, 2), indent);
        PUT(" else {\n");
        narrow(m, i);
        write_body(m, depth, 1 + pick(m, 3), indent + 1);
        write_again(m, i, mark, depth, indent + 1);
        m->branches--;
        break;
    case 2: /* what stands behind `and` knows it already */
        LINE("if %s != none and ", name);
        narrow(m, i);
        write_condition(m, 2);
        PUT(" {\n");
        write_body(m, depth, 1 + pick(m, 3), indent + 1);
        write_again(m, i, mark, depth, indent + 1);
        break;
    case 3: /* and what stands behind `or` */
        LINE("if not (%s == none or ", name);
        narrow(m, i);
        write_condition(m, 2);
        PUT(") {\n");
        write_body(m, depth, 1 + pick(m, 3), indent + 1);
        break;
    case 4: /* a loop that ends with it */
        counter = ++m->serial;
        LINE("let w%u = 0;\n", counter);
        LINE("while %s != none and w%u < %u {\n", name, counter, 1 + pick(m, 3));
        put_indent(m, indent + 1);
        PUT("w%u += 1;\n", counter);
        narrow(m, i);
        m->loops++;
        write_body(m, depth, 1 + pick(m, 2), indent + 1);
        write_again(m, i, mark, depth, indent + 1);
        m->loops--;
        break;
    case 5: /* what follows is reached only where it is there */
        LINE("if %s == none", name);
        if (pick(m, 2)) PUT(" or "), narrow(m, i), write_condition(m, 1), leave(m, mark);
        PUT(" { ");
        left = put_leaving(m);
        PUT(" }\n");
        if (left) narrow(m, i);
        return true;
    default:
        LINE("if %s != none {\n", name);
        narrow(m, i);
        write_body(m, depth, 1 + pick(m, 3), indent + 1);
        write_again(m, i, mark, depth, indent + 1);
    }
    leave(m, mark);
    LINE("}\n");
    return true;
}

static void write_if(struct program_maker *m, unsigned depth, unsigned indent)
{
    m->branches++;
    LINE("if ");
    for (unsigned more = pick(m, 3);; more--) {
        write_condition(m, 3);
        import_write_block(m, depth, 1 + pick(m, 3), indent);
        if (more == 0) break;
        PUT(" else");
        if (more == 1) {
            import_write_block(m, depth, 1 + pick(m, 3), indent);
            break;
        }
        PUT(" if ");
    }
    m->branches--;
    PUT("\n");
}

/* Loops: each ends, after few rounds. */

static void write_round(struct program_maker *m, unsigned depth, unsigned indent)
{
    write_body(m, depth, 1 + pick(m, 3), indent);
    if (!chance(m, 3)) return;
    LINE("if ");
    write_condition(m, 2);
    PUT(" { %s; }\n", chance(m, 2) ? "continue" : "break");
}

/* Through a table of the site, which may be another one behind each wait. */
static void begin_walk(struct program_maker *m, unsigned indent)
{
    bool rates = pick(m, 2);
    const char *table = rates ? "rates" : "areas", *column = rates ? "name" : "area";
    const struct program_variable *key = variable_new(m, &m->sorts[BASE_STR]),
                                  *of = variable_new(m, &m->sorts[BASE_STR]),
                                  *count = variable_new(m, &m->sorts[BASE_INT]);
    unsigned row = ++m->serial;
    if (!count) {
        LINE("repeat 1 {\n");
        return;
    }
    LINE("for %s, w%u in %s {\n", key->name, row, table);
    indent++;
    LINE("let %s = w%u.%s;\n", of->name, row, column);
    LINE("let %s = %s.count;\n", count->name, table);
}

static void write_loop(struct program_maker *m, unsigned depth, unsigned indent)
{
    const struct sort *sort = sort_any(m);
    struct mark mark = enter(m);
    m->loops++;
    switch (pick(m, 3)) {
    case 0:
        LINE("repeat %u {\n", pick(m, 5));
        break;
    case 1: {
        struct program_variable *counter = variable_new(m, &m->sorts[BASE_INT]);
        if (!counter) break;
        counter->fixed = true;
        LINE("let %s = 0;\n", counter->name);
        LINE("while %s < %u", counter->name, 1 + pick(m, 4));
        if (pick(m, 2)) {
            PUT(" and ");
            write_condition(m, 2);
        }
        PUT(" {\n");
        put_indent(m, indent + 1);
        PUT("%s += 1;\n", counter->name);
        break;
    }
    default:
        if (chance(m, 3)) {
            begin_walk(m, indent);
            break;
        }
        if (sort->base != BASE_LIST && sort->base != BASE_MAP) {
            LINE("for v%u in WORDS {\n", m->serial + 1);
            variable_new(m, &m->sorts[BASE_STR]);
            break;
        }
        LINE("for v%u", m->serial + 1);
        if (sort->base == BASE_MAP) PUT(", v%u", m->serial + 2);
        PUT(" in ");
        write_exactly(m, sort, 2);
        PUT(" {\n");
        if (sort->base == BASE_MAP) variable_new(m, &m->sorts[BASE_STR]);
        variable_new(m, sort->of);
        break;
    }
    write_round(m, depth, indent + 1);
    LINE("}\n");
    m->loops--;
    leave(m, mark);
}

/* One that goes round for long: it makes garbage, and its slice of fuel is over in the midst of it. */
static void write_heavy(struct program_maker *m, unsigned indent)
{
    static const unsigned rounds[] = {30, 300, 1500};
    unsigned counter = ++m->serial;
    const struct sort *str = &m->sorts[BASE_STR], *list = sort_of(m, BASE_LIST, sort_plain(m));
    LINE("let w%u = 0;\n", counter);
    const struct program_variable *text = variable_new(m, str),
                                  *all = list && pick(m, 2) ? variable_new(m, list) : NULL;
    if (!text) return;
    LINE("let %s = \"\";\n", text->name);
    if (all) LINE("let %s: %s = [];\n", all->name, list->text);
    LINE("while w%u < %u {\n", counter, rounds[pick(m, 3)]);
    struct mark mark = enter(m);
    m->loops += 2;
    indent++;
    LINE("w%u += 1;\n", counter);
    LINE("%s = \"{%s}{w%u}", text->name, text->name, counter);
    if (pick(m, 2)) PUT(", and {w%u * 1s}{%s.count}", counter, text->name);
    PUT("\";\n");
    LINE("if %s.count > %u { %s = %s.slice(%u); }\n", text->name, 100 + pick(m, 4) * 300, text->name, text->name,
         20 + pick(m, 70));
    if (all) {
        LINE("%s += ", all->name);
        write_fitting(m, list->of, 2);
        PUT(";\n");
        LINE("if %s.count > %u { %s = %s.slice(%u); }\n", all->name, 20 + pick(m, 100), all->name, all->name,
             5 + pick(m, 10));
    }
    write_body(m, 0, pick(m, 3), indent);
    indent--;
    m->loops -= 2;
    leave(m, mark);
    LINE("}\n");
}

/* Segments */

static void write_arm(struct program_maker *m, unsigned depth, unsigned indent)
{
    PUT(" ->");
    m->branches++;
    import_write_block(m, depth, pick(m, 3), indent);
    m->branches--;
    PUT("\n");
}

#define ARM(...)                                                                                                       \
    do {                                                                                                               \
        put_indent(m, indent + 1);                                                                                     \
        PUT(__VA_ARGS__);                                                                                              \
        write_arm(m, depth, indent + 1);                                                                               \
    } while (0)

static void write_number_arms(struct program_maker *m, unsigned depth, unsigned indent)
{
    ARM("%u..%u, %u", pick(m, 3), 3 + pick(m, 3), 6 + pick(m, 4));
    if (pick(m, 2)) ARM("-%u..-1", 1 + pick(m, 20));
    ARM("1000..%u", 1000 + pick(m, 100) * 1000);
}

static void write_text_arms(struct program_maker *m, unsigned depth, unsigned indent)
{
    ARM("\"4711\", \"\"");
    if (pick(m, 3) == 2) ARM("in rates");
    if (pick(m, 3) == 2) ARM("in areas");
    if (pick(m, 3) == 2) ARM("in friends");
    if (pick(m, 2)) ARM("in WORDS"); /* of which one is left: behind the prefixes none would be */
    if (pick(m, 2)) ARM("match \"^[a-f]+l?d?$\"");
    if (pick(m, 2)) ARM("prefix \"+33\"");
    if (pick(m, 2)) ARM("prefix \"gr\303\274\", prefix \"gol\"");
    if (pick(m, 2)) ARM("prefix \"s\"");
}

static void write_segment(struct program_maker *m, unsigned depth, unsigned indent)
{
    const struct sort *sort = sort_plain(m), *option;
    if (chance(m, 4)) sort = &m->sorts[BASE_ENUM];
    option = sort_of(m, BASE_OPTION, sort);
    bool maybe = option && pick(m, 2);
    LINE("segment ");
    if (maybe) PUT("(");
    write_exactly(m, maybe ? option : sort, 3);
    if (maybe) PUT(" else none)");
    PUT(" {\n");
    if (maybe && pick(m, 2)) ARM("none");
    switch (sort->base) {
    case BASE_INT:
        write_number_arms(m, depth, indent);
        break;
    case BASE_STR:
        write_text_arms(m, depth, indent);
        break;
    case BASE_BOOL:
        ARM("true");
        break;
    case BASE_DURATION:
        ARM("0s, 1s..90s");
        ARM("1h30m..2d");
        break;
    case BASE_FLOAT:
        ARM("0.0..0.75, 3.75");
        if (pick(m, 2)) ARM("-2.25..-0.5");
        if (pick(m, 2)) ARM("1.0, 0.5..2.0");
        break;
    case BASE_PERCENT:
        ARM("0%%..10%%, 33%%");
        if (pick(m, 2)) ARM("-100%%..-0.01%%");
        if (pick(m, 2)) ARM("100%%..250%%");
        break;
    case BASE_TIME:
        ARM("2026-03-02, 2026-12-24");
        if (pick(m, 2)) ARM("22:00..06:00");
        if (pick(m, 2)) ARM("in office");
        if (pick(m, 2)) ARM("in far");
        if (pick(m, 2)) ARM("sat..mon, wed");
        break;
    case BASE_DATE:
        ARM("2026-03-02..2026-06-30");
        if (pick(m, 2)) ARM("mon..wed");
        break;
    case BASE_CLOCK:
        ARM("08:00..12:00, 22:00..02:00");
        ARM("12:00..13:30");
        break;
    case BASE_WEEKDAY:
        ARM("fri..mon");
        ARM("wed");
        break;
    case BASE_SKILL:
        ARM("skill French");
        break;
    default:
        ARM("w%u_0", sort->number);
        break;
    }
    put_indent(m, indent + 1);
    PUT("else");
    write_arm(m, depth, indent + 1);
    LINE("}\n");
}

static void write_split(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned first = 1 + pick(m, 60);
    bool where = pick(m, 2);
    bool by = pick(m, 3);
    if (by) LINE("l%u: split by ", ++m->serial);
    if (by)
        write_exactly(m, &m->sorts[BASE_STR], 2);
    else
        LINE("split");
    PUT(" {\n");
    ARM("%u%%", first);
    put_indent(m, indent + 1);
    PUT("%u%%", 1 + pick(m, 99 - first));
    if (where) PUT(" where ");
    if (where) write_condition(m, 2);
    write_arm(m, depth, indent + 1);
    put_indent(m, indent + 1);
    PUT("else");
    write_arm(m, depth, indent + 1);
    LINE("}\n");
}

/* Jumps */

static void write_goto(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned label = ++m->serial;
    LINE("if ");
    write_condition(m, 2);
    PUT(" { goto l%u; }\n", label);
    struct mark mark = enter(m);
    write_body(m, depth, 1 + pick(m, 3), indent);
    leave(m, mark); /* what was declared since is perhaps not set */
    LINE("l%u: ", label);
    PUT("if ");
    write_condition(m, 1);
    import_write_block(m, depth, 1, indent);
    PUT("\n");
}

static void write_return(struct program_maker *m, unsigned indent)
{
    LINE("if ");
    write_condition(m, 2);
    if (m->result && !chance(m, 3)) {
        PUT(" { return ");
        write_fitting(m, m->result, 2);
        PUT("; }\n");
    } else if (m->steps && chance(m, 3)) {
        PUT(" { fail ");
        write_exactly(m, &m->sorts[BASE_STR], 2);
        PUT("; }\n");
    } else if (m->strategy && !(m->handler && m->loops)) {
        PUT(" { stop ");
        write_exactly(m, &m->sorts[BASE_STR], 2);
        PUT("; }\n");
    } else {
        PUT(" {}\n");
    }
}

/* A value that may be none stays so: it would be known otherwise. */
void write_key(struct program_maker *m, unsigned key)
{
    if (m->keys[key]->base == BASE_OPTION)
        write_exactly(m, m->keys[key], 2);
    else
        write_fitting(m, m->keys[key], 3);
}

static void import_write_attach(struct program_maker *m, unsigned indent)
{
    unsigned key = pick(m, m->key_count + 4);
    if (key == m->key_count + 2) {
        LINE("due = ");
        write_exactly(m, &m->sorts[BASE_TIME], 2);
    } else if (key == m->key_count + 3) {
        LINE("locale = ");
        write_exactly(m, &m->sorts[BASE_STR], 1);
    } else if (key == m->key_count) {
        LINE("priority %s ", chance(m, 2) ? "+=" : "=");
        write_exactly(m, &m->sorts[BASE_INT], 2);
    } else if (key > m->key_count) {
        LINE("attach user_data[");
        write_exactly(m, &m->sorts[BASE_STR], 1);
        PUT("] = ");
        write_exactly(m, sort_plain(m), 2);
    } else {
        LINE("attach k%u = ", key);
        write_key(m, key);
    }
    PUT(";\n");
}

void write_body(struct program_maker *m, unsigned depth, unsigned statements, unsigned indent)
{
    for (; statements > 0 && m->budget > 0; statements--) {
        unsigned what = pick(m, 27);
        if (what == 26 && depth) {
            write_of_people(m, depth - 1, indent);
            continue;
        }
        if (what == 25) what = 11;
        if (what == 23 && !m->loops && chance(m, 4)) {
            write_heavy(m, indent);
            continue;
        }
        if (what == 24) {
            write_count(m, indent);
            continue;
        }
        if (what >= 14 && m->steps && m->loops < (m->handler ? 1u : 2u))
            m->strategy &&what < 19 ? import_write_attach(m, indent) : write_step(m, depth, indent);
        else if (what < 3 || !depth)
            write_let(m, indent);
        else if (what < 5)
            write_assignment(m, indent);
        else if (what == 5)
            write_return(m, indent);
        else if (what == 6)
            write_goto(m, depth - 1, indent);
        else if (what == 7)
            write_loop(m, depth - 1, indent);
        else if (what == 8)
            write_segment(m, depth - 1, indent);
        else if (what == 10)
            write_row(m, depth - 1, indent);
        else if (what == 9)
            write_split(m, depth - 1, indent);
        else if (what > 12 || !write_narrowing(m, depth - 1, indent))
            write_if(m, depth - 1, indent);
    }
}
