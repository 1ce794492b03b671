/* compiler/import/composer.c - Reads the diagrams of Composer. The diagrams are XMI: the first element below the root
 * is the model, with blocks, links and their properties; the second one is the drawing, which is not needed. */
#include "compiler/import/composer.h"

#include <stdlib.h>
#include <string.h>

#include "base/why.h"

static const struct {
    const char *element;
    enum flow_sort sort;
} composer_sorts[] = {
    {"StrategyDiagram", FLOW_WORKFLOW}, {"CallflowDiagram", FLOW_CALLFLOW}, {"IpdDiagram", FLOW_PROCESS}};

static const char *composer_or_empty(const char *text)
{
    return text ? text : "";
}

/* Returns an element's attributes, then its children, as values; a child's own attributes and children are the parts
 * of its value. Borrows the tree's texts. */
static struct flow_value *composer_values(struct arena *arena, const struct xml_node *element)
{
    struct flow_value *first = NULL, **end = &first;
    for (const char *const *at = element->attributes; *at; at += 2)
        end = &flow_add(arena, end, xmi_attribute_name(at[0]), at[1])->next;
    for (const struct xml_node *child = element->first; child; child = child->next) {
        const char *value = xmi_value(child, "value");
        struct flow_value *added = flow_add(arena, end, child->name, value ? value : child->text);
        added->source = xmi_value(child, "Source");
        added->parts = composer_values(arena, child);
        end = &added->next;
    }
    return first;
}

static void composer_block(struct arena *arena, struct flow_block *block, const struct xml_node *element)
{
    block->type = composer_or_empty(xmi_value(element, "is"));
    block->id = composer_or_empty(xmi_value(element, "id"));
    block->name = composer_or_empty(xmi_value(element, "name"));
    block->line = element->line;
    const char *status = xmi_value(element, "enableStatus");
    block->disabled = status && strcmp(status, "Disabled") == 0;
    block->kind = flow_kind_of(block->type, &block->grade, &block->remark);
    block->values = composer_values(arena, element);
}

static void composer_variables(struct arena *arena, struct flow *flow, const struct xml_node *entry)
{
    uint32_t count = 0;
    for (const struct xml_node *child = entry->first; child; child = child->next)
        count += strcmp(child->name, "variables") == 0;
    flow->variables = ARENA_ARRAY(arena, struct flow_variable, count + 1);
    for (const struct xml_node *child = entry->first; child; child = child->next) {
        if (strcmp(child->name, "variables") != 0) continue;
        const char *type = xmi_value(child, "type");
        flow->variables[flow->variable_count++] =
            (struct flow_variable){.name = composer_or_empty(xmi_value(child, "name")),
                                   .value = composer_or_empty(xmi_value(child, "value")),
                                   .system = type && strcmp(type, "System") == 0};
    }
}

struct composer_id {
    const char *id;
    uint32_t block;
};

static int composer_compare(const void *a, const void *b)
{
    return strcmp(((const struct composer_id *)a)->id, ((const struct composer_id *)b)->id);
}

/* Returns the number of the block with this id; blocks are sorted by id, and a link to an unknown id leads nowhere. */
static uint32_t composer_find(const struct composer_id *ids, uint32_t count, const char *id)
{
    struct composer_id wanted = {.id = composer_or_empty(id)}, *found;
    found = count ? bsearch(&wanted, ids, count, sizeof *ids, composer_compare) : NULL;
    return found ? found->block : FLOW_NOWHERE;
}

/* Reads the links in two rounds: the first one counts each block's exits, which become one array. */
static bool composer_links(struct arena *arena, struct flow *flow, const struct xml_node *model, char *why,
                           size_t why_size)
{
    struct composer_id *ids = ARENA_ARRAY(arena, struct composer_id, flow->block_count + 1);
    for (uint32_t i = 0; i < flow->block_count; i++) ids[i] = (struct composer_id){flow->blocks[i].id, i};
    qsort(ids, flow->block_count, sizeof *ids, composer_compare);
    uint32_t count = 0;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < flow->block_count && round; i++) {
            flow->blocks[i].exits = ARENA_ARRAY(arena, struct flow_exit, flow->blocks[i].exit_count + 1);
            flow->blocks[i].exit_count = 0;
        }
        for (const struct xml_node *link = model->first; link; link = link->next) {
            if (strcmp(link->name, "links") != 0) continue;
            uint32_t from = composer_find(ids, flow->block_count, xmi_value(link, "fromBlock"));
            uint32_t to = composer_find(ids, flow->block_count, xmi_value(link, "toBlock"));
            if (from == FLOW_NOWHERE || to == FLOW_NOWHERE) continue;
            if (!round && ++count > FLOW_EXITS)
                return why_set(why, why_size, "it has more than %d links between blocks", FLOW_EXITS);
            const char *type = xmi_value(link, "is");
            struct flow_block *block = &flow->blocks[from];
            if (round)
                block->exits[block->exit_count] =
                    (struct flow_exit){.name = composer_or_empty(xmi_value(link, "name")),
                                       .failure = type && strstr(type, "Exception") != NULL,
                                       .to = to};
            block->exit_count++;
        }
    }
    return true;
}

/* The first entry block is the flow's entry, and its variables are those of the flow. */
static bool composer_blocks(struct arena *arena, struct flow *flow, const struct xml_node *model, char *why,
                            size_t why_size)
{
    uint32_t count = 0;
    for (const struct xml_node *child = model->first; child; child = child->next)
        count += strcmp(child->name, "blocks") == 0;
    if (count == 0) return why_set(why, why_size, "it has no blocks");
    if (count > FLOW_BLOCKS) return why_set(why, why_size, "it has more than %d blocks", FLOW_BLOCKS);
    flow->blocks = ARENA_ARRAY(arena, struct flow_block, count);
    for (const struct xml_node *child = model->first; child; child = child->next) {
        if (strcmp(child->name, "blocks") != 0) continue;
        struct flow_block *block = &flow->blocks[flow->block_count];
        composer_block(arena, block, child);
        if (block->kind == FLOW_entry && flow->entry == FLOW_NOWHERE) {
            flow->entry = flow->block_count;
            composer_variables(arena, flow, child);
        }
        flow->block_count++;
    }
    return true;
}

struct flow *composer_read(struct arena *arena, const char *path, const struct xml_node *root, char *why,
                           size_t why_size)
{
    for (const struct xml_node *model = root->first; model; model = model->next) {
        for (size_t i = 0; i < sizeof composer_sorts / sizeof *composer_sorts; i++) {
            if (strcmp(model->name, composer_sorts[i].element) != 0) continue;
            struct flow *flow = ARENA_NEW(arena, struct flow);
            flow->sort = composer_sorts[i].sort;
            flow->path = path;
            flow->name = composer_or_empty(xmi_value(model, "name"));
            flow->entry = FLOW_NOWHERE;
            if (!composer_blocks(arena, flow, model, why, why_size)) return NULL;
            return composer_links(arena, flow, model, why, why_size) ? flow : NULL;
        }
    }
    why_set(why, why_size, "it is none of Composer's: no StrategyDiagram, CallflowDiagram, IpdDiagram, nor SCXML");
    return NULL;
}
