/* tests/differential/evaluate_call.c - Members, methods, calls. */
#include "config.h"
#include <string.h>

#include "base/zone.h"
#include "tests/differential/evaluate.h"
#include "vm/question.h"

/* Where the character `index` of a text begins, or its end. */
static size_t character(const struct value *text, int64_t index)
{
    size_t at = 0;
    for (; at < text->length && index > 0; index--) {
        at++;
        while (at < text->length && (text->bytes[at] & 0xc0) == 0x80) at++;
    }
    return at;
}

static int64_t characters(const struct value *text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text->length; i++)
        if ((text->bytes[i] & 0xc0) != 0x80) count++;
    return count;
}

static int64_t count_of(const struct value *value)
{
    return value->worth == WORTH_TEXT ? characters(value) : (int64_t)value->count;
}

static const struct value *slice(struct evaluator *e, const struct value *value, int64_t from, int64_t to)
{
    if (from < 0 || to < from) evaluate_fault(e, FAULTS_INDEX);
    int64_t count = count_of(value);
    if (to > count) to = count;
    if (from > to) from = to;
    if (value->worth == WORTH_LIST) return value_of_items(e, WORTH_LIST, value->items + from, (size_t)(to - from));
    size_t first = character(value, from), end = character(value, to);
    return value_bytes(e, value->bytes + first, end - first);
}

const struct value *evaluate_element(struct evaluator *e, const struct value *value, int64_t index)
{
    if (index < 0 || index >= count_of(value)) return value_none_of(e);
    return value->worth == WORTH_LIST ? value->items[index] : slice(e, value, index, index + 1);
}

static bool contains(struct evaluator *e, const struct value *value, const struct value *what)
{
    if (value->worth == WORTH_TEXT)
        return memmem(value->bytes, value->length, what->bytes, what->length) || what->length == 0;
    for (size_t i = 0; i < value->count; i++)
        if (value_equal(e, value->items[i], what)) return true;
    return false;
}

static bool starts(struct evaluator *e, const struct value *value, const struct value *with)
{
    if (value->worth == WORTH_TEXT)
        return with->length <= value->length && memcmp(value->bytes, with->bytes, with->length) == 0;
    if (with->count > value->count) return false;
    for (size_t i = 0; i < with->count; i++)
        if (!value_equal(e, value->items[i], with->items[i])) return false;
    return true;
}

static const struct value *get(struct evaluator *e, const struct value *value, const struct value *by)
{
    if (value->worth != WORTH_MAP) return evaluate_element(e, value, by->number);
    for (size_t i = 0; i < value->count; i++)
        if (value_order(value->keys[i], by) == 0) return value->items[i];
    return value_none_of(e);
}

static const struct value *method(struct evaluator *e, const struct call_use *use, const struct type *object,
                                  const struct value *of)
{
    switch (use->method) {
    case METHOD_GET:
        return get(e, of, evaluate_expr(e, use->arguments[0]));
    case METHOD_CONTAINS:
        if (object->kind == LANG_LIST)
            return value_number(e, contains(e, of, evaluate_as(e, use->arguments[0], object->of)));
        return value_number(e, contains(e, of, evaluate_expr(e, use->arguments[0])));
    case METHOD_STARTS:
        return value_number(e, starts(e, of, evaluate_as(e, use->arguments[0], object)));
    case METHOD_SLICE:
        break;
    }
    int64_t from = evaluate_expr(e, use->arguments[0])->number, count = count_of(of);
    int64_t to = use->argument_count > 1 ? evaluate_expr(e, use->arguments[1])->number : from > count ? from : count;
    return slice(e, of, from, to);
}

static const struct value *parse_int(struct evaluator *e, const struct value *text)
{
    __int128 number = 0;
    bool negative = text->length > 0 && text->bytes[0] == '-';
    size_t at = negative;
    if (at == text->length) return value_none_of(e);
    for (; at < text->length; at++) {
        if (text->bytes[at] < '0' || text->bytes[at] > '9') return value_none_of(e);
        number = 10 * number + (text->bytes[at] - '0');
        if (number > INT64_MAX) return value_none_of(e);
    }
    return value_number(e, (int64_t)(negative ? -number : number));
}

