/* tests/differential/program_secret.c - A random program about a secret: texts that go from name to name, round loops,
 * into lists, maps and records, through functions and subroutines, and become what others see.
 *
 * Variables are declared at the beginning of a body, and each use is a statement on a line of its own, so that any of
 * them can be left out. */
#include "config.h"
#include "tests/differential/program.h"

#include <stdlib.h>

enum { TEXTS = 5, FUNCTIONS = 4, SUBROUTINES = 2 };

static void write_block_of_secrets(struct program_maker *m, unsigned depth, unsigned indent);

static void write_declarations(struct program_maker *m)
{
    for (unsigned i = 0; i < TEXTS; i++) PUT("    let v%u = \"%u\";\n", i, i);
    PUT("    let n = 0;\n    let l: list<str> = [];\n    let m: map<str> = [:];\n"
        "    let c = Card(number: \"1\", of: \"2\");\n    let r = Card(number: \"3\", of: \"4\");\n");
}

/* Of a body's variables: what parameters it has are p0 and p1. */
static void write_text(struct program_maker *m)
{
    unsigned from = pick(m, TEXTS);
    switch (pick(m, 16)) {
    case 1:
        PUT("\"x\"");
        break;
    case 2:
    case 3:
        m->strategy ? PUT("pin") : PUT("p%u", pick(m, 2));
        break;
    case 4:
        PUT("v%u.slice(0, 1)", from);
        break;
    case 5:
        PUT("(l.first else \"\")");
        break;
    case 6:
        PUT("(m[\"k\"] else v%u)", from);
        break;
    case 7:
        PUT("c.of");
        break;
    case 8:
        PUT("r.number");
        break;
    case 9:
        PUT("\"{v%u}.\"", from);
        break;
    case 10:
        if (m->routine_count) PUT("f%u(v%u, v%u)", pick(m, m->routine_count), from, pick(m, TEXTS));
        if (!m->routine_count) PUT("v%u", from);
        break;
    default:
        PUT("v%u", from);
        break;
    }
}

static void import_write_set(struct program_maker *m)
{
    switch (pick(m, 9)) {
    case 1:
        PUT("l += ");
        break;
    case 2:
        PUT("m[\"k\"] = ");
        break;
    case 3:
        PUT("l = [");
        write_text(m);
        PUT(", v%u];\n", pick(m, TEXTS));
        return;
    case 4:
        PUT("m[v%u] = ", pick(m, TEXTS));
        break;
    case 5:
        PUT("c = Card(number: ");
        write_text(m);
        PUT(", of: v%u);\n", pick(m, TEXTS));
        return;
    case 6:
        PUT("r = c;\n");
        return;
    default:
        PUT("v%u = ", pick(m, TEXTS));
        break;
    }
    write_text(m);
    PUT(";\n");
}

/* What others see, and what they do not. */
static void write_use(struct program_maker *m)
{
    /* The last ones call subroutines: those call only each other's earlier ones. */
    static const char *const uses[][2] = {{"attach told = ", ";"},
                                          {"attach again = ", ";"},
                                          {"attach user_data[\"k\"] = ", ";"},
                                          {"attach user_data[", "] = \"x\";"},
                                          {"ivr.say(", ") else {};"},
                                          {"ivr.play(prompt hello, ", ") else {};"},
                                          {"count uses[", "];"},
                                          {"attach told = \"{", "}\";"},
                                          {"if n == 3 { fail ", "; }"},
                                          {"g0(", ", \"x\") else {};"},
                                          {"g1(\"x\", ", ") else {};"}};
    enum { PLAIN = sizeof uses / sizeof *uses - SUBROUTINES };
    unsigned which = pick(m, PLAIN + m->branches);
    PUT("%s", uses[which][0]);
    write_text(m);
    PUT("%s\n", uses[which][1]);
}

static void write_condition_of_secrets(struct program_maker *m)
{
    unsigned of = pick(m, TEXTS);
    switch (pick(m, 4)) {
    case 1:
        PUT("v%u == v%u", of, pick(m, TEXTS));
        break;
    case 2:
        PUT("v%u.count < %u", of, 1 + pick(m, 4));
        break;
    case 3:
        PUT("n mod 2 == %u", pick(m, 2));
        break;
    default:
        PUT("v%u != \"%u\"", of, of);
        break;
    }
}

