/* compiler/lint/own_value.c - Computes the condition of a site's own rule for one node of the tree.
 *
 * A value that only the running strategy knows is UNKNOWN, and so is a result computed from it: `timeout > 5m` is
 * unknown where the timeout is a parameter. A rule reports a node only if its condition is true, not if it is unknown.
 *
 *     false and unknown: false     true or unknown: true     not unknown: unknown
 *
 * has(), inside() and follows() ask for words. One walk over the tree lists where each word stands, so that a question
 * costs a search in a sorted list, and no walk. A call of a subroutine counts as what the subroutine does. */
#include <assert.h>
#include <string.h>

#include "compiler/check/names.h"
#include "compiler/lint/judge.h"
#include "compiler/lint/own_inner.h"

struct own_places {
    const struct own_rules *rules;
    size_t *of[OWN_ASKED_MAX], count[OWN_ASKED_MAX], room[OWN_ASKED_MAX]; /* indices in lint->nodes, sorted */
    uint64_t *called;  /* by a function's node's id: the words that stand in it */
    uint64_t *visited; /* as `called`, for nodes outside of the named files */
    const struct source *source;
    const char *file; /* of `source` */
};

static const struct own_value own_unknown = {.type = OWN_UNKNOWN}, own_none = {.type = OWN_NONE};

static struct own_value own_bool(bool value)
{
    return (struct own_value){.type = OWN_BOOL, .number = value};
}

static struct own_value own_amount(enum own_type type, int64_t number)
{
    return (struct own_value){.type = type, .number = number};
}

static struct own_value own_text(const char *bytes)
{
    return (struct own_value){.type = OWN_TEXT, .bytes = bytes ? bytes : "", .length = bytes ? strlen(bytes) : 0};
}

/* ---- places ---- */

static uint64_t own_words_at(const struct lint *lint, const struct own_places *places, const struct node *node)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < places->rules->asked_count; i++)
        if (own_kind_holds(lint, &places->rules->asked[i], node)) mask |= UINT64_C(1) << i;
    const struct call_use *call = node->kind == NODE_CALL ? node->meaning : NULL;
    if (call && call->kind == CALL_FUNCTION && call->callee && call->callee->node)
        mask |= places->called[call->callee->node->id];
    return mask;
}

struct own_walk {
    const struct lint *lint;
    const struct own_places *places;
    uint64_t mask;
};

static void own_visit_words(struct node *node, void *self)
{
    struct own_walk *walk = self;
    walk->mask |= own_words_at(walk->lint, walk->places, node);
    node_children(node, own_visit_words, self);
}

static void own_place(const struct lint *lint, struct own_places *places, uint64_t mask, size_t at)
{
    for (size_t i = 0; mask; i++, mask >>= 1) {
        if (!(mask & 1)) continue;
        if (places->count[i] == places->room[i]) {
            size_t room = places->room[i] * 2 + 64, size = sizeof *places->of[i];
            places->of[i] = arena_grow(lint->arena, places->of[i], places->room[i] * size, room * size);
            places->room[i] = room;
        }
        places->of[i][places->count[i]++] = at;
    }
}

struct own_places *own_places_new(struct lint *lint, const struct own_rules *rules)
{
    struct own_places *places = ARENA_NEW(lint->arena, struct own_places);
    places->rules = rules;
    if (rules->asked_count == 0) return places;
    places->called = ARENA_ARRAY(lint->arena, uint64_t, lint->program->tree.next_id + 2);
    places->visited = ARENA_ARRAY(lint->arena, uint64_t, lint->program->tree.next_id + 2);
    /* callees come before their callers */
    for (const struct body *body = lint->checked->bodies; body; body = body->next) {
        if ((body->kind != BODY_FUNCTION && body->kind != BODY_SUBROUTINE) || !body->block) continue;
        struct own_walk walk = {lint, places, 0};
        own_visit_words(body->block, &walk);
        places->called[body->node->id] = walk.mask;
    }
    for (size_t i = 0; i < lint->count; i++) own_place(lint, places, own_words_at(lint, places, lint->nodes[i]), i);
    return places;
}

