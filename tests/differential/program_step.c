/* tests/differential/program_step.c - Random steps: with what they fail with caught, several at once, with a busy block. */
#include "tests/differential/program.h"

#include <string.h>

enum { BESIDE = 4 }; /* no more children of a race or parallel */

/* A variable under a number that was taken before. */
static struct variable *variable_called(struct maker *m, unsigned number, const struct sort *sort)
{
    unsigned serial = m->serial;
    struct variable *made = variable_new(m, sort);
    m->serial = serial;
    if (made) snprintf(made->name, sizeof made->name, "v%u", number);
    return made;
}

/* What goes on where the step fails; `value`: it is to give one of the sort, or to go elsewhere. `exits`: of the step, but
 * timeout; NULL: of a subroutine. */
static void write_otherwise(struct maker *m, const struct sort *value, const char *exits, unsigned depth, unsigned indent)
{
    unsigned how = pick(m, 8), error;
    if (how < 3) {
        PUT(value ? " else " : " else {}");
        if (value) write_exactly(m, value, 1);
    } else if (how == 3) {
        PUT(" else fail \"%s\"", "gave up");
    } else if (how > 4) {
        PUT(" else e%u", error = ++m->serial);
        PUT(" {\n");
        struct mark mark = enter(m);
        put_indent(m, indent + 1);
        PUT("segment e%u.reason {\n", error);
        if (exits) {
            put_indent(m, indent + 2);
            PUT("timeout ->");
            write_block(m, depth, pick(m, 2), indent + 2);
            PUT("\n");
        }
        if (exits && *exits && pick(m, 2)) {
            put_indent(m, indent + 2);
            PUT("%s ->", exits);
            write_block(m, depth, pick(m, 2), indent + 2);
            PUT("\n");
        }
        put_indent(m, indent + 2);
        PUT("else -> {");
        if (m->strategy) PUT(" attach user_data[\"said\"] = \"{e%u.reason} {e%u.step} {e%u.text} {e%u.code}\";", error, error, error, error);
        PUT(" }\n");
        put_indent(m, indent + 1);
        PUT("}\n");
        write_body(m, depth, pick(m, 2), indent + 1);
        leave(m, mark);
        put_indent(m, indent + 1);
        if (value && m->strategy && pick(m, 2))
            PUT("stop \"{e%u.text}\";\n", error);
        else if (value)
            PUT("fail e%u.code;\n", error);
        else
            PUT("\n");
        LINE("}");
    } /* else the failure goes on outwards */
    PUT(";\n");
}

static void put_clauses(struct maker *m)
{
    if (pick(m, 2)) PUT(" tries %u", 1 + pick(m, 4));
    if (chance(m, 3)) PUT(" pause %us", pick(m, 9));
    if (chance(m, 3)) PUT(" timeout %us", 1 + pick(m, 100));
}

static void write_subroutine(struct maker *m, unsigned depth, unsigned indent)
{
    for (unsigned i = pick(m, m->routine_count + 1); i < m->routine_count; i++) {
        const struct routine *routine = &m->routines[i];
        if (!routine->waits || routine->result->base == BASE_OPTION) continue;
        unsigned variable = ++m->serial;
        LINE("let v%u = %s(", variable, routine->name);
        for (unsigned n = 0; n < routine->count; n++) {
            if (n) PUT(", ");
            write_fitting(m, routine->params[n], 2);
        }
        PUT(")");
        write_otherwise(m, routine->result, NULL, depth, indent);
        variable_called(m, variable, routine->result);
        return;
    }
    LINE("delay 1s;\n");
}

/* One step's head and clauses; what it gives, or NULL. At most one treatment and one selection stand beside each other. */
static const struct sort *put_head(struct maker *m, unsigned which, const char **exits)
{
    const struct sort *str = &m->sorts[BASE_STR], *sort = sort_plain(m);
    *exits = "not_applied";
    switch (which) {
    case 0:
        PUT("ivr.say(");
        write_exactly(m, str, 2);
        PUT(")");
        put_clauses(m);
        return NULL;
    case 1:
        *exits = "no_input, invalid";
        PUT("ivr.digits(prompt hello, min: %u, max: 12, gap: %us)", pick(m, 12), pick(m, 20));
        put_clauses(m);
        return str;
    case 2:
        *exits = "not_applied, no_input, invalid";
        if (sort->base == BASE_WEEKDAY) sort = str;
        PUT("ivr.menu(prompt hello, [\"1\": ");
        write_exactly(m, sort, 1);
        PUT(", \"2\": ");
        write_exactly(m, sort, 1);
        PUT("])");
        put_clauses(m);
        return sort;
    case 3:
        PUT("ivr.play(prompt hello");
        for (unsigned values = pick(m, 4); values > 0; values--) {
            PUT(", ");
            write_exactly(m, sort_plain(m)->base <= BASE_CLOCK ? str : &m->sorts[BASE_INT], 2);
        }
        PUT(")");
        return NULL;
    case 4:
        PUT("ivr.music(prompt hold, %us)", 1 + pick(m, 100));
        return NULL;
    case 5:
        *exits = "";
        PUT("wait for paid timeout %us", 1 + pick(m, 100));
        return NULL; /* what it brings has no name */
    default:
        *exits = "";
        PUT("delay %us", pick(m, 100));
        return NULL;
    }
}

