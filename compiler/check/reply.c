/* compiler/check/reply.c - The clause `reply`: how long, or until when, a person who has accepted the work may leave it
 * without a reply.
 *
 *     route who reply 2m                      from when they have accepted it
 *     route who reply 4h office               from when the route begins, as long as the schedule is open
 *     route who reply (office.closes() else now + 4h)
 *     route who reply none                    without a time, whatever the site's default says
 *
 * `absence 10m` says how long that person may be away; it is allowed where `reply` is. */
#include "compiler/check/checker.h"
#include "compiler/language/step_ids.h"

void check_reply_time(struct checker *c, struct node *value, struct node *schedule)
{
    if (value->kind == NODE_NONE && !schedule) return;
    const struct type *type = check_expr(c, value, checker_base(c, LANG_DURATION));
    bool moment = type->kind == LANG_TIME && !schedule;
    if (type->kind != LANG_DURATION && !moment && !type_is_poison(type)) {
        struct diag *diag =
            report(c, TYPE_MISMATCH, value->span, type->text, schedule ? "a duration" : "a duration or a time");
        if (value->kind == NODE_INTEGER) hint_duration(diag, value);
    }
    if (!schedule) return;
    const struct type *of = check_expr(c, schedule, checker_base(c, LANG_SCHEDULE));
    if (of->kind == LANG_SCHEDULE)
        check_schedule_zones(c, schedule, schedule->span,
                             "write a zone behind the schedule's name where it is declared");
    else if (!type_is_poison(of))
        report(c, TYPE_MISMATCH, schedule->span, of->text, "a schedule");
}

/* May the step give work to a person? */
static bool has_person(const struct node *head)
{
    if (head->kind == NODE_SELECT) return !default_takes_nobody(head);
    const struct type *type = head->kind == NODE_ROUTE ? head->route.target->type : NULL;
    return type && type_bare(type)->kind != LANG_QUEUE && type_bare(type)->kind != LANG_DN;
}

bool reply_is_default(const struct checker *c, const struct node *head)
{
    struct media_set here = media_set_but(c->body->media, c->state.not_media);
    bool workbin = head->kind == NODE_ROUTE && head->route.target->type &&
                   type_bare(head->route.target->type)->kind == LANG_WORKBIN;
    return !workbin && has_person(head) && !media_set_is_empty(media_set_and(here, media_set_replied()));
}

static void check_reply_clause(struct checker *c, const struct node *head, struct step_use *use, enum clause clause)
{
    const struct node *value = use->clauses[clause];
    const char *missing = NULL, *word = ast_clause_word(clause);
    if (!value) return;
    if (value->kind == NODE_NONE) {
        use->clauses[clause] = NULL;
    } else if (!has_person(head)) {
        const struct type *type = head->kind == NODE_ROUTE ? head->route.target->type : NULL;
        if (head->kind == NODE_SELECT || type)
            diag_hint(report(c, REPLY_OF_NOBODY, value->span, word, type ? type_bare(type)->text : "queue"),
                      "leave %s away", word);
    } else if (value != c->defaults[clause] && !check_medium(c, media_set_replied(), &missing)) {
        diag_hint(report(c, REPLY_OF_CALLS, value->span, word, missing), "leave %s away", word);
    }
}

/* Checks the clauses `reply` and `absence`: they need a step that gives work to a person, and a medium on which people
 * answer in writing, since a call is answered when somebody takes it. The site's default applies only to such steps
 * (reply_is_default). */
void check_reply(struct checker *c, const struct node *head, struct step_use *use)
{
    check_reply_clause(c, head, use, CLAUSE_REPLY);
    check_reply_clause(c, head, use, CLAUSE_ABSENCE);
}
