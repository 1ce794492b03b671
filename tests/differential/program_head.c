/* tests/differential/program_head.c - A step's head with its clauses, and what it gives. */
#include "tests/differential/program.h"

/* Only a step that has a failure which another try may mend takes tries and pause (vm/tried_again.def). */
static void put_clauses(struct program_maker *m, enum head_kind kind)
{
    bool tried = kind != HEAD_SAY && kind != HEAD_RECORD;
    if (tried && pick(m, 2)) PUT(" tries %u", 1 + pick(m, 4));
    if (tried && chance(m, 3)) PUT(" pause %us", pick(m, 9));
    if (chance(m, 3)) PUT(" timeout %us", 1 + pick(m, 100));
}

static void put_bound(struct program_maker *m, const struct sort *sort)
{
    PUT("{");
    if (m->secret && sort->base == BASE_STR && pick(m, 3) == 2)
        PUT("pin");
    else
        write_exactly(m, sort, 2);
    PUT("}");
}

static void put_menu(struct program_maker *m, const struct sort *sort)
{
    PUT("ivr.menu(prompt hello, [\"1\": ");
    write_exactly(m, sort, 1);
    PUT(", \"2\": ");
    write_exactly(m, sort, 1);
    PUT("])");
}

/* Signals that the program does not hear. */
static void put_silent(struct program_maker *m, const struct program_head *head)
{
    const struct sort *str = &m->sorts[BASE_STR], *number = &m->sorts[BASE_INT];
    switch (head->kind) {
    case HEAD_SIGNAL:
        PUT("wait for paid timeout %us", 1 + pick(m, 100));
        break;
    case HEAD_FIRST:
    case HEAD_ALL:
        PUT("query crm %s %s `select f0, f1, f2, f3 from client where f2 > ",
            head->kind == HEAD_FIRST ? "first" : "all", m->client->text);
        put_bound(m, number);
        PUT(" and f0 = ");
        put_bound(m, str);
        PUT("`");
        break;
    case HEAD_VALUE:
        PUT("query crm value int `select f2 from client where f0 = ");
        put_bound(m, str);
        PUT("`");
        break;
    case HEAD_EXEC:
        PUT("query crm exec `update client set f2 = ");
        put_bound(m, number);
        PUT(", f3 = ");
        put_bound(m, &m->sorts[BASE_DURATION]);
        PUT(" where f0 = ");
        put_bound(m, str);
        PUT("`");
        break;
    case HEAD_GET:
        PUT("http.known(");
        if (m->secret && pick(m, 3) == 2)
            PUT("pin");
        else
            write_fitting(m, str, 2);
        PUT(", weight: ");
        write_fitting(m, &m->sorts[BASE_FLOAT], 2);
        break;
    case HEAD_POST:
        PUT("http.report(");
        write_fitting(m, sort_of(m, BASE_LIST, str), 2);
        PUT(", at: ");
        write_fitting(m, &m->sorts[BASE_TIME], 2);
        break;
    case HEAD_DELETE:
        PUT("http.drop(");
        write_exactly(m, str, 2);
        if (pick(m, 2)) break;
        PUT(", weight: ");
        write_fitting(m, &m->sorts[BASE_FLOAT], 2);
        break;
    case HEAD_RECORD:
        PUT(pick(m, 2) ? "recording.start()" : "call.answer()");
        break;
    case HEAD_BOOK:
        PUT("callback.book(n_str("); /* what is known is looked at when compiling */
        write_exactly(m, str, 2);
        PUT(", 1, \"\"), at: n_time(");
        write_exactly(m, number, 2);
        PUT(pick(m, 2) ? ", 1s), strategy: u(" : ", 1s), at_most: 3, strategy: u(");
        write_exactly(m, number, 2);
        if (pick(m, 2)) PUT(", "), write_fitting(m, sort_of(m, BASE_OPTION, str), 1);
        PUT("))");
        break;
    default:
        PUT("delay ");
        if (pick(m, 2))
            PUT("%us", pick(m, 100));
        else
            PUT("patience");
        break;
    }
    if (head->kind == HEAD_GET || head->kind == HEAD_POST || head->kind == HEAD_DELETE) PUT(")");
    if (head->kind != HEAD_DELAY && head->kind != HEAD_SIGNAL) put_clauses(m, head->kind);
}