/* Is there a place of the word from `from` on, before `to`? */
static bool own_stands_between(const struct own_places *places, size_t word, size_t from, size_t to)
{
    size_t low = 0, high = places->count[word];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places->of[word][middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < places->count[word] && places->of[word][low] < to;
}

static bool own_any_between(const struct own_places *places, uint64_t mask, size_t from, size_t to)
{
    bool any = false;
    for (size_t i = 0; mask && !any; i++, mask >>= 1) any = (mask & 1) && own_stands_between(places, i, from, to);
    return any;
}

/* Does one of the words stand below the node? */
static bool own_has(const struct lint *lint, const struct own_places *places, uint64_t mask, const struct node *node)
{
    size_t from = lint->first[node->id], behind = lint->behind[node->id];
    if (behind > from) return own_any_between(places, mask, from + 1, behind);
    enum { SEEN = 63 };
    uint64_t *seen = &places->visited[node->id];
    if (!(*seen >> SEEN & 1)) {
        struct own_walk walk = {lint, places, UINT64_C(1) << SEEN};
        node_children(node, own_visit_words, &walk);
        *seen = walk.mask;
    }
    return (*seen & mask) != 0;
}

static bool own_inside(const struct lint *lint, const struct own_places *places, uint64_t mask, const struct node *node)
{
    for (const struct node *up = lint_up(lint, node); up; up = lint_up(lint, up))
        for (size_t i = 0; mask >> i; i++)
            if ((mask >> i & 1) && own_kind_holds(lint, &places->rules->asked[i], up)) return true;
    return false;
}

/* Does one of the words stand before the node, in the text of the strategy, function or subroutine around it? */
static bool own_follows(const struct lint *lint, const struct own_places *places, uint64_t mask,
                        const struct node *node)
{
    const struct node *around = node;
    while (around && around->kind != NODE_STRATEGY && around->kind != NODE_FUNCTION) around = lint_up(lint, around);
    return around && own_any_between(places, mask, lint->first[around->id], lint->first[node->id]);
}

/* ---- values of the tree ---- */

static struct own_value own_written(const struct node *node)
{
    if (!node) return own_none;
    node = segment_node_constant(node);
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    switch (node->kind) {
    case NODE_STRING:
        return (struct own_value){
            .type = OWN_TEXT, .bytes = node->string.text.bytes, .length = node->string.text.length};
    case NODE_INTEGER:
        return own_amount(OWN_INT, node->integer.value);
    case NODE_DURATION:
        return own_amount(OWN_DURATION, node->duration.us);
    case NODE_PERCENT:
        return own_amount(OWN_PERCENT, node->percent.hundredths);
    case NODE_BOOL:
        return own_bool(node->boolean.value);
    case NODE_KIND_NAME:
        return own_text(node->kind_name.name.text);
    case NODE_NAME:
        return symbol && symbol->kind == SYMBOL_WORD ? own_text(symbol->name) : own_unknown;
    case NODE_NONE:
        return own_none;
    case NODE_BLOCK:
        return (struct own_value){.type = OWN_PART, .part = node};
    default:
        return own_unknown;
    }
}

static const struct node *own_step_around(const struct lint *lint, const struct node *head)
{
    const struct node *up = lint_up(lint, head);
    return up && up->kind == NODE_STEP && up->step.head == head ? up : NULL;
}

/* Returns a number without what stands between its digits; any other text as it is. */
static const char *own_digits_of(struct lint *lint, const struct node *node)
{
    const char *bytes = node->string.text.bytes;
    size_t length = node->string.text.length;
    if (own_kind_digits(bytes, length) == 0) return arena_copy(lint->arena, bytes, length);
    char *number = arena_alloc(lint->arena, length + 1), *to = number;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != ' ' && bytes[i] != '-') *to++ = bytes[i];
    *to = '\0';
    return number;
}

