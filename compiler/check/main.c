/* compiler/check/main.c - `main.x`: how a strategy for consultations reads the main interaction about which an agent
 * consults.
 *
 * A strategy for consultations can read the main interaction's attributes and the keys that the site declares for all
 * strategies: the strategy of the main interaction is not known when compiling. The type is always T?: others change
 * the main interaction, and it may have ended. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "base/near.h"

bool main_is_called(const struct checker *c, const struct node *node)
{
    if (node->kind != NODE_NAME || strcmp(node->name.name.text, "main") != 0) return false;
    const struct symbol *there = scope_find(c->scope, SPACE_PLAIN, "main");
    /* a strategy has no members and is no value, so `main` does not mean it here */
    return !there || there->kind == SYMBOL_STRATEGY;
}

static const struct type *poisoned_main(const struct checker *c)
{
    return checker_base(c, LANG_POISON);
}

/* May `main` be read here: is the code part of a strategy for consultations? */
static bool may_read(struct checker *c, const struct node *main)
{
    const struct strategy *strategy = c->body ? c->body->strategy : NULL;
    if (strategy && !media_set_is_empty(media_set_and(strategy->media, media_bit("voice.consult")))) return true;
    struct diag *diag = report(c, MAIN_MEDIUM, main->span);
    if (strategy)
        diag_hint(diag, "strategy %s on voice.consult", strategy->name);
    else
        diag_hint(diag, "a function or subroutine is given what it needs of it");
    return false;
}

static const struct symbol *site_key(const struct checker *c, const char *name)
{
    for (uint32_t i = 0; i < c->site_key_count; i++)
        if (!strcmp(c->site_keys[i]->name, name)) return c->site_keys[i];
    return NULL;
}

static const char *near_member(const struct checker *c, const char *name)
{
    for (uint32_t i = 0; i < c->site_key_count; i++)
        if (near_distance(name, c->site_keys[i]->name) != UINT32_MAX) return c->site_keys[i]->name;
    for (uint32_t i = 0; i < attribute_row_count; i++)
        if (strcmp(name, attribute_rows[i].name) && near_distance(name, attribute_rows[i].name) != UINT32_MAX)
            return attribute_rows[i].name;
    return NULL;
}

static const struct attribute_row *main_attribute(const char *name)
{
    for (uint32_t i = 0; i < attribute_row_count; i++) {
        const struct attribute_row *row = &attribute_rows[i];
        bool readable = row->when != WHEN_WAITING && row->media != MEDIA_TEXT && strcmp(row->name, "user_data") &&
                        strcmp(row->name, "parties");
        if (readable && !strcmp(row->name, name)) return row;
    }
    return NULL;
}

const struct type *check_main(struct checker *c, struct node *node, struct member *member)
{
    assert(node->kind == NODE_MEMBER);
    const char *name = node->member.name.text;
    struct node *main = node->member.object;
    struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
    const struct symbol *key = site_key(c, name);
    const struct attribute_row *row = key ? NULL : main_attribute(name);
    *symbol =
        (struct symbol){.kind = SYMBOL_WORD, .name = name, .type = poisoned_main(c), .secret = key && key->secret};
    main->meaning = symbol;
    set_node_type(main, poisoned_main(c));
    if (!may_read(c, main)) return poisoned_main(c);
    if (!key && !row) {
        struct diag *diag = report(c, MAIN_MEMBER, node->member.name.span, name);
        const char *near = near_member(c, name);
        if (near)
            diag_did_you_mean(diag, near, (struct source_span){0, 0});
        else
            diag_hint(diag, "keys that all strategies have stand in the site: attached { ... }");
        return poisoned_main(c);
    }
    member->kind = key ? MEMBER_MAIN_KEY : MEMBER_MAIN_ATTRIBUTE;
    member->index = key ? key->index : row->number;
    if (key) return types_option(c->types, type_bare(key->type));
    const struct symbol *known = scope_find(c->scope, SPACE_PLAIN, name);
    const struct type *type =
        known && known->kind == SYMBOL_ATTRIBUTE ? known->type : checker_base(c, (enum lang_type)row->type);
    return types_option(c->types, type_bare(type));
}
