/* runtime/sim/plan.c - Gives DNs to agents, places and queues in the order of the test and the image, leaving out those
 * that the test calls as routing points.
 *
 * A plan has what a test needs but does not say: which telephone an agent has, which number leads to which strategy,
 * which queue of the switch stands for which queue of the site. Both players, in memory and over the wire, take
 * switch (plan_equip) and directory (plan_rows) from the plan, so that they cannot differ.
 *
 *     7001 ...   extensions of agents        5000 ...   queues        as the test says   routing points
 *     6001 ...   telephones of places
 */
#include "runtime/sim/plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/values.h"
#include "base/memory.h"
#include "vm/capacity.h"
#include "vm/image.h"

enum {
    FIRST_EXTENSION = 7001,
    FIRST_QUEUE = 5000,
    FIRST_PLACE = 6001,
    LAST_QUEUE = 5900,
    SILENT_POINT = 5999,
    AGENTS_MAX = 100000,
    QUEUES_MAX = 900,
    PLACES_MAX = 900,
    RULES_MAX = 32
};

uint32_t plan_agent_named(const struct plan *p, const char *name)
{
    for (uint32_t i = 0; i < p->agent_count; i++)
        if (strcmp(p->agents[i].name, name) == 0) return i;
    return NO_AGENT;
}

uint32_t plan_agent_at(const struct plan *p, const char *dn)
{
    for (uint32_t i = 0; i < p->agent_count; i++)
        if (strcmp(p->agents[i].dn, dn) == 0) return i;
    return NO_AGENT;
}

uint32_t plan_queue_named(const struct plan *p, const char *name)
{
    for (uint32_t i = 0; i < p->queue_count; i++)
        if (strcmp(p->queues[i].name, name) == 0) return i;
    return NO_QUEUE;
}

uint32_t plan_queue_at(const struct plan *p, const char *dn)
{
    for (uint32_t i = 0; i < p->queue_count; i++)
        if (strcmp(p->queues[i].dn, dn) == 0) return i;
    return NO_QUEUE;
}

uint32_t plan_place_named(const struct plan *p, const char *name)
{
    for (uint32_t i = 0; i < p->place_count; i++)
        if (strcmp(p->places[i].name, name) == 0) return i;
    return NO_PLACE;
}

uint32_t plan_place_at(const struct plan *p, const char *dn)
{
    for (uint32_t i = 0; i < p->place_count; i++)
        if (strcmp(p->places[i].dn, dn) == 0) return i;
    return NO_PLACE;
}

bool plan_outside(const struct plan *p, const char *number)
{
    for (size_t i = 0; i < p->test->count; i++)
        if (p->test->items[i].kind == ITEM_NUMBER && strcmp(p->test->items[i].queue.name, number) == 0) return true;
    return false;
}

static bool is_point(const struct plan *p, const char *dn)
{
    for (uint32_t i = 0; i < p->point_count; i++)
        if (strcmp(p->points[i].dn, dn) == 0) return true;
    return false;
}

/* Takes the next free number. */
static void plan_deal(const struct plan *p, uint32_t *next, char dn[static DEALT])
{
    do {
        (void)snprintf(dn, DEALT, "%u", (*next)++);
    } while (is_point(p, dn) || strcmp(dn, p->last) == 0);
}

static void plan_add_agent(struct plan *p, const char *name)
{
    if (plan_agent_named(p, name) != NO_AGENT) return;
    assert(p->agent_count < AGENTS_MAX);
    p->agents = memory_more(p->agents, p->agent_count, sizeof *p->agents);
    struct plan_agent *agent = &p->agents[p->agent_count];
    (void)snprintf(agent->name, sizeof agent->name, "%s", name);
    plan_deal(p, &p->next_extension, agent->dn);
    p->agent_count++;
}