static const char *own_word_of(struct lint *lint, const struct node *node)
{
    const struct call_use *call = node->kind == NODE_CALL ? node->meaning : NULL;
    const struct step_use *step = lint_step(node);
    if (node->kind == NODE_STRING) return own_digits_of(lint, node);
    if (node->kind == NODE_STRATEGY) return node->strategy.name.text;
    if (node->kind == NODE_HANDLER) return node->handler.event.text;
    if (node->kind == NODE_TEST) return node->test.title.bytes;
    if (node->kind == NODE_GOTO) return node->jump.label.text;
    if (node->kind == NODE_ATTACH && node->attach.target->kind == NODE_NAME) return node->attach.target->name.name.text;
    if (call && call->kind == CALL_FUNCTION && call->symbol) return call->symbol->name;
    if (node->kind == NODE_SELECT) return node->select.connects ? "connect" : "select";
    if (step && step->row) return step->row->name;
    const char *path = "";
    if (node->kind == NODE_IMPORT)
        EACH_NODE (name, node->import.path)
            path = arena_printf(lint->arena, "%s%s%s", path, *path ? "." : "", name->name.name.text);
    if (*path) return path;
    const char *declared = names_declared_by(node).text;
    return declared ? declared : node_words(node->kind);
}

static const struct node *own_side(const struct node *node)
{
    switch (node->kind) {
    case NODE_CONST:
        return node->constant.value;
    case NODE_SITE_PARAMETER:
        return node->parameter.value;
    case NODE_LET:
        return lint_head(node->let.value);
    case NODE_ATTACH:
        return lint_head(node->attach.value);
    case NODE_STOP:
        return node->stop.why;
    case NODE_DELAY:
        return node->delay.value;
    default:
        return NULL;
    }
}

static const struct node *own_type_of(const struct node *node)
{
    return node->kind == NODE_CONST            ? node->constant.type
           : node->kind == NODE_SITE_PARAMETER ? node->parameter.type
           : node->kind == NODE_LET            ? node->let.type
           : node->kind == NODE_FIELD          ? node->field.type
                                               : NULL;
}

static struct own_value own_file(struct lint *lint, struct own_places *places, const struct node *node)
{
    const struct source *source = source_set_at(lint->program->sources, node->span.begin);
    if (!source) return own_text("");
    if (source != places->source) {
        places->source = source;
        places->file = judge_path(lint->judge, source->path);
    }
    return own_text(places->file);
}

static struct own_value own_asked(struct lint *lint, struct own_places *places, enum own_property which,
                                  const struct node *node)
{
    const struct node *strategy = node->kind == NODE_STRATEGY ? node : lint_around(lint, node, NODE_STRATEGY);
    const struct node *step = own_step_around(lint, node), *type = own_type_of(node);
    const struct source_set *sources = lint->program->sources;
    switch (which) {
    case OWN_IS_NAME:
        return own_text(own_word_of(lint, node));
    case OWN_IS_TEXT:
        if (node->kind == NODE_STRING) return own_written(node);
        return own_text(lint_text(lint, node->span));
    case OWN_IS_VALUE:
        return own_written(own_side(node));
    case OWN_IS_TYPE:
        return own_text(type ? lint_text(lint, type->span) : "");
    case OWN_IS_HANDLED:
        return own_bool(step && step->step.otherwise);
    case OWN_IS_DOC:
        return own_text(node->doc);
    case OWN_IS_LINES:
        return own_amount(OWN_INT, 1 + (int64_t)source_set_position(sources, node->span.end).line -
                                       source_set_position(sources, node->span.begin).line);
    case OWN_IS_FILE:
        return own_file(lint, places, node);
    case OWN_IS_AROUND:
        return own_text(strategy ? strategy->strategy.name.text : "");
    case OWN_IS_MEDIA:
        return (struct own_value){
            .type = OWN_LIST, .number = !strategy, .list = strategy ? &strategy->strategy.media : NULL};
    case OWN_PROPERTIES:
        break;
    }
    return own_unknown;
}

/* Returns the value of the step's clause, or of the site's default for it. If defaults are for some media, the checker
 * has found the one for the step. */
