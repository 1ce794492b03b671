/* runtime/core/statistics/feed.c - Changes figures when facts are reported and when agents change.
 *
 *     fact --> feed_hear() --> fed_count(): counts and times --+
 *     agent touched --> feed_catch_up() --> agent_changed()    +--> figures of the agent, its groups,
 *                       (levels before and after)              |    its place, the queue, the strategy,
 *     queue of the switch --> acd_changed()  ------------------+    the campaign
 *
 * Facts are counted when they are reported. Levels are compared later, once per agent, when a figure is read or the
 * event is over: an agent who changes three times in an event is compared once. */
#include "runtime/core/statistics/figure.h"

#include <assert.h>

#include "runtime/core/base/now.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/record.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/definition.h"
#include "runtime/core/statistics/level.h"
#include "runtime/core/statistics/subjects.h"

/* Adds to the definition's figures for the agent, for each group of the agent, for the agent's place, or for the
 * queue, strategy or campaign. */
static void count_of(struct statistics *statistics, uint32_t number, uint32_t agent, uint32_t queue, int64_t amount,
                     void (*add)(struct statistics *, uint32_t number, uint32_t object, int64_t amount))
{
    assert(number < statistics->definition_count);
    unsigned of = statistics->definitions[number].of;
    if (of == MEASURED_AGENT) add(statistics, number, agent, amount);
    if (of & (MEASURED_VQ | MEASURED_QUEUE | MEASURED_STRATEGY | MEASURED_CAMPAIGN) && queue != 0)
        add(statistics, number, queue, amount);
    if (!(of & (MEASURED_GROUP | MEASURED_PLACE))) return;
    assert(agent < statistics->agents->count); /* only agents change figures of groups and places */
    const struct agent *who = agent_at(statistics->agents, agent);
    if (of == MEASURED_PLACE && who->place != 0) add(statistics, number, who->place, amount);
    if (of != MEASURED_GROUP) return;
    for (uint32_t group = 0; group < who->group_count; group++)
        add(statistics, number, who->groups[group].name, amount);
}

static void level_changed(struct statistics *statistics, uint32_t agent, unsigned medium, unsigned level,
                          int64_t change)
{
    assert(level < AGENT_LEVELS && medium < MEDIA_KINDS);
    const struct fed *fed = &statistics->by_level[level];
    uint32_t vq = statistics->counted[agent].vq;
    for (uint32_t at = 0; at < fed->count; at++)
        if (statistics->definitions[fed->definitions[at]].medium == medium)
            count_of(statistics, fed->definitions[at], agent, vq, change, figure_level);
}

/* The agent's levels count for another place from now on. */
static void agent_moved(struct statistics *statistics, uint32_t agent)
{
    struct counted *counted = level_counted(statistics, agent);
    uint32_t from = counted->place, to = agent_at(statistics->agents, agent)->place;
    counted->place = to;
    for (unsigned level = 0; from != to && level < AGENT_LEVELS; level++) {
        const struct fed *fed = &statistics->by_level[level];
        for (uint32_t at = 0; at < fed->count; at++) {
            const struct definition *definition = &statistics->definitions[fed->definitions[at]];
            if (definition->of != MEASURED_PLACE || !level_is_at(statistics, agent, definition->medium, level))
                continue;
            if (from != 0) figure_level(statistics, fed->definitions[at], from, -1);
            if (to != 0) figure_level(statistics, fed->definitions[at], to, 1);
        }
    }
}

/* Compares the agent's states with the counted ones and counts the differences, only for media whose states differ. */
static void agent_changed(struct statistics *statistics, uint32_t agent)
{
    agent_moved(statistics, agent);
    struct counted *counted = level_counted(statistics, agent);
    const struct agent_now before = counted->now, after = level_now(statistics, agent);
    counted->now = after;
    EACH_MEDIUM(medium, statistics->media_asked)
    for (unsigned level = 0; before.states[medium] != after.states[medium] && level < AGENT_LEVELS; level++) {
        int change = (after.states[medium] >> level & 1) - (before.states[medium] >> level & 1);
        if (change != 0) level_changed(statistics, agent, medium, level, change);
    }
    figures_elsewhere_changed(statistics, &statistics->by_agent, agent);
    if (counted->logins != agent_at(statistics->agents, agent)->logins)
        figures_elsewhere_changed(statistics, &statistics->by_login, agent);
    counted->logins = agent_at(statistics->agents, agent)->logins;
    for (uint32_t at = 0; at < statistics->servings.count; at++)
        if (serving_agent_changed(&statistics->servings, &statistics->servings.all[at], agent, &before, &after))
            figures_elsewhere_changed(statistics, &statistics->by_serving, statistics->servings.all[at].vq);
}

static void read_servings(struct statistics *statistics)
{
    if (!servings_read(&statistics->servings)) return;
    for (uint32_t at = 0; at < statistics->servings.count; at++)
        figures_elsewhere_changed(statistics, &statistics->by_serving, statistics->servings.all[at].vq);
}

