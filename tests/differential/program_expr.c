/* tests/differential/program_expr.c - Random expressions of a type that is asked for. */
#include <string.h>

#include "tests/differential/natives.h"
#include "tests/differential/program.h"

/* Names */

const struct program_variable *variable_of(struct program_maker *m, const struct sort *sort)
{
    unsigned fit[VARIABLES_MAX], count = 0;
    for (unsigned i = 0; i < m->variable_count; i++)
        if (m->variables[i].sort == sort && !m->variables[i].hidden) fit[count++] = i;
    return count ? &m->variables[fit[count - 1 - pick(m, count)]] : NULL;
}

static void put_leaf(struct program_maker *m, const struct sort *sort)
{
    const struct program_variable *variable = pick(m, 4) != 3 ? variable_of(m, sort) : NULL;
    if (variable)
        PUT("%s", variable->name);
    else
        write_literal(m, sort);
}

/* A T? that is no name, so that asking about it tells nothing. */
static void put_unnamed(struct program_maker *m, const struct sort *option, unsigned depth)
{
    PUT("(");
    write_exactly(m, option, depth);
    PUT(" else none)");
}

/* The expressions that give a value of any type. */

static bool put_call(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    unsigned fit[ROUTINES_MAX], count = 0;
    for (unsigned i = 0; i < m->routine_count; i++)
        if (m->routines[i].result == sort && !m->routines[i].waits && (!m->pure || i < WORLD_NATIVES)) fit[count++] = i;
    if (!count) return false;
    const struct routine *routine = &m->routines[fit[pick(m, count)]];
    PUT("%s(", routine->name);
    for (unsigned i = 0; i < routine->count; i++) {
        if (i) PUT(", ");
        write_fitting(m, routine->params[i], depth);
    }
    PUT(")");
    return true;
}

static bool put_fallback(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    const struct sort *option = sort_of(m, BASE_OPTION, sort);
    if (!option) return false;
    PUT("(");
    write_exactly(m, option, depth);
    PUT(" else ");
    write_exactly(m, sort, depth);
    PUT(")");
    return true;
}

static bool put_element(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    const struct sort *list = sort_of(m, BASE_LIST, sort);
    if (!list) return false;
    write_exactly(m, list, depth);
    PUT("[");
    if (chance(m, 10))
        write_exactly(m, &m->sorts[BASE_INT], depth);
    else
        PUT("0"); /* mostly there is one: a fault ends it all */
    PUT("]");
    return true;
}

static bool put_field(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    for (unsigned i = 0; i < m->sort_count; i++) {
        const struct sort *record = &m->sorts[i];
        for (unsigned f = 0; record->base == BASE_RECORD && f < record->count; f++) {
            if (record->fields[f] != sort || pick(m, 2) || (m->in_line && sort_has_skills(record))) continue;
            write_exactly(m, record, depth);
            PUT(".f%u", f);
            return true;
        }
    }
    return false;
}

/* A T? out of what holds Ts. */
static bool put_taken(struct program_maker *m, const struct sort *option, unsigned depth)
{
    const struct sort *of = option->of, *list = sort_of(m, BASE_LIST, of), *map = sort_of(m, BASE_MAP, of);
    if (of->base == BASE_STR && pick(m, 2)) list = of;
    if (map && pick(m, 2)) {
        write_exactly(m, map, depth);
        bool get = chance(m, 2);
        PUT(get ? ".get(" : "[");
        write_exactly(m, &m->sorts[BASE_STR], depth);
        PUT(get ? ")" : "]");
        return true;
    }
    if (!list) return false;
    write_exactly(m, list, depth);
    unsigned how = pick(m, 3);
    PUT(how == 0 ? ".get(" : how == 1 ? ".first" : ".last");
    if (how) return true;
    write_exactly(m, &m->sorts[BASE_INT], depth);
    PUT(")");
    return true;
}

/* A call on a value that may be none. */
static bool put_call_of_option(struct program_maker *m, const struct sort *option, unsigned depth)
{
    const struct sort *list = sort_of(m, BASE_LIST, option->of), *maybe = list ? sort_of(m, BASE_OPTION, list) : NULL;
    bool element = maybe && pick(m, 2), text = !element && option->of->base == BASE_STR;
    if (pick(m, 2) || (!element && !text && option->of->base != BASE_LIST)) return false;
    put_unnamed(m, element ? maybe : option, depth);
    PUT(element ? "?.get(" : "?.slice(");
    if (chance(m, 5) && !m->in_line)
        write_exactly(m, &m->sorts[BASE_INT], depth);
    else
        PUT("%u", pick(m, 3));
    PUT(")");
    return true;
}