/* A name of the site by its text. */
static const struct value *named(struct evaluator *e, const struct node *node, const struct value *text)
{
    const struct node *site = e->program->site;
    struct value *name = ARENA_NEW(e->arena, struct value);
    if (text->worth == WORTH_NONE) return text;
    if (type_bare(node->type)->kind == LANG_AGENT) return evaluate_agent_named(e, text);
    if (type_bare(node->type)->kind == LANG_DN)
        return evaluate_asked(e, QUESTION_dn_known, text, NULL)->number ? text : value_none_of(e);
    if (type_bare(node->type)->kind != LANG_SKILL) evaluate_unknown(e, "a name by its text");
    EACH_NODE (item, site->site.items) {
        if (item->kind != NODE_SITE_NAMES || item->site_names.kind != KIND_SKILL) continue;
        EACH_NODE (label, item->site_names.labels) {
            const char *is = label->label.name.text;
            if (strlen(is) != text->length || memcmp(is, text->bytes, text->length) != 0) continue;
            *name = (struct value){.worth = WORTH_NAME, .bytes = is, .length = text->length};
            return name;
        }
    }
    return value_none_of(e);
}

static const struct value *extreme(struct evaluator *e, const struct node *node, const struct call_use *use)
{
    const struct value *a = evaluate_as(e, use->arguments[0], node->type),
                       *b = evaluate_as(e, use->arguments[1], node->type);
    bool less = a->worth == WORTH_FLOAT ? a->real <= b->real : a->number <= b->number;
    bool more = a->worth == WORTH_FLOAT ? a->real >= b->real : a->number >= b->number;
    return (use->kind == CALL_MIN ? less : more) ? a : b;
}

static const struct value *absolute(struct evaluator *e, const struct value *value)
{
    if (value->worth == WORTH_FLOAT) return value_real(e, value->real < 0 ? -value->real : value->real);
    return value_number(e, value->number < 0 ? -value->number : value->number);
}

static const struct value *call_function(struct evaluator *e, const struct call_use *use)
{
    const struct body *callee = use->callee;
    const struct value *arguments[CALL_ARGUMENTS_MAX + 1], *result, *failure;
    for (uint32_t i = 0; i < callee->param_count; i++)
        arguments[i] =
            use->arguments[i] ? evaluate_as(e, use->arguments[i], callee->params[i]->type) : value_none_of(e);
    if (callee->native) return evaluate_native(e, callee->name, arguments);
    evaluate_function(e, callee, arguments, &result, &failure);
    return result;
}

static const struct value *make_record(struct evaluator *e, const struct node *node, const struct call_use *use)
{
    const struct record *record = node->type->record;
    const struct value *fields[RECORD_WIDEST];
    for (uint32_t i = 0; i < record->count; i++)
        fields[i] = use->arguments[i] ? evaluate_as(e, use->arguments[i], record->fields[i].type) : value_none_of(e);
    return value_of_items(e, WORTH_RECORD, fields, record->count);
}

/* a.f(...); a?.f(...) is none where a is, and does not ask for its arguments. */
static const struct value *call_of_object(struct evaluator *e, const struct node *node, const struct call_use *use)
{
    const struct node *object = node->call.callee->member.object;
    const struct value *of = evaluate_expr(e, object);
    if (use->optional && of->worth == WORTH_NONE) return of;
    if (use->kind == CALL_METHOD) return method(e, use, type_bare(object->type), of);
    if (use->kind == CALL_IN_ZONE) return value_number(e, evaluate_wall(e, of->number, use->rules->name));
    if (use->kind == CALL_ASKED)
        return evaluate_asked(e, QUESTION_agent_level, of, evaluate_expr(e, use->arguments[0]));
    __int128 days = of->number;
    days = days * 86400000000 + evaluate_expr(e, use->arguments[0])->number;
    if (days > INT64_MAX || days < -INT64_MAX) evaluate_fault(e, FAULTS_OVERFLOW);
    return value_number(e, evaluate_instant(e, (int64_t)days, use->rules->name));
}

const struct value *evaluate_call(struct evaluator *e, const struct node *node)
{
    const struct call_use *use = node->meaning;
    switch (use->kind) {
    case CALL_FUNCTION:
        return call_function(e, use);
    case CALL_RECORD:
        return make_record(e, node, use);
    case CALL_METHOD:
    case CALL_IN_ZONE:
    case CALL_DATE_AT:
    case CALL_ASKED:
        return call_of_object(e, node, use);
    case CALL_PARSE_INT:
        return parse_int(e, evaluate_expr(e, use->arguments[0]));
    case CALL_MIN:
    case CALL_MAX:
        return extreme(e, node, use);
    case CALL_ABS:
        return absolute(e, evaluate_expr(e, use->arguments[0]));
    case CALL_SAMPLE: {
        int64_t share = evaluate_expr(e, use->arguments[0])->number;
        return value_number(e, evaluate_drawn(e) < share);
    }
    case CALL_SCHEDULE:
        return evaluate_schedule(e, node, use);
    case CALL_NAMED:
        return named(e, node, evaluate_expr(e, use->arguments[0]));
    case CALL_OF_QUEUE:
        return evaluate_of_queue(e, use->symbol->name, evaluate_expr(e, use->arguments[0]));
    case CALL_LEVEL: { /* of the candidate */
        const struct value *skill = evaluate_expr(e, use->arguments[0]);
        return value_number(e, world_level(skill->bytes, skill->length));
    }
    default:
        evaluate_unknown(e, "a call");
    }
}

