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
#include "compiler/check/own_media.h"
#include "compiler/language/media.h"
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

/* A default of the site, such as `default reply 4h office on email`; one without media holds for all media that no
 * other default names.
 */
struct default_on {
    struct default_on *next;
    struct node *item;
    enum clause clause;
    struct media_set media; /* empty: all others */
};

static const struct default_on *default_of(const struct checker *c, enum clause clause, struct media_set medium)
{
    const struct default_on *usual = NULL;
    for (const struct default_on *one = c->defaults_on; one; one = one->next) {
        if (one->clause != clause) continue;
        if (media_set_is_empty(one->media))
            usual = one;
        else if (!media_set_is_empty(media_set_and(one->media, medium)))
            return one;
    }
    return usual;
}

void reply_declare_default(struct checker *c, struct node *item, enum clause clause)
{
    const char *word = item->site_default.name.text;
    struct media_set media = check_media(c, &item->site_default.media);
    EACH_NODE (medium, item->site_default.media) {
        const char *name = node_dotted(c->arena, medium);
        struct media_set bit = name ? media_bit(own_media_word(c->program, name)) : (struct media_set){{0}};
        if (!media_set_is_empty(bit) && media_set_is_empty(media_set_and(bit, media_set_replied())))
            report(c, REPLY_OF_CALLS, medium->span, word, name);
    }
    for (const struct default_on *one = c->defaults_on; one; one = one->next) {
        bool same = media_set_is_empty(media) ? media_set_is_empty(one->media)
                                              : !media_set_is_empty(media_set_and(media, one->media));
        if (one->clause != clause || !same) continue;
        diag_note(report(c, DEFAULT_TWICE, item->site_default.name.span, word), one->item->span, "here before");
        return;
    }
    if (item->site_default.media.first && media_set_is_empty(media))
        return; /* the default names unknown media only, which was reported */
    struct default_on *own = ARENA_NEW(c->arena, struct default_on);
    *own = (struct default_on){c->defaults_on, item, clause, media};
    c->defaults_on = own;
}

/* Returns the site's default for the step, or NULL. Where the step's media have different ones, none of them is taken,
 * which is reported: whoever reads the strategy could not say which one holds. */
static const struct default_on *default_for(struct checker *c, const struct node *head, enum clause clause)
{
    struct media_set here = media_set_and(media_set_but(c->body->media, c->state.not_media), media_set_replied());
    bool workbin = head->kind == NODE_ROUTE && head->route.target->type &&
                   type_bare(head->route.target->type)->kind == LANG_WORKBIN;
    const struct default_on *found = NULL;
    const char *first = NULL;
    if (workbin || !has_person(head) || !c->defaults_on) return NULL;
    for (const char *word; (word = media_word(here)); here = media_set_but(here, media_bit(word))) {
        const struct default_on *one = default_of(c, clause, media_bit(word));
        if (first && one != found) {
            const char *what = ast_clause_word(clause), *said = own_media_said(c->program, first);
            diag_hint(report(c, DEFAULTS_DIFFER, head->span, what, said, own_media_said(c->program, word)),
                      "say %s here, or ask for the medium: if media == %s { ... }", what, said);
            return NULL;
        }
        found = one;
        first = word;
    }
    return found;
}

static void take_default(struct checker *c, const struct node *head, struct step_use *use, enum clause clause)
{
    if (use->clauses[clause] || !use->row || !step_may_have_clause(clause, use->row)) return;
    const struct default_on *one = default_for(c, head, clause);
    if (!one || one->item->site_default.value->kind == NODE_NONE) return;
    use->clauses[clause] = one->item->site_default.value;
    if (clause == CLAUSE_REPLY) use->reply_in = one->item->site_default.schedule;
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
    } else if (!check_medium(c, media_set_replied(), &missing)) {
        diag_hint(report(c, REPLY_OF_CALLS, value->span, word, missing), "leave %s away", word);
    }
}

/* Checks the clauses `reply` and `absence`: they need a step that gives work to a person, and a medium on which people
 * answer in writing, since a call is answered when somebody takes it. The site's default applies only to such steps. */
void check_reply(struct checker *c, const struct node *head, struct step_use *use)
{
    static const enum clause clauses[] = {CLAUSE_REPLY, CLAUSE_ABSENCE};
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++)
        if (use->clauses[clauses[i]])
            check_reply_clause(c, head, use, clauses[i]);
        else
            take_default(c, head, use, clauses[i]);
}
