/* compiler/check/built_in.c - The members and methods of the language's own types: texts, lists, maps, values, errors,
 * times and dates.
 *
 * The type of a member says what the machine does with it: a member that may be missing (`value.int`, `list.first`)
 * is optional, a member of a time needs a zone whose rules go into the image. The rules of a zone are read once per
 * program, since a file of the system has to be read for them. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "base/zone.h"

struct zone_entry {
    const struct zone_rules *rules;
    struct zone_entry *next;
};

const struct zone_rules *check_zone(struct checker *c, const char *name, struct source_span span)
{
    if (!name) name = c->checked->zone;
    if (!name) {
        diag_hint(report(c, TIME_WITHOUT_ZONE, span), "write .in(\"Europe/Paris\"), or `default zone` in the site");
        return NULL;
    }
    for (const struct zone_entry *entry = c->zones; entry; entry = entry->next)
        if (!strcmp(entry->rules->name, name)) return entry->rules;
    struct zone_entry *entry = ARENA_NEW(c->arena, struct zone_entry);
    entry->rules = zone_rules(c->arena, name);
    if (!entry->rules) {
        report(c, NO_ZONE, span, name);
        return NULL;
    }
    entry->next = c->zones;
    c->zones = entry;
    return entry->rules;
}

/* Errors */

const struct type *check_step_error(struct checker *c, const struct step_row *row, bool asked)
{
    /* a race or parallel can fail as any of its children does, perhaps by a fault, so its error has the general type */
    if (!row || row->id == STEP_ID_race || row->id == STEP_ID_parallel) return checker_base(c, LANG_ERROR);
    const struct type ***errors = asked ? &c->asked_errors : &c->step_errors;
    if (!*errors) *errors = ARENA_ARRAY(c->arena, const struct type *, STEP_IDS);
    const struct type **error = &(*errors)[row->id];
    /* without the clause, the exits `reply` and `abort` are left out: a segment over the error needs no arms for
     * them */
    unsigned clauses = asked ? EXITS_ALL : EXITS_ALL & ~(EXITS_OF(EXIT_REPLY) | EXITS_OF(EXIT_ABORT));
    if (!*error) *error = types_error(c->types, types_enum(c->types, step_exits_enumeration(c->arena, row, clauses)));
    return *error;
}

static const struct type *error_member(struct checker *c, struct member *member, const struct type *object,
                                       const char *name)
{
    member->kind = MEMBER_FIELD;
    member->index = 0;
    if (!strcmp(name, "reason")) return object->of ? object->of : c->code_type;
    member->index = 1;
    if (!strcmp(name, "code")) return checker_base(c, LANG_STR);
    member->kind = MEMBER_STEP;
    if (!strcmp(name, "step")) return checker_base(c, LANG_STR);
    member->kind = MEMBER_TEXT;
    return strcmp(name, "text") ? NULL : checker_base(c, LANG_STR);
}

/* A value read as one of its plain types, or none */

static const struct type *value_member(struct checker *c, struct member *member, const char *name)
{
    static const struct {
        const char *name;
        enum lang_type type;
    } plain[] = {{"int", LANG_INT}, {"str", LANG_STR}, {"bool", LANG_BOOL}, {"float", LANG_FLOAT}, {"time", LANG_TIME}};
    const struct type *value = checker_base(c, LANG_VALUE);
    member->kind = MEMBER_UNBOX;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (!strcmp(plain[i].name, name)) return types_option(c->types, checker_base(c, plain[i].type));
    member->kind = MEMBER_LIST;
    if (!strcmp(name, "list")) return types_option(c->types, types_list(c->types, value));
    member->kind = MEMBER_MAP;
    return strcmp(name, "map") ? NULL : types_option(c->types, types_map(c->types, value));
}

/* Times and days */