static void plan_add_queue(struct plan *p, const char *name)
{
    if (plan_queue_named(p, name) != NO_QUEUE) return;
    assert(p->queue_count < QUEUES_MAX);
    p->queues = memory_more(p->queues, p->queue_count, sizeof *p->queues);
    struct plan_queue *queue = &p->queues[p->queue_count];
    (void)snprintf(queue->name, sizeof queue->name, "%s", name);
    plan_deal(p, &p->next_queue, queue->dn);
    (void)snprintf(queue->desk, sizeof queue->desk, "%s-desk", queue->dn);
    p->queue_count++;
}

static void plan_add_place(struct plan *p, const char *name)
{
    if (plan_place_named(p, name) != NO_PLACE) return;
    assert(p->place_count < PLACES_MAX);
    p->places = memory_more(p->places, p->place_count, sizeof *p->places);
    struct plan_place *place = &p->places[p->place_count];
    (void)snprintf(place->name, sizeof place->name, "%s", name);
    plan_deal(p, &p->next_place, place->dn);
    p->place_count++;
}

/* Adds a routing point; a number leads to one strategy with one set of arguments, as in a directory; otherwise two
 * numbers are needed. */
static bool add_point(struct plan *p, const struct scenario_arrival *arrival, struct error *error)
{
    for (uint32_t i = 0; i < p->point_count; i++) {
        if (strcmp(p->points[i].dn, arrival->to) == 0) {
            bool same = strcmp(p->points[i].strategy, arrival->strategy) == 0;
            if (same && (p->points[i].given == arrival->given || json_equal(p->points[i].given, arrival->given)))
                return true;
            if (same) {
                error_set(error, ERROR_INPUT, "%s is given this and that at %s; give each its own number",
                          arrival->strategy, arrival->to);
            } else {
                error_set(error, ERROR_INPUT, "two strategies at %s: %s and %s; give each its own number", arrival->to,
                          p->points[i].strategy, arrival->strategy);
            }
            return false;
        }
    }
    p->points = memory_more(p->points, p->point_count, sizeof *p->points);
    struct plan_point *point = &p->points[p->point_count++];
    (void)snprintf(point->dn, sizeof point->dn, "%s", arrival->to);
    (void)snprintf(point->strategy, sizeof point->strategy, "%s", arrival->strategy);
    point->given = arrival->given;
    return true;
}

/* Can the strategy begin where it is given nothing? */
static bool plan_needs_nothing(const struct image *image, const struct image_strategy *strategy)
{
    for (uint32_t at = 0; at < image_slot_count(strategy); at++) {
        const struct image_slot *slot = image_slot(image, strategy, at);
        if (slot->parameter && slot->constant == 0) return false;
    }
    return true;
}

/* Gives a test without an arrival one routing point: the core knows views, virtual queues and settings of a site by the
 * image that a point has. Without a strategy that needs nothing there is none. */
static void add_silent_point(struct plan *p, const struct image *image)
{
    for (uint32_t i = 0; p->point_count == 0 && i < image_count(image, SECTION_STRATEGIES); i++) {
        const struct image_strategy *strategy = image_strategy(image, i);
        if (!plan_needs_nothing(image, strategy)) continue;
        struct text name = image_text(image, strategy->name);
        struct plan_point *point = p->points = memory_zeroed(1, sizeof *p->points);
        (void)snprintf(point->dn, sizeof point->dn, "%u", SILENT_POINT);
        (void)snprintf(point->strategy, sizeof point->strategy, "%.*s", (int)name.length, name.bytes);
        p->point_count = 1;
    }
}

/* Adds the number to which an agent transfers, unless an arrival of the test goes there, too. */
static void add_consulted(struct plan *p, const struct scenario_agent *agent)
{
    if (!agent->transfers_to || !agent->transfers_strategy) return;
    for (size_t i = 0; i < p->test->count; i++) {
        const struct scenario_item *item = &p->test->items[i];
        if (item->kind == ITEM_ARRIVE && strcmp(item->arrival.to, agent->transfers_to) == 0) return;
    }
    struct error ignored = {0}; /* a repeated number has the same strategy */
    const struct scenario_arrival arrival = {.to = agent->transfers_to, .strategy = agent->transfers_strategy};
    (void)add_point(p, &arrival, &ignored);
}

