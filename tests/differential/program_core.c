/* tests/differential/program_core.c - What a random program asks the core: agents, queues, numbers, who is on the call,
 * the main interaction of a consultation. */
#include "tests/differential/program.h"

static void put_agent(struct program_maker *m, unsigned depth)
{
    PUT("agent.named(");
    if (pick(m, 3) == 2)
        write_exactly(m, &m->sorts[BASE_STR], depth);
    else
        ONE_OF(m, "\"marie\"", "\"paul\"", "\"gr\303\274n\"", "\"nobody\"");
    PUT(")");
}

static void put_dn(struct program_maker *m, unsigned depth)
{
    PUT("dn.named(");
    write_exactly(m,
                  pick(m, 3) || !sort_of(m, BASE_OPTION, &m->sorts[BASE_STR])
                      ? &m->sorts[BASE_STR]
                      : sort_of(m, BASE_OPTION, &m->sorts[BASE_STR]),
                  depth);
    PUT(")");
}

bool write_of_core_perhaps(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    bool consults = m->consults && pick(m, 2);
    switch (sort->base) {
    case BASE_BOOL:
        if (consults) return PUT("main.kept_place"), true;
        put_agent(m, depth);
        ONE_OF(m, "?.ready", "?.logged_in");
        return true;
    case BASE_STR:
        if (consults) {
            ONE_OF(m, "main.ani", "main.dnis", "main.locale", "main.account");
            return true;
        }
        switch (pick(m, 4)) {
        case 0:
            put_agent(m, depth);
            PUT("?.name");
            return true;
        case 1:
            put_agent(m, depth);
            PUT("?.id");
            return true;
        case 2:
            put_dn(m, depth);
            PUT("?.name");
            return true;
        default:
            PUT("parties.first?.dn?.name");
            return true;
        }
    case BASE_INT:
        if (consults) ONE_OF(m, "main.priority", "main.attempt", "main.visits");
        return consults;
    case BASE_DURATION:
        if (consults) PUT("main.waited");
        return consults;
    case BASE_TIME:
        if (consults) ONE_OF(m, "main.due", "main.arrived");
        return consults;
    default:
        return false;
    }
}

bool write_of_core(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    switch (sort->base) {
    case BASE_INT:
        ONE_OF(m, "position(vq service)", "attempt", "parties.count");
        return true;
    case BASE_DURATION:
        ONE_OF(m, "(ewt(vq service) else 3s)", "(ewt_low(vq service) else (ewt_high(vq service) else 2s))", "waited");
        return true;
    case BASE_TIME:
        PUT("arrived");
        return true;
    case BASE_STR:
        switch (pick(m, 4)) {
        case 0:
            PUT("\"{");
            put_agent(m, depth);
            PUT("?.state} {");
            put_agent(m, depth);
            PUT("}\"");
            return true;
        case 1:
            PUT("\"{");
            put_dn(m, depth);
            PUT("}\"");
            return true;
        case 2:
            PUT("\"{this_dn}{dnis}{kept_place}\"");
            return true;
        default:
            PUT("\"{parties.last?.role} {parties.first?.agent?.name}\"");
            return true;
        }
    default:
        return false;
    }
}

void write_condition_of_core(struct program_maker *m, unsigned depth)
{
    switch (pick(m, 5)) {
    case 0:
        ONE_OF(m, "queue desk.reachable", "queue night.reachable", "kept_place");
        return;
    case 1:
        PUT("(");
        put_agent(m, depth);
        PUT("?.state ");
        ONE_OF(m, "==", "!=");
        ONE_OF(m, " ready)", " not_ready)", " logged_out)", " none)");
        return;
    case 2:
        PUT("(");
        put_agent(m, depth);
        ONE_OF(m, "?.ready else false)", "?.logged_in else true)");
        return;
    case 3:
        PUT("(");
        put_dn(m, depth);
        PUT(" ");
        ONE_OF(m, "==", "!=");
        PUT(" ");
        write_exactly(m, &m->sorts[BASE_STR], depth);
        PUT(")");
        return;
    default:
        PUT("(parties.first?.role == customer)");
        return;
    }
}

/* Whom a test has told to be there, and those on the call. */
void write_of_people(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned who = ++m->serial;
    struct mark mark = enter(m);
    if (pick(m, 3) == 0) {
        LINE("for w%u in parties {\n", who);
        const struct program_variable *text = variable_new(m, &m->sorts[BASE_STR]);
        if (text) {
            put_indent(m, indent + 1);
            PUT("let %s = \"{w%u.dn} {w%u.role} {w%u.agent} {w%u.agent?.state}\";\n", text->name, who, who, who, who);
        }
        m->loops++;
        write_body(m, depth, 1 + pick(m, 2), indent + 1);
        m->loops--;
    } else {
        LINE("let w%u = ", who);
        put_agent(m, 1);
        PUT(";\n");
        LINE("if w%u", who);
        ONE_OF(m, " != none", "?.ready", "?.state == ready", " != none and not false");
        PUT(" {\n");
        put_indent(m, indent + 1);
        PUT("let v%u = w%u.level(", m->serial + 1, who);
        write_exactly(m, &m->sorts[BASE_SKILL], 1);
        PUT(");\n");
        variable_new(m, &m->sorts[BASE_INT]);
        const struct program_variable *text = variable_new(m, &m->sorts[BASE_STR]);
        if (text) {
            put_indent(m, indent + 1);
            PUT("let %s = \"{w%u} {w%u.name}{w%u.id}{w%u.state} {w%u.ready}\";\n", text->name, who, who, who, who, who);
        }
        write_body(m, depth, 1 + pick(m, 2), indent + 1);
    }
    leave(m, mark);
    LINE("}\n");
}
