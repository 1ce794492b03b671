/* compiler/import/asterisk/context.c - Makes a flow of a context that calls come to.
 *
 *     walk_flow()    rounds: the entry, then each step that is reached, until no variable's knowledge changes
 *
 * Until `settled`, a variable that no step has set yet counts as known, since a step that is walked later may set
 * it. */
#include <string.h>

#include "compiler/import/asterisk/roots.h"
#include "compiler/import/asterisk/walk.h"

static void walk_entry(struct walk *w, const struct plan_context *context)
{
    struct flow_block *block = w->blocks[0];
    struct roots_numbers *numbers = roots_numbers(w->arena, w->plan, context);
    given_new(w->arena, block, FLOW_DONE, "");
    for (unsigned i = 0; i < numbers->count; i++) {
        struct plan_extension *extension = numbers->extensions[i];
        unsigned most;
        const char *expression = extension->pattern ? plan_expression(w->arena, extension->name + 1, &most) : NULL;
        if (extension->pattern && !expression) {
            given_remark(block, FLOW_REMARK, "not translated: the pattern %s", extension->name);
            continue;
        }
        if (extension->pattern) {
            w->patterns = true;
            given_say(block, "segment dnis { match \"%s\" -> { ", expression);
        } else {
            given_say(block, "if dnis == %s { ", name_quoted(w->arena, extension->name, true));
            if (!w->flow->number) w->flow->number = extension->name;
            if (w->settled && !roots_is_telephone(extension))
                import_directory_entry(w->import, extension->name, w->flow->ident);
        }
        walk_enter(w, block, extension, "exten", NULL);
        given_say(block, extension->pattern ? " } }\n" : " }\n");
    }
    if (numbers->truncated) given_remark(block, FLOW_REMARK, "not translated: more extensions than %u", numbers->count);
    struct plan_extension *start = plan_find(w->plan, context, "s");
    if (start && numbers->count > 0)
        given_remark(block, FLOW_REMARK, "a number that no extension takes is refused there, and goes to s here");
    if (start)
        walk_on(block, GIVEN_FALL, "s", walk_block(w, plan_priority(start, 1), NULL));
    else
        given_say(block, "reject 404;\n");
    block->given->ends = block->given->ends || !start;
    block->given->passes = start && numbers->count == 0;
    if (w->full) given_remark(block, FLOW_REMARK, "not translated: more than %d steps; calls end there", WALK_BLOCKS);
    given_close(block);
}

static void walk_globals(struct walk *w)
{
    const struct walk_node nowhere = {0};
    for (const struct ini_key *key = w->plan->globals ? w->plan->globals->keys : NULL; key; key = key->next) {
        struct walk_variable *variable = walk_variable(w, key->name);
        bool constant = !strchr(key->value, '$');
        struct walk_said said = constant ? walk_value(w, &nowhere, key->value) : (struct walk_said){.good = false};
        variable->set = true;
        variable->lost = variable->lost || !said.good;
        variable->bare = variable->bare && said.bare;
        variable->whole = variable->whole && said.whole;
        variable->initial = said.good ? said.text : "\"\"";
    }
}

static void walk_round(struct walk *w, const struct plan_context *context)
{
    static char there[] = "";
    const struct walk_node nowhere = {0};
    uint32_t number;
    w->count = 0, w->changed = false;
    w->numbers = (struct flow_names){0}, w->taken = (struct flow_names){0};
    flow_names_add(w->arena, &w->taken, "exten", there);
    for (struct walk_variable *variable = w->first; variable; variable = variable->next)
        flow_names_add(w->arena, &w->taken, variable->ident, there);
    walk_globals(w);
    struct flow_block *entry = walk_added(w, &nowhere, &number);
    entry->type = "context", entry->name = context->name, entry->line = context->line;
    walk_entry(w, context);
    for (uint32_t i = 1; i < w->count; i++) {
        const struct walk_node node = w->nodes[i]; /* a copy, as walk_write() may move the array */
        walk_write(w, w->blocks[i], &node);
        w->plan->walked++;
    }
}

static void walk_declare(struct walk *w)
{
    const char *lets = w->patterns ? "let exten = dnis;\n" : "";
    for (const struct walk_variable *variable = w->first; variable; variable = variable->next)
        if (variable->read && variable->set)
            lets = arena_printf(w->arena, "%slet %s = %s;\n", lets, variable->ident,
                                *variable->initial ? variable->initial : "\"\"");
    w->flow->lets = lets;
}

void walk_flow(struct importer *import, struct dialplan *plan, struct asterisk_queue *queues,
               struct plan_context *context)
{
    struct flow *flow = ARENA_NEW(import->arena, struct flow);
    struct walk w = {.import = import, .arena = import->arena, .plan = plan, .queues = queues, .flow = flow};
    w.end = &w.first;
    *flow = (struct flow){.sort = FLOW_CALLFLOW, .path = context->path, .name = context->name};
    import_flow_add(import, flow, context->name);
    for (int time = 0; time < 2; time++) {
        w.settled = time == 1;
        for (unsigned i = 0; i < WALK_ROUNDS; i++) {
            walk_round(&w, context);
            if (!w.changed) break;
        }
    }
    walk_declare(&w);
    flow->taken = ARENA_NEW(import->arena, struct flow_names);
    *flow->taken = w.taken;
    flow->likeness = w.likeness ? "asterisk" : NULL;
    flow->blocks = ARENA_ARRAY(import->arena, struct flow_block, w.count);
    flow->block_count = w.count;
    for (uint32_t i = 0; i < w.count; i++) flow->blocks[i] = *w.blocks[i];
}
