/* compiler/scenario/statistic.c - The values that a test gives to statistics: each becomes a parameter whose name
 * combines the statistic and its object, which the image reads (lower/statistic.c). It also makes the capacities
 * that agents have, and the counters that a test reads. */
#include <assert.h>
#include <string.h>

#include "base/near.h"
#include "compiler/check/scope.h"
#include "compiler/language/types.h"
#include "compiler/scenario/maker.h"

/* A search for the declaration of a name among those of a kind in a site block, and for the nearest name. */
struct kind_search {
    const struct node *found;
    struct word near;
    uint32_t distance;
};

static void seek_in(const struct node *site, enum node_kind kind, const char *name, struct kind_search *sought)
{
    assert(site->kind == NODE_SITE);
    EACH_NODE (item, site->site.items) {
        if (item->kind != kind) continue;
        struct word word = kind == NODE_SITE_STATISTIC ? item->statistic.name : item->capacity.name;
        if (!sought->found && !strcmp(word.text, name)) sought->found = item;
        if (near_is_nearer(name, word.text, &sought->distance)) sought->near = word;
    }
}

/* Returns the declaration of that kind and name, of the site or of an imported file that adds statistics to it;
 * NULL, and reported with the name that was perhaps meant, where there is none. */
static const struct node *statistic_declared(struct scenario_maker *maker, enum node_kind kind, struct word name)
{
    struct kind_search sought = {.distance = UINT32_MAX};
    EACH_NODE (file, maker->program->files)
        EACH_NODE (item, file->file.declarations)
            if (item->kind == NODE_SITE) seek_in(item, kind, name.text, &sought);
    if (sought.found) return sought.found;
    struct diag *diag = diag_report(maker->diags, UNKNOWN_KIND_NAME, name.span, node_words(kind), name.text);
    diag_did_you_mean(diag, sought.near.text, sought.near.span);
    return NULL;
}

static bool statistic_is_of(const struct node *statistic, const struct node *object)
{
    EACH_NODE (kind, statistic->statistic.kinds)
        if (kind->type_kind.kind == object->kind_name.kind) return true;
    return false;
}

/* Returns the value in the core's units: a count, microseconds or millionths. The value may be none where the
 * statistic's value may; otherwise it must have the statistic's unit. */
static json_t *statistic_figure(struct scenario_maker *maker, const struct node *statistic, const struct node *value)
{
    const struct symbol *symbol = statistic->meaning;
    if (!symbol || !symbol->type || type_is_poison(symbol->type)) return json_null();
    int64_t number = 0;
    double share = 0;
    if (value->kind == NODE_NONE && type_is_option(symbol->type)) return json_null();
    switch (type_bare(symbol->type)->kind) {
    case LANG_DURATION:
        value_duration(maker, value, &number);
        break;
    case LANG_PERCENT:
        if (value_percent(maker, value, &share)) number = (int64_t)(share * 1000000 + 0.5);
        break;
    default:
        value_integer(maker, value, &number);
        break;
    }
    return json_integer(number);
}

/* Makes the item of statistic occupancy(group overflow) = 80%; */
bool scenario_make_statistic(struct scenario_maker *maker, const struct node *node, struct scenario_setting *setting)
{
    assert(node->kind == NODE_TEST_STATISTIC);
    struct word name = node->test_statistic.name;
    const struct node *statistic = statistic_declared(maker, NODE_SITE_STATISTIC, name);
    if (!statistic) return false;
    if (node->test_statistic.arguments.count != 1)
        diag_report(maker->diags, ARGUMENT_COUNT, node->span, name.text, diag_count(maker->diags, "", 1, "argument"),
                    (uint32_t)node->test_statistic.arguments.count);
    EACH_NODE (argument, node->test_statistic.arguments) {
        const struct node *object = names_resolve(maker, argument->arg.value);
        if (object->kind != NODE_KIND_NAME) {
            diag_report(maker->diags, TEST_WANTS, object->span, "a group, agent, vq or queue");
            continue;
        }
        names_kind(maker, object->kind_name.kind, object->kind_name.name);
        if (!statistic_is_of(statistic, object))
            diag_report(maker->diags, STATISTIC_OBJECT, object->span, name.text, ast_kind_word(object->kind_name.kind));
        setting->name = arena_printf(maker->program->arena, "%s(%s %s)", name.text,
                                     ast_kind_word(object->kind_name.kind), object->kind_name.name.text);
    }
    json_t *value = statistic_figure(maker, statistic, names_resolve(maker, node->test_statistic.value));
    if (statistic->meaning) ((struct symbol *)statistic->meaning)->is_set = maker->program->testing;
    if (!setting->name)
        json_decref(value);
    else
        setting->value = value;
    return setting->name != NULL;
}

/* Finds the capacity of agent marie ready capacity blended; */
void scenario_give_capacity(struct scenario_maker *maker, struct scenario_agent *agent, const struct node *node)
{
    assert(node->kind == NODE_TEST_CAPACITY);
    if (statistic_declared(maker, NODE_SITE_CAPACITY, node->test_capacity.name))
        agent->capacity = node->test_capacity.name.text;
}

const struct node *scenario_counter_read(const struct scenario_maker *maker, const struct node *node)
{
    if (node->kind == NODE_INDEX) node = node->index.object;
    if (node->kind != NODE_NAME || names_binding(maker, node->name.name.text)) return NULL;
    EACH_NODE (item, names_site(maker))
        if (item->kind == NODE_SITE_COUNTER && item->counter.name.text == node->name.name.text) return item;
    return NULL;
}