static void write_loop_of_secrets(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned kind = pick(m, 4);
    if (kind == 0) PUT("repeat %u {\n", 1 + pick(m, 4));
    if (kind == 1) PUT("for x%u in l {\n", depth);
    if (kind == 2) PUT("for x%u, y%u in m {\n", depth, depth);
    if (kind == 3) PUT("while n < %u {\n", 2 + pick(m, 6));
    m->loops++;
    LINE("    n += 1;\n");
    if (kind == 1 || kind == 2) LINE("    v%u = %c%u;\n", pick(m, TEXTS), kind == 2 && pick(m, 2) ? 'y' : 'x', depth);
    write_block_of_secrets(m, depth - 1, indent + 1);
    m->loops--;
    LINE("}\n");
}

static void write_statement_of_secrets(struct program_maker *m, unsigned depth, unsigned indent)
{
    unsigned kind = pick(m, 12);
    if (!m->budget) return;
    m->budget--;
    put_indent(m, indent);
    if (depth && kind > 8) {
        write_loop_of_secrets(m, depth, indent);
    } else if (depth && kind == 8) {
        PUT("if ");
        write_condition_of_secrets(m);
        PUT(" {\n");
        write_block_of_secrets(m, depth - 1, indent + 1);
        LINE("} else {\n");
        write_block_of_secrets(m, depth - 1, indent + 1);
        LINE("}\n");
    } else if (kind == 7 && (m->loops || m->result)) {
        PUT("if ");
        write_condition_of_secrets(m);
        m->result &&pick(m, 2) ? PUT(" { return v%u; }\n", pick(m, TEXTS))
                               : PUT(" { %s; }\n", !m->loops    ? "n += 1"
                                                   : pick(m, 2) ? "break"
                                                                : "continue");
    } else if (kind > 2 && m->steps) {
        write_use(m);
    } else {
        import_write_set(m);
    }
}

static void write_block_of_secrets(struct program_maker *m, unsigned depth, unsigned indent)
{
    for (unsigned count = 1 + pick(m, 6); count > 0; count--) write_statement_of_secrets(m, depth, indent);
}

static void write_function(struct program_maker *m, const char *kind, char letter, unsigned number)
{
    static const struct sort text = {.base = BASE_STR, .text = "str"};
    m->result = &text;
    m->loops = 0;
    m->budget = 12;
    PUT("%s %c%u(p0: str, p1: str): str {\n", kind, letter, number);
    write_declarations(m);
    write_block_of_secrets(m, 3, 1);
    PUT("    return v%u;\n}\n", pick(m, TEXTS));
}

char *program_secret(struct input *in, size_t *length)
{
    char *text = NULL;
    struct program_maker *m = calloc(1, sizeof *m);
    MUST(m);
    *m = (struct program_maker){.in = in, .out = open_memstream(&text, length)};
    PUT("record Card { secret number: str; of: str }\nsite {\n    default timeout 30s; prompt hello; queue desk;\n"
        "    counter uses[str];\n"
        "    attached { secret pin: str; secret again: str; told: str }\n}\n");
    for (; m->routine_count < FUNCTIONS; m->routine_count++) write_function(m, "function", 'f', m->routine_count);
    for (unsigned i = 0; i < SUBROUTINES; i++) {
        m->steps = true;
        m->branches = i; /* the subroutines that it may call */
        write_function(m, "subroutine", 'g', i);
    }
    m->strategy = true;
    m->branches = SUBROUTINES;
    m->result = NULL;
    m->loops = 0;
    m->budget = 40;
    PUT("strategy s on voice {\n    attach pin = ivr.digits(prompt hello) else \"4711\";\n");
    write_declarations(m);
    for (unsigned count = 3 + pick(m, 6); count > 0; count--) write_statement_of_secrets(m, 3, 1);
    PUT("    stop \"end\";\n}\n");
    fclose(m->out);
    free(m);
    return text;
}