static bool put_field_of_option(struct program_maker *m, const struct sort *option, unsigned depth)
{
    for (unsigned i = 0; i < m->sort_count; i++) {
        const struct sort *record = m->sorts[i].base == BASE_OPTION ? m->sorts[i].of : NULL;
        for (unsigned f = 0; record && record->base == BASE_RECORD && f < record->count; f++) {
            if (record->fields[f] != option->of && record->fields[f] != option) continue;
            if (pick(m, 2) || (m->in_line && sort_has_skills(record))) continue;
            put_unnamed(m, &m->sorts[i], depth);
            PUT("?.f%u", f);
            return true;
        }
    }
    return false;
}

/* Operators */

static void put_binary(struct program_maker *m, const struct sort *left, const char *sign, const struct sort *right,
                       unsigned depth)
{
    PUT("(");
    write_exactly(m, left, depth);
    PUT(" %s ", sign);
    write_exactly(m, right, depth);
    PUT(")");
}

static void put_call_of(struct program_maker *m, const char *name, const struct sort *sort, unsigned count,
                        unsigned depth)
{
    PUT("%s(", name);
    for (unsigned i = 0; i < count; i++) {
        if (i) PUT(", ");
        write_exactly(m, sort, depth);
    }
    PUT(")");
}

static const char *sign_of(struct program_maker *m, const char *const *signs, unsigned count)
{
    return signs[pick(m, count)];
}
#define SIGN(m, ...)                                                                                                   \
    sign_of(m, (const char *const[]){__VA_ARGS__},                                                                     \
            (unsigned)(sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *)))

static void put_quantity(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    const struct sort *number = &m->sorts[BASE_INT], *percent = &m->sorts[BASE_PERCENT],
                      *duration = &m->sorts[BASE_DURATION];
    switch (pick(m, 9)) {
    case 0:
        put_binary(m, sort, SIGN(m, "+", "-"), sort, depth);
        return;
    case 1:
        if (sort->base == BASE_PERCENT) break;
        put_binary(m, sort, "mod", sort, depth);
        return;
    case 2:
        put_binary(m, sort, SIGN(m, "*", "/"), number, depth);
        return;
    case 3:
        put_binary(m, number, "*", sort, depth);
        return;
    case 4:
        if (sort->base != BASE_DURATION) break; /* a number is no part of another one, but a percent, as above */
        put_binary(m, sort, "*", percent, depth);
        return;
    case 5:
        put_call_of(m, SIGN(m, "min", "max"), sort, 2, depth);
        return;
    case 6:
        put_call_of(m, "abs", sort, 1, depth);
        return;
    case 7:
        PUT("(-");
        write_exactly(m, sort, depth);
        PUT(")");
        return;
    default:
        if (sort->base == BASE_INT) {
            put_binary(m, duration, "/", duration, depth);
            return;
        }
        if (sort->base != BASE_DURATION) break;
        const struct sort *day = &m->sorts[SIGN(m, "t", "d", "c")[0] == 't' ? BASE_TIME
                                           : pick(m, 2)                     ? BASE_DATE
                                                                            : BASE_CLOCK];
        put_binary(m, day, "-", day, depth);
        return;
    }
    put_binary(m, sort, "+", sort, depth);
}

static void put_int(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    const struct sort *of = sort_any(m);
    switch (pick(m, 4)) {
    case 0:
        if (of->base != BASE_LIST && of->base != BASE_MAP) of = &m->sorts[BASE_STR];
        write_exactly(m, of, depth);
        PUT(".count");
        return;
    case 1:
        PUT("(");
        write_exactly(m, &m->sorts[BASE_FLOAT], depth);
        PUT(").int");
        return;
    case 2:
        PUT("(int.parse(");
        write_exactly(m, &m->sorts[BASE_STR], depth);
        PUT(") else ");
        write_exactly(m, sort, depth);
        PUT(")");
        return;
    default:
        put_quantity(m, sort, depth);
        return;
    }
}

static void put_float(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    const struct sort *number = &m->sorts[BASE_INT];
    switch (pick(m, 4)) {
    case 0:
        put_binary(m, sort, SIGN(m, "+", "-", "*", "/"), sort, depth);
        return;
    case 1:
        put_binary(m, sort, SIGN(m, "+", "-", "*", "/"), number, depth);
        return;
    case 2:
        put_binary(m, number, SIGN(m, "+", "-", "*", "/"), sort, depth);
        return;
    default:
        put_call_of(m, SIGN(m, "min", "max"), sort, 2, depth);
        return;
    }
}