enum { HEADS = 7, TREATMENTS = 5, PAYLOAD = 5 };

/* What a signal brought is taken apart at once. */
static void take_payload(struct maker *m, unsigned payload, unsigned indent)
{
    unsigned variable = ++m->serial;
    LINE("let v%u = v%u.amount;\n", variable, payload);
    variable_called(m, variable, &m->sorts[BASE_INT]);
    variable = ++m->serial;
    LINE("let v%u = \"{v%u.ref} {v%u.note}\";\n", variable, payload, payload);
    variable_called(m, variable, &m->sorts[BASE_STR]);
}

static void write_plain(struct maker *m, unsigned depth, unsigned indent)
{
    const char *exits;
    unsigned which = pick(m, HEADS), variable = ++m->serial;
    bool gives = which == 1 || which == 2 || which == PAYLOAD;
    put_indent(m, indent);
    if (gives) PUT("let v%u = ", variable);
    const struct sort *sort = put_head(m, which, &exits);
    if (which == PAYLOAD) {
        PUT(pick(m, 2) ? " else fail \"unpaid\";\n" : ";\n");
        take_payload(m, variable, indent);
        return;
    }
    write_otherwise(m, sort, exits, depth, indent);
    if (gives) variable_called(m, variable, sort);
}

/* What stands beside a wait: it may attach, and goes out by a label behind it. */
static void write_busy(struct maker *m, unsigned label, unsigned indent)
{
    struct mark mark = enter(m);
    bool strategy = m->strategy, steps = m->steps;
    const struct sort *result = m->result;
    const char *exits;
    bool fixed[VARIABLES_MAX];
    for (unsigned i = 0; i < m->variable_count; i++) {
        fixed[i] = m->variables[i].fixed;
        m->variables[i].fixed = true;
    }
    unsigned known = m->variable_count, loops = m->loops;
    m->strategy = m->steps = false;
    m->result = NULL;
    PUT(" busy {\n");
    put_indent(m, indent + 1);
    put_head(m, pick(m, 2) ? 4 : 0, &exits);
    PUT(pick(m, 2) ? " else {};\n" : ";\n");
    if (strategy && pick(m, 2)) {
        put_indent(m, indent + 1);
        PUT("attach user_data[\"busy\"] = ");
        write_exactly(m, sort_plain(m), 2);
        PUT(";\n");
    }
    m->loops = 2; /* loops around it are not left from within */
    write_body(m, 1, pick(m, 3), indent + 1);
    put_indent(m, indent + 1);
    if (label) {
        PUT("if ");
        write_condition(m, 2);
        PUT(" { goto l%u; }\n", label);
    } else {
        PUT("delay 1s;\n");
    }
    LINE("}");
    leave(m, mark);
    for (unsigned i = 0; i < known; i++) m->variables[i].fixed = fixed[i];
    m->strategy = strategy;
    m->steps = steps;
    m->result = result;
    m->loops = loops;
}

static void write_waiting(struct maker *m, unsigned depth, unsigned indent)
{
    static const char *const conditions[] = {"skill Sales >= 3", "skill French >= 1 and skill Sales > 2",
                                             "skill \"Pr\303\252ts immo\" >= limit or not (skill French < 9)"};
    unsigned label = pick(m, 2) ? ++m->serial : 0, variable = ++m->serial;
    struct mark mark = enter(m);
    bool select = pick(m, 2);
    if (select) {
        LINE("let v%u = select in vq service {\n", variable);
        for (unsigned lines = 1 + pick(m, 3), after = 0; lines > 0; lines--, after += 1 + pick(m, 20)) {
            put_indent(m, indent + 1);
            if (after) PUT("after %us: ", after);
            PUT("%s;\n", conditions[pick(m, 3)]);
        }
        LINE("} timeout %us", 1 + pick(m, 300));
    } else {
        LINE("let v%u = wait for paid timeout %us", variable, 1 + pick(m, 300));
    }
    write_busy(m, label, indent);
    PUT(pick(m, 2) ? " else fail \"nobody\";\n" : ";\n");
    if (!select) {
        take_payload(m, variable, indent);
    } else if (m->strategy) {
        LINE("route v%u answer %us", variable, 1 + pick(m, 60));
        write_otherwise(m, NULL, "no_answer, busy", depth, indent);
    }
    if (!label) return;
    write_body(m, depth, pick(m, 2), indent);
    leave(m, mark);
    LINE("l%u: if ", label);
    write_condition(m, 1);
    write_block(m, depth, 1, indent);
    PUT("\n");
}

