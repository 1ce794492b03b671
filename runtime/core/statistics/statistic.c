/* runtime/core/statistics/statistic.c - Feeds figures from facts and from the agents' states. */
#include "runtime/core/statistics/statistic.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "vm/clock.h"
#include "vm/image.h"

/* Objects as statistics.def names them. */
enum { AGENT = MEASURED_AGENT, GROUP = MEASURED_GROUP, VQ = MEASURED_VQ, QUEUE = MEASURED_QUEUE };

enum { DEFINITION_LATCH = UINT32_MAX }; /* of figures that are latches */
#define DAY_US    INT64_C(86400000000)
#define SECOND_US INT64_C(1000000)

static uint64_t figure_key(const void *owner, uint32_t slot)
{
    const struct statistics *statistics = owner;
    return statistics->figures[slot].key;
}

static void init(struct core *core)
{
    struct statistics *statistics = core->statistics;
    statistics->watcher = statistics->free_watch = WATCHER_NONE;
    lookup_init(&statistics->by_key, statistics, figure_key);
    helds_init(&statistics->helds);
    servings_init(&statistics->servings);
}

static void fed_free(struct fed *fed)
{
    free(fed->definitions);
}

static void statistics_free(struct core *core)
{
    struct statistics *statistics = core->statistics;
    for (uint32_t at = 0; at < statistics->programs; at++) free(statistics->of_program[at]);
    for (uint32_t at = 0; at < statistics->figure_count; at++) window_free(&statistics->figures[at].window);
    for (unsigned at = 0; at < FACTS; at++) fed_free(&statistics->by_fact[at]);
    for (unsigned at = 0; at < AGENT_LEVELS; at++) fed_free(&statistics->by_level[at]);
    fed_free(&statistics->by_queue);
    for (unsigned at = 0; at < HELD_WAYS; at++) fed_free(&statistics->by_way[at]);
    helds_free(&statistics->helds);
    servings_free(&statistics->servings);
    fed_free(&statistics->by_serving);
    fed_free(&statistics->by_agent);
    fed_free(&statistics->by_given);
    free(statistics->of_program);
    free(statistics->definitions);
    free(statistics->figures);
    lookup_free(&statistics->by_key);
    free(statistics->agents);
    free(statistics->asked);
    free(statistics->awaited);
    free(statistics->watches);
    free(statistics->told);
}

/* Definitions */

static void feed(struct fed *fed, uint32_t definition)
{
    fed->definitions = memory_grow(fed->definitions, &fed->capacity, fed->count + 1, sizeof *fed->definitions);
    fed->definitions[fed->count++] = definition;
}

static bool is_talking(unsigned state)
{
    return state == party_change_Established || state == party_change_Retrieved || state == party_change_PartyAdded;
}

/* What the agent's calls say of them: in conversation, on hold. */
static void add_calls(const struct core *core, uint32_t number, const struct agent *agent, struct agent_now *now)
{
    for (uint32_t at = agent->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_agent) {
        const struct claim *claim = claim_at(core->claims, at);
        if (claim->state != CLAIM_ACTIVE) continue;
        unsigned levels = 0;
        uint32_t slot = interaction_at(core, claim->interaction)->parties;
        for (; slot != PARTY_NONE; slot = core->interactions->parties[slot].next) {
            const struct party *party = &core->interactions->parties[slot];
            if (party->agent != number) continue;
            if (is_talking(party->state)) levels |= 1u << LEVEL_talking;
            if (party->state == party_change_Held) levels |= 1u << LEVEL_holding;
        }
        now->states[0] |= (uint8_t)levels;
        now->states[claim->medium] |= (uint8_t)levels;
    }
}

static uint8_t levels_of(bool busy, bool ready, bool wrap)
{
    unsigned levels = 1u << LEVEL_logged_in;
    if (busy) levels |= 1u << LEVEL_busy;
    if (ready) levels |= 1u << LEVEL_ready;
    if (ready && !busy && !wrap) levels |= 1u << LEVEL_idle;
    if (wrap && !busy) levels |= 1u << LEVEL_wrap;
    if (!ready && !wrap && !busy) levels |= 1u << LEVEL_not_ready;
    return (uint8_t)levels;
}

static struct agent_now now_of(const struct core *core, uint32_t number)
{
    const struct agent *agent = agent_at(core->agents, number);
    struct agent_now now = {{0}};
    if (!agent_logged_in(agent)) return now;
    now.states[0] = levels_of(agent->claimed != 0, agent->open != 0, agent->wrap != 0);
    for (unsigned medium = 1; medium < MEDIA_KINDS; medium++)
        now.states[medium] =
            levels_of(agent->load[medium] != 0, (agent->open >> medium & 1u) != 0, (agent->wrap >> medium & 1u) != 0);
    add_calls(core, number, agent, &now);
    return now;
}

/* Borrowed until the next call. */
static struct counted *counted_of(struct core *core, uint32_t agent)
{
    struct statistics *statistics = core->statistics;
    statistics->agents =
        memory_grow(statistics->agents, &statistics->agent_capacity, agent + 1, sizeof *statistics->agents);
    return &statistics->agents[agent];
}

/* The agents' states are counted from now on. */
static void count_agents(struct core *core)
{
    core->agents->watched = true;
    for (uint32_t at = 0; at < core->agents->count; at++) counted_of(core, at)->now = now_of(core, at);
}

