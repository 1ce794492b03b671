/* compiler/lint/starved.c - Finds a virtual queue that is no agent's first choice in the site's order for agents: its
 * callers may wait although agents are ready, perhaps for ever.
 *
 *     order for agents { vq sales; vq service after 60s; }     // service: only after a minute, and after all of sales
 *
 * With the directory given, a queue that some profile has as its first choice without a delay is not reported. */
#include "compiler/lint/lint.h"

#include <string.h>

#include "runtime/sql/lite.h"

static bool somebody_takes_first(const struct lint *lint, const char *vq)
{
    return lint->people &&
           lite_has(lint->people, NULL,
                    "select 1 from profile where vq in (%Q, '*') and rank = 1 and coalesce(delay_s, 0) = 0", vq);
}

/* Returns the reason why agents do not take from the rule's queues first; NULL: there is none. */
static const char *starved_by(const struct node *order, const struct node *rule)
{
    bool by_rank = !order->order.by.text || !strcmp(order->order.by.text, "rank");
    if (rule->order_rule.never) return "agents without a profile never take from it";
    if (by_rank && rule != order->order.rules.first) return "it waits as long as anybody waits in a queue before it";
    return rule->order_rule.after ? "everybody waits there at first, although agents are ready" : NULL;
}

static bool rules_name(const struct node *order, struct word name)
{
    EACH_NODE (rule, order->order.rules)
        EACH_NODE (vq, rule->order_rule.vqs)
            if (!strcmp(vq->kind_name.name.text, name.text)) return true;
    return false;
}

/* Reports the virtual queues that no rule names, where agents never take from the others. */
static void starved_others(struct lint *lint, const struct node *order)
{
    const struct node *never = NULL;
    EACH_NODE (rule, order->order.rules)
        if (rule->order_rule.others.text && rule->order_rule.never) never = rule;
    if (!never) return;
    EACH_OF (lint, names, NODE_SITE_NAMES) {
        if (names->site_names.kind != KIND_VQ) continue;
        EACH_NODE (label, names->site_names.labels) {
            struct word name = label->label.name;
            if (rules_name(order, name) || !lint_is_read(lint, name) || somebody_takes_first(lint, name.text)) continue;
            struct diag *diag = lint_report(lint, STARVED, label->span, name.text, starved_by(order, never));
            diag_note(diag, never->span, "it is one of the others");
        }
    }
}

void lint_starved(struct lint *lint)
{
    EACH_OF (lint, order, NODE_SITE_ORDER) {
        EACH_NODE (rule, order->order.rules) {
            const char *why = starved_by(order, rule);
            EACH_NODE (vq, rule->order_rule.vqs)
                if (why && !somebody_takes_first(lint, vq->kind_name.name.text))
                    lint_report(lint, STARVED, vq->span, vq->kind_name.name.text, why);
        }
        starved_others(lint, order);
    }
}