static void write_race(struct maker *m, unsigned depth, unsigned indent)
{
    bool treated = false;
    LINE("race {\n");
    for (unsigned arms = 1 + pick(m, BESIDE); arms > 0; arms--) {
        const char *exits;
        unsigned which = treated ? TREATMENTS + pick(m, HEADS - TREATMENTS) : pick(m, HEADS), variable = ++m->serial;
        bool gives = which == 1 || which == 2 || which == PAYLOAD;
        treated = treated || which < TREATMENTS;
        struct mark mark = enter(m);
        put_indent(m, indent + 1);
        if (gives) PUT("let v%u = ", variable);
        const struct sort *sort = put_head(m, which, &exits);
        PUT(" -> {\n");
        if (which == PAYLOAD)
            take_payload(m, variable, indent + 2);
        else if (gives)
            variable_called(m, variable, sort);
        write_body(m, depth, pick(m, 3), indent + 2);
        leave(m, mark);
        put_indent(m, indent + 1);
        PUT("}\n");
    }
    LINE("}");
    if (pick(m, 2)) PUT(" timeout %us", 1 + pick(m, 60));
    write_otherwise(m, NULL, "", depth, indent);
}

static void write_parallel(struct maker *m, unsigned depth, unsigned indent)
{
    unsigned numbers[BESIDE], count = 0;
    const struct sort *sorts[BESIDE];
    bool treated = false;
    LINE("parallel {\n");
    for (unsigned children = 1 + pick(m, BESIDE); children > 0; children--) {
        const char *exits;
        unsigned which = treated ? TREATMENTS + pick(m, HEADS - TREATMENTS) : pick(m, HEADS), variable = ++m->serial;
        bool gives = which == 1 || which == 2 || which == PAYLOAD;
        treated = treated || which < TREATMENTS;
        put_indent(m, indent + 1);
        bool attaches = which == 1 && m->strategy && m->key_count && m->keys[0]->base == BASE_STR;
        if (attaches)
            PUT("attach k0 = ");
        else if (gives)
            PUT("let v%u = ", variable);
        const struct sort *sort = put_head(m, which, &exits);
        if (gives && which != PAYLOAD && pick(m, 2)) {
            PUT(" else ");
            write_exactly(m, sort, 1);
        } else if (!gives && pick(m, 2)) {
            PUT(" else {}");
        }
        PUT(";\n");
        if (!gives || attaches) continue;
        numbers[count] = variable;
        sorts[count++] = which == PAYLOAD ? NULL : sort;
    }
    LINE("}");
    if (pick(m, 2)) PUT(" timeout %us", 1 + pick(m, 60));
    PUT(pick(m, 2) ? " else fail \"not all\";\n" : ";\n");
    for (unsigned i = 0; i < count; i++)
        if (sorts[i])
            variable_called(m, numbers[i], sorts[i]);
        else
            take_payload(m, numbers[i], indent);
    (void)depth;
}

static void write_end(struct maker *m, unsigned depth, unsigned indent)
{
    switch (pick(m, m->strategy ? 4 : 1)) {
    case 0:
        LINE("exclude queue %s for %us;\n", pick(m, 2) ? "night" : "desk", pick(m, 90));
        return;
    case 1:
        LINE("route queue desk answer %us", 1 + pick(m, 90));
        write_otherwise(m, NULL, "no_answer, busy, rejected", depth, indent);
        return;
    case 2:
        LINE("if ");
        write_condition(m, 2);
        PUT(" { reject %u; }\n", 300 + pick(m, 400));
        return;
    default:
        LINE("if ");
        write_condition(m, 2);
        PUT(" { switch to t(");
        write_exactly(m, &m->sorts[BASE_INT], 2);
        if (pick(m, 2)) {
            PUT(", ");
            write_exactly(m, &m->sorts[BASE_STR], 2);
        }
        PUT("); }\n");
        return;
    }
}

void write_step(struct maker *m, unsigned depth, unsigned indent)
{
    unsigned what = pick(m, 16);
    if (what >= 10 && (m->loops || !depth)) what -= 10;
    if (what < 9)
        write_plain(m, depth, indent);
    else if (what == 9)
        write_subroutine(m, depth, indent);
    else if (what == 10)
        write_race(m, depth - 1, indent);
    else if (what == 11)
        write_parallel(m, depth - 1, indent);
    else if (what < 14)
        write_waiting(m, depth - 1, indent);
    else
        write_end(m, depth - 1, indent);
}