/* Learns the lines of a selection that waits: it may have lines whose values the image does not contain. */
void statistic_selects(struct statistics *statistics, const struct selector *want)
{
    for (uint32_t line = 0; line < want->count; line++)
        if (serving_asked(&statistics->servings, want, line))
            figures_elsewhere_changed(statistics, &statistics->by_serving,
                                      match_vq(statistics->vqs, want, (int32_t)line));
}

/* The directory's parameters have changed: looks again at the figures whose values a test may have set. */
static void given_changed(struct statistics *statistics)
{
    statistics->given = statistics->directory->settings.content;
    for (uint32_t at = 0; at < statistics->figure_count; at++) {
        struct figure *figure = &statistics->figures[at];
        uint64_t of = figure->key >> 32;
        if (of != DEFINITION_LATCH && statistics->definitions[of].measure >= MEASURE_GIVEN)
            figure_changed(statistics, figure);
    }
}

bool feed_given_is_old(const struct statistics *statistics)
{
    return statistics->by_given.count != 0 && statistics->given != statistics->directory->settings.content;
}

/* Begins to count queues if a program reads a measure of a queue; interactions that are already there are included.
 * Two names of a queue may have the same DN. */
static void hold_queues(struct statistics *statistics)
{
    if (!statistics->queues_asked || statistics->holds) return;
    statistics->holds = true;
    EACH_INTERACTION (ix, statistics->interactions) {
        if (ix->owner_kind != OWNER_QUEUE) continue;
        uint32_t queue = core_directory_queue_dn(statistics->directory, ix->owner);
        if (queue != 0) acd_enter(&statistics->acd_queues, ix->slot, queue, ix->changed_us);
    }
}

/* Called before each reading. Brings the figures up to date: new programs first, then agents, then values that tests
 * have set. */
void feed_catch_up(struct statistics *statistics)
{
    struct agents *agents = statistics->agents;
    if (statistics->programs != statistics->strategies->program_count) {
        definitions_learn(statistics);
        hold_queues(statistics);
    }
    for (uint32_t at = 0; at < agents->touched_count; at++) {
        agent_at(agents, agents->touched[at])->touched = false;
        agent_changed(statistics, agents->touched[at]);
    }
    agents->touched_count = 0;
    if (feed_given_is_old(statistics)) given_changed(statistics);
    read_servings(statistics);
}

/* The agent has entered or left the group: counts the agent's levels there from now on, or no longer. */
static void member_changed(struct statistics *statistics, const struct fact *fact)
{
    agent_touch(statistics->agents, fact->agent); /* virtual queues whose lines take the group count the agent anew */
    for (unsigned level = 0; level < AGENT_LEVELS; level++) {
        const struct fed *fed = &statistics->by_level[level];
        for (uint32_t at = 0; at < fed->count; at++) {
            const struct definition *definition = &statistics->definitions[fed->definitions[at]];
            if (definition->of == MEASURED_GROUP && level_is_at(statistics, fact->agent, definition->medium, level))
                figure_level(statistics, fed->definitions[at], fact->name, fact->joined ? 1 : -1);
        }
    }
}

/* The agent has finished an interaction: the agent's state from now on counts for the queue that gave it. */
static void feed_served(struct statistics *statistics, const struct fact *fact)
{
    assert(fact->whose < statistics->agents->count);
    /* the agent's levels are counted first, since the state up to now counts for the earlier queue */
    agent_changed(statistics, fact->whose);
    level_counted(statistics, fact->whose)->vq = fact->vq;
}

