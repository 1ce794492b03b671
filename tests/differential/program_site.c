/* tests/differential/program_site.c - What a random program's site declares, and what is asked of it: parameters,
 * tables, schedules, chance, names by their texts, and what came with the call. */
#include "config.h"
#include <stdlib.h>

#include "tests/differential/program.h"

static void put_path(struct program_maker *m, const char *within)
{
    char *path = fuzz_path(within), *whole = realpath(path, NULL);
    MUST(whole); /* top_srcdir says where it is */
    PUT("\"%s\"", whole);
    free(whole);
    free(path);
}

static void put_schedule(struct program_maker *m, const char *name, const char *zone)
{
    static const char *const days[] = {"mon..fri", "sat", "fri..mon", "wed", "2026-12-24", "2026-02-20..2026-03-15",
                                       "mon..sun"};
    static const char *const hours[] = {"08:00..12:00, 13:30..19:00",
                                        "22:00..06:00",
                                        "00:00..00:00",
                                        "closed",
                                        "09:00..12:00, 11:00..12:30",
                                        "02:30..02:31",
                                        "00:00..23:59, 12:00..08:00"};
    PUT("    schedule %s%s {", name, zone);
    for (unsigned lines = 1 + pick(m, 5); lines > 0; lines--) {
        const char *of = days[pick(m, 7)];
        PUT(" %s %s;", of, hours[pick(m, 7)]);
    }
    PUT(" }\n");
}

/* The order in which agents take from the virtual queues, or none. */
static void put_order_for_agents(struct program_maker *m)
{
    static const char *const by[] = {"", " by rank", " by priority", " by age"};
    static const char *const ends[] = {"", " after 60s", " after 90ms", " never"};
    static const char *const queues[] = {"vq service, vq other", "vq other", "others"};
    unsigned first = pick(m, 4);
    if (first == 3) return;
    PUT("    order for agents%s { %s", by[pick(m, 4)], queues[first]);
    PUT("%s;", ends[pick(m, 4)]);
    if (first == 1 && pick(m, 2)) PUT(" vq service%s;", ends[pick(m, 4)]);
    if (first != 2 && pick(m, 2)) PUT(" others%s;", ends[pick(m, 4)]);
    PUT(" }\n");
}

/* A view of a queue, or none. */
static void put_bin_view(struct program_maker *m)
{
    static const char *const wheres[] = {"visits >= 3", "account has \"x\", age > 2h", "media != \"email\", left < 0s",
                                         "priority < -7, account == \"a\""};
    static const char *const orders[] = {"due", "-received", "account", "-visits"};
    static const char *const columns[] = {"from", "subject, account", "visits, due, account, media"};
    if (pick(m, 2)) return;
    PUT("    view some of queue %s {", pick(m, 2) ? "desk" : "night");
    if (pick(m, 2)) PUT(" where %s;", wheres[pick(m, 4)]);
    if (pick(m, 2)) PUT(" order by %s;", orders[pick(m, 4)]);
    if (pick(m, 2)) PUT(" columns %s;", columns[pick(m, 3)]);
    PUT(" }\n");
}