/* Members */

static const struct value *error_text(struct evaluator *e, const struct value *error)
{
    char text[128];
    if (error->length > 0) return value_bytes(e, error->bytes, error->length);
    const struct enumeration *codes = step_enumeration_named(e->arena, "code");
    const char *word = "";
    for (uint32_t i = 0; i < codes->count; i++)
        if (codes->numbers[i] == error->number) word = codes->words[i];
    int length = snprintf(text, sizeof text, "%s: %s", error->step ? error->step->name : "", word);
    return value_bytes(e, text, (size_t)length);
}

/* The value in a box, where it is of that type. */
static const struct value *unboxed(struct evaluator *e, const struct value *box, enum lang_type wanted)
{
    if (box->boxed == LANG_VOID) return value_none_of(e);
    enum lang_type is =
        box->boxed == LANG_DURATION || box->boxed == LANG_DATE || box->boxed == LANG_CLOCK || box->boxed == LANG_PERCENT
            ? LANG_INT
        : box->items[0]->worth == WORTH_TEXT ? LANG_STR
                                             : box->boxed;
    return is == wanted ? box->items[0] : value_none_of(e);
}

static const struct value *member_of(struct evaluator *e, const struct node *node, const struct value *of)
{
    const struct member *member = node->meaning;
    const struct type *object = type_bare(node->member.object->type);
    int64_t wall = of->number;
    switch (member->kind) {
    case MEMBER_FIELD:
        if (of->worth == WORTH_RECORD) return of->items[member->index];
        return member->index == 0 ? value_number(e, of->number) : value_bytes(e, of->bytes, of->length);
    case MEMBER_COUNT:
        return value_number(e, count_of(of));
    case MEMBER_FIRST:
        return evaluate_element(e, of, 0);
    case MEMBER_LAST:
        return evaluate_element(e, of, count_of(of) - 1);
    case MEMBER_ASKED:
        return evaluate_asked(e, member->index, of, NULL);
    case MEMBER_NAME_OF:
        if (object->kind == LANG_TARGET) return evaluate_shown(e, of, object);
        return value_bytes(e, of->bytes, of->length);
    case MEMBER_STEP:
        return value_bytes(e, of->step ? of->step->name : "", of->step ? strlen(of->step->name) : 0);
    case MEMBER_TEXT:
        return error_text(e, of);
    case MEMBER_UNBOX:
        return unboxed(e, of, type_bare(node->type)->kind);
    case MEMBER_DATE:
    case MEMBER_CLOCK:
    case MEMBER_WEEKDAY:
        if (member->zone) wall = evaluate_wall(e, wall, member->zone->name);
        if (member->kind == MEMBER_CLOCK) return value_number(e, evaluate_clock(wall));
        int64_t days = object->kind == LANG_DATE ? wall : evaluate_days(wall);
        return value_number(e, member->kind == MEMBER_DATE ? days : evaluate_weekday(days));
    case MEMBER_INT:
        if (!(of->real > -9223372036854775808.0 && of->real < 9223372036854775808.0))
            evaluate_fault(e, FAULTS_OVERFLOW);
        return value_number(e, (int64_t)of->real);
    case MEMBER_LIST:
    case MEMBER_MAP:
        return evaluate_pairs(e, of, member->kind == MEMBER_MAP);
    case MEMBER_MAIN_ATTRIBUTE:
    case MEMBER_MAIN_KEY:
    case MEMBER_CONTACT:
    case MEMBER_IDLE: /* of a candidate: the core's */
    case MEMBER_TAKEN:
    case MEMBER_MEASURE:
        break;
    }
    evaluate_unknown(e, "a member");
}

const struct value *evaluate_member(struct evaluator *e, const struct node *node)
{
    const struct member *member = node->meaning;
    bool key = member->kind == MEMBER_MAIN_KEY;
    if (member->kind == MEMBER_MAIN_ATTRIBUTE || key) return evaluate_main(e, key, member->index, node->type);
    const struct value *of = evaluate_expr(e, node->member.object);
    return of->worth == WORTH_NONE ? of : member_of(e, node, of);
}