/* True: the measure adds up how long something took. Otherwise it counts. */
static bool is_of_times(uint16_t measure)
{
    enum { ONE, TOOK };
#define COUNTED(name, objects, fact, amount)                                                                           \
    if (measure == MEASURE_ID_##name) return amount == TOOK;
#define CALLED(name, fact, amount) COUNTED(name, CAMPAIGN, fact, amount)
#include "runtime/core/statistics/statistics.def"
    return false;
}

/* Counts the fact in the figures of all definitions that it changes. `agent` AGENT_NONE: the fact is about no agent;
 * `queue`: the virtual queue, the queue's DN, the strategy, or the campaign. */
static void fed_count(struct statistics *statistics, const struct fed *fed, uint32_t agent, uint32_t queue,
                      unsigned medium, uint64_t took_us)
{
    for (uint32_t at = 0; at < fed->count; at++) {
        const struct definition *definition = &statistics->definitions[fed->definitions[at]];
        if (definition->within_us >= 0 && took_us > (uint64_t)definition->within_us) continue;
        if (definition->medium != media_none && definition->medium != medium) continue;
        int64_t amount = is_of_times(definition->measure) ? (int64_t)took_us : 1;
        count_of(statistics, fed->definitions[at], agent, queue, amount, figure_add);
    }
}

/* Returns the medium of whose units the interaction takes one. */
static unsigned medium_of(const struct statistics *statistics, const struct interaction *ix)
{
    return statistics->media[ix->media]->capacity(ix);
}

static unsigned medium_of_claim(const struct statistics *statistics, uint64_t id)
{
    uint32_t slot;
    return claim_find(statistics->claims, id, &slot) ? claim_at(statistics->claims, slot)->medium : media_none;
}

/* The interaction is in the given queue now (0: in none), and has left the queue before in the given way. Called for
 * each change of owner; most have nothing to do with a queue of the switch and end at once. */
static void acd_changed(struct statistics *statistics, uint64_t ixn, uint32_t queue, enum acd_way way)
{
    if (!statistics->holds) return;
    uint32_t slot = interaction_by_id(statistics->interactions, ixn)->slot;
    unsigned medium = medium_of(statistics, interaction_at(statistics->interactions, slot));
    uint64_t since_us = 0;
    uint32_t before = acd_queue_of(&statistics->acd_queues, slot, &since_us);
    if (before == queue) return;
    if (before != 0) {
        acd_leave(&statistics->acd_queues, slot, way != ACD_cleared, statistics->now->time_us);
        fed_count(statistics, &statistics->by_way[way], AGENT_NONE, before, medium,
                  statistics->now->time_us - since_us);
        figures_elsewhere_changed(statistics, &statistics->by_queue, before);
    }
    if (queue == 0) return;
    acd_enter(&statistics->acd_queues, slot, queue, statistics->now->time_us);
    fed_count(statistics, &statistics->by_way[ACD_came], AGENT_NONE, queue, medium, 0);
    figures_elsewhere_changed(statistics, &statistics->by_queue, queue);
}

static void feed_owned(struct statistics *statistics, const struct fact *fact)
{
    uint32_t queue = fact->value == OWNER_QUEUE ? core_directory_queue_dn(statistics->directory, fact->name) : 0;
    acd_changed(statistics, fact->ixn, queue, fact->value == OWNER_AGENT ? ACD_distributed : ACD_cleared);
}

static void feed_passed(struct statistics *statistics, const struct fact *fact)
{
    const struct fed *fed = &statistics->by_fact[fact->what];
    if (fed->count == 0 || fact->ixn == 0) return;
    const struct interaction *ix = interaction_by_id(statistics->interactions, fact->ixn);
    if (ix->program == PROGRAM_NONE) return;
    uint32_t name = names_find(statistics->names, strategy_title(statistics->strategies, ix));
    fed_count(statistics, fed, AGENT_NONE, name, medium_of(statistics, ix),
              statistics->now->time_us - interaction_arrived(statistics->interactions, ix));
}

static void feed_works(struct statistics *statistics, const struct fact *fact)
{
    const struct fed *fed = &statistics->by_strategy;
    for (uint32_t at = 0; fact->name != 0 && at < fed->count; at++)
        figure_level(statistics, fed->definitions[at], fact->name, fact->value != 0 ? 1 : -1);
}

/* Takes a fact. The fact may change figures of several kinds of objects; tables of facts (of_queue and so on) say of
 * which. */
void feed_hear(void *self, const struct fact *fact)
{
    struct statistics *statistics = self;
    static const bool of_queue[FACTS] = {
        [FACT_served_elsewhere] = true,
#define QUEUE(fact, field, waiting) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
    };
    static const bool of_agent[FACTS] = {
#define OFFERED(fact) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
    };
    static const bool of_strategy[FACTS] = {
#define PASSED(fact) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
    };
    static const bool of_campaign[FACTS] = {
#define CALLED(fact) [FACT_##fact] = true,
#include "runtime/core/base/facts.def"
    };
    if (statistics->definition_count == 0) return;
    if (of_strategy[fact->what]) feed_passed(statistics, fact);
    if (of_agent[fact->what]) {
        unsigned medium = medium_of_claim(statistics, fact->claim);
        if (fact->what == FACT_served && statistics->agents->watched) feed_served(statistics, fact);
        fed_count(statistics, &statistics->by_fact[fact->what], fact->whose, fact->vq, medium, fact->took_us);
    } else if (of_queue[fact->what]) {
        uint32_t queue = statistics->vqs->all[fact->queue].name;
        unsigned medium = medium_of(statistics, interaction_by_id(statistics->interactions, fact->ixn));
        fed_count(statistics, &statistics->by_fact[fact->what], AGENT_NONE, queue, medium, fact->waited_us);
        figures_elsewhere_changed(statistics, &statistics->by_queue, queue);
    } else if (of_campaign[fact->what]) {
        fed_count(statistics, &statistics->by_fact[fact->what], AGENT_NONE, fact->name, media_voice, fact->took_us);
    } else if (fact->what == FACT_member_changed) {
        member_changed(statistics, fact);
    } else if (fact->what == FACT_strategy_works) {
        feed_works(statistics, fact);
    } else if (fact->what == FACT_owned) {
        feed_owned(statistics, fact);
    } else if (fact->what == FACT_ended) {
        acd_changed(statistics, fact->ixn, 0, fact->ended->outcome == ENDED_MERGED ? ACD_cleared : ACD_abandoned);
    } else if ((fact->what == FACT_party_told || fact->what == FACT_party_gone) && fact->whom != AGENT_NONE) {
        agent_touch(statistics->agents, fact->whom);
    }
}