/* Returns the test's next statement about the agent, after the item before `at`. NULL: there are no more. */
static const struct scenario_agent *plan_next_word(const struct plan *p, const char *name, size_t *at)
{
    while (*at < p->test->count) {
        const struct scenario_item *item = &p->test->items[(*at)++];
        if (item->kind == ITEM_AGENT && strcmp(item->agent.name, name) == 0) return &item->agent;
    }
    return NULL;
}

/* Returns how many calls an agent with the given rule of capacity can have at once; without a rule, one. */
static uint32_t capacity_lines(const struct image *image, const char *capacity)
{
    struct text name;
    struct capacity_rule rule;
    for (uint32_t table = 0; image && capacity && table < capacity_table_count(image); table++)
        if (capacity_rule_read(image, table, &name, &rule) && name.length == strlen(capacity) &&
            memcmp(name.bytes, capacity, name.length) == 0 && rule.most[media_voice] > 1)
            return rule.most[media_voice];
    return 1;
}

/* Makes the plan: routing points first, because numbers given to others must differ from theirs; then the last
 * queue, the site's queues, and the agents in the order of the test. The order determines the numbers, so it must
 * not be changed. */
struct plan *plan_new(const struct scenario_test *test, const struct plan_names *names, struct error *error)
{
    struct plan *p = memory_zeroed(1, sizeof *p);
    p->test = test;
    p->skills = names->skills;
    p->groups = names->groups;
    p->skill_count = names->skill_count;
    p->group_count = names->group_count;
    p->next_extension = FIRST_EXTENSION;
    p->next_queue = FIRST_QUEUE;
    p->next_place = FIRST_PLACE;
    p->last = "";
    for (size_t i = 0; i < test->count; i++) {
        const struct scenario_item *item = &test->items[i];
        if (item->kind == ITEM_AGENT) {
            add_consulted(p, &item->agent);
        } else if (item->kind == ITEM_ARRIVE && !add_point(p, &item->arrival, error)) {
            plan_free(p);
            return NULL;
        }
    }
    if (names->image && test->count > 0) add_silent_point(p, names->image); /* a world of gcxdb has no items */
    /* The last queue has no name in the language: it is only used as a default destination. */
    uint32_t last = LAST_QUEUE;
    plan_deal(p, &last, p->last_queue);
    p->last = p->last_queue;
    for (uint32_t i = 0; i < names->queue_count && i < QUEUES_MAX; i++) plan_add_queue(p, names->queues[i]);
    for (size_t i = 0; i < test->count; i++) {
        const struct scenario_item *item = &test->items[i];
        bool fits = p->agent_count < AGENTS_MAX && p->queue_count < QUEUES_MAX && p->place_count < PLACES_MAX;
        if (!fits && item->kind != ITEM_ARRIVE) {
            error_set(error, ERROR_LIMIT, "more than %d agents, %d queues or %d places", AGENTS_MAX, QUEUES_MAX,
                      PLACES_MAX);
            plan_free(p);
            return NULL;
        }
        if (item->kind == ITEM_AGENT)
            plan_add_agent(p, item->agent.name);
        else if (item->kind == ITEM_QUEUE)
            plan_add_queue(p, item->queue.name);
        else if (item->kind == ITEM_PLACE)
            plan_add_place(p, item->place.name);
    }
    /* The telephone gets as many lines as the agent's largest capacity needs. */
    for (uint32_t i = 0; i < p->agent_count; i++) {
        const struct scenario_agent *word;
        size_t at = 0;
        p->agents[i].lines = 1;
        while ((word = plan_next_word(p, p->agents[i].name, &at))) {
            uint32_t lines = capacity_lines(names->image, word->capacity);
            if (lines > p->agents[i].lines) p->agents[i].lines = lines;
        }
    }
    return p;
}

