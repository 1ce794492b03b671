/* compiler/lint/own_rule.c - Finds what the site's own rules find: each rule looks at the nodes of its kinds.
 *
 *     site { rule no_premium_numbers for number { where name.starts("+900"); say "it costs the caller"; } }
 *     route dn "+900123";
 *
 * What is in a test or in a rule's examples is looked at by no rule; the test itself may be. */
#include "compiler/lint/own_inner.h"

#include "compiler/check/names.h"
#include "compiler/lint/judge.h"

struct own_bucket { /* a pair of a rule and its kind, in a list for each kind of node */
    const struct own_rule *rule;
    const struct own_kind *kind;
    const struct own_bucket *next;
};

/* Returns the place that a finding shows: the name that the node declares, the head of a selection, else the whole
 * node. */
static struct source_span own_place_told(const struct node *node)
{
    struct word name = names_declared_by(node);
    if (node->kind == NODE_SELECT) return (struct source_span){node->span.begin, node->select.in->span.end};
    if (name.text && node->kind != NODE_LABELLED) return name.span;
    return node->span;
}

static void own_rule_tell(struct lint *lint, struct own_places *places, const struct own_rule *rule,
                          const struct node *node)
{
    struct own_value found = own_value_of(lint, places, rule->where, node);
    if (found.type != OWN_BOOL || !found.number) return;
    struct own_value text = own_value_of(lint, places, rule->say, node);
    struct diag *diag = lint_report(lint, OWN_RULE, own_place_told(node), text.bytes);
    diag->own = &rule->told;
    if (!rule->hint) return;
    struct own_value hint = own_value_of(lint, places, rule->hint, node);
    diag_hint(diag, "%s", hint.bytes);
}

void lint_own_rule(struct lint *lint)
{
    const struct own_rules *rules = judge_own(lint->judge);
    const struct own_bucket *buckets[NODE_KINDS] = {NULL};
    bool any = false;
    for (size_t i = rules->count; i-- > 0;) {
        const struct own_rule *rule = &rules->of[i];
        for (const struct own_watch *watch = rule->runs ? rule->watches : NULL; watch; watch = watch->next)
            for (int node = 0; node < NODE_KINDS; node++) {
                if (!own_kind_may(&watch->kind, (enum node_kind)node)) continue;
                struct own_bucket *bucket = ARENA_NEW(lint->arena, struct own_bucket);
                *bucket = (struct own_bucket){rule, &watch->kind, buckets[node]};
                buckets[node] = bucket;
                any = true;
            }
    }
    if (!any) return;
    struct own_places *places = own_places_new(lint, rules);
    for (size_t i = 0; i < lint->count; i++) {
        const struct node *node = lint->nodes[i];
        for (const struct own_bucket *bucket = buckets[node->kind]; bucket; bucket = bucket->next)
            if (own_kind_holds(lint, bucket->kind, node)) own_rule_tell(lint, places, bucket->rule, node);
        if (node->kind == NODE_TEST) i = lint->behind[node->id] - 1;
    }
}
