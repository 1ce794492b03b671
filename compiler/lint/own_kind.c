/* compiler/lint/own_kind.c - What a rule of the site's own may look at: kinds of nodes, steps and names, by their
 * words.
 *
 *     strategy, connect, ...    own_kinds.def        queue, skill, ...   the kinds of the site's names
 *     ivr.play                  one step             ivr                 all steps of that family
 */
#include <string.h>

#include "base/near.h"
#include "compiler/check/names.h"
#include "compiler/language/step_ids.h"
#include "compiler/lint/own_inner.h"

static const struct own_kind own_plain_kinds[] = {
#define OWN_KIND(ID, called, kind, doc) {.word = called, .id = OWN_KIND_##ID, .node = NODE_##kind},
#include "compiler/lint/own_kinds.def"
};

enum { OWN_PLAIN_KINDS = sizeof own_plain_kinds / sizeof *own_plain_kinds };

bool own_kind_named(const char *word, struct own_kind *found)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < OWN_PLAIN_KINDS; i++)
        if (strcmp(own_plain_kinds[i].word, word) == 0) return *found = own_plain_kinds[i], true;
    *found = (struct own_kind){.word = word, .id = OWN_KIND_NAMES, .node = NODE_KINDS};
    for (int i = 0; i < NAME_KINDS; i++)
        if (ast_kind_of_site((enum name_kind)i) && strcmp(ast_kind_word((enum name_kind)i), word) == 0)
            return found->names = (enum name_kind)i, true;
    *found = (struct own_kind){.word = word, .id = OWN_KIND_ROW, .node = NODE_CALL};
    found->row = strchr(word, '.') ? step_row_named(word) : NULL;
    if (found->row) return true;
    *found = (struct own_kind){.word = word, .id = OWN_KIND_FAMILY, .node = NODE_CALL, .length = length};
    for (unsigned i = 0; i < STEP_IDS; i++)
        if (strncmp(step_row(i)->name, word, length) == 0 && step_row(i)->name[length] == '.') return true;
    return false;
}

const char *own_kind_near(const char *word)
{
    uint32_t least = UINT32_MAX;
    const char *near = NULL;
    for (size_t i = 0; i < OWN_PLAIN_KINDS; i++)
        if (near_is_nearer(word, own_plain_kinds[i].word, &least)) near = own_plain_kinds[i].word;
    for (int i = 0; i < NAME_KINDS; i++) {
        const char *name = ast_kind_word((enum name_kind)i);
        if (ast_kind_of_site((enum name_kind)i) && near_is_nearer(word, name, &least)) near = name;
    }
    for (unsigned i = 0; i < STEP_IDS; i++)
        if (strchr(step_row(i)->name, '.') && near_is_nearer(word, step_row(i)->name, &least)) near = step_row(i)->name;
    return near;
}

const char *own_kind_words(struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < OWN_PLAIN_KINDS; i++)
        text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "", own_plain_kinds[i].word);
    return text;
}

static const struct call_use *own_call(const struct node *node)
{
    return node->kind == NODE_CALL ? node->meaning : NULL;
}

static bool own_kind_declares(const struct lint *lint, const struct own_kind *kind, const struct node *node)
{
    if (node->kind == NODE_SITE_VIRTUAL) return node->site_virtual.kind == kind->names;
    const struct node *up = node->kind == NODE_LABEL ? lint_up(lint, node) : NULL;
    return up && up->kind == NODE_SITE_NAMES && up->site_names.kind == kind->names;
}

size_t own_kind_digits(const char *bytes, size_t length)
{
    size_t digits = 0;
    for (size_t i = 0; i < length; i++) {
        bool digit = bytes[i] >= '0' && bytes[i] <= '9';
        if (!digit && !(bytes[i] == '+' && i == 0) && !(i > 0 && (bytes[i] == ' ' || bytes[i] == '-'))) return 0;
        digits += digit;
    }
    return digits;
}

bool own_kind_holds(const struct lint *lint, const struct own_kind *kind, const struct node *node)
{
    const struct call_use *call = own_call(node);
    const struct step_row *row = call && call->kind == CALL_STEP && call->step ? call->step->row : NULL;
    switch (kind->id) {
    case OWN_KIND_NAMES:
        return own_kind_declares(lint, kind, node);
    case OWN_KIND_ROW:
        return row == kind->row;
    case OWN_KIND_FAMILY:
        return row && strncmp(row->name, kind->word, kind->length) == 0 && row->name[kind->length] == '.';
    case OWN_KIND_STEP:
        return row || (node->kind != NODE_CALL && own_kind_may(kind, node->kind));
    case OWN_KIND_FUNCTION:
    case OWN_KIND_SUBROUTINE:
        return node->kind == NODE_FUNCTION && node->function.waits == (kind->id == OWN_KIND_SUBROUTINE);
    case OWN_KIND_SELECT:
    case OWN_KIND_CONNECT:
        return node->kind == NODE_SELECT && node->select.connects == (kind->id == OWN_KIND_CONNECT);
    case OWN_KIND_KEY:
        return node->kind == NODE_FIELD && lint_up(lint, node)->kind != NODE_RECORD;
    case OWN_KIND_CALL:
        return call && call->kind == CALL_FUNCTION;
    case OWN_KIND_NUMBER:
        return node->kind == NODE_STRING && own_kind_digits(node->string.text.bytes, node->string.text.length) >= 3;
    case OWN_KIND_TEXT:
        return node->kind == NODE_STRING && lint_up(lint, node)->kind != NODE_SQL;
    default:
        return node->kind == kind->node;
    }
}

bool own_kind_may(const struct own_kind *kind, enum node_kind node)
{
    static const bool steps[NODE_KINDS] = {
        [NODE_CALL] = true, [NODE_SELECT] = true, [NODE_QUERY] = true,    [NODE_ROUTE] = true,
        [NODE_STOP] = true, [NODE_REJECT] = true, [NODE_DELAY] = true,    [NODE_WAIT] = true,
        [NODE_RACE] = true, [NODE_SWITCH] = true, [NODE_PARALLEL] = true, [NODE_EXCLUDE] = true,
    };
    if (kind->id == OWN_KIND_STEP) return steps[node];
    if (kind->id == OWN_KIND_NAMES) return node == NODE_LABEL || node == NODE_SITE_VIRTUAL;
    return node == kind->node;
}

bool own_kind_is_step(const struct own_kind *kind)
{
    return kind->id == OWN_KIND_ROW || kind->id == OWN_KIND_FAMILY ||
           (kind->id >= OWN_KIND_STEP && kind->id <= OWN_KIND_EXCLUDE);
}

static bool own_row_takes(const struct step_row *row, const char *parameter)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(row, params);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(params[i]->name, parameter) == 0) return true;
    return false;
}

bool own_kind_takes(const struct own_kind *kind, const char *parameter)
{
    if (!own_kind_is_step(kind)) return false;
    for (unsigned i = 0; i < STEP_IDS; i++) {
        const struct step_row *row = step_row(i);
        bool of_it = kind->id == OWN_KIND_ROW ? row == kind->row
                     : kind->id == OWN_KIND_FAMILY
                         ? strncmp(row->name, kind->word, kind->length) == 0 && row->name[kind->length] == '.'
                     : kind->id == OWN_KIND_STEP ? true
                                                 : strcmp(row->name, kind->word) == 0;
        if (of_it && own_row_takes(row, parameter)) return true;
    }
    return false;
}