static void put_slice(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    write_exactly(m, sort, depth);
    PUT(".slice(");
    bool any = chance(m, 10), end = pick(m, 2);
    unsigned from = pick(m, 4);
    if (any)
        write_exactly(m, &m->sorts[BASE_INT], depth);
    else
        PUT("%u", from);
    if (end) PUT(", ");
    if (end && any)
        write_exactly(m, &m->sorts[BASE_INT], 0);
    else if (end)
        PUT("%u", from + pick(m, 6));
    PUT(")");
}

static void put_text(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    if (pick(m, 3) == 0) {
        put_slice(m, sort, depth);
        return;
    }
    PUT("\"");
    for (unsigned parts = 1 + pick(m, 3); parts > 0; parts--) {
        ONE_OF(m, "", "x", " and ", "\303\251{{", "\\\"");
        PUT("{");
        write_shown(m, depth);
        PUT("}");
    }
    ONE_OF(m, "", ".", " at the end");
    PUT("\"");
}

void write_shown(struct program_maker *m, unsigned depth)
{
    const struct sort *sort = sort_any(m);
    write_exactly(m, sort_is_shown(sort) ? sort : &m->sorts[BASE_INT], depth);
}

static void put_calendar(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    const struct sort *time = &m->sorts[BASE_TIME], *duration = &m->sorts[BASE_DURATION];
    static const char *const members[] = {[BASE_DATE] = "date", [BASE_CLOCK] = "time", [BASE_WEEKDAY] = "weekday"};
    if (sort->base == BASE_TIME && pick(m, 3) == 0) {
        write_exactly(m, &m->sorts[BASE_DATE], depth);
        PUT(".at(");
        write_exactly(m, &m->sorts[BASE_CLOCK], depth);
        PUT(")");
    } else if (sort->base == BASE_TIME || (sort->base == BASE_DATE && pick(m, 2))) {
        put_binary(m, sort, SIGN(m, "+", "-"), duration, depth);
    } else {
        PUT("(");
        write_exactly(m, time, depth);
        PUT(")");
        if (pick(m, 2)) PUT(".in(\"%s\")", SIGN(m, "Asia/Tokyo", "America/New_York", "UTC"));
        PUT(".%s", members[sort->base]);
    }
}

/* Conditions */

static void put_equality(struct program_maker *m, unsigned depth)
{
    const struct sort *sort = sort_any(m);
    bool option = sort->base == BASE_OPTION && sort->of->base <= BASE_ENUM;
    if (!option && sort->base > BASE_ENUM) sort = sort_plain(m);
    const char *sign = SIGN(m, "==", "!=");
    if (!option) {
        put_binary(m, sort, sign, sort, depth);
        return;
    }
    PUT("(");
    put_unnamed(m, sort, depth);
    PUT(" %s ", sign);
    switch (pick(m, 3)) {
    case 0:
        PUT("none");
        break;
    case 1:
        write_exactly(m, sort->of, depth);
        break;
    default:
        put_unnamed(m, sort, depth);
        break;
    }
    PUT(")");
}

static void put_range(struct program_maker *m, unsigned depth)
{
    const struct sort *sort = sort_plain(m);
    if (!sort_is_ordered(sort)) sort = &m->sorts[BASE_INT];
    PUT("(");
    write_exactly(m, sort, depth);
    PUT(" in ");
    write_exactly(m, sort, depth);
    PUT("..");
    write_exactly(m, sort, depth);
    PUT(")");
}

static void put_in(struct program_maker *m, unsigned depth)
{
    const struct sort *sort = sort_any(m), *str = &m->sorts[BASE_STR];
    if (sort->base != BASE_LIST && sort->base != BASE_MAP) {
        PUT("(");
        write_exactly(m, str, depth);
        PUT(" in WORDS)");
        return;
    }
    unsigned how = sort->base == BASE_LIST ? pick(m, 3) : 0;
    PUT("(");
    if (!how) write_exactly(m, sort->base == BASE_MAP ? str : sort->of, depth);
    if (!how) PUT(" in ");
    write_exactly(m, sort, depth);
    if (how) PUT(".%s(", how == 1 ? "contains" : "starts");
    if (how) write_exactly(m, how == 1 ? sort->of : sort, depth);
    PUT(how ? "))" : ")");
}