static struct own_value own_clause(const struct lint *lint, int which, const struct node *node)
{
    const struct step_use *use = lint_step(node);
    if (which == CLAUSE_REPLY || which == CLAUSE_ABSENCE) return own_written(use ? use->clauses[which] : NULL);
    const struct node *value = lint_clause(own_step_around(lint, node), (enum clause)which);
    const struct node *site = lint->program->site;
    for (const struct node *item = !value && site ? site->site.items.first : NULL; item; item = item->next) {
        if (item->kind != NODE_SITE_DEFAULT) continue;
        if (strcmp(item->site_default.name.text, ast_clause_word((enum clause)which)) != 0) continue;
        value = item->site_default.value;
    }
    return own_written(value);
}

static struct own_value own_argument(const char *name, const struct node *node)
{
    const struct step_use *use = lint_step(node);
    return use && use->row ? own_written(lint_argument(use, name)) : own_none;
}

/* ---- operators ---- */

static bool own_same(const struct own_value *one, const struct own_value *other)
{
    if (one->type != other->type) return false;
    if (one->type == OWN_NONE) return true;
    if (one->type == OWN_TEXT)
        return one->length == other->length && memcmp(one->bytes, other->bytes, one->length) == 0;
    return one->type != OWN_PART && one->type != OWN_LIST && one->number == other->number;
}

static struct own_value own_compare(int sign, const struct own_value *one, const struct own_value *other)
{
    if (one->type == OWN_UNKNOWN || other->type == OWN_UNKNOWN) return own_unknown;
    if (sign == SIGN_EQ || sign == SIGN_NE) return own_bool(own_same(one, other) == (sign == SIGN_EQ));
    if (one->type != other->type || one->type == OWN_NONE) return own_bool(false);
    int64_t left = one->number, right = other->number;
    return own_bool(sign == SIGN_LT   ? left < right
                    : sign == SIGN_LE ? left <= right
                    : sign == SIGN_GT ? left > right
                                      : left >= right);
}

static bool own_lists(struct lint *lint, const struct nodes *list, const struct own_value *wanted)
{
    if (!list || wanted->type != OWN_TEXT) return false;
    EACH_NODE (item, *list) {
        struct own_value name =
            own_text(item->kind == NODE_NAME ? item->name.name.text : node_dotted(lint->arena, item));
        if (own_same(&name, wanted)) return true;
    }
    return false;
}

static struct own_value own_within_text(const struct own_expr *expr, const struct own_value *text,
                                        const struct own_value *part)
{
    if (text->type == OWN_UNKNOWN || part->type == OWN_UNKNOWN) return own_unknown;
    if (text->type != OWN_TEXT || part->type != OWN_TEXT || part->length > text->length) return own_bool(false);
    if (expr->op == OWN_DO_STARTS) return own_bool(memcmp(text->bytes, part->bytes, part->length) == 0);
    return own_bool(part->length == 0 || memmem(text->bytes, text->length, part->bytes, part->length));
}

static struct own_value own_matches(const struct automaton *automaton, const struct own_value *text)
{
    if (text->type == OWN_UNKNOWN) return own_unknown;
    if (text->type != OWN_TEXT) return own_bool(false);
    uint32_t state = 0;
    for (size_t i = 0; i < text->length; i++) {
        state = automaton->next[state * automaton->width + automaton->classes[(uint8_t)text->bytes[i]]];
        if (state == AUTOMATON_DEAD) return own_bool(false);
    }
    return own_bool(automaton->accepts[state] >= 0);
}

static struct own_value own_length(const struct own_value *value)
{
    if (value->type == OWN_LIST && value->number != 0) return own_unknown;
    if (value->type == OWN_LIST) return own_amount(OWN_INT, value->list ? (int64_t)value->list->count : 0);
    if (value->type != OWN_TEXT) return value->type == OWN_NONE ? own_none : own_unknown;
    int64_t characters = 0;
    for (size_t i = 0; i < value->length; i++) characters += ((unsigned char)value->bytes[i] & 0xc0) != 0x80;
    return own_amount(OWN_INT, characters);
}

static struct own_value own_joined(struct lint *lint, struct own_places *places, const struct own_expr *parts,
                                   const struct node *node)
{
    const char *text = "";
    for (; parts; parts = parts->next) {
        struct own_value value = own_value_of(lint, places, parts, node);
        if (value.type == OWN_TEXT)
            text = arena_printf(lint->arena, "%s%.*s", text, (int)value.length, value.bytes);
        else if (value.type == OWN_DURATION)
            text = arena_printf(lint->arena, "%s%s", text, lint_duration_text(lint->arena, value.number));
        else if (value.type == OWN_INT)
            text = arena_printf(lint->arena, "%s%lld", text, (long long)value.number);
        else
            text = arena_printf(lint->arena, "%s...", text);
    }
    return own_text(text);
}