void plan_free(struct plan *p)
{
    if (p) {
        free(p->agents);
        free(p->queues);
        free(p->points);
        free(p->places);
        free(p);
    }
}

void plan_equip(const struct plan *p, struct sim_switch *s)
{
    char desk[SWITCH_DN + 6];
    for (uint32_t i = 0; i < p->point_count; i++) switch_add_dn(s, p->points[i].dn, dn_type_routing_point);
    for (uint32_t i = 0; i < p->queue_count; i++) {
        switch_add_dn(s, p->queues[i].dn, dn_type_queue);
        switch_add_dn(s, p->queues[i].desk, dn_type_other);
    }
    switch_add_dn(s, p->last, dn_type_queue);
    (void)snprintf(desk, sizeof desk, "%s-desk", p->last);
    switch_add_dn(s, desk, dn_type_other);
    for (uint32_t i = 0; i < p->agent_count; i++) {
        switch_add_dn(s, p->agents[i].dn, dn_type_extension);
        switch_set_lines(s, p->agents[i].dn, p->agents[i].lines);
    }
    for (uint32_t i = 0; i < p->place_count; i++) switch_add_dn(s, p->places[i].dn, dn_type_extension);
    for (size_t i = 0; i < p->test->count; i++)
        if (p->test->items[i].kind == ITEM_NUMBER) switch_add_dn(s, p->test->items[i].queue.name, dn_type_other);
}

/* ---- rows ---- */

static void put_dns(const struct plan *p, const struct row_taker *rows)
{
    for (uint32_t i = 0; i < p->agent_count; i++) rows_dn(rows, p->agents[i].dn, "extension");
    for (uint32_t i = 0; i < p->place_count; i++) rows_dn(rows, p->places[i].dn, "extension");
    for (uint32_t i = 0; i < p->queue_count; i++) rows_dn(rows, p->queues[i].dn, "queue");
    rows_dn(rows, p->last, "queue");
    for (uint32_t i = 0; i < p->point_count; i++) rows_dn(rows, p->points[i].dn, "routing_point");
}

/* Writes skills and groups as the test says them first. */
static void put_abilities(const struct plan *p, const struct row_taker *rows)
{
    for (uint32_t a = 0; a < p->agent_count; a++) {
        bool skills_said = false, groups_said = false;
        for (size_t i = 0; i < p->test->count; i++) {
            const struct scenario_item *item = &p->test->items[i];
            const char *skill;
            json_t *level;
            if (item->kind != ITEM_AGENT || strcmp(item->agent.name, p->agents[a].name) != 0) continue;
            json_object_foreach(skills_said ? NULL : item->agent.skills, skill, level)
            {
                rows_skill(rows, p->agents[a].name, skill, json_integer_value(level));
            }
            for (size_t g = 0; !groups_said && g < json_array_size(item->agent.groups); g++)
                rows_member(rows, json_string_value(json_array_get(item->agent.groups, g)), p->agents[a].name);
            skills_said = skills_said || item->agent.skills;
            groups_said = groups_said || item->agent.groups;
        }
    }
}

static const struct scenario_item *first_at(const struct plan *p, const char *place)
{
    for (size_t i = 0; i < p->test->count; i++) {
        const struct scenario_item *item = &p->test->items[i];
        if (item->kind == ITEM_AGENT && item->agent.place && strcmp(item->agent.place, place) == 0) return item;
    }
    return NULL;
}