void write_condition(struct program_maker *m, unsigned depth)
{
    const struct sort *str = &m->sorts[BASE_STR], *maybe = sort_of(m, BASE_OPTION, &m->sorts[BASE_BOOL]);
    const struct sort *ordered = sort_plain(m);
    if (m->budget-- <= 0 || !depth) {
        put_leaf(m, &m->sorts[BASE_BOOL]);
        return;
    }
    depth--;
    switch (pick(m, 10)) {
    case 8:
        if (pick(m, 3) == 2)
            write_condition_of_core(m, depth);
        else
            write_condition_of_site(m, depth);
        return;
    case 0:
        put_equality(m, depth);
        return;
    case 1:
        put_binary(m, sort_is_ordered(ordered) ? ordered : str, SIGN(m, "<", "<=", ">", ">="),
                   sort_is_ordered(ordered) ? ordered : str, depth);
        return;
    case 2:
        put_binary(m, &m->sorts[BASE_INT], SIGN(m, "<", "<=", ">", ">=", "==", "!="), &m->sorts[BASE_FLOAT], depth);
        return;
    case 3:
        PUT("(not ");
        write_condition(m, depth);
        PUT(")");
        return;
    case 4:
        put_range(m, depth);
        return;
    case 5:
        put_in(m, depth);
        return;
    case 6:
        if (m->secret && pick(m, 3) == 2) { /* it may be compared */
            PUT("(pin %s ", SIGN(m, "==", "!="));
            write_exactly(m, str, depth);
            PUT(")");
            return;
        }
        write_exactly(m, str, depth);
        PUT(".%s(", SIGN(m, "contains", "starts"));
        write_exactly(m, str, depth);
        PUT(")");
        return;
    case 7:
        if (maybe) {
            PUT("(not ");
            put_unnamed(m, maybe, depth);
            PUT(")");
            return;
        }
        break;
    default:
        break;
    }
    PUT("(");
    write_condition(m, depth);
    PUT(" %s ", SIGN(m, "and", "or"));
    write_condition(m, depth);
    PUT(")");
}

/* All together */

static void put_own(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    switch (sort->base) {
    case BASE_INT:
        put_int(m, sort, depth);
        break;
    case BASE_DURATION:
    case BASE_PERCENT:
        put_quantity(m, sort, depth);
        break;
    case BASE_FLOAT:
        put_float(m, sort, depth);
        break;
    case BASE_BOOL:
        write_condition(m, depth);
        break;
    case BASE_STR:
        put_text(m, sort, depth);
        break;
    case BASE_TIME:
    case BASE_DATE:
    case BASE_CLOCK:
    case BASE_WEEKDAY:
        put_calendar(m, sort, depth);
        break;
    case BASE_RECORD:
        write_record(m, sort, depth);
        break;
    case BASE_LIST:
        if (pick(m, 3) == 0) {
            put_slice(m, sort, depth);
            break;
        }
        write_container(m, sort, depth, false);
        break;
    case BASE_MAP:
        write_container(m, sort, depth, false);
        break;
    case BASE_OPTION:
        if (put_taken(m, sort, depth) || put_field_of_option(m, sort, depth) || put_call_of_option(m, sort, depth))
            break;
        PUT("opt%u(", sort->number);
        write_fitting(m, sort->of, depth);
        PUT(")");
        break;
    default:
        write_literal(m, sort);
        break;
    }
}

void write_exactly(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    if (m->budget-- <= 0 || depth == 0) {
        put_leaf(m, sort);
        return;
    }
    switch (pick(m, 12)) {
    case 0:
    case 1:
        put_leaf(m, sort);
        return;
    case 11:
        if (write_of_core(m, sort, depth - 1)) return;
        break;
    case 6:
        if (write_of_site(m, sort, depth - 1)) return;
        break;
    case 2:
        if (put_call(m, sort, depth - 1)) return;
        break;
    case 3:
        if (put_fallback(m, sort, depth - 1)) return;
        break;
    case 4:
        if (put_element(m, sort, depth - 1)) return;
        break;
    case 5:
        if (put_field(m, sort, depth - 1)) return;
        break;
    default:
        break;
    }
    put_own(m, sort, depth - 1);
}

void write_fitting(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    unsigned how = pick(m, 4);
    if (sort->base == BASE_OPTION && how == 1)
        PUT("none");
    else if (sort->base == BASE_OPTION && how >= 2)
        write_fitting(m, sort->of, depth);
    else if (sort->base == BASE_FLOAT && how == 1)
        write_exactly(m, &m->sorts[BASE_INT], depth);
    else if (sort->base == BASE_VALUE && how)
        write_exactly(m, sort_plain(m), depth);
    else if ((sort->base == BASE_LIST || sort->base == BASE_MAP) && how)
        write_container(m, sort, depth ? depth - 1 : 0, true);
    else
        write_exactly(m, sort, depth);
}
