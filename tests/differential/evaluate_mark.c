/* tests/differential/evaluate_mark.c - Where secrets go: each is a marked value, and so is what is made of it.
 *
 * The marks are those of a run, not of the text: they show the ways that a secret really went. What is true or false is
 * never marked, as the checker allows comparisons. */
#include "config.h"
#include "tests/differential/evaluate.h"

const struct value *value_as_marked(struct evaluator *e, const struct value *value, bool marked)
{
    if (!marked || value->marked) return value;
    struct value *copy = ARENA_NEW(e->arena, struct value);
    *copy = *value;
    copy->marked = true;
    return copy;
}

/* What comes out of it is a part of what was read, as it is; marked where all of that was. */
static bool is_part_of_what_it_reads(const struct node *node)
{
    const struct call_use *call = node->kind == NODE_CALL ? node->meaning : NULL;
    switch (node->kind) {
    case NODE_INDEX:
    case NODE_FALLBACK:
    case NODE_MEMBER:
        return true;
    default:
        return call && call->kind == CALL_METHOD && type_bare(node->call.callee->member.object->type)->kind != LANG_STR;
    }
}

/* What comes out of it brings its own marks. */
static bool has_own_marks(const struct node *node)
{
    const struct call_use *call = node->kind == NODE_CALL ? node->meaning : NULL;
    bool made = node->kind == NODE_NAME || node->kind == NODE_LIST || node->kind == NODE_MAP;
    if (made || !call) return made;
    return call->kind == CALL_RECORD || (call->kind == CALL_FUNCTION && !call->callee->native);
}

static bool is_secret_part(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    if (symbol && symbol->kind == SYMBOL_KEY) return symbol->secret;
    const struct member *member = node->kind == NODE_MEMBER ? node->meaning : NULL;
    if (!member || member->kind != MEMBER_FIELD) return false;
    const struct type *object = type_bare(node->member.object->type);
    return object->kind == LANG_RECORD && object->record->fields[member->index].secret;
}

const struct value *evaluate_marked(struct evaluator *e, const struct node *node,
                                    const struct value *(*expression)(struct evaluator *, const struct node *))
{
    bool told = e->told, told_of = e->told_of;
    e->told = e->told_of = false;
    const struct value *value = expression(e, node);
    bool part = is_part_of_what_it_reads(node);
    bool marked = is_secret_part(node) || (!has_own_marks(node) && (e->told || (!part && e->told_of)));
    e->told = told;
    e->told_of = told_of;
    if (node->type && type_bare(node->type)->kind == LANG_BOOL) return value;
    value = value_as_marked(e, value, marked);
    e->told |= value->marked;
    e->told_of |= value->marked || value->holds;
    return value;
}

const struct value *evaluate_seen(struct evaluator *e, const struct value *value, const char *as)
{
    if (!value || !(value->marked || value->holds)) return value;
    fprintf(e->trace, "a secret is %s", as);
    evaluate_trace_place(e);
    return value;
}