static const struct type *time_member(struct checker *c, struct node *node, struct member *member,
                                      const struct type *object, const char *name)
{
    bool date = !strcmp(name, "date"), clock = !strcmp(name, "time"), weekday = !strcmp(name, "weekday");
    bool whole = object->kind == LANG_TIME || object->kind == LANG_LOCAL;
    if (!weekday && !((date || clock) && whole)) return NULL;
    member->kind = date ? MEMBER_DATE : clock ? MEMBER_CLOCK : MEMBER_WEEKDAY;
    if (object->kind == LANG_TIME) {
        member->zone = check_zone(c, NULL, node->member.name.span);
        if (!member->zone) return checker_base(c, LANG_POISON);
    }
    return weekday ? c->weekday_type : checker_base(c, date ? LANG_DATE : LANG_CLOCK);
}

const struct type *built_in_member(struct checker *c, struct node *node, struct member *member,
                                   const struct type *object)
{
    assert(node->kind == NODE_MEMBER);
    const char *name = node->member.name.text;
    switch (object->kind) {
    case LANG_ERROR:
        return error_member(c, member, object, name);
    case LANG_VALUE:
        return value_member(c, member, name);
    case LANG_TIME:
    case LANG_LOCAL:
    case LANG_DATE:
        return time_member(c, node, member, object, name);
    case LANG_FLOAT:
        member->kind = MEMBER_INT;
        return strcmp(name, "int") ? NULL : checker_base(c, LANG_INT);
    default:
        return NULL;
    }
}

/* Methods */

static const struct method_row {
    const char *name;
    enum built_in_method method;
    uint32_t least, most;
    bool list, str, map;
} methods[] = {
    {"get", METHOD_GET, 1, 1, true, true, true},
    {"contains", METHOD_CONTAINS, 1, 1, true, true, false},
    {"starts", METHOD_STARTS, 1, 1, true, true, false},
    {"slice", METHOD_SLICE, 1, 2, true, true, false},
};

static const struct type *method_result(struct checker *c, enum built_in_method method, const struct type *object,
                                        const struct type **want)
{
    const struct type *element = object->kind == LANG_STR ? object : object->of;
    switch (method) {
    case METHOD_GET:
        *want = checker_base(c, object->kind == LANG_MAP ? LANG_STR : LANG_INT);
        return types_option(c->types, element);
    case METHOD_CONTAINS:
        *want = element;
        return checker_base(c, LANG_BOOL);
    case METHOD_STARTS:
        *want = object;
        return checker_base(c, LANG_BOOL);
    case METHOD_SLICE:
        break;
    }
    *want = checker_base(c, LANG_INT);
    return object;
}

static const struct type *sequence_method(struct checker *c, struct node *call, struct call_use *use,
                                          const struct type *object, const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        const struct method_row *row = &methods[i];
        bool has = object->kind == LANG_LIST ? row->list : object->kind == LANG_STR ? row->str : row->map;
        if (!has || strcmp(row->name, name)) continue;
        const struct type *want, *result = method_result(c, row->method, object, &want);
        use->method = row->method;
        if (!check_plain_arguments(c, call, use, name, row->least, row->most)) return result;
        for (uint32_t j = 0; j < use->argument_count; j++) check_as(c, use->arguments[j], want);
        return result;
    }
    return NULL;
}

const char *check_zone_written(struct checker *c, struct node *value, struct node **zone_of)
{
    const struct type *type = check_expr(c, value, checker_base(c, LANG_ZONE));
    const struct node *text = segment_node_constant(value);
    if (type->kind == LANG_ZONE) {
        *zone_of = value;
    } else if (type->kind == LANG_STR && text->kind == NODE_STRING) {
        return text->string.text.bytes;
    } else if (type->kind == LANG_STR) {
        diag_hint(report(c, ZONE_NOT_WRITTEN, value->span), "zone.named(s) is one of the site's, or none");
    } else if (!type_is_poison(type)) {
        struct diag *diag = report(c, TYPE_MISMATCH, value->span, type->text, "zone");
        if (type_is_option(type)) diag_hint(diag, "it may be none: test it first");
    }
    return NULL;
}