static void put_treatment(struct program_maker *m, const struct program_head *head)
{
    const struct sort *str = &m->sorts[BASE_STR];
    switch (head->kind) {
    case HEAD_SAY:
        PUT("ivr.say(");
        write_exactly(m, str, 2);
        PUT(")");
        break;
    case HEAD_DIGITS:
        PUT("ivr.digits(prompt hello, min: %u, max: 12, gap: %us)", pick(m, 12), pick(m, 20));
        break;
    case HEAD_MENU:
        put_menu(m, head->sort);
        break;
    case HEAD_CHOOSE:
        PUT("ivr.choose(prompt hello, [");
        for (unsigned more = 1 + pick(m, 3); more > 0; more--) {
            write_exactly(m, head->sort, 1);
            PUT(more > 1 ? ", " : "])");
        }
        break;
    case HEAD_VERIFY:
        if (m->secret && pick(m, 2)) {
            PUT("ivr.verify(prompt hello, pin)");
            break;
        }
        PUT("ivr.verify(prompt hello, n_str("); /* what is known is looked at when compiling */
        write_exactly(m, str, 1);
        PUT(", 1, \"\"))");
        break;
    case HEAD_PLAY:
        PUT("ivr.play(prompt hello");
        for (unsigned values = pick(m, 4); values > 0; values--) {
            PUT(", ");
            write_exactly(m, sort_plain(m)->base <= BASE_CLOCK ? str : &m->sorts[BASE_INT], 2);
        }
        PUT(")");
        return;
    default:
        PUT(head->kind == HEAD_MUSIC ? "ivr.music(prompt hold, %us)" : "ivr.tone(beep, %us)", 1 + pick(m, 100));
        return;
    }
    put_clauses(m, head->kind);
}

static struct program_head head_of(struct program_maker *m, enum head_kind kind)
{
    static const char *const exits[HEADS] = {[HEAD_DIGITS] = "no_input, invalid",
                                             [HEAD_MENU] = "not_applied, no_input, invalid",
                                             [HEAD_CHOOSE] = "no_input, not_applied",
                                             [HEAD_SIGNAL] = "",
                                             [HEAD_DELAY] = "",
                                             [HEAD_FIRST] = "unavailable, bad_row",
                                             [HEAD_ALL] = "too_large",
                                             [HEAD_VALUE] = "refused, unavailable",
                                             [HEAD_EXEC] = "outcome_unknown",
                                             [HEAD_GET] = "status, bad_body",
                                             [HEAD_POST] = "outcome_unknown, status",
                                             [HEAD_DELETE] = "unavailable",
                                             [HEAD_BOOK] = "full, past"};
    struct program_head head = {.kind = kind, .gives = true, .exits = exits[kind] ? exits[kind] : "not_applied"};
    const struct sort *sort = sort_plain(m);
    switch (kind) {
    case HEAD_MENU:
    case HEAD_CHOOSE:
        head.sort = sort->base == BASE_WEEKDAY ? &m->sorts[BASE_STR] : sort;
        break;
    case HEAD_DIGITS:
        head.sort = &m->sorts[BASE_STR];
        break;
    case HEAD_VERIFY:
        head.sort = &m->sorts[BASE_BOOL];
        break;
    case HEAD_EXEC:
        head.sort = &m->sorts[BASE_INT];
        break;
    case HEAD_FIRST:
        head.sort = sort_of(m, BASE_OPTION, m->client);
        break;
    case HEAD_ALL:
    case HEAD_POST:
        head.sort = sort_of(m, BASE_LIST, m->client);
        break;
    case HEAD_GET:
        head.sort = m->client;
        break;
    case HEAD_VALUE:
        head.sort = sort_of(m, BASE_OPTION, &m->sorts[BASE_INT]);
        break;
    case HEAD_SIGNAL:
        break;
    default:
        head.gives = false;
        break;
    }
    return head;
}

struct program_head write_head(struct program_maker *m, unsigned first, unsigned end, unsigned indent, bool attaches)
{
    struct program_head head = head_of(m, (enum head_kind)(first + pick(m, end - first)));
    put_indent(m, indent);
    head.variable = ++m->serial;
    if (attaches && head.kind == HEAD_DIGITS)
        PUT("attach k0 = "), head.gives = false;
    else if (head.gives)
        PUT("let v%u = ", head.variable);
    if (head.kind < TREATMENTS)
        put_treatment(m, &head);
    else
        put_silent(m, &head);
    return head;
}