static void feeds_level(struct core *core, unsigned level, uint32_t definition)
{
    if (!core->agents->watched) count_agents(core);
    feed(&core->statistics->by_level[level], definition);
}

/* Queues are counted from now on, with those who are there. Two names of a queue have the same DN. */
static void hold(struct core *core)
{
    if (core->statistics->holds) return;
    core->statistics->holds = true;
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next) {
        const struct interaction *ix = interaction_at(core, at);
        if (ix->owner_kind != OWNER_QUEUE) continue;
        uint32_t queue = core_directory_queue_dn(core, ix->owner);
        if (queue != 0) held_enter(&core->statistics->helds, at, queue, ix->changed_us);
    }
}

/* Is it of the agents who could serve a virtual queue? */
static bool serves(const struct definition *definition)
{
#define SERVES(name, level)                                                                                            \
    if (definition->measure == MEASURE_ID_##name && definition->of == MEASURED_VQ) return true;
#include "runtime/core/statistics/statistics.def"
    return false;
}

static void begin_feeding(struct core *core, uint32_t number)
{
    struct statistics *statistics = core->statistics;
    const struct definition *definition = &statistics->definitions[number];
    switch (definition->measure) {
#define LASTED(measure, objects, level)                                                                                \
    case MEASURE_ID_##measure:                                                                                         \
        if (definition->of & (objects)) feeds_level(core, LEVEL_##level, number);                                      \
        break;
#define LEVEL(measure, objects, level) LASTED(measure, objects, level)
#include "runtime/core/statistics/statistics.def"
    case MEASURE_ID_idle_time:
    case MEASURE_ID_load:
        if (!core->agents->watched) count_agents(core);
        feed(&statistics->by_agent, number);
        break;
    case MEASURE_ID_waiting:
    case MEASURE_ID_longest_wait:
    case MEASURE_ID_ewt:
        feed(&statistics->by_queue, number);
        break;
    default:
        break;
    }
    if (definition->measure >= MEASURE_GIVEN) feed(&statistics->by_given, number);
    if (serves(definition)) {
        if (!core->agents->watched) count_agents(core);
        feed(&statistics->by_serving, number);
        statistics->servings.wanted = true;
    }
    if (definition->of == MEASURED_QUEUE) hold(core);
#define HELD(measure_name, way, amount)                                                                                \
    if (definition->measure == MEASURE_ID_##measure_name && definition->of == MEASURED_QUEUE)                          \
        feed(&statistics->by_way[HELD_##way], number);
#define COUNTED(measure_name, objects, fact, amount)                                                                   \
    if (definition->measure == MEASURE_ID_##measure_name && definition->of & (objects))                                \
        feed(&statistics->by_fact[FACT_##fact], number);
#include "runtime/core/statistics/statistics.def"
}

/* Two images have the same clocks where their tables are equal, name and all. */
static bool same_zone(const uint32_t *a, const uint32_t *b)
{
    if (!a || !b) return a == b;
    size_t words = 4 + 3 * (size_t)a[2];
    return a[2] == b[2] && a[3] == b[3] && memcmp(a + 2, b + 2, (words - 2) * sizeof *a + a[3]) == 0;
}

static uint32_t definition_of(struct core *core, const struct program *program, const struct image_measure *row)
{
    struct statistics *statistics = core->statistics;
    const uint32_t *zone = row->zone == IMAGE_NONE ? NULL : image_zone(program->image, row->zone);
    int64_t within_us = row->measure >= MEASURE_GIVEN ? program->names[row->within_us] : row->within_us;
    for (uint32_t at = 0; at < statistics->definition_count; at++) {
        const struct definition *known = &statistics->definitions[at];
        if (known->measure == row->measure && known->of == row->of && known->window_us == row->window_us &&
            known->within_us == within_us && known->medium == row->medium && same_zone(known->zone, zone))
            return at;
    }
    uint32_t number = statistics->definition_count++;
    statistics->definitions = memory_grow(statistics->definitions, &statistics->definition_capacity,
                                          statistics->definition_count, sizeof *statistics->definitions);
    statistics->definitions[number] = (struct definition){.window_us = row->window_us,
                                                          .within_us = within_us,
                                                          .zone = zone,
                                                          .since_us = core->time_us,
                                                          .measure = row->measure,
                                                          .of = row->of,
                                                          .medium = row->medium};
    begin_feeding(core, number);
    return number;
}

/* Learns the definitions of programs that came since it looked last. */
static void learn(struct core *core)
{
    struct statistics *statistics = core->statistics;
    while (statistics->programs < core->strategies->program_count) {
        const struct program *program = &core->strategies->programs[statistics->programs];
        const struct image *image = program->image;
        uint32_t rows = image_count(image, SECTION_MEASURES);
        uint32_t *definitions = memory_zeroed(rows + 1, sizeof *definitions);
        for (uint32_t at = 0; at < rows; at++) definitions[at] = definition_of(core, program, image_measure(image, at));
        statistics->of_program = memory_grow(statistics->of_program, &statistics->program_capacity,
                                             statistics->programs + 1, sizeof *statistics->of_program);
        statistics->of_program[statistics->programs++] = definitions;
    }
}

static int64_t floor_to(int64_t value, int64_t of)
{
    int64_t rest = value % of;
    return value - (rest < 0 ? rest + of : rest);
}

/* The instant at which the zone's clocks show `shown_us`. */
static int64_t instant_us(const uint32_t *zone, int64_t shown_us)
{
    return shown_us - SECOND_US * zone_offset_shown(zone, floor_to(shown_us, SECOND_US) / SECOND_US);
}

/* Since a time of day: today's, or yesterday's where that is still to come. */
static void find_moment(struct definition *definition, int64_t wall_us)
{
    if (definition->begins_wall_us <= wall_us && wall_us < definition->ends_wall_us) return;
    int64_t clock_us = -(definition->window_us + 1);
    int64_t shown_us = wall_us + SECOND_US * zone_offset(definition->zone, floor_to(wall_us, SECOND_US) / SECOND_US);
    int64_t begins_us = floor_to(shown_us - clock_us, DAY_US) + clock_us;
    definition->begins_wall_us = instant_us(definition->zone, begins_us);
    definition->ends_wall_us = instant_us(definition->zone, begins_us + DAY_US);
}

static uint64_t logical_us(const struct core *core, int64_t wall_us)
{
    return wall_us > core->wall_offset_us ? (uint64_t)(wall_us - core->wall_offset_us) : 0;
}

static struct window_rule rule_of(const struct core *core, struct definition *definition)
{
    if (definition->window_us > 0) return (struct window_rule){.span_us = (uint64_t)definition->window_us};
    if (!definition->zone) /* now: the level is all that is asked */
        return (struct window_rule){.begins_us = UINT64_MAX, .ends_us = UINT64_MAX};
    find_moment(definition, core_wall_us(core));
    return (struct window_rule){.moment_us = definition->begins_wall_us,
                                .begins_us = logical_us(core, definition->begins_wall_us),
                                .ends_us = logical_us(core, definition->ends_wall_us)};
}

/* Figures */

static struct agent_now counted_levels(const struct core *core, uint32_t agent)
{
    static const struct agent_now nothing;
    return agent < core->statistics->agent_capacity ? core->statistics->agents[agent].now : nothing;
}

static bool is_at_level(const struct core *core, uint32_t agent, unsigned medium, unsigned level)
{
    return medium < MEDIA_KINDS && ((unsigned)counted_levels(core, agent).states[medium] >> level & 1u) != 0;
}

static int level_of_measure(uint16_t measure)
{
    switch (measure) {
#define LASTED(measure, objects, level)                                                                                \
    case MEASURE_ID_##measure:                                                                                         \
        return LEVEL_##level;
#define LEVEL(measure, objects, level) LASTED(measure, objects, level)
#include "runtime/core/statistics/statistics.def"
    default:
        return -1;
    }
}

/* How many agents of the object are in the definition's state, as last counted. */
static int64_t counted_now(const struct core *core, const struct definition *definition, uint32_t object)
{
    int level = level_of_measure(definition->measure);
    int64_t count = 0;
    if (level < 0 || serves(definition)) return 0;
    if (definition->of == MEASURED_AGENT) return is_at_level(core, object, definition->medium, (unsigned)level);
    for (uint32_t at = 0; at < core->agents->count; at++) {
        if (!is_at_level(core, at, definition->medium, (unsigned)level)) continue;
        count += definition->of == MEASURED_VQ ? core->statistics->agents[at].vq == object
                                               : agent_in_group(agent_at(core->agents, at), object);
    }
    return count;
}

static bool figure_find(const struct statistics *statistics, uint32_t definition, uint32_t object, uint32_t *figure)
{
    return lookup_find(&statistics->by_key, (uint64_t)definition << 32 | object, figure);
}

/* Finds or makes the figure. A new one has had the same level since its definition is kept: as many as are counted now,
 * but for `changed`, which has changed this moment. */
static struct figure *figure_of(struct core *core, uint32_t definition, uint32_t object, int64_t changed)
{
    struct statistics *statistics = core->statistics;
    const struct definition *of = &statistics->definitions[definition];
    uint32_t slot;
    if (figure_find(statistics, definition, object, &slot)) return &statistics->figures[slot];
    slot = statistics->figure_count++;
    statistics->figures = memory_grow(statistics->figures, &statistics->figure_capacity, statistics->figure_count,
                                      sizeof *statistics->figures);
    statistics->figures[slot] = (struct figure){
        .key = (uint64_t)definition << 32 | object,
        .window = {.since_us = of->since_us, .level = counted_now(core, of, object) - changed},
        .watches = WATCHER_NONE,
    };
    lookup_add(&statistics->by_key, slot);
    return &statistics->figures[slot];
}

static void changed(struct core *core, struct figure *figure)
{
    struct statistics *statistics = core->statistics;
    if (figure->watches == WATCHER_NONE || figure->told) return;
    figure->told = true;
    statistics->told =
        memory_grow(statistics->told, &statistics->told_capacity, statistics->told_count + 1, sizeof *statistics->told);
    statistics->told[statistics->told_count++] = (uint32_t)(figure - statistics->figures);
}

static void note(struct core *core, const struct figure *figure, int64_t amount)
{
    struct statistics *statistics = core->statistics;
    statistics->content = mix64(mix64(mix64(statistics->content + figure->key) + (uint64_t)amount) + core->time_us);
}

static void figure_add(struct core *core, uint32_t number, uint32_t object, int64_t amount)
{
    struct window_rule rule = rule_of(core, &core->statistics->definitions[number]);
    struct figure *figure = figure_of(core, number, object, 0);
    window_add(&figure->window, &rule, core->time_us, amount);
    note(core, figure, amount);
    changed(core, figure);
}

static void figure_level(struct core *core, uint32_t number, uint32_t object, int64_t change)
{
    struct window_rule rule = rule_of(core, &core->statistics->definitions[number]);
    struct figure *figure = figure_of(core, number, object, change);
    window_level(&figure->window, &rule, core->time_us, change);
    note(core, figure, change);
    changed(core, figure);
}

/* Tells the watchers of figures whose values stand in another table. */
static void asked_changed(struct core *core, const struct fed *fed, uint32_t object)
{
    for (uint32_t at = 0; at < fed->count; at++) {
        uint32_t slot;
        if (figure_find(core->statistics, fed->definitions[at], object, &slot))
            changed(core, &core->statistics->figures[slot]);
    }
}

/* Agents */

/* Adds to the figures of the definition for the agent, for each group of the agent, or for the queue. */
static void count_of(struct core *core, uint32_t number, uint32_t agent, uint32_t queue, int64_t amount,
                     void (*add)(struct core *, uint32_t number, uint32_t object, int64_t amount))
{
    unsigned of = core->statistics->definitions[number].of;
    if (of == MEASURED_AGENT) add(core, number, agent, amount);
    if (of & (MEASURED_VQ | MEASURED_QUEUE) && queue != 0) add(core, number, queue, amount);
    if (of != MEASURED_GROUP) return;
    const struct agent *who = agent_at(core->agents, agent);
    for (uint32_t group = 0; group < who->group_count; group++) add(core, number, who->groups[group].name, amount);
}

static void level_changed(struct core *core, uint32_t agent, unsigned medium, unsigned level, int64_t change)
{
    const struct statistics *statistics = core->statistics;
    const struct fed *fed = &statistics->by_level[level];
    uint32_t vq = statistics->agents[agent].vq;
    for (uint32_t at = 0; at < fed->count; at++)
        if (statistics->definitions[fed->definitions[at]].medium == medium)
            count_of(core, fed->definitions[at], agent, vq, change, figure_level);
}

static void agent_changed(struct core *core, uint32_t agent)
{
    struct statistics *statistics = core->statistics;
    struct counted *counted = counted_of(core, agent);
    const struct agent_now before = counted->now, after = now_of(core, agent);
    counted->now = after;
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++)
        for (unsigned level = 0; before.states[medium] != after.states[medium] && level < AGENT_LEVELS; level++) {
            int change = (after.states[medium] >> level & 1) - (before.states[medium] >> level & 1);
            if (change != 0) level_changed(core, agent, medium, level, change);
        }
    asked_changed(core, &statistics->by_agent, agent);
    for (uint32_t at = 0; at < statistics->servings.count; at++)
        if (serving_agent_changed(core, &statistics->servings.all[at], agent, &before, &after))
            asked_changed(core, &statistics->by_serving, statistics->servings.all[at].vq);
}

static void read_servings(struct core *core)
{
    struct statistics *statistics = core->statistics;
    if (!servings_read(core, &statistics->servings, counted_levels)) return;
    for (uint32_t at = 0; at < statistics->servings.count; at++)
        asked_changed(core, &statistics->by_serving, statistics->servings.all[at].vq);
}

void statistic_selects(struct core *core, const struct selector *want)
{
    struct statistics *statistics = core->statistics;
    for (uint32_t line = 0; line < want->count; line++)
        if (serving_asked(core, &statistics->servings, want, line, counted_levels))
            asked_changed(core, &statistics->by_serving, match_vq(core, want, (int32_t)line));
}

/* The directory's parameters are others: perhaps a test has set a statistic. */
static void given_changed(struct core *core)
{
    struct statistics *statistics = core->statistics;
    statistics->given = core->directory->settings.content;
    for (uint32_t at = 0; at < statistics->figure_count; at++) {
        struct figure *figure = &statistics->figures[at];
        uint64_t of = figure->key >> 32;
        if (of != DEFINITION_LATCH && statistics->definitions[of].measure >= MEASURE_GIVEN) changed(core, figure);
    }
}

static bool given_is_old(const struct core *core)
{
    const struct statistics *statistics = core->statistics;
    return statistics->by_given.count != 0 && statistics->given != core->directory->settings.content;
}

/* Counts the agents whose states may have changed since it looked last. */
static void catch_up(struct core *core)
{
    struct agents *agents = core->agents;
    if (core->statistics->programs != core->strategies->program_count) learn(core);
    for (uint32_t at = 0; at < agents->touched_count; at++) {
        agent_at(agents, agents->touched[at])->touched = false;
        agent_changed(core, agents->touched[at]);
    }
    agents->touched_count = 0;
    if (given_is_old(core)) given_changed(core);
    read_servings(core);
}

/* The agent has come into the group, or left it: its levels count there from now on, or no longer. */
static void member_changed(struct core *core, const struct fact *fact)
{
    agent_touch(core->agents, fact->agent); /* the virtual queues that take the group look again */
    for (unsigned level = 0; level < AGENT_LEVELS; level++) {
        const struct fed *fed = &core->statistics->by_level[level];
        for (uint32_t at = 0; at < fed->count; at++) {
            const struct definition *definition = &core->statistics->definitions[fed->definitions[at]];
            if (definition->of == MEASURED_GROUP && is_at_level(core, fact->agent, definition->medium, level))
                figure_level(core, fed->definitions[at], fact->name, fact->joined ? 1 : -1);
        }
    }
}

/* The agent is done with an interaction: what the agent does now belongs to the queue that gave it. */
static void served(struct core *core, const struct fact *fact)
{
    agent_changed(core, fact->whose); /* first: until now it belonged to the earlier one */
    counted_of(core, fact->whose)->vq = fact->vq;
}

/* Facts */

/* Does the measure add up how long something took? Otherwise it counts. */
static bool is_of_times(uint16_t measure)
{
    enum { ONE, TOOK };
#define COUNTED(name, objects, fact, amount)                                                                           \
    if (measure == MEASURE_ID_##name) return amount == TOOK;
#include "runtime/core/statistics/statistics.def"
    return false;
}

/* Adds one to what it feeds. `agent`: AGENT_NONE: it is about none; `queue`: the virtual queue, or the queue's DN. */
static void count(struct core *core, const struct fed *fed, uint32_t agent, uint32_t queue, unsigned medium,
                  uint64_t took_us)
{
    const struct statistics *statistics = core->statistics;
    for (uint32_t at = 0; at < fed->count; at++) {
        const struct definition *definition = &statistics->definitions[fed->definitions[at]];
        if (definition->within_us >= 0 && took_us > (uint64_t)definition->within_us) continue;
        if (definition->medium != media_none && definition->medium != medium) continue;
        int64_t amount = is_of_times(definition->measure) ? (int64_t)took_us : 1;
        count_of(core, fed->definitions[at], agent, queue, amount, figure_add);
    }
}

/* The medium of whose units the interaction takes one. */
static unsigned medium_of(const struct core *core, const struct interaction *ix)
{
    return core->media[ix->media]->capacity(ix);
}

static unsigned medium_of_claim(const struct core *core, uint64_t id)
{
    uint32_t slot;
    return claim_find(core->claims, id, &slot) ? claim_at(core->claims, slot)->medium : media_none;
}

/* The interaction is in that queue now, or, by 0, in none; it left the one before in that way. */
static void held_changed(struct core *core, uint64_t ixn, uint32_t queue, enum held_way way)
{
    struct statistics *statistics = core->statistics;
    if (!statistics->holds) return;
    uint32_t slot = interaction_by_id(core, ixn)->slot;
    unsigned medium = medium_of(core, interaction_at(core, slot));
    uint64_t since_us = 0;
    uint32_t before = held_in(&statistics->helds, slot, &since_us);
    if (before == queue) return;
    if (before != 0) {
        held_leave(&statistics->helds, slot, way != HELD_cleared, core->time_us);
        count(core, &statistics->by_way[way], AGENT_NONE, before, medium, core->time_us - since_us);
        asked_changed(core, &statistics->by_queue, before);
    }
    if (queue == 0) return;
    held_enter(&statistics->helds, slot, queue, core->time_us);
    count(core, &statistics->by_way[HELD_came], AGENT_NONE, queue, medium, 0);
    asked_changed(core, &statistics->by_queue, queue);
}

static void owned(struct core *core, const struct fact *fact)
{
    uint32_t queue = fact->value == OWNER_QUEUE ? core_directory_queue_dn(core, fact->name) : 0;
    held_changed(core, fact->ixn, queue, fact->value == OWNER_AGENT ? HELD_distributed : HELD_cleared);
}

static void hear(struct core *core, const struct fact *fact)
{
    static const bool of_queue[FACTS] = {
        [FACT_served_elsewhere] = true,
#define QUEUE(fact, field, waiting) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
    };
    static const bool of_agent[FACTS] = {
#define OFFERED(fact) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
    };
    struct statistics *statistics = core->statistics;
    if (statistics->definition_count == 0) return;
    if (of_agent[fact->what]) {
        unsigned medium = medium_of_claim(core, fact->claim);
        if (fact->what == FACT_served && core->agents->watched) served(core, fact);
        count(core, &statistics->by_fact[fact->what], fact->whose, fact->vq, medium, fact->took_us);
    } else if (of_queue[fact->what]) {
        uint32_t queue = core->vqs->all[fact->queue].name;
        unsigned medium = medium_of(core, interaction_by_id(core, fact->ixn));
        count(core, &statistics->by_fact[fact->what], AGENT_NONE, queue, medium, fact->waited_us);
        asked_changed(core, &statistics->by_queue, queue);
    } else if (fact->what == FACT_member_changed) {
        member_changed(core, fact);
    } else if (fact->what == FACT_owned) {
        owned(core, fact);
    } else if (fact->what == FACT_ended) {
        held_changed(core, fact->ixn, 0, fact->ended->outcome == ENDED_MERGED ? HELD_cleared : HELD_abandoned);
    } else if ((fact->what == FACT_party_told || fact->what == FACT_party_gone) && fact->whom != AGENT_NONE) {
        agent_touch(core->agents, fact->whom);
    }
}

/* Reading */

/* Those who wait in a queue or virtual queue. */
struct waiting {
    uint32_t count;
    uint64_t expected_us; /* how long one more would wait; UINT64_MAX: unknown */
    uint64_t oldest_us;   /* since when the one who came first waits; UINT64_MAX: nobody waits */
};

/* `oldest`: it is wanted; queues keep it from then on. */
static struct waiting waiting_in(const struct core *core, const struct definition *definition, uint32_t name,
                                 bool oldest)
{
    struct waiting waiting = {0, UINT64_MAX, UINT64_MAX};
    const struct helds *helds = &core->statistics->helds;
    const struct held_queue *queue = definition->of == MEASURED_QUEUE ? held_queue(helds, name) : NULL;
    if (queue)
        return (struct waiting){queue->count, pace_expected_us(&queue->pace, queue->count + 1),
                                held_oldest_us(helds, queue)};
    uint32_t vq = definition->of == MEASURED_VQ ? vq_find(core->vqs, name) : VQS_MAX;
    if (vq == VQS_MAX) return waiting;
    waiting.count = (uint32_t)core->vqs->all[vq].waiting;
    waiting.expected_us = vq_expected_us(core->vqs, vq, waiting.count + 1);
    if (oldest) waiting.oldest_us = vq_oldest_us(core->vqs, vq);
    return waiting;
}

static int64_t asked_of_queue(const struct core *core, const struct definition *definition, uint32_t name,
                              uint64_t *changes_us)
{
    bool oldest = definition->measure == MEASURE_ID_longest_wait;
    struct waiting waiting = waiting_in(core, definition, name, oldest);
    if (definition->measure == MEASURE_ID_waiting) return waiting.count;
    if (!oldest) return waiting.expected_us == UINT64_MAX ? 0 : (int64_t)waiting.expected_us;
    if (waiting.count != 0) *changes_us = core->time_us + WINDOW_STEP_US;
    return waiting.oldest_us < core->time_us ? (int64_t)(core->time_us - waiting.oldest_us) : 0;
}

static int64_t idle_us(const struct core *core, uint32_t agent, uint64_t *changes_us)
{
    const struct agent *who = agent_at(core->agents, agent);
    if (who->idle_rank == 0 || who->claimed != 0) return 0;
    *changes_us = core->time_us + WINDOW_STEP_US;
    return (int64_t)(core->time_us - who->idle_us);
}

static void watch_figure(struct core *core, struct figure *figure)
{
    struct statistics *statistics = core->statistics;
    uint32_t number = (uint32_t)(figure - statistics->figures), slot = statistics->free_watch;
    for (uint32_t at = *statistics->watcher_list; at != WATCHER_NONE; at = statistics->watches[at].next_of_watcher)
        if (statistics->watches[at].figure == number) return;
    if (slot != WATCHER_NONE) {
        statistics->free_watch = statistics->watches[slot].next_of_watcher;
    } else {
        slot = statistics->watch_count++;
        statistics->watches = memory_grow(statistics->watches, &statistics->watch_capacity, statistics->watch_count,
                                          sizeof *statistics->watches);
    }
    statistics->watches[slot] =
        (struct watch){number, statistics->watcher, WATCHER_NONE, figure->watches, *statistics->watcher_list};
    if (figure->watches != WATCHER_NONE) statistics->watches[figure->watches].previous_of_figure = slot;
    figure->watches = *statistics->watcher_list = slot;
}

/* The object of a word: an agent's slot, or a name. False: there is none. */
static bool object_of(const struct core *core, uint16_t program, const struct definition *definition, uint64_t word,
                      uint32_t *object)
{
    if (definition->of == MEASURED_AGENT) {
        *object = (uint32_t)(word - 1);
        return word > 0 && word <= core->agents->count;
    }
    const struct program *names = &core->strategies->programs[program];
    if (word >= image_count(names->image, SECTION_NAMES)) return false;
    *object = names->names[word];
    if (definition->of == MEASURED_QUEUE) *object = core_directory_queue_dn(core, *object);
    return true;
}

/* Whether a test has set the statistic of the object, or what it has set. */
static int64_t given_read(const struct core *core, uint16_t program, const struct definition *definition, uint64_t word)
{
    int64_t value = 0;
    uint32_t object = definition->of == MEASURED_AGENT ? agent_at(core->agents, (uint32_t)(word - 1))->name
                                                       : core->strategies->programs[program].names[word];
    enum given_how how = setting_given(core, (uint32_t)definition->within_us, definition->of, object, &value);
    return definition->measure == MEASURE_GIVEN ? (int64_t)how : value;
}

int64_t statistic_read(struct core *core, uint16_t program, uint32_t row, uint64_t object, uint64_t *changes_us)
{
    struct statistics *statistics = core->statistics;
    uint32_t of, slot;
    *changes_us = UINT64_MAX;
    catch_up(core);
    assert(program < statistics->programs);
    uint32_t number = statistics->of_program[program][row];
    struct definition *definition = &statistics->definitions[number];
    if (!object_of(core, program, definition, object, &of)) return 0;
    bool known = figure_find(statistics, number, of, &slot);
    if (statistics->watcher != WATCHER_NONE ||
        (!known && !serves(definition) && level_of_measure(definition->measure) >= 0)) {
        figure_of(core, number, of, 0);
        known = figure_find(statistics, number, of, &slot);
    }
    struct figure *figure = known ? &statistics->figures[slot] : NULL;
    if (statistics->watcher != WATCHER_NONE) watch_figure(core, figure);
    if (definition->measure >= MEASURE_GIVEN) return given_read(core, program, definition, object);
    if (serves(definition))
        return serving_count(core, &statistics->servings, of, definition->medium,
                             (unsigned)level_of_measure(definition->measure), counted_levels);
    switch (definition->measure) {
#define LEVEL(measure, objects, level) case MEASURE_ID_##measure:
#include "runtime/core/statistics/statistics.def"
        return figure->window.level;
    case MEASURE_ID_waiting:
    case MEASURE_ID_longest_wait:
    case MEASURE_ID_ewt:
        return asked_of_queue(core, definition, of, changes_us);
    case MEASURE_ID_idle_time:
        return idle_us(core, of, changes_us);
    case MEASURE_ID_load:
        return agent_load_share(core->agents, of);
    default:
        break;
    }
    if (!known) return 0;
    struct window_rule rule = rule_of(core, definition);
    int64_t total = window_total(&figure->window, &rule, core->time_us);
    *changes_us = window_changes_us(&figure->window, &rule, core->time_us);
    return total;
}

/* Watching */

void statistic_watch(struct core *core, uint32_t watcher, uint32_t *list)
{
    assert(core->statistics->watcher == WATCHER_NONE && watcher != WATCHER_NONE);
    statistic_unwatch(core, list);
    core->statistics->watcher = watcher;
    core->statistics->watcher_list = list;
}

void statistic_watched(struct core *core)
{
    core->statistics->watcher = WATCHER_NONE;
    core->statistics->watcher_list = NULL;
}

void statistic_unwatch(struct core *core, uint32_t *list)
{
    struct statistics *statistics = core->statistics;
    while (*list != WATCHER_NONE) {
        uint32_t slot = *list;
        struct watch *watch = &statistics->watches[slot];
        uint32_t before = watch->previous_of_figure, after = watch->next_of_figure;
        *(before == WATCHER_NONE ? &statistics->figures[watch->figure].watches
                                 : &statistics->watches[before].next_of_figure) = after;
        if (after != WATCHER_NONE) statistics->watches[after].previous_of_figure = before;
        *list = watch->next_of_watcher;
        *watch = (struct watch){.next_of_watcher = statistics->free_watch};
        statistics->free_watch = slot;
    }
}

/* Its figure, which is made when a watcher reads the latch first. */
void statistic_latch_read(struct core *core, uint32_t latch)
{
    struct statistics *statistics = core->statistics;
    uint32_t slot;
    if (statistics->watcher == WATCHER_NONE) return;
    if (!figure_find(statistics, DEFINITION_LATCH, latch, &slot)) {
        slot = statistics->figure_count++;
        statistics->figures = memory_grow(statistics->figures, &statistics->figure_capacity, statistics->figure_count,
                                          sizeof *statistics->figures);
        statistics->figures[slot] =
            (struct figure){.key = (uint64_t)DEFINITION_LATCH << 32 | latch, .watches = WATCHER_NONE};
        lookup_add(&statistics->by_key, slot);
    }
    watch_figure(core, &statistics->figures[slot]);
}

void statistic_latch_turned(struct core *core, uint32_t latch)
{
    uint32_t slot;
    if (figure_find(core->statistics, DEFINITION_LATCH, latch, &slot)) changed(core, &core->statistics->figures[slot]);
}

/* Selection looks at the agent again; what it asks then is watched anew. */
static void look_again(struct core *core, uint32_t agent)
{
    struct asked_agent *asked = &core->statistics->asked[agent];
    statistic_unwatch(core, &asked->watches);
    if (agent_at(core->agents, agent)->listed) agent_dirty(core->agents, agent);
}

void statistic_wake(struct core *core, void (*wake)(struct core *, uint32_t watcher))
{
    struct statistics *statistics = core->statistics;
    catch_up(core);
    for (uint32_t at = 0; at < statistics->told_count; at++) {
        struct figure *figure = &statistics->figures[statistics->told[at]];
        figure->told = false;
        for (uint32_t slot = figure->watches, next; slot != WATCHER_NONE; slot = next) {
            uint32_t watcher = statistics->watches[slot].watcher;
            next = statistics->watches[slot].next_of_figure;
            if (watcher & WATCHER_AGENT)
                look_again(core, watcher & ~WATCHER_AGENT);
            else
                wake(core, watcher);
        }
    }
    statistics->told_count = 0;
}

/* Candidates */

static struct asked_agent *asked_agent(struct core *core, uint32_t agent)
{
    struct statistics *statistics = core->statistics;
    statistics->asked =
        memory_grow(statistics->asked, &statistics->asked_capacity, agent + 1, sizeof *statistics->asked);
    for (; statistics->asked_count <= agent; statistics->asked_count++)
        statistics->asked[statistics->asked_count] =
            (struct asked_agent){.watches = WATCHER_NONE, .again_us = UINT64_MAX};
    return &statistics->asked[agent];
}

static void set_timer(struct core *core, uint64_t due_us)
{
    struct statistics *statistics = core->statistics;
    if (statistics->timer != 0 && statistics->timer_us <= due_us) return;
    timer_cancel(core->timers, &statistics->timer);
    statistics->timer_us = due_us;
    timer_set(core->timers, &(struct timer){.deadline_us = due_us, .kind = TIMER_CANDIDATE});
}

/* Time alone changes what was asked of the agent: selection looks again at the next full second. */
static void await(struct core *core, uint32_t agent, uint64_t changes_us)
{
    struct statistics *statistics = core->statistics;
    struct asked_agent *asked = &statistics->asked[agent];
    if (changes_us > UINT64_MAX - WINDOW_STEP_US) return;
    changes_us = (changes_us + WINDOW_STEP_US - 1) / WINDOW_STEP_US * WINDOW_STEP_US;
    if (asked->again_us == UINT64_MAX) {
        statistics->awaited = memory_grow(statistics->awaited, &statistics->awaited_capacity,
                                          statistics->awaited_count + 1, sizeof *statistics->awaited);
        statistics->awaited[statistics->awaited_count++] = agent;
    }
    if (changes_us < asked->again_us) asked->again_us = changes_us;
    set_timer(core, asked->again_us);
}

static int64_t figure_of_agent(struct core *core, uint16_t program, uint32_t row, uint32_t agent, bool watched)
{
    struct statistics *statistics = core->statistics;
    uint64_t changes_us;
    watched = watched && !statistics->looks_only && agent_at(core->agents, agent)->listed;
    assert(statistics->watcher == WATCHER_NONE);
    if (watched) {
        statistics->watcher_list = &asked_agent(core, agent)->watches;
        statistics->watcher = WATCHER_AGENT | agent;
    }
    int64_t figure = statistic_read(core, program, row, agent + UINT64_C(1), &changes_us);
    if (watched) {
        statistic_watched(core);
        await(core, agent, changes_us);
    }
    return figure;
}

static void timer_fired(struct core *core, const struct timer *timer)
{
    struct statistics *statistics = core->statistics;
    uint64_t first_us = UINT64_MAX;
    uint32_t count = 0;
    (void)timer;
    for (uint32_t at = 0; at < statistics->awaited_count; at++) {
        uint32_t agent = statistics->awaited[at];
        struct asked_agent *asked = &statistics->asked[agent];
        if (asked->again_us <= core->time_us) {
            asked->again_us = UINT64_MAX;
            look_again(core, agent);
            continue;
        }
        statistics->awaited[count++] = agent;
        if (asked->again_us < first_us) first_us = asked->again_us;
    }
    statistics->awaited_count = count;
    if (first_us != UINT64_MAX) set_timer(core, first_us);
}

static uint32_t *timer_handle(struct core *core, const struct timer *timer)
{
    (void)timer;
    return &core->statistics->timer;
}

static uint64_t timer_number(const struct core *core, const struct timer *timer)
{
    (void)core, (void)timer;
    return 0;
}

const struct timer_ops timer_ops_candidate = {timer_handle, timer_number, timer_fired};

bool statistic_awaits(const struct core *core, uint32_t agent)
{
    const struct statistics *statistics = core->statistics;
    return agent < statistics->asked_count && statistics->asked[agent].again_us != UINT64_MAX;
}

void statistic_look_only(struct core *core, bool only)
{
    core->statistics->looks_only = only;
}

static void settle(struct core *core)
{
    const struct statistics *statistics = core->statistics;
    if (core->agents->touched_count != 0 || given_is_old(core) ||
        statistics->programs != core->strategies->program_count ||
        (statistics->servings.wanted && statistics->servings.activated != core->directory->activated))
        catch_up(core);
}

static uint64_t hash(const struct core *core)
{
    return core->statistics->content;
}

static bool watches_hold(const struct statistics *statistics, uint32_t figure)
{
    uint32_t before = WATCHER_NONE;
    for (uint32_t at = statistics->figures[figure].watches; at != WATCHER_NONE;
         before = at, at = statistics->watches[at].next_of_figure)
        if (statistics->watches[at].figure != figure || statistics->watches[at].previous_of_figure != before)
            return false;
    return true;
}

/* Looking at those who could serve asks the lines' functions, which leave no trace. */
static bool servings_hold(const struct core *core)
{
    const struct servings *servings = &core->statistics->servings;
    bool hold = true;
    if (core->agents->touched_count != 0 || servings->activated != core->directory->activated) return true;
    for (uint32_t at = 0; hold && at < servings->count; at++)
        hold = serving_check((struct core *)(uintptr_t)(const void *)core, &servings->all[at], counted_levels);
    return hold;
}

static bool check(const struct core *core)
{
    const struct statistics *statistics = core->statistics;
    if (!servings_hold(core)) return false;
    if (!helds_check(&statistics->helds)) return false;
    for (uint32_t at = 0; core->agents->watched && at < core->agents->count; at++) {
        const struct agent *agent = agent_at(core->agents, at);
        struct agent_now was = counted_levels(core, at), is = now_of(core, at);
        if (!agent->touched && memcmp(&was, &is, sizeof was) != 0) return false;
    }
    for (uint32_t at = 0; at < statistics->figure_count; at++) {
        const struct figure *figure = &statistics->figures[at];
        if (!watches_hold(statistics, at)) return false;
        if (figure->key >> 32 == DEFINITION_LATCH) continue;
        const struct definition *definition = &statistics->definitions[figure->key >> 32];
        int64_t total = 0;
        for (unsigned part = 0; figure->window.parts && part < WINDOW_PARTS; part++)
            total += figure->window.parts[part];
        if (figure->window.parts && total != figure->window.total) return false;
        if (core->agents->touched_count == 0 &&
            figure->window.level != counted_now(core, definition, (uint32_t)figure->key))
            return false;
    }
    return true;
}

const struct part_ops part_ops_statistics = {
    .size = sizeof(struct statistics),
    .init = init,
    .free = statistics_free,
    .settle = settle,
    .hash = hash,
    .check = check,
    .hear = hear,
    .figure = figure_of_agent,
};
