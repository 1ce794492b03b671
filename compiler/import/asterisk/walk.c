/* compiler/import/asterisk/walk.c - The blocks of the flow that is being made, and the jumps between them. */
#include "compiler/import/asterisk/walk.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct flow_block *walk_added(struct walk *w, const struct walk_node *node, uint32_t *number)
{
    if (w->count == WALK_BLOCKS) {
        w->full = true;
        return NULL;
    }
    if (w->count == w->room) {
        uint32_t room = w->room ? 2 * w->room : 64;
        w->blocks = arena_grow(w->arena, w->blocks, w->room * sizeof *w->blocks, room * sizeof *w->blocks);
        w->nodes = arena_grow(w->arena, w->nodes, w->room * sizeof *w->nodes, room * sizeof *w->nodes);
        w->room = room;
    }
    struct flow_block *block = ARENA_NEW(w->arena, struct flow_block);
    *number = w->count;
    w->blocks[w->count] = block;
    w->nodes[w->count++] = *node;
    block->id = "", block->kind = FLOW_given;
    return block;
}

uint32_t walk_block(struct walk *w, struct plan_step *step, struct walk_frame *frame)
{
    struct walk_node node = {.step = step, .frame = frame};
    uint32_t number;
    if (!step) return FLOW_NOWHERE;
    const char *key = arena_printf(w->arena, "%p %p", (void *)step, (void *)frame);
    uint32_t *there = flow_names_find(&w->numbers, key);
    if (there) return *there;
    struct flow_block *block = walk_added(w, &node, &number);
    if (!block) return FLOW_NOWHERE;
    step->reached = true;
    block->type = step->application;
    block->line = step->line;
    block->path = step->path;
    block->name = arena_printf(w->arena, "%s %s %s", step->of->in->name, step->of->name,
                               step->label ? step->label : arena_printf(w->arena, "%u", step->priority));
    there = ARENA_NEW(w->arena, uint32_t);
    *there = number;
    flow_names_add(w->arena, &w->numbers, key, there);
    return number;
}

uint32_t walk_instead(struct walk *w, const struct walk_node *node, const char *application, const char *arguments,
                      uint32_t next)
{
    struct walk_node instead = {
        .step = node->step, .frame = node->frame, .application = application, .arguments = arguments, .next = next};
    uint32_t number;
    struct flow_block *block = walk_added(w, &instead, &number);
    if (!block) return FLOW_NOWHERE;
    block->type = application;
    block->line = node->step->line;
    block->path = node->step->path;
    block->name = arena_printf(w->arena, "%s %s %u %s", node->step->of->in->name, node->step->of->name,
                               node->step->priority, application);
    return number;
}

/* A search for another extension that takes the same number and has the priority. */
struct walk_overlap {
    const struct plan_extension *of;
    uint32_t priority;
    const struct plan_extension *found;
};

static void walk_overlaps(void *closure, struct plan_extension *extension)
{
    struct walk_overlap *overlap = closure;
    const struct plan_extension *of = overlap->of;
    if (overlap->found || extension == of || !plan_priority(extension, overlap->priority)) return;
    bool same = strcmp(extension->name, of->name) == 0;
    if (plan_special(of->name) || plan_special(extension->name)
            ? same
            : same || (extension->pattern && (of->pattern || plan_matches(extension->name + 1, of->name))))
        overlap->found = extension;
}

uint32_t walk_next(struct walk *w, struct flow_block *block, const struct walk_node *node)
{
    if (node->application) return node->next;
    struct plan_step *next = plan_priority(node->step->of, node->step->priority + 1);
    if (next) return walk_block(w, next, node->frame);
    struct walk_overlap overlap = {.of = node->step->of, .priority = node->step->priority + 1};
    plan_each(w->plan, node->step->of->in, walk_overlaps, &overlap);
    if (overlap.found)
        given_remark(block, FLOW_REMARK, "not translated: there it goes on at priority %u of the extension %s",
                     overlap.priority, overlap.found->name);
    return node->frame && node->frame->macro ? walk_back(w, node) : FLOW_NOWHERE;
}

uint32_t walk_back(struct walk *w, const struct walk_node *node)
{
    const struct plan_step *from = node->frame->back;
    return walk_block(w, plan_priority(from->of, from->priority + 1), node->frame->outer);
}

void walk_on(struct flow_block *block, enum given_form form, const char *exit, uint32_t to)
{
    given_on(block, form, exit, to, "stop \"the extension ends\";");
}

void walk_enter(struct walk *w, struct flow_block *block, struct plan_extension *extension, const char *number,
                struct walk_frame *frame)
{
    if (extension->pattern && number && strcmp(number, "exten") != 0) {
        given_say(block, "exten = %s; ", number);
        w->patterns = true;
    }
    walk_on(block, GIVEN_WAY, extension->name, walk_block(w, plan_priority(extension, 1), frame));
}

bool walk_label(struct walk *w, const struct walk_node *node, const char *label, struct plan_step **step,
                const char **enters, const char **why)
{
    const char *parts[4];
    struct plan_extension *extension = node->step->of;
    struct plan_context *context = extension->in;
    long long number;
    unsigned count = walk_parts(w->arena, label, ',', parts, 4);
    *enters = NULL, *step = NULL;
    *why = "it is no label";
    if (count == 0 || count > 3) return false;
    struct walk_said said = walk_value(w, node, label);
    *why = "it is computed";
    if (!said.good || !said.constant) return false;
    count = walk_parts(w->arena, said.plain, ',', parts, 4);
    *why = "there is no such context";
    if (count == 3) context = plan_context(w->plan, parts[0]);
    if (!context) return false;
    if (count > 1) extension = plan_find(w->plan, context, parts[count - 2]);
    *why = "there is no such extension";
    if (!extension) return false;
    if (count > 1) *enters = name_quoted(w->arena, parts[count - 2], true);
    const char *priority = parts[count - 1];
    if (walk_number(priority, PLAN_PRIORITY, &number))
        *step = plan_priority(extension, (uint32_t)number);
    else
        *step = plan_label(extension, priority);
    *why = "there is no such priority";
    return *step != NULL;
}