void import_write_site(struct program_maker *m)
{
    PUT("site {\n    default zone \"Europe/Paris\"; default timeout 10m;%s\n    skill Sales, French, \"Pr\303\252ts "
        "immo\";\n"
        "    queue desk, night; vq service, other; prompt hello, hold; group experts = skill Sales >= 5 and skill "
        "French < "
        "4;\n"
        "    parameter limit: int = 7; parameter part: percent = 25%%; parameter patience: duration = 45s;\n"
        "    parameter friends: list<str> = [\"4711\", \"+33145550101\"]; parameter tongue: skill? = skill French;\n"
        "    counter often; counter seen[str] over 1h keys 900; counter today since 08:30; counter nightly[str] since "
        "23:59:59;\n"
        "    endpoint known(number: str, weight: float): %s = get \"https://host/{number}?w={weight}\" timeout 2s;\n"
        "    endpoint report(lines: list<str>, at: time): list<%s> = post \"/report\";\n"
        "    endpoint drop(number: str, weight: float?) = put \"/x/{number}\";\n"
        "    attached { account: str; visits: int; }\n    signal paid(amount: int, ref: str?, note: str);\n    source "
        "crm schema ",
        pick(m, 3) == 2 ? " default locale \"fr-CA\";" : "", m->client->text, m->client->text);
    put_path(m, "tests/differential/crm.sql");
    PUT(";\n    table rates from ");
    put_path(m, "tests/differential/rates.csv");
    PUT(" { key number: str; name: str; points: int?; late: duration?; share: percent; since: date; from: clock; rate: "
        "float; "
        "free: bool }\n    table areas from ");
    put_path(m, "tests/differential/areas.csv");
    PUT(" { key prefix area: str; name: str?; points: int? }\n");
    put_schedule(m, "office", " zone \"Europe/Paris\"");
    put_schedule(m, "far", " zone \"America/New_York\"");
    put_order_for_agents(m);
    put_bin_view(m);
    PUT("}\n");
}

/* The data that came with the call: `.str` and so on of a walk. */
static void put_walk(struct program_maker *m, unsigned depth)
{
    static const char *const known[] = {"order", "a", "empty", "4711", "gold"};
    static const char *const inner[] = {"customer", "lines", "id", "name", "", "z", "none", "since", "b"};
    PUT("user_data[");
    if (pick(m, 4) == 3)
        write_exactly(m, &m->sorts[BASE_STR], depth);
    else
        PUT("\"%s\"", known[pick(m, 5)]);
    PUT("]");
    for (unsigned more = pick(m, 3); more > 0; more--) PUT("[\"%s\"]", inner[pick(m, 9)]);
}

static void put_moment(struct program_maker *m, unsigned depth, const char *before)
{
    PUT("%s", before);
    write_exactly(m, &m->sorts[BASE_TIME], depth);
}

static void put_cell(struct program_maker *m, const char *table, const char *column, unsigned depth)
{
    PUT("%s[", table);
    write_exactly(m, &m->sorts[BASE_STR], depth);
    PUT("]?.%s", column);
}

/* A T? that the site or the call has; false: none has it. */
static bool put_perhaps(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    static const char *const columns[] = {
        [BASE_INT] = "points",    [BASE_STR] = "name",      [BASE_BOOL] = "free",  [BASE_FLOAT] = "rate",
        [BASE_DURATION] = "late", [BASE_PERCENT] = "share", [BASE_DATE] = "since", [BASE_CLOCK] = "from"};
    static const char *const boxed[] = {
        [BASE_INT] = "int", [BASE_STR] = "str", [BASE_BOOL] = "bool", [BASE_FLOAT] = "float", [BASE_TIME] = "time"};
    unsigned how = pick(m, 3);
    if (pick(m, 4) == 3 && write_of_core_perhaps(m, sort, depth)) return true;
    switch (sort->base) {
    case BASE_TIME:
        if (how == 0) break;
        PUT(how == 1 ? "office" : "far");
        if (pick(m, 3) == 2) {
            put_moment(m, depth, ".add(");
            PUT(", ");
            write_exactly(m, &m->sorts[BASE_DURATION], depth);
        } else {
            PUT(pick(m, 2) ? ".opens(" : ".closes(");
            if (pick(m, 3)) put_moment(m, depth, "at: ");
        }
        PUT(")");
        return true;
    case BASE_SKILL:
        if (how == 0) {
            PUT("tongue");
            return true;
        }
        PUT("skill.named(");
        write_exactly(m, &m->sorts[BASE_STR], depth);
        PUT(")");
        return true;
    case BASE_INT:
    case BASE_STR:
        if (how == 0) break;
        put_cell(m, how == 1 ? "rates" : "areas", columns[sort->base], depth);
        return true;
    case BASE_BOOL:
    case BASE_FLOAT:
        if (how == 0) break;
        put_cell(m, "rates", columns[sort->base], depth);
        return true;
    case BASE_DURATION:
    case BASE_PERCENT:
    case BASE_DATE:
    case BASE_CLOCK:
        put_cell(m, "rates", columns[sort->base], depth);
        return true;
    case BASE_VALUE:
        put_walk(m, depth);
        return true;
    default:
        return false;
    }
    put_walk(m, depth);
    PUT(".%s", boxed[sort->base]);
    return true;
}

