/* tests/differential/program_step.c - Random steps: with what they fail with caught, several at once, with a busy
 * block. */
#include "tests/differential/program.h"

#include <string.h>

enum { BESIDE = 4 }; /* no more children of a race or parallel */

/* A variable under a number that was taken before. */
static struct program_variable *variable_called(struct program_maker *m, unsigned number, const struct sort *sort)
{
    unsigned serial = m->serial;
    struct program_variable *made = variable_new(m, sort);
    m->serial = serial;
    if (made) snprintf(made->name, sizeof made->name, "v%u", number);
    return made;
}

/* The way on where the step fails; `value`: it is to give one of the sort, or to go elsewhere. `exits`: of the step,
 * but timeout; NULL: of a subroutine. */
static void write_otherwise(struct program_maker *m, const struct sort *value, const char *exits, unsigned depth,
                            unsigned indent)
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
            import_write_block(m, depth, pick(m, 2), indent + 2);
            PUT("\n");
        }
        if (exits && *exits && pick(m, 2)) {
            put_indent(m, indent + 2);
            PUT("%s ->", exits);
            import_write_block(m, depth, pick(m, 2), indent + 2);
            PUT("\n");
        }
        put_indent(m, indent + 2);
        PUT("else -> {");
        if (m->strategy)
            PUT(" attach user_data[\"said\"] = \"{e%u.reason} {e%u.step} {e%u.text} {e%u.code}\";", error, error, error,
                error);
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

static void write_subroutine(struct program_maker *m, unsigned depth, unsigned indent)
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

/* The data of a signal is taken apart at once. */
static void take_payload(struct program_maker *m, unsigned payload, unsigned indent)
{
    unsigned variable = ++m->serial;
    LINE("let v%u = v%u.amount;\n", variable, payload);
    variable_called(m, variable, &m->sorts[BASE_INT]);
    variable = ++m->serial;
    LINE("let v%u = \"{v%u.ref} {v%u.note}\";\n", variable, payload, payload);
    variable_called(m, variable, &m->sorts[BASE_STR]);
}

/* The step's value has a name from here on. */
static void take(struct program_maker *m, const struct program_head *head, unsigned indent)
{
    if (!head->gives) return;
    if (head->sort)
        variable_called(m, head->variable, head->sort);
    else
        take_payload(m, head->variable, indent);
}

static void write_plain(struct program_maker *m, unsigned depth, unsigned indent)
{
    struct program_head head = write_head(m, 0, HEADS, indent, false);
    if (head.kind == HEAD_SIGNAL)
        PUT(pick(m, 2) ? " else fail \"unpaid\";\n" : ";\n");
    else
        write_otherwise(m, head.gives ? head.sort : NULL, head.exits, depth, indent);
    take(m, &head, indent);
}

/* The block beside a wait: it may attach, and goes out by a label behind it. */
static void write_mandatory(struct program_maker *m, unsigned indent)
{
    unsigned label = pick(m, 2) ? ++m->serial : 0;
    LINE("mandatory {\n");
    write_head(m, HEAD_SAY, HEAD_SAY + 1, indent + 1, false);
    PUT(pick(m, 2) ? " else {};\n" : ";\n");
    if (label) {
        put_indent(m, indent + 1);
        PUT("if ");
        write_condition(m, 1);
        PUT(" { goto l%u; }\n", label);
    }
    if (pick(m, 3) == 2) {
        write_head(m, HEAD_MUSIC, HEAD_MUSIC + 1, indent + 1, false);
        PUT(" else {};\n");
    }
    LINE("}\n");
    if (label) LINE("l%u: delay 1s;\n", label);
}

