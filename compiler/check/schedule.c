/* compiler/check/schedule.c - Schedules: their days and hours, and calls such as s.open().
 *
 * A schedule is a list of days with hours, in the local time of a zone; schedule_rows.c turns its lines into the
 * numbers that the image has. The zone is the schedule's own, or the call's (`zone: "Europe/Paris"`), or missing,
 * which is an error in any call: one moment has different local times in two zones. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "compiler/check/holidays.h"
#include "compiler/check/schedule_rows.h"
#include "base/zone.h"

static const char *const questions[] = {
    [ASKS_OPEN] = "open",     [ASKS_CLOSED] = "closed", [ASKS_OPENS] = "opens",
    [ASKS_CLOSES] = "closes", [ASKS_ADD] = "add",       [ASKS_BETWEEN] = "between",
};
enum { QUESTIONS = sizeof questions / sizeof *questions };

static void check_day(struct checker *c, struct node *day)
{
    if (day->kind == NODE_NAME && schedule_weekday(day->name.name.text) < 0)
        diag_hint(report(c, UNKNOWN_DAY, day->span, day->name.name.text), "mon, tue, wed, thu, fri, sat or sun");
    if (day->kind == NODE_HOLIDAYS && strcmp(day->holidays.name.text, "holidays") != 0)
        diag_hint(report(c, UNKNOWN_DAY, day->holidays.name.span, day->holidays.name.text), "holidays %s",
                  day->holidays.of.text);
    else if (day->kind == NODE_HOLIDAYS)
        day->meaning = holidays_read(c->arena, c->diags, c->program->sources, day);
    if (day->kind != NODE_RANGE) return;
    struct node *from = day->range.from, *to = day->range.to;
    check_day(c, from);
    check_day(c, to);
    if (from->kind != to->kind || from->kind == NODE_HOLIDAYS)
        diag_hint(report(c, DAYS_MIXED, day->span), "mon..fri, 2026-12-24..2026-12-31; holidays stand alone");
    else if (from->kind == NODE_DATE && from->date.days > to->date.days)
        diag_hint(report(c, RANGE_EMPTY, day->span), "the earlier one stands first");
}

void check_schedule(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_SCHEDULE);
    struct word zone = item->schedule.zone;
    if (zone.text && !zone_exists(zone.text)) report(c, NO_ZONE, zone.span, zone.text);
    EACH_NODE (line, item->schedule.lines)
        EACH_NODE (day, line->schedule_line.days) check_day(c, day);
}

const struct symbol *schedule_named(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_SETTING && symbol->node->kind == NODE_SITE_SCHEDULE ? symbol : NULL;
}

/* Returns the zone of a schedule that is named; NULL: it has none, or the schedule is a value. */
static const char *schedule_zone(const struct node *node)
{
    const struct symbol *symbol = schedule_named(node);
    return symbol ? symbol->node->schedule.zone.text : NULL;
}

/* A schedule that is a value may be any of the site's, so each of these must have a zone. */
bool check_schedule_zones(struct checker *c, const struct node *value, struct source_span where, const char *hint)
{
    const struct symbol *named = schedule_named(value);
    for (uint32_t i = 0; i < c->checked->setting_count; i++) {
        const struct symbol *symbol = c->checked->settings[i];
        if (symbol->node->kind != NODE_SITE_SCHEDULE || symbol->node->schedule.zone.text) continue;
        if (named && named != symbol) continue;
        struct diag *diag = report(c, TIME_WITHOUT_ZONE, where);
        diag_hint(diag, "%s", hint);
        if (!named) diag_note(diag, symbol->where, "this schedule, which it may be, has no zone");
        return false;
    }
    return true;
}

static void check_schedule_argument(struct checker *c, struct node *argument, struct call_use *use, uint32_t places,
                                    uint32_t *at, bool *zone_said)
{
    assert(argument->kind == NODE_ARG);
    struct word name = argument->arg.name;
    struct node *value = argument->arg.value;
    if (name.text && !strcmp(name.text, "zone")) {
        *zone_said = true;
        use->zone = check_zone_written(c, value, &use->zone_of);
        if (!use->zone || zone_exists(use->zone)) return;
        report(c, NO_ZONE, value->span, use->zone);
        use->zone = NULL;
        return;
    }
    bool alone = use->asks < ASKS_ADD; /* the call is about one moment: now, or the one given */
    bool at_named = name.text && !strcmp(name.text, "at") && alone;
    if ((name.text && !at_named) || (!name.text && (alone || *at >= places))) {
        if (name.text)
            report(c, NO_PARAMETER, name.span, questions[use->asks], name.text);
        else
            diag_hint(report(c, TOO_MANY_ARGUMENTS, argument->span, questions[use->asks],
                             diag_count(c->diags, "only ", alone ? 0 : places, "argument")),
                      alone ? "%s(at: t) asks of another time than now" : "%s(a, b)", questions[use->asks]);
        check_expr(c, value, NULL);
        return;
    }
    bool duration = use->asks == ASKS_ADD && *at == 1;
    check_as(c, value, checker_base(c, duration ? LANG_DURATION : LANG_TIME));
    if (*at < places) use->arguments[(*at)++] = value;
}

const struct type *check_schedule_call(struct checker *c, struct node *node, struct call_use *use)
{
    assert(node->kind == NODE_CALL);
    struct node *callee = node->call.callee, *object = callee->member.object;
    const char *name = callee->member.name.text;
    uint32_t asks = 0, at = 0;
    bool zone_said = false;
    while (asks < QUESTIONS && strcmp(questions[asks], name) != 0) asks++;
    if (asks == QUESTIONS) {
        diag_hint(report(c, NO_MEMBER, callee->member.name.span, "schedule", name),
                  "open(), closed(), opens(), closes(), add(t, d), between(a, b)");
        EACH_NODE (argument, node->call.arguments) check_expr(c, argument->arg.value, NULL);
        return checker_base(c, LANG_POISON);
    }
    use->kind = CALL_SCHEDULE;
    use->asks = (enum schedule_question)asks;
    use->arguments = ARENA_ARRAY(c->arena, struct node *, 2);
    use->argument_count = asks >= ASKS_ADD ? 2 : 1;
    EACH_NODE (argument, node->call.arguments)
        check_schedule_argument(c, argument, use, use->argument_count, &at, &zone_said);
    if (asks >= ASKS_ADD && at < 2)
        report(c, ARGUMENT_COUNT, node->span, name, diag_count(c->diags, "", 2, "argument"), at);
    if (!zone_said) use->zone = schedule_zone(object);
    if (!zone_said && !use->zone)
        check_schedule_zones(c, object, callee->span,
                             arena_printf(c->arena, "%s(zone: \"%s\"), or a zone behind the schedule's name", name,
                                          c->checked->zone ? c->checked->zone : "Europe/Paris"));
    switch (use->asks) {
    case ASKS_OPEN:
    case ASKS_CLOSED:
        return checker_base(c, LANG_BOOL);
    case ASKS_BETWEEN:
        return checker_base(c, LANG_DURATION);
    default:
        return types_option(c->types, checker_base(c, LANG_TIME));
    }
}