/* Finds the zone of a time or date. The rules of a zone that is written go into the image, as do those of the site's
 * zones. */
static bool zone_argument(struct checker *c, struct call_use *use, struct node *value)
{
    const char *zone = check_zone_written(c, value, &use->zone_of);
    if (zone) use->rules = check_zone(c, zone, value->span);
    return use->rules || use->zone_of;
}

static const struct type *in_zone(struct checker *c, struct node *call, struct call_use *use)
{
    use->kind = CALL_IN_ZONE;
    if (!check_plain_arguments(c, call, use, "in", 1, 1)) return checker_base(c, LANG_POISON);
    return checker_base(c, zone_argument(c, use, use->arguments[0]) ? LANG_LOCAL : LANG_POISON);
}

static const struct type *date_at(struct checker *c, struct node *call, struct call_use *use)
{
    assert(call->kind == NODE_CALL);
    struct node *first = call->call.arguments.first, *second = first ? first->next : NULL;
    use->kind = CALL_DATE_AT;
    if (second && second->arg.name.text && !strcmp(second->arg.name.text, "zone")) second->arg.name.text = NULL;
    if (!check_plain_arguments(c, call, use, "at", 1, 2)) return checker_base(c, LANG_POISON);
    check_as(c, use->arguments[0], checker_base(c, LANG_CLOCK));
    if (second) return checker_base(c, zone_argument(c, use, use->arguments[1]) ? LANG_TIME : LANG_POISON);
    use->rules = check_zone(c, NULL, call->span);
    return checker_base(c, use->rules ? LANG_TIME : LANG_POISON);
}

/* Checks x.level(skill): within a line, too, the argument is the skill itself, not the candidate's level. */
static const struct type *built_in_level(struct checker *c, struct node *call, struct call_use *use)
{
    bool in_line = c->in_line;
    use->kind = CALL_ASKED;
    c->in_line = false;
    if (check_plain_arguments(c, call, use, "level", 1, 1)) check_as(c, use->arguments[0], checker_base(c, LANG_SKILL));
    c->in_line = in_line;
    return checker_base(c, LANG_INT);
}

/* Checks members.after(one), which returns the next agent of a group after the agent `one`. */
static const struct type *group_after(struct checker *c, struct node *call, struct call_use *use)
{
    const struct type *agent = types_option(c->types, checker_base(c, LANG_AGENT));
    use->kind = CALL_ASKED;
    if (check_plain_arguments(c, call, use, "after", 1, 1)) check_as(c, use->arguments[0], agent);
    return agent;
}

const struct type *built_in_method(struct checker *c, struct node *call, struct call_use *use,
                                   const struct type *object)
{
    assert(call->kind == NODE_CALL);
    const char *name = call->call.callee->member.name.text;
    const struct type *result = NULL;
    if (object->kind == LANG_LIST || object->kind == LANG_STR || object->kind == LANG_MAP)
        result = sequence_method(c, call, use, object, name);
    else if (object->kind == LANG_TIME && !strcmp(name, "in"))
        result = in_zone(c, call, use);
    else if (object->kind == LANG_DATE && !strcmp(name, "at"))
        result = date_at(c, call, use);
    else if (object->kind == LANG_AGENT && !strcmp(name, "level"))
        result = built_in_level(c, call, use);
    else if (object->kind == LANG_GROUP && !strcmp(name, "after"))
        result = group_after(c, call, use);
    if (!result)
        EACH_NODE (argument, call->call.arguments) check_expr(c, argument->arg.value, NULL);
    return result;
}

const struct type *built_in_sample(struct checker *c, struct node *node, struct call_use *use)
{
    use->kind = CALL_SAMPLE;
    if (!c->body) {
        report(c, NOT_CONSTANT, node->span);
        return checker_base(c, LANG_POISON);
    }
    if (check_plain_arguments(c, node, use, "sample", 1, 1))
        check_as(c, use->arguments[0], checker_base(c, LANG_PERCENT));
    return checker_base(c, LANG_BOOL);
}