/* Writes a place with its telephone, and the groups that the test says first. */
static void plan_put_place(const struct plan *p, const struct row_taker *rows, const struct plan_place *place)
{
    const struct plan_column columns[] = {{"dn", place->dn, 0}, {"place", place->name, 0}};
    rows_named(rows, table_place, place->name);
    rows_put(rows, table_place_dn, place->dn, columns, 2);
    for (size_t i = 0; i < p->test->count; i++) {
        const struct scenario_item *item = &p->test->items[i];
        if (item->kind != ITEM_PLACE || !item->place.groups || strcmp(item->place.name, place->name) != 0) continue;
        for (size_t g = 0; g < json_array_size(item->place.groups); g++) {
            const char *group = json_string_value(json_array_get(item->place.groups, g));
            rows_pair(rows, table_group_place,
                      (const struct plan_column[]){{"group", group, 0}, {"place", place->name, 0}}, 2);
        }
        return;
    }
}

/* Writes the agents' places as the test says them first. All places are written, so that agents can move to them. */
static void put_places(const struct plan *p, const struct row_taker *rows)
{
    for (size_t i = 0; i < p->test->count; i++) {
        const struct scenario_item *item = &p->test->items[i];
        if (item->kind == ITEM_AGENT && item->agent.place && first_at(p, item->agent.place) == item &&
            plan_place_named(p, item->agent.place) == NO_PLACE)
            rows_named(rows, table_place, item->agent.place);
    }
    for (uint32_t i = 0; i < p->place_count; i++) plan_put_place(p, rows, &p->places[i]);
    for (uint32_t a = 0; a < p->agent_count; a++) {
        bool said = false;
        for (size_t i = 0; !said && i < p->test->count; i++) {
            const struct scenario_item *item = &p->test->items[i];
            said = item->kind == ITEM_AGENT && item->agent.place && strcmp(item->agent.name, p->agents[a].name) == 0;
            if (said) {
                const struct plan_column columns[] = {{"dn", p->agents[a].dn, 0}, {"place", item->agent.place, 0}};
                rows_put(rows, table_place_dn, p->agents[a].dn, columns, 2);
            }
        }
    }
}

static void plan_put_given(const struct row_taker *rows, const struct plan_point *point)
{
    const char *name;
    json_t *value;
    json_object_foreach(point->given, name, value)
    {
        char text[64];
        const char *shown = value_said(value, text);
        const struct plan_column columns[] = {{"dn", point->dn, 0}, {"name", name, 0}, {"value", shown, 0}};
        if (shown) rows_pair(rows, table_routing_point_given, columns, 3);
    }
}

/* Calls `each` with rows in such an order that none names a later one: skills and agents, then who has them. */
void plan_rows(const struct plan *p, void (*each)(void *self, const struct plan_row *), void *self)
{
    const struct row_taker rows = {each, self};
    for (uint32_t i = 0; i < p->skill_count; i++) rows_named(&rows, table_skill, p->skills[i]);
    for (size_t i = 0; i < p->test->count; i++)
        if (p->test->items[i].kind == ITEM_PROFILE) rows_profile(&rows, &p->test->items[i].profile);
    for (uint32_t i = 0; i < p->agent_count; i++) {
        size_t first = 0;
        const struct scenario_agent *word = plan_next_word(p, p->agents[i].name, &first);
        rows_agent(&rows, p->agents[i].name, word ? word->capacity : NULL, word ? word->profile : NULL);
    }
    for (uint32_t i = 0; i < p->group_count; i++) rows_named(&rows, table_group, p->groups[i]);
    put_abilities(p, &rows);
    put_dns(p, &rows);
    put_places(p, &rows);
    for (uint32_t i = 0; i < p->queue_count; i++) rows_queue(&rows, p->queues[i].name, p->queues[i].dn);
    for (uint32_t i = 0; i < p->point_count; i++) {
        rows_point(&rows, p->points[i].dn, p->points[i].strategy, p->last);
        plan_put_given(&rows, &p->points[i]);
    }
    for (size_t i = 0; i < p->test->count; i++) {
        const struct scenario_campaign *campaign = &p->test->items[i].campaign;
        if (p->test->items[i].kind == ITEM_CAMPAIGN)
            rows_campaign(&rows, campaign->name, campaign->mode, campaign->agents);
    }
}