static bool own_is(const struct own_value *value, bool wanted)
{
    return value->type == OWN_BOOL && (value->number != 0) == wanted;
}

static struct own_value own_logic(struct lint *lint, struct own_places *places, const struct own_expr *expr,
                                  const struct node *node)
{
    bool decides = expr->op == OWN_DO_OR;
    struct own_value left = own_value_of(lint, places, expr->left, node);
    if (own_is(&left, decides)) return left;
    struct own_value right = own_value_of(lint, places, expr->right, node);
    return own_is(&right, decides) || left.type == OWN_BOOL ? right : own_unknown;
}

static struct own_value own_place_asked(struct lint *lint, struct own_places *places, const struct own_expr *expr,
                                        const struct node *node)
{
    if (expr->op == OWN_DO_INSIDE) return own_bool(own_inside(lint, places, expr->mask, node));
    if (expr->op == OWN_DO_FOLLOWS) return own_bool(own_follows(lint, places, expr->mask, node));
    if (!expr->left) {
        const struct node *step = own_step_around(lint, node);
        return own_bool(own_has(lint, places, expr->mask, node) || (step && own_has(lint, places, expr->mask, step)));
    }
    struct own_value part = own_value_of(lint, places, expr->left, node);
    return part.type == OWN_PART ? own_bool(own_has(lint, places, expr->mask, part.part)) : own_bool(false);
}

struct own_value own_value_of(struct lint *lint, struct own_places *places, const struct own_expr *expr,
                              const struct node *node)
{
    struct own_value left, right;
    switch (expr->op) {
    case OWN_DO_VALUE:
        return expr->value;
    case OWN_DO_PROPERTY:
        return own_asked(lint, places, (enum own_property)expr->number, node);
    case OWN_DO_ARGUMENT:
        left = own_argument(expr->value.bytes, node);
        /* a clause may be a parameter of the step, too, as `whisper` of route */
        return left.type == OWN_NONE && expr->number >= 0 ? own_clause(lint, expr->number, node) : left;
    case OWN_DO_CLAUSE:
        return own_clause(lint, expr->number, node);
    case OWN_DO_NOT:
        left = own_value_of(lint, places, expr->left, node);
        return left.type == OWN_BOOL ? own_bool(left.number == 0) : own_unknown;
    case OWN_DO_AND:
    case OWN_DO_OR:
        return own_logic(lint, places, expr, node);
    case OWN_DO_AMONG:
        left = own_value_of(lint, places, expr->left, node);
        if (left.type == OWN_UNKNOWN) return own_unknown;
        for (const struct own_expr *one = expr->right; one; one = one->next)
            if (own_same(&left, &one->value)) return own_bool(true);
        return own_bool(false);
    case OWN_DO_MATCHES:
        left = own_value_of(lint, places, expr->left, node);
        return own_matches(expr->pattern, &left);
    case OWN_DO_LENGTH:
        left = own_value_of(lint, places, expr->left, node);
        return own_length(&left);
    case OWN_DO_HAS:
    case OWN_DO_INSIDE:
    case OWN_DO_FOLLOWS:
        return own_place_asked(lint, places, expr, node);
    case OWN_DO_JOINED:
        return own_joined(lint, places, expr->left, node);
    case OWN_DO_COMPARE:
    case OWN_DO_IN:
    case OWN_DO_STARTS:
    case OWN_DO_CONTAINS:
        break;
    }
    left = own_value_of(lint, places, expr->left, node);
    right = own_value_of(lint, places, expr->right, node);
    if (expr->op == OWN_DO_COMPARE) return own_compare(expr->number, &left, &right);
    if (expr->op == OWN_DO_IN) return own_bool(right.number != 0 || own_lists(lint, right.list, &left));
    return own_within_text(expr, &left, &right);
}
