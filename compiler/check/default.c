/* compiler/check/default.c - The defaults of the site: a step without a timeout, tries or the like of its own takes
 * the site's.
 *
 * A default is checked once, as if it were outside of all strategies: it may name names of the site, but no key or
 * variable. A default is shared by all steps that take it, so its node must mean the same everywhere. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "compiler/check/allowed.h"
#include "compiler/language/step_ids.h"
#include "base/zone.h"

/* Declares the site's zone: it must be written as a literal, as its rules become part of the program, and only once. */
static void declare_default_zone(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_DEFAULT);
    struct word name = item->site_default.name;
    struct node *value = item->site_default.value;
    int64_t us;
    if (c->zone) diag_note(report(c, DEFAULT_TWICE, name.span, name.text), c->zone->span, "here before");
    c->zone = value;
    const struct type *type = check_as(c, value, checker_base(c, LANG_STR));
    if (type_is_poison(type) || type->kind != LANG_STR) return;
    if (value->kind != NODE_STRING)
        diag_hint(report(c, ZONE_NOT_WRITTEN, value->span), "default zone \"Europe/Paris\"");
    else if (zone_instant(value->string.text.bytes, 0, &us))
        c->checked->zone = value->string.text.bytes;
    else
        report(c, NO_ZONE, value->span, value->string.text.bytes);
}

/* CLAUSES: it is none. */
static enum clause clause_named(const char *name)
{
    int i = 0;
    while (i < CLAUSES && strcmp(ast_clause_word((enum clause)i), name) != 0) i++;
    return (enum clause)i;
}

/* May the site have a default for this clause? A clause that belongs to one step would mean something else at
 * another step. */
bool default_has_clause(enum clause clause)
{
    return clause != CLAUSES && clause != CLAUSE_THEN && clause != CLAUSE_RING && clause != CLAUSE_EVERY &&
           clause != CLAUSE_TO;
}

void check_declare_default(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_DEFAULT);
    struct word name = item->site_default.name;
    if (!strcmp(name.text, "locale")) {
        check_default_locale(c, item);
        return;
    }
    if (!strcmp(name.text, "zone")) {
        declare_default_zone(c, item);
        return;
    }
    enum clause clause = clause_named(name.text);
    if (!default_has_clause(clause)) {
        /* Perhaps the word `zone` was misspelt: then a missing zone is not reported as well. */
        if (clause == CLAUSES && !c->checked->zone) c->checked->zone = "UTC";
        const char *known[CLAUSES + 2] = {"zone", "locale"};
        uint32_t count = 2;
        for (int i = 0; i < CLAUSES; i++)
            if (default_has_clause((enum clause)i)) known[count++] = ast_clause_word((enum clause)i);
        one_of_hint(report(c, UNKNOWN_DEFAULT, name.span, name.text), "there are", name.text, known, count);
        return;
    }
    if (clause == CLAUSE_REPLY || clause == CLAUSE_ABSENCE) {
        reply_declare_default(c, item, clause);
        return;
    }
    if (item->site_default.media.first) {
        diag_hint(report(c, CLAUSE_NOT_HERE, item->site_default.media.first->span, "a medium", name.text),
                  "only reply and absence have a default of their own for a medium");
        return;
    }
    if (c->defaults[clause])
        diag_note(report(c, DEFAULT_TWICE, name.span, name.text), c->defaults[clause]->span, "here before");
    c->defaults[clause] = item->site_default.value;
}

static void check_duration(struct checker *c, struct node *value, enum clause clause)
{
    const struct allowed *allowed = allowed_clause(clause);
    int64_t worth;
    if (type_is_poison(check_as(c, value, checker_base(c, LANG_DURATION))) || !allowed ||
        !segment_node_worth(value, &worth))
        return;
    if (worth < allowed->low || worth > allowed->high) report(c, VALUE_RANGE, value->span, allowed->rule);
}

static void check_tries(struct checker *c, struct node *value)
{
    int64_t worth;
    if (type_is_poison(check_as(c, value, checker_base(c, LANG_INT))) || !segment_node_worth(value, &worth)) return;
    if (worth < 1 || worth > 100) report(c, TRIES_RANGE, value->span);
}

static void check_whisper(struct checker *c, struct node *value)
{
    const struct type *type = check_expr(c, value, checker_base(c, LANG_STR));
    if (type->kind != LANG_STR && type->kind != LANG_PROMPT && !type_is_poison(type))
        report(c, TYPE_MISMATCH, value->span, type->text, "a text or a prompt");
}