static void write_busy(struct program_maker *m, unsigned label, unsigned indent, bool selects)
{
    struct mark mark = enter(m);
    bool strategy = m->strategy, steps = m->steps;
    const struct sort *result = m->result;
    bool fixed[VARIABLES_MAX];
    for (unsigned i = 0; i < m->variable_count; i++) {
        fixed[i] = m->variables[i].fixed;
        m->variables[i].fixed = true;
    }
    unsigned known = m->variable_count, loops = m->loops;
    m->strategy = m->steps = false;
    m->result = NULL;
    PUT(" busy {\n");
    if (selects && pick(m, 2)) write_mandatory(m, indent + 1);
    unsigned heard = pick(m, 2) ? HEAD_MUSIC : HEAD_SAY;
    write_head(m, heard, heard + 1, indent + 1, false);
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

/* Conditions of the candidate. What a connect asks for is known when it begins. */
static void put_condition_line(struct program_maker *m, bool connects)
{
    static const char *const conditions[] = {"skill Sales >= 3", "skill French >= 1 and skill Sales > 2",
                                             "skill \"Pr\303\252ts immo\" >= limit or not (skill French < 9)",
                                             "skill Sales + skill French > 9 and limit != 9"};
    const struct program_variable *variable = variable_of(m, &m->sorts[BASE_INT]),
                                  *named = variable_of(m, &m->sorts[BASE_SKILL]);
    m->pure = m->in_line = true;
    if (pick(m, 3) == 2) {
        PUT(pick(m, 2) ? "skill French <= max(limit, "
                       : "not skill Sales == min(limit, "); /* no level that is known, and cannot be */
        write_exactly(m, &m->sorts[BASE_INT], 2);
        PUT(pick(m, 2) ? ") and " : ") or ");
        write_condition(m, 2);
    } else if (named && pick(m, 2))
        PUT("skill[%s] > 2 or skill Sales < 1", named->name);
    else if (pick(m, 5) == 4)
        PUT("group experts");
    else if (variable && pick(m, 2))
        PUT("skill French >= %s", variable->name);
    else
        PUT("%s", conditions[pick(m, connects ? 2 : 4)]);
    m->pure = m->in_line = false;
}

static void put_share(struct program_maker *m, bool shares)
{
    if (!shares) return;
    if (pick(m, 3) == 2)
        PUT(" share part");
    else
        PUT(" share %u%%", 1 + pick(m, 20));
}

static void put_figure(struct program_maker *m)
{
    m->pure = m->in_line = true;
    write_exactly(m, &m->sorts[BASE_INT], 2);
    m->pure = m->in_line = false;
}

/* True: all who match are to be asked. `somebody`: is there one but of queues, that can be asked? */
static bool write_lines(struct program_maker *m, unsigned indent, bool connects, bool *somebody)
{
    *somebody = false;
    bool further = false; /* lines of a second virtual queue */
    bool shares = pick(m, 3) == 2 && !connects;
    for (unsigned lines = 1 + pick(m, 3), after = 0; lines > 0; lines--, after += 1 + pick(m, 20)) {
        put_indent(m, indent + 1);
        if (after) PUT("after %us: ", after);
        bool queue = pick(m, 4) == 3;
        *somebody = *somebody || !queue;
        if (queue)
            PUT("queue %s", lines > 1 ? "night" : "desk");
        else
            put_condition_line(m, connects);
        put_share(m, shares);
        PUT(";\n");
        if (further || lines == 1 || pick(m, 6) != 5) continue;
        further = true;
        LINE("} in vq other {\n");
    }
    LINE("}");
    if (!shares && *somebody && pick(m, 3) == 2) {
        static const char *const orders[] = {"everyone", "longest_idle", "highest_level(skill French)",
                                             "max(skill Sales - 3 * skill French)", "min(abs(skill Sales - 5))"};
        static const char *const ties[] = {"", ", round_robin", ", longest_idle", ", min(skill Sales), random"};
        unsigned order = pick(m, 5);
        if (order == 4) {
            PUT(" by max(skill French * 2 + ");
            put_figure(m);
            if (pick(m, 3) == 0) {
                PUT("), min(");
                put_figure(m);
            }
            PUT(")%s", ties[pick(m, 3)]);
            return false;
        }
        PUT(" by %s%s", orders[order], order < 2 ? "" : ties[pick(m, 4)]);
        return order == 0;
    }
    return false;
}

static void put_until(struct program_maker *m)
{
    const struct program_variable *variable = variable_of(m, &m->sorts[BASE_INT]);
    switch (pick(m, 7)) {
    case 6:
        PUT(" until ");
        m->pure = true;
        if (pick(m, 2)) write_condition(m, 2), PUT(pick(m, 2) ? " and " : " or ");
        ONE_OF(m, "limit > 5", "office.open()", "often > 1", "priority < 3", "part < 50%", "seen[\"\"] == 0");
        PUT(pick(m, 2) ? " and " : " or ");
        write_condition(m, 2);
        m->pure = false;
        break;
    case 3:
        PUT(" until limit > 5 or priority < 0");
        break;
    case 4:
        PUT(" until office.closed() and part > 10%%");
        break;
    case 5:
        PUT(" until often >= %s or 100 / limit > 10", variable ? variable->name : "2");
        break;
    default:
        break;
    }
}

static void write_route(struct program_maker *m, const char *to, unsigned depth, unsigned indent)
{
    LINE("route %s answer %us", to, 1 + pick(m, 60));
    if (pick(m, 3) == 2) {
        PUT(" whisper ");
        write_exactly(m, &m->sorts[BASE_STR], 1);
    }
    if (to[0] == 'v' && pick(m, 3) == 2) PUT(" preview %us", 1 + pick(m, 30));
    if (pick(m, 3) == 2) PUT(" timeout %us", 10 + pick(m, 90));
    bool then = pick(m, 4) == 3, where = then && pick(m, 2);
    if (then) {
        PUT(" then t(");
        write_exactly(m, &m->sorts[BASE_INT], 1);
        PUT(")");
    }
    if (where) {
        PUT(" where ");
        write_condition(m, 1);
    }
    write_otherwise(m, NULL, "no_answer, busy, rejected", depth, indent);
}

static void write_waiting(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned label = pick(m, 2) ? ++m->serial : 0, variable = ++m->serial;
    struct mark mark = enter(m);
    unsigned how = pick(m, m->strategy ? 6 : 4); /* even: a selection; 5: a connect */
    bool connects = how == 5, selects = how % 2 == 0 || connects;
    if (connects)
        LINE("connect in vq service {\n");
    else if (selects)
        LINE("let v%u = select in vq service {\n", variable);
    else
        LINE("let v%u = wait for paid", variable);
    bool somebody = false,
         asks = selects && (write_lines(m, indent, connects, &somebody) || (pick(m, 4) == 3 && somebody));
    if (selects && pick(m, 4) == 3) PUT(" goal %us", pick(m, 60));
    if (selects && pick(m, 4) == 3) PUT(" age %s", pick(m, 2) ? "fresh" : "kept");
    if (asks) PUT(" preview %us", 1 + pick(m, 30));
    if (connects && somebody && !asks && pick(m, 4) == 3) PUT(" ring %u", 1 + pick(m, 8));
    if (connects && pick(m, 2)) PUT(" answer %us", 1 + pick(m, 60));
    if ((connects || asks) && pick(m, 2)) PUT(" exclude %us", pick(m, 60));
    PUT(" timeout %us", 1 + pick(m, 300));
    if (selects) put_until(m);
    write_busy(m, label, indent, selects);
    PUT(pick(m, 2) || (connects && label) ? " else fail \"nobody\";\n" : ";\n");
    if (!selects) {
        take_payload(m, variable, indent);
    } else if (m->strategy && !connects) {
        char to[16];
        snprintf(to, sizeof to, "v%u", variable);
        write_route(m, to, depth, indent);
    }
    if (!label) return;
    if (!connects) write_body(m, depth, pick(m, 2), indent);
    leave(m, mark);
    LINE("l%u: if ", label);
    write_condition(m, 1);
    import_write_block(m, depth, 1, indent);
    PUT("\n");
}

static void write_race(struct program_maker *m, unsigned depth, unsigned indent)
{
    bool treated = false;
    LINE("race {\n");
    for (unsigned arms = 1 + pick(m, BESIDE); arms > 0; arms--) {
        struct mark mark = enter(m);
        struct program_head head = write_head(m, treated ? TREATMENTS : 0, BESIDE_OTHERS, indent + 1, false);
        treated = treated || head.kind < TREATMENTS;
        PUT(" -> {\n");
        take(m, &head, indent + 2);
        write_body(m, depth, pick(m, 3), indent + 2);
        leave(m, mark);
        put_indent(m, indent + 1);
        PUT("}\n");
    }
    LINE("}");
    if (pick(m, 2)) PUT(" timeout %us", 1 + pick(m, 60));
    write_otherwise(m, NULL, "", depth, indent);
}

static void write_parallel(struct program_maker *m, unsigned depth, unsigned indent)
{
    struct program_head heads[BESIDE];
    unsigned count = 0;
    bool treated = false, attaches = m->strategy && m->key_count && m->keys[0]->base == BASE_STR;
    LINE("parallel {\n");
    for (unsigned children = 1 + pick(m, BESIDE); children > 0; children--) {
        struct program_head head = write_head(m, treated ? TREATMENTS : 0, BESIDE_OTHERS, indent + 1, attaches);
        treated = treated || head.kind < TREATMENTS;
        bool value = head.sort && (head.gives || head.kind == HEAD_DIGITS);
        if (value && pick(m, 2)) {
            PUT(" else ");
            write_exactly(m, head.sort, 1);
        } else if (!value && !head.gives && pick(m, 2)) {
            PUT(" else {}");
        }
        PUT(";\n");
        heads[count++] = head;
    }
    LINE("}");
    if (pick(m, 2)) PUT(" timeout %us", 1 + pick(m, 60));
    PUT(pick(m, 2) ? " else fail \"not all\";\n" : ";\n");
    for (unsigned i = 0; i < count; i++) take(m, &heads[i], indent);
    (void)depth;
}

static void write_end(struct program_maker *m, unsigned depth, unsigned indent)
{
    switch (pick(m, m->strategy ? 6 : 2)) {
    case 5:
        LINE("log.note(");
        write_exactly(m, &m->sorts[BASE_STR], 1);
        PUT(");\n");
        return;
    case 0:
        LINE("exclude queue %s for %us;\n", pick(m, 2) ? "night" : "desk", pick(m, 90));
        return;
    case 1:
        LINE("priority %s ", chance(m, 3) ? "-=" : "+=");
        write_exactly(m, &m->sorts[BASE_INT], 1);
        PUT(" every %us", 1 + pick(m, 90));
        if (pick(m, 2)) {
            PUT(" to ");
            write_exactly(m, &m->sorts[BASE_INT], 1);
        }
        PUT(";\n");
        return;
    case 2:
        write_route(m, "queue desk", depth, indent);
        return;
    case 3:
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

/* A recorded value is shown at once, of a list or where it is perhaps none. */
static void write_recording(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned blob = ++m->serial, list = ++m->serial, text = ++m->serial;
    (void)depth;
    if (pick(m, 2)) {
        LINE("let v%u: blob? = ivr.record(prompt hello, max: %us) else none;\n", blob, 1 + pick(m, 90));
        LINE("let v%u: list<blob?> = [v%u, none];\n", list, blob);
    } else {
        LINE("let v%u = ivr.record(prompt hello, max: %us) else fail \"nothing said\";\n", blob, 1 + pick(m, 90));
        LINE("let v%u = [v%u, v%u];\n", list, blob, blob);
    }
    LINE("let v%u = \"{v%u} {v%u[%u]}\";\n", text, blob, list, pick(m, 2));
    variable_called(m, text, &m->sorts[BASE_STR]);
}

void write_step(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned what = pick(m, 16);
    if (m->handler) what %= 9;
    if (what >= 10 && (m->loops || !depth)) what -= 10;
    if (what < 9)
        write_plain(m, depth, indent);
    else if (what == 9)
        (pick(m, 2) ? write_subroutine : write_recording)(m, depth, indent);
    else if (what == 10)
        write_race(m, depth - 1, indent);
    else if (what == 11)
        write_parallel(m, depth - 1, indent);
    else if (what < 14)
        write_waiting(m, depth - 1, indent);
    else
        write_end(m, depth - 1, indent);
}