/* A list or map of values. */
static bool put_pairs(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    if (sort->of->base != BASE_VALUE) return false;
    put_walk(m, depth);
    PUT(sort->base == BASE_LIST ? ".list" : ".map");
    return true;
}

bool write_of_site(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    unsigned how = pick(m, 4);
    if (sort->base == BASE_OPTION) return put_perhaps(m, sort->of, depth);
    if (sort->base == BASE_DURATION && how < 2) {
        if (how == 0) {
            PUT("patience");
            return true;
        }
        put_moment(m, depth, pick(m, 2) ? "office.between(" : "far.between(");
        put_moment(m, depth, ", ");
        PUT(")");
        return true;
    }
    if ((sort->base == BASE_PERCENT || sort->base == BASE_TIME) && how == 0) {
        PUT(sort->base == BASE_TIME ? "now" : "part");
        return true;
    }
    if (sort->base == BASE_LIST && sort->of->base == BASE_STR) {
        PUT("friends");
        return true;
    }
    bool pairs = (sort->base == BASE_LIST || sort->base == BASE_MAP) && sort->of->base == BASE_VALUE;
    if (!pairs && (sort->base >= BASE_ENUM || sort->base == BASE_WEEKDAY) && sort->base != BASE_VALUE) return false;
    PUT("(");
    if (pairs)
        put_pairs(m, sort, depth);
    else
        put_perhaps(m, sort, depth);
    PUT(" else ");
    write_exactly(m, sort, depth);
    PUT(")");
    return true;
}

void write_condition_of_site(struct program_maker *m, unsigned depth)
{
    const struct sort *str = &m->sorts[BASE_STR];
    unsigned how = pick(m, 4);
    if (how == 0 && !m->pure) {
        PUT("sample(");
        write_exactly(m, &m->sorts[BASE_PERCENT], depth);
        PUT(")");
    } else if (how < 3) {
        PUT("(");
        write_exactly(m, str, depth);
        PUT(" in %s)", how == 1 ? "rates" : "areas");
    } else {
        PUT("%s.%s(", pick(m, 2) ? "far" : "office", pick(m, 2) ? "open" : "closed");
        if (pick(m, 3)) put_moment(m, depth, "at: ");
        PUT(")");
    }
}

void write_count(struct program_maker *m, unsigned indent)
{
    LINE("count ");
    unsigned which = pick(m, 4);
    if (which < 2) {
        PUT(which ? "today;\n" : "often;\n");
        return;
    }
    PUT(which == 2 ? "seen[" : "nightly[");
    write_exactly(m, &m->sorts[BASE_STR], 1);
    PUT("];\n");
}

/* `let row = t[k]`, and what it has where it is there. */
void write_row(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned row = ++m->serial;
    bool rates = pick(m, 2);
    LINE("let w%u = %s[", row, rates ? "rates" : "areas");
    write_exactly(m, &m->sorts[BASE_STR], 2);
    PUT("];\n");
    LINE("if w%u != none {\n", row);
    struct mark mark = enter(m);
    const struct program_variable *name = variable_new(m, &m->sorts[BASE_STR]),
                                  *other = variable_new(m, &m->sorts[rates ? BASE_PERCENT : BASE_INT]);
    if (name && other) {
        put_indent(m, indent + 1);
        PUT(rates ? "let %s = w%u.name;\n" : "let %s = (w%u.name else w%u.area);\n", name->name, row, row);
        put_indent(m, indent + 1);
        PUT(rates ? "let %s = w%u.share;\n" : "let %s = (w%u.points else -1);\n", other->name, row);
    }
    write_body(m, depth, 1 + pick(m, 2), indent + 1);
    leave(m, mark);
    LINE("}\n");
}
