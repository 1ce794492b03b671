/* compiler/lint/other_queue.c - Finds a wait that ends when the wait of another virtual queue is long: a selection was
 * copied, and one of its two names was not changed.
 *
 *     select in vq service { ... } until (ewt(vq billing) else 0s) > 5m
 *
 * A short wait in another queue is a good reason to end this one, so only `>` and `>=` are reported; and
 * `agents_logged_in == 0` of another queue. */
#include <string.h>

#include "compiler/lint/lint.h"

static const struct node *queue_asked(const struct node *call)
{
    if (call->kind == NODE_FALLBACK) call = call->fallback.value;
    const struct call_use *use = call->kind == NODE_CALL ? call->meaning : NULL;
    if (!use || use->kind != CALL_OF_QUEUE || call->call.arguments.count != 1) return NULL;
    const struct node *queue = call->call.arguments.first->arg.value;
    return queue->kind == NODE_KIND_NAME && queue->kind_name.kind == KIND_VQ ? queue : NULL;
}

/* Returns the virtual queue of `vq service.agents_logged_in == 0`, or NULL. */
static const struct node *queue_empty(const struct node *compared)
{
    const struct node *left = compared->binary.left;
    int64_t worth;
    if (compared->binary.op != SIGN_EQ || !segment_node_worth(compared->binary.right, &worth) || worth != 0)
        return NULL;
    if (left->kind != NODE_MEMBER || strncmp(left->member.name.text, "agents_", 7) != 0) return NULL;
    const struct node *queue = left->member.object;
    return queue->kind == NODE_KIND_NAME && queue->kind_name.kind == KIND_VQ ? queue : NULL;
}

void lint_other_queue(struct lint *lint)
{
    EACH_OF (lint, step, NODE_STEP) {
        const struct node *until = lint_clause(step, CLAUSE_UNTIL), *head = step->step.head;
        if (!until || head->kind != NODE_SELECT || head->select.in->kind != NODE_KIND_NAME) continue;
        EACH_IN (lint, until, compared, NODE_BINARY) {
            bool more = compared->binary.op == SIGN_GT || compared->binary.op == SIGN_GE;
            const struct node *queue = more ? queue_asked(compared->binary.left) : queue_empty(compared);
            bool own = false;
            if (!queue) continue;
            EACH_IN (lint, head, name, NODE_KIND_NAME)
                own = own || (name->kind_name.kind == KIND_VQ &&
                              strcmp(name->kind_name.name.text, queue->kind_name.name.text) == 0);
            if (!own) lint_report(lint, OTHER_QUEUE, queue->span, head->select.in->kind_name.name.text);
        }
    }
}