static void check_until(struct checker *c, struct node *value)
{
    struct state yes, no;
    check_condition(c, value, &yes, &no);
    bool condition = value->type && type_bare(value->type)->kind == LANG_BOOL;
    if (condition && !until_may_change(value)) report(c, UNTIL_FIXED, value->span);
}

/* A moment would be the same for every interaction, so the site's default is a duration. */
static void check_default_reply(struct checker *c, const struct node *item, enum clause clause)
{
    struct node *value = item->site_default.value, *schedule = item->site_default.schedule;
    if (value->kind == NODE_NONE && !schedule && item->site_default.media.first) return;
    check_duration(c, value, clause);
    if (schedule) check_reply_time(c, value, schedule);
}

void check_default(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_DEFAULT);
    enum clause clause = clause_named(item->site_default.name.text);
    struct node *value = item->site_default.value, *schedule = item->site_default.schedule;
    if (schedule && clause != CLAUSE_REPLY)
        diag_hint(report(c, CLAUSE_NOT_HERE, schedule->span, "a schedule", item->site_default.name.text),
                  "only reply counts opening hours");
    if (value->kind == NODE_ORDERS && clause != CLAUSE_BY) {
        diag_hint(report(c, CLAUSE_NOT_HERE, value->span, "a second value", item->site_default.name.text),
                  "only by takes several");
        return;
    }
    if (!default_has_clause(clause) || clause == CLAUSE_BUSY) return;
    c->live = true; /* a default may name values that change while the site runs: parameters, counters, latches */
    if (clause == CLAUSE_TRIES)
        check_tries(c, value);
    else if (clause == CLAUSE_WHISPER)
        check_whisper(c, value);
    else if (clause == CLAUSE_UNTIL)
        check_until(c, value);
    else if (clause == CLAUSE_AGE)
        check_age(c, value);
    else if (clause == CLAUSE_BY)
        check_order(c, value, &c->default_order);
    else if (clause == CLAUSE_REPLY || clause == CLAUSE_ABSENCE)
        check_default_reply(c, item, clause);
    else
        check_duration(c, value, clause);
    c->live = false;
}

/* Are the targets of all lines of the selection queues? */
bool default_takes_nobody(const struct node *select)
{
    assert(select->kind == NODE_SELECT);
    EACH_NODE (line, select->select.lines) {
        const struct type *type = line->line.target ? line->line.target->type : NULL;
        if (!type || type_bare(type)->kind != LANG_QUEUE) return false;
    }
    return select->select.lines.first != NULL;
}

/* May the step ask an agent first (`preview`)? A route to a value of type target asks nobody: the selection that
 * found it asked. */
static bool may_be_asked(const struct node *head)
{
    if (head->kind == NODE_SELECT) return !default_takes_nobody(head);
    const struct type *type = head->kind == NODE_ROUTE ? head->route.target->type : NULL;
    return type && (type_bare(type)->kind == LANG_AGENT || type_bare(type)->kind == LANG_PLACE);
}

static bool step_takes_clause(const struct step_use *use, const struct node *head, enum clause clause)
{
    if (clause == CLAUSE_PREVIEW) return may_be_asked(head);
    if (clause == CLAUSE_EXCLUDE)
        return use->clauses[CLAUSE_PREVIEW] || use->clauses[CLAUSE_RING] || use->row->id == STEP_ID_connect;
    return clause != CLAUSE_BY || use->order != BY_share;
}

/* Clauses that are added here look to all later passes as if the author had written them. */
void default_take(const struct checker *c, const struct node *head, struct step_use *use)
{
    static const enum clause clauses[] = {CLAUSE_BY,     CLAUSE_GOAL,  CLAUSE_AGE,   CLAUSE_PREVIEW, CLAUSE_EXCLUDE,
                                          CLAUSE_ANSWER, CLAUSE_TRIES, CLAUSE_PAUSE, CLAUSE_WHISPER, CLAUSE_UNTIL};
    for (size_t i = 0; use->row && i < sizeof clauses / sizeof *clauses; i++) {
        enum clause clause = clauses[i];
        if (use->clauses[clause] || !c->defaults[clause] || !step_may_have_clause(clause, use->row)) continue;
        if (!step_takes_clause(use, head, clause)) continue;
        use->clauses[clause] = c->defaults[clause];
        if (clause != CLAUSE_BY) continue;
        use->by = c->defaults[clause];
        use->order = c->default_order.order;
        use->order_by = c->default_order.order_by;
        use->tie_count = c->default_order.tie_count;
        memcpy(use->ties, c->default_order.ties, sizeof use->ties);
    }
}
