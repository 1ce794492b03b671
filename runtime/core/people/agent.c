/* runtime/core/people/agent.c - The table of agents, and the ready list. The ready list is in idle order and follows
 * the agents' states and claims.
 *
 *     what changes                        what follows from it
 *     state, own states of media    --+
 *     lines (DNs, links, desktops)  --+-> open: the media of which the agent may be given one more
 *     claims against capacity       --+        |
 *     block, domain                 --+        v
 *                    agent_settle(): into the ready list or out of it, and marked dirty
 *
 * Each setter changes one field, and the agent's part of the digest with it. Setters do not change the ready list: the
 * caller calls agent_settle() when all changes of the event are made. So an agent who changes three times in one event
 * is put into the list once.
 *
 * Idle order is a number, `idle_rank`, which grows with each agent who becomes free. Ranks are unique, so the order
 * is complete and does not depend on clocks. */
#include "runtime/core/people/agent.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/source.h"

static uint64_t name_key(const void *owner, uint32_t slot)
{
    const struct agents *agents = owner;
    return agents->all[slot].name;
}

void agent_table_init(struct agents *agents)
{
    *agents = (struct agents){.first = AGENT_NONE, .last = AGENT_NONE, .sweep_due = AGENTS_SWEEP};
    lookup_init(&agents->by_name, agents, name_key);
    abilities_init(&agents->abilities);
    capacities_init(&agents->capacities);
    lines_init(&agents->lines);
}

static void notes_free(struct agent *who)
{
    for (uint32_t at = 0; at < who->noted_count; at++) span_free(&who->media_noted[at].why);
    free(who->media_noted);
}

void agent_table_free(void *self)
{
    struct agents *agents = self;
    for (uint32_t at = 0; at < agents->count; at++) {
        free(agents->all[at].skills);
        notes_free(&agents->all[at]);
        free(agents->all[at].groups);
    }
    free(agents->all);
    free(agents->dirty);
    free(agents->touched);
    lookup_free(&agents->by_name);
    abilities_free(&agents->abilities);
    capacities_free(&agents->capacities);
    lines_free(&agents->lines);
}

bool agent_find(const struct agents *agents, uint32_t name, uint32_t *agent)
{
    return name != 0 && lookup_find(&agents->by_name, name, agent);
}

bool agent_on_dn(const struct agents *agents, unsigned source, uint32_t dn, uint32_t *agent)
{
    uint32_t line = line_on(agents, source, dn);
    if (line != LINE_NONE) *agent = line_at(agents, line)->agent;
    return line != LINE_NONE;
}

bool agent_near_dn(const struct agents *agents, unsigned source, uint32_t dn, uint32_t *agent)
{
    bool found = agent_on_dn(agents, source, dn, agent);
    for (unsigned at = 0; !found && dn != 0 && at < SOURCES_MAX; at++) found = agent_on_dn(agents, at, dn, agent);
    return found;
}

static uint64_t first_media(struct media_set media)
{
    return (uint16_t)media.words[0];
}

/* Returns what the agent adds to the digest's sum for its capacity, the media that have a state of their own, its
 * after-call work, until when it is blocked, its profile, and which domain may give it work. An agent without any of
 * these has the hash 0. So sites that use none of these have the same digests as before the fields existed. */
static uint64_t media_hash(const struct agent *who, uint32_t agent)
{
    uint64_t blocked = who->blocked_until_us == 0 ? 0 : table_mix64(table_mix64(agent + 1u) ^ who->blocked_until_us);
    if (who->profile != 0) blocked += table_mix64(table_mix64(agent + 1u) + ((uint64_t)who->profile << 32 | 2u));
    if (who->home != 0 || who->lent != AGENT_NOT_LENT)
        blocked += table_mix64(table_mix64(agent + 1u) ^ ((uint64_t)who->home << 8 | who->lent));
    if (who->capacity == CAPACITY_SINGLE && media_set_is_empty(who->own) && media_set_is_empty(who->wrap))
        return blocked;
    uint64_t work = first_media(who->own_out) << 32 | first_media(who->wrap) << 1 | who->ready_beside;
    uint64_t more = media_set_hash(who->own) + 3 * media_set_hash(who->own_ready) + 5 * media_set_hash(who->own_out) +
                    7 * media_set_hash(who->wrap);
    return blocked + more * table_mix64(agent + 1u) +
           table_mix64(table_mix64(table_mix64(agent + 1u) + work) +
                       ((uint64_t)who->capacity << 32 | first_media(who->own) << 16 | first_media(who->own_ready)));
}

/* Returns what the promise adds to the digest's sum. The promise's share is separate from the others, since a promise
 * may change in the middle of a change of media. */
static uint64_t promise_hash(const struct agent *who, uint32_t agent)
{
    return who->promised == 0 ? 0 : table_mix64(table_mix64(agent + 1u) + ((uint64_t)who->promised << 32 | 1u));
}

static void promise_set(struct agents *agents, uint32_t agent, uint32_t group)
{
    struct agent *who = agent_at(agents, agent);
    agents->content -= promise_hash(who, agent);
    who->promised = group;
    agents->content += promise_hash(who, agent);
}

static uint64_t agents_content(const struct agents *agents)
{
    uint64_t content = 0;
    for (uint32_t at = 0; at < agents->count; at++)
        content += media_hash(&agents->all[at], at) + promise_hash(&agents->all[at], at);
    return content;
}

void agents_recount(struct agents *agents)
{
    agents->content = agents_content(agents);
}

/* Returns the lowest free slot; the table's count if none is free. */
static uint32_t agent_free_slot(struct agents *agents)
{
    if (agents->free == 0) return agents->count;
    while (agents->all[agents->free_from].name != 0) agents->free_from++;
    return agents->free_from;
}

/* Adds an agent in the lowest free slot, so that a replay gives the same slots. `agents->all` may move here. */
uint32_t agent_add(struct agents *agents, uint32_t name)
{
    uint32_t slot = agent_free_slot(agents);
    if (name == 0 || slot >= AGENTS_MAX) return AGENT_NONE;
    if (slot == agents->count)
        agents->all = memory_grow(agents->all, &agents->capacity, ++agents->count, sizeof *agents->all);
    else
        agents->free--;
    agents->all[slot] = (struct agent){
        .name = name,
        .claims = CLAIM_NONE,
        .lines = LINE_NONE,
        .previous = AGENT_NONE,
        .next = AGENT_NONE,
        .switch_since_us = INT64_MIN,
        .state = agent_state_logged_out,
    };
    lookup_add(&agents->by_name, slot);
    if (agents->profiled) ability_enter(agents, slot);
    agents->unknown++;
    return slot;
}

uint32_t agent_add_unknown(struct agents *agents, uint32_t name)
{
    return agents->unknown < AGENTS_UNKNOWN_MAX ? agent_add(agents, name) : AGENT_NONE;
}

void agent_refer(const struct agents *agents, uint32_t agent)
{
    agent_at(agents, agent)->referred = true;
}

/* True: no table refers to the slot. A slot that was used again too early would confuse two agents. */
bool agent_may_go(const struct agents *agents, uint32_t agent)
{
    const struct agent *who = agent_at(agents, agent);
    bool at_work = who->lines != LINE_NONE || who->claims != CLAIM_NONE || who->ixn != 0 || who->not_ready_ref != 0;
    bool seated = who->place != 0 || who->place_told || who->group_count != 0 || who->skill_count != 0;
    bool in_lists = who->listed || who->dirty || who->touched || who->timer != 0;
    return who->name != 0 && who->state == agent_state_logged_out && !who->known && !who->referred && !at_work &&
           !seated && !in_lists;
}

/* Removes an agent; the slot keeps only values that mean "nobody". */
void agent_remove(struct agents *agents, uint32_t agent)
{
    struct agent *who = agent_at(agents, agent);
    assert(agent_may_go(agents, agent) && agents->unknown > 0);
    agents->content -= media_hash(who, agent);
    if (agents->profiled) ability_leave(agents, agent);
    lookup_remove(&agents->by_name, who->name);
    free(who->skills);
    notes_free(who);
    free(who->groups);
    *who = (struct agent){
        .claims = CLAIM_NONE,
        .lines = LINE_NONE,
        .previous = AGENT_NONE,
        .next = AGENT_NONE,
        .state = agent_state_logged_out,
    };
    agents->unknown--;
    agents->free++;
    if (agent < agents->free_from) agents->free_from = agent;
}

/* Returns how many agents are neither in the directory nor logged in. */
static uint32_t agents_gone(const struct agents *agents)
{
    return agents->count - agents->free - agents->present;
}

/* True: a sweep is due. The bound rises with the number of agents that the last sweep could not remove. So a site
 * with many such agents does not sweep again at each log-out. */
bool agents_sweep_due(const struct agents *agents)
{
    return agents_gone(agents) >= agents->sweep_due;
}

void agents_swept(struct agents *agents)
{
    agents->sweep_due = agents_gone(agents) + AGENTS_SWEEP;
}

/* Puts the agent at a DN. A DN belongs to one agent: an agent who had it before loses the line. Lines that do not
 * roam end when the agent logs in at another place. */
void agent_set_dn(struct agents *agents, uint32_t agent, uint32_t dn, unsigned source, struct media_set beside)
{
    struct agent *who = agent_at(agents, agent);
    uint32_t line = line_on(agents, source, dn);
    /* the agent is already at the DN, or at no DN and none is given */
    if (line == who->lines && (dn == 0) == (line == LINE_NONE)) {
        who->source = (uint16_t)source;
        return;
    }
    who->dnd = false;
    if (dn != 0) {
        if (line != LINE_NONE) line_end(agents, line);
        /* the line gets the desktop of its link */
        line = line_add(agents, agent, dn, media_voice, (uint16_t)source, beside);
    }
    lines_leave(agents, agent, line);
    who->source = (uint16_t)source;
}

bool agent_logged_in(const struct agent *agent)
{
    return agent->state != agent_state_logged_out && agent->state != agent_state_unknown;
}

/* True: the agent's state and lines allow reaching it; free capacity is not checked: an agent who has a call is
 * reachable. */
bool agent_reachable(const struct agent *agent)
{
    return agent_logged_in(agent) && agent->lines != LINE_NONE && !agent->dn_out && !agent->dnd;
}

bool agent_reachable_for(const struct agent *agent, enum media medium)
{
    return agent_reachable(agent) && !has_medium(agent->media_out, medium);
}

bool agent_serves(const struct agents *agents, uint32_t agent, enum media medium)
{
    return agent_logged_in(agent_at(agents, agent)) && line_for_agent(agents, agent, medium);
}

static bool agent_present(const struct agent *agent)
{
    return agent->known || agent_logged_in(agent);
}

/* Notes whether the directory has the agent; only this function and agent_set_state() change the counts `unknown`
 * and `present`. */
void agent_set_known(struct agents *agents, uint32_t agent, bool known)
{
    struct agent *who = agent_at(agents, agent);
    assert(agents->present >= agent_present(who));
    agents->present -= agent_present(who);
    agents->unknown = agents->unknown + who->known - known;
    who->known = known;
    who->referred = who->referred || known;
    agents->present += agent_present(who);
}

struct agent_medium agent_noted(const struct agent *who, enum media medium)
{
    for (uint32_t at = 0; at < who->noted_count; at++)
        if (who->media_noted[at].medium == medium) return who->media_noted[at];
    return (struct agent_medium){.medium = (uint8_t)medium};
}

/* Returns the agent's note on the medium; it may move when the next one is made. */
struct agent_medium *agent_note(struct agent *who, enum media medium)
{
    uint32_t at = 0;
    while (at < who->noted_count && who->media_noted[at].medium != medium) at++;
    if (at == who->noted_count) {
        who->media_noted =
            memory_grow(who->media_noted, &who->noted_capacity, ++who->noted_count, sizeof *who->media_noted);
        who->media_noted[at] = (struct agent_medium){.medium = (uint8_t)medium};
    }
    return &who->media_noted[at];
}

void agent_note_setter(struct agent *who, enum media medium, uint32_t by, struct span why)
{
    struct agent_medium *noted = agent_note(who, medium);
    span_free(&noted->why);
    noted->by = by;
    noted->why = span_copy((struct span){why.bytes, utf8_cut((const char *)why.bytes, why.length, AGENT_WHY_MAX)});
}

/* Gives the medium a state of its own. At most one of ready, out and wrap is set for the medium; if none is set, the
 * agent is not ready for it. */
void agent_set_medium(struct agents *agents, uint32_t agent, enum media medium, enum agent_state state)
{
    struct agent *who = agent_at(agents, agent);
    assert(medium != media_none && medium != media_voice);
    agents->content -= media_hash(who, agent);
    who->own = media_set_with(who->own, medium, true);
    who->own_ready = media_set_with(who->own_ready, medium, state == agent_state_ready);
    who->own_out = media_set_with(who->own_out, medium, state == agent_state_logged_out);
    who->wrap = media_set_with(who->wrap, medium, state == agent_state_after_call_work);
    agents->content += media_hash(who, agent);
}

void agent_set_blocked(struct agents *agents, uint32_t agent, uint64_t until_us)
{
    struct agent *who = agent_at(agents, agent);
    agents->content -= media_hash(who, agent);
    who->blocked_until_us = until_us;
    agents->content += media_hash(who, agent);
}

void agent_set_home(struct agents *agents, uint32_t agent, uint16_t home)
{
    struct agent *who = agent_at(agents, agent);
    agents->content -= media_hash(who, agent);
    who->home = home;
    agents->content += media_hash(who, agent);
}

void agent_set_profile(struct agents *agents, uint32_t agent, uint32_t profile)
{
    struct agent *who = agent_at(agents, agent);
    agents->content -= media_hash(who, agent);
    who->profile = profile;
    agents->content += media_hash(who, agent);
}

void agent_set_lent(struct agents *agents, uint32_t agent, enum agent_lent lent)
{
    struct agent *who = agent_at(agents, agent);
    agents->content -= media_hash(who, agent);
    who->lent = (uint8_t)lent;
    agents->content += media_hash(who, agent);
}

/* Begins or ends the agent's after-call work of voice with the new state. The state `unknown` changes nothing: an
 * agent of a lost link keeps the after-call work until the link reports a state. */
static void set_wrap(struct agents *agents, uint32_t agent, enum agent_state state)
{
    struct agent *who = agent_at(agents, agent);
    bool before = has_medium(who->wrap, media_voice), wraps = state == agent_state_after_call_work;
    if (before == wraps || state == agent_state_unknown) return;
    agents->content -= media_hash(who, agent);
    who->ready_beside = wraps && who->state == agent_state_ready;
    who->wrap = media_set_with(who->wrap, media_voice, wraps);
    agents->content += media_hash(who, agent);
}

/* Sets the agent's state. A login begins with the first state that is logged in, and ends with a log-out. The state
 * `unknown`, during a resync, does not end the login: `in_login` stays. */
void agent_set_state(struct agents *agents, uint32_t agent, enum agent_state state, uint64_t now_us)
{
    struct agent *who = agent_at(agents, agent);
    bool before = agent_logged_in(who);
    assert(agents->present >= agent_present(who) && agents->logged_in >= before);
    agents->present -= agent_present(who);
    if (who->state != state) who->since_us = now_us;
    set_wrap(agents, agent, state);
    who->state = (uint8_t)state;
    agents->present += agent_present(who);
    if (state == agent_state_logged_out) agent_forget_login(agents, agent);
    bool after = agent_logged_in(who);
    if (after && !who->in_login) {
        who->in_login = true;
        who->login_us = now_us;
        who->logins++;
    }
    if (after && !before) agents->logged_in++;
    if (before && !after) agents->logged_in--;
}

/* Ends everything of the login: from here on every medium follows the agent's state again. */
void agent_forget_login(struct agents *agents, uint32_t agent)
{
    struct agent *who = agent_at(agents, agent);
    lines_forget_desktops(agents, agent);
    agents->content -= media_hash(who, agent);
    who->own = who->own_ready = who->own_out = who->wrap = (struct media_set){{0}};
    who->ready_beside = who->in_login = false;
    agents->content += media_hash(who, agent);
}

static struct agent_ability *ability_named(const struct agent_ability *all, uint16_t count, uint32_t name)
{
    for (uint16_t at = 0; at < count; at++)
        if (all[at].name == name) return (struct agent_ability *)&all[at];
    return NULL;
}

uint32_t agent_level(const struct agent *agent, uint32_t skill)
{
    const struct agent_ability *one = ability_named(agent->skills, agent->skill_count, skill);
    return one ? one->level : 0;
}

bool agent_in_group(const struct agent *agent, uint32_t group)
{
    return ability_named(agent->groups, agent->group_count, group);
}

bool agent_in_group_by_place(const struct agent *agent, uint32_t group)
{
    const struct agent_ability *one = ability_named(agent->groups, agent->group_count, group);
    return one && !one->itself;
}

/* Sets one ability in the array and returns the array; level 0 removes the ability. */
static struct agent_ability *ability_set(struct agent_ability *all, uint16_t *count, uint32_t *capacity, uint16_t max,
                                         uint32_t name, uint32_t level)
{
    struct agent_ability *one = ability_named(all, *count, name);
    if (one && level == 0) {
        *one = all[--*count];
    } else if (one) {
        one->level = level;
    } else if (level != 0 && *count < max) {
        all = memory_grow(all, capacity, *count + 1u, sizeof *all);
        all[(*count)++] = (struct agent_ability){.name = name, .level = level};
    }
    return all;
}

void agent_set_skill(struct agent *agent, uint32_t skill, uint32_t level)
{
    agent->skills =
        ability_set(agent->skills, &agent->skill_count, &agent->skill_capacity, AGENT_SKILLS_MAX, skill, level);
}

/* Notes whether the agent is in a group. The directory and the agent's place can each put the agent there. The agent
 * leaves the group only when neither the directory nor the place puts the agent there any more. */
static void group_set(struct agent *agent, uint32_t group, bool itself, bool by_place)
{
    agent->groups = ability_set(agent->groups, &agent->group_count, &agent->group_capacity, AGENT_GROUPS_MAX, group,
                                itself || by_place);
    struct agent_ability *one = ability_named(agent->groups, agent->group_count, group);
    if (!one) return;
    one->itself = itself;
    one->by_place = by_place;
}

void agent_set_group(struct agent *agent, uint32_t group, bool in)
{
    const struct agent_ability *one = ability_named(agent->groups, agent->group_count, group);
    group_set(agent, group, in, one && one->by_place);
}

void agent_promise_end(struct agents *agents, uint32_t agent)
{
    const struct agent *who = agent_at(agents, agent);
    if (who->promised != 0 && !agent_in_group(who, who->promised)) promise_set(agents, agent, 0);
}

/* Notes whether the place puts the agent into the group. If the directory puts the agent there as well, only the note
 * changes and no list. */
bool agent_set_group_by_place(struct agents *agents, uint32_t agent, uint32_t group, bool in)
{
    struct agent *who = agent_at(agents, agent);
    struct agent_ability *one = ability_named(who->groups, who->group_count, group);
    bool before = one != NULL;
    if (one && one->itself) {
        one->by_place = in;
        return false;
    }
    if (before == in) return false;
    ability_leave(agents, agent);
    group_set(who, group, false, in);
    ability_enter(agents, agent);
    agent_promise_end(agents, agent);
    /* an agent has a limited number of groups, so it may not be in this one */
    return agent_in_group(who, group) != before;
}

/* True: the agent could be chosen now for some medium: it is ready and reachable, has free capacity, and its link
 * and desktop are there. */
static bool agent_available(const struct agent *agent)
{
    return !media_set_is_empty(agent->open) && agent_reachable(agent);
}

bool agent_takes(const struct agent *agent, enum media medium)
{
    return has_medium(agent->open, medium) && agent_available(agent);
}

/* Returns the media for which the agent is ready. */
static struct media_set ready_media(const struct agent *who)
{
    if (!agent_logged_in(who)) return (struct media_set){{0}};
    bool ready = who->state == agent_state_ready || who->ready_beside;
    struct media_set others = ready ? media_set_but(media_set_all(), who->own) : (struct media_set){{0}};
    return media_set_but(media_set_or(others, who->own_ready), who->wrap);
}

struct media_set agent_room(const struct agents *agents, const struct agent *who)
{
    return capacity_room(&agents->capacities, who->capacity, &who->load, who->wrap);
}

/* Returns the media of which the agent may be given one more interaction, whether a destination failed or not. An
 * agent of another domain, and one whom a strategy has blocked, can be given nothing here. */
static struct media_set open_now(const struct agents *agents, const struct agent *who)
{
    struct media_set ready = ready_media(who);
    struct media_set closed = media_set_or(who->media_out, who->media_away);
    if (media_set_is_empty(ready) || who->blocked_until_us != 0 || !agent_is_of_here(who))
        return (struct media_set){{0}};
    return media_set_but(media_set_and(agent_room(agents, who), ready), closed);
}

/* Divides the media into two sets: those whose destination has failed lately go into `open_failed`. */
static void set_open(const struct agents *agents, struct agent *who)
{
    struct media_set open = open_now(agents, who);
    who->open_failed = media_set_and(open, who->media_failed);
    who->open = media_set_but(open, who->open_failed);
}

/* Returns a set with the first MEDIA_OLD media of `before` and the further media of `now`. */
static struct media_set more_media(struct media_set before, struct media_set now)
{
    const struct media_set old = {{UINT16_MAX}};
    return media_set_or(media_set_and(before, old), media_set_but(now, old));
}

void agents_more_media(struct agents *agents)
{
    for (uint32_t agent = 0; agent < agents->count; agent++) {
        struct agent *who = agent_at(agents, agent);
        const struct agent before = *who;
        if (who->name == 0) continue;
        line_media(agents, agent);
        who->media_out = more_media(before.media_out, who->media_out);
        who->media_away = more_media(before.media_away, who->media_away);
        who->media_failed = more_media(before.media_failed, who->media_failed);
        set_open(agents, who);
        who->open = more_media(before.open, who->open);
        who->open_failed = more_media(before.open_failed, who->open_failed);
    }
}

uint32_t agent_load_share(const struct agents *agents, uint32_t agent)
{
    const struct agent *who = agent_at(agents, agent);
    const struct capacity_rule *rule = capacity_rule(&agents->capacities, who->capacity);
    uint32_t most = 0;
    EACH_MEDIUM(medium, who->load.media)
    {
        uint32_t share = rule->most[medium] == 0 ? 0 : who->load.units[medium] * 1000000u / rule->most[medium];
        if (share > most) most = share;
    }
    return most;
}

/* Sets how many claims the agent has, and updates two counts: of all agents with a claim, and of those on the ready
 * list. */
void agent_set_claimed(struct agents *agents, uint32_t agent, uint16_t claimed)
{
    struct agent *who = agent_at(agents, agent);
    int change = (claimed != 0) - (who->claimed != 0);
    who->claimed = claimed;
    agents->claimed += (uint32_t)change;
    if (who->listed) agents->ready_claimed += (uint32_t)change;
}

void agents_overfull(struct agents *agents, const struct claims *claims)
{
    uint8_t given[MEDIA_KINDS];
    for (uint32_t agent = 0; agents->claimed != 0 && agent < agents->count; agent++) {
        struct agent *who = agent_at(agents, agent);
        if (who->claimed == 0) continue;
        claims_given(claims, who->claims, given);
        who->overfull = !capacity_holds(capacity_rule(&agents->capacities, who->capacity), given);
    }
}

/* Sets the capacity rule. False also if the rule is too small for the interactions that the agent has: then it is
 * not in force yet. */
bool agent_set_capacity(struct agents *agents, const struct claims *claims, uint32_t agent, uint16_t own,
                        uint16_t of_place)
{
    struct agent *who = agent_at(agents, agent);
    uint16_t capacity = own != CAPACITY_SINGLE ? own : of_place;
    uint8_t given[MEDIA_KINDS];
    who->own_capacity = own;
    if (capacity == who->capacity && !who->overfull) return false;
    claims_given(claims, who->claims, given);
    if (!capacity_holds(capacity_rule(&agents->capacities, capacity), given)) return false;
    who->overfull = false;
    if (capacity == who->capacity) return false;
    agents->content -= media_hash(who, agent);
    who->capacity = capacity;
    agents->content += media_hash(who, agent);
    return true;
}

/* Does `a` come before `b` in idle order? */
static bool longer_idle(const struct agents *agents, uint32_t a, uint32_t b)
{
    return agents->all[a].idle_rank < agents->all[b].idle_rank;
}

/* Puts the agent into the ready list, at the place that its rank gives. So the list does not depend on the order of
 * earlier changes. */
static void list_in(struct agents *agents, uint32_t agent)
{
    struct agent *who = &agents->all[agent];
    assert(!who->listed && who->idle_rank != 0);
    /* The search begins at the end, because an agent who becomes ready has nearly always been idle for the shortest
     * time. The other usual case, that the longest idle agent comes back, needs no search. */
    uint32_t after = agents->last;
    if (after != AGENT_NONE && longer_idle(agents, agent, agents->first)) after = AGENT_NONE;
    while (after != AGENT_NONE && longer_idle(agents, agent, after)) after = agents->all[after].previous;
    who->previous = after;
    who->next = after == AGENT_NONE ? agents->first : agents->all[after].next;
    *(who->previous == AGENT_NONE ? &agents->first : &agents->all[who->previous].next) = agent;
    *(who->next == AGENT_NONE ? &agents->last : &agents->all[who->next].previous) = agent;
    who->listed = true;
    agents->relisted += who->dirty;
    agents->ready++;
    agents->ready_claimed += who->claimed != 0;
    ability_in(agents, agent);
}

/* Takes the agent out of the ready list. The agent's promise ends as well: an agent who cannot take a call cannot be
 * kept for one. */
static void list_out(struct agents *agents, uint32_t agent)
{
    struct agent *who = &agents->all[agent];
    assert(who->listed && agents->ready > 0);
    ability_out(agents, agent);
    *(who->previous == AGENT_NONE ? &agents->first : &agents->all[who->previous].next) = who->next;
    *(who->next == AGENT_NONE ? &agents->last : &agents->all[who->next].previous) = who->previous;
    who->listed = false;
    promise_set(agents, agent, 0);
    agents->ready--;
    agents->ready_claimed -= who->claimed != 0;
}

/* Keeps `count` agents of the group for campaigns. First the agents who are kept already are counted, and those
 * beyond `count` become free for others. Then the longest idle agents are kept in addition. Agents who are dirty are
 * left out, because selection has not considered them yet. */
void agents_promise(struct agents *agents, uint32_t group, uint32_t count)
{
    uint32_t level_count, promised = 0;
    const struct ability_level *levels = ability_levels(agents, ABILITY_GROUP, group, &level_count);
    uint32_t first = levels ? levels->first : ABILITY_NONE;
    for (uint32_t at = first; at != ABILITY_NONE; at = ability_next(agents, at)) {
        struct agent *who = agent_at(agents, ability_agent(at));
        if (who->promised != group) continue;
        if (promised < count && agent_takes(who, media_voice)) {
            promised++;
            continue;
        }
        promise_set(agents, ability_agent(at), 0);
        agent_dirty(agents, ability_agent(at));
    }
    for (uint32_t at = first; at != ABILITY_NONE && promised < count; at = ability_next(agents, at)) {
        struct agent *who = agent_at(agents, ability_agent(at));
        if (who->promised != 0 || who->dirty || !agent_takes(who, media_voice)) continue;
        promise_set(agents, ability_agent(at), group);
        promised++;
    }
}

/* Gives a new rank to an agent who was served, or who had no rank. An agent who is not ready for any medium, or at
 * no DN, loses the rank. */
static void agent_rank(struct agents *agents, uint32_t agent, uint64_t now_us, bool served)
{
    struct agent *who = agent_at(agents, agent);
    if (media_set_is_empty(ready_media(who)) || who->lines == LINE_NONE) {
        who->idle_rank = 0; /* the agent gets a new rank when it is ready again */
    } else if (served || who->idle_rank == 0) {
        /* the caller puts it into the list again, at the end by its new rank */
        if (who->listed) list_out(agents, agent);
        who->idle_rank = ++agents->last_rank;
        who->idle_us = now_us;
        if (who->dirty) agents->dirty_in_order = false;
    }
}

void agent_touch(struct agents *agents, uint32_t agent)
{
    if (!agents->watched || agents->all[agent].touched) return;
    agents->all[agent].touched = true;
    agents->touched =
        memory_grow(agents->touched, &agents->touched_capacity, agents->touched_count + 1, sizeof *agents->touched);
    agents->touched[agents->touched_count++] = agent;
}

/* Updates the ready list for an agent. The order matters: out of the list with the old rank, then the new rank, then
 * in again. Only when a further medium becomes open is the agent marked dirty; a smaller set gives selection nothing
 * to do. */
void agent_settle(struct agents *agents, uint32_t agent, uint64_t now_us, bool served)
{
    struct agent *who = agent_at(agents, agent);
    struct media_set before = who->listed ? who->open : (struct media_set){{0}};
    agent_touch(agents, agent);
    set_open(agents, who);
    if (who->listed && !agent_available(who)) list_out(agents, agent);
    agent_rank(agents, agent, now_us, served);
    if (!agent_available(who)) return;
    if (!who->listed) list_in(agents, agent);
    if (!media_set_is_empty(media_set_but(who->open, before))) agent_dirty(agents, agent);
}

/* Heapsort by rank. Ranks are unique, so any method of sorting gives the same order. */
static void idle_sink(const struct agents *agents, uint32_t *heap, uint32_t at, uint32_t count)
{
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && longer_idle(agents, heap[child], heap[child + 1])) child++;
        if (!longer_idle(agents, heap[at], heap[child])) return;
        uint32_t swapped = heap[at];
        heap[at] = heap[child];
        heap[child] = swapped;
    }
}

static void idle_sort(const struct agents *agents, uint32_t *order, uint32_t count)
{
    for (uint32_t at = count / 2; at-- > 0;) idle_sink(agents, order, at, count);
    for (uint32_t last = count; last > 1;) {
        uint32_t swapped = order[0];
        order[0] = order[--last];
        order[last] = swapped;
        idle_sink(agents, order, 0, last);
    }
}

/* Updates the list for all agents: it is sorted once instead of inserting each agent by a search. Agents are marked
 * dirty in idle order, so selection offers work to the longest idle agent first. */
void agents_settle(struct agents *agents, uint64_t now_us)
{
    uint32_t *order = memory_zeroed(agents->count + 1, sizeof *order), count = 0;
    for (uint32_t at = 0; at < agents->count; at++) {
        struct media_set before = agents->all[at].listed ? agents->all[at].open : (struct media_set){{0}};
        if (agents->all[at].listed) list_out(agents, at);
        set_open(agents, &agents->all[at]);
        agents->all[at].newly = !media_set_is_empty(media_set_but(agents->all[at].open, before));
        agent_touch(agents, at);
        agent_rank(agents, at, now_us, false);
        if (agent_available(&agents->all[at])) order[count++] = at;
    }
    idle_sort(agents, order, count);
    for (uint32_t at = 0; at < count; at++) list_in(agents, order[at]);
    for (uint32_t at = 0; at < count; at++)
        if (agents->all[order[at]].newly) agent_dirty(agents, order[at]);
    for (uint32_t at = 0; at < agents->count; at++) agents->all[at].newly = false;
    free(order);
}

/* True: for each agent the open media, the place in the ready list and every count agree with what is computed anew. */
bool agents_check(const struct agents *agents)
{
    uint32_t listed = 0;
    for (uint32_t at = agents->first, before = AGENT_NONE; at != AGENT_NONE; before = at, at = agents->all[at].next) {
        if (agents->all[at].previous != before || !agents->all[at].listed) return false;
        if (before != AGENT_NONE && longer_idle(agents, at, before)) return false;
        if (++listed > agents->ready) return false;
    }
    uint32_t present = 0, claimed = 0, ready_claimed = 0, unknown = 0, unused = 0;
    for (uint32_t at = 0; at < agents->count; at++) {
        struct agent was = agents->all[at];
        if (was.promised != 0 && (!was.listed || !agent_in_group(&was, was.promised))) return false;
        set_open(agents, &was);
        if (!media_set_equal(was.open, agents->all[at].open)) return false;
        if (!media_set_equal(was.open_failed, agents->all[at].open_failed)) return false;
        if (agents->all[at].listed != agent_available(&agents->all[at])) return false;
        present += agent_present(&agents->all[at]);
        unknown += agents->all[at].name != 0 && !agents->all[at].known;
        unused += agents->all[at].name == 0;
        claimed += agents->all[at].claimed != 0;
        ready_claimed += agents->all[at].claimed != 0 && agents->all[at].listed;
    }
    if (claimed != agents->claimed || ready_claimed != agents->ready_claimed || unknown != agents->unknown ||
        unused != agents->free)
        return false;
    return listed == agents->ready && present == agents->present && agents_content(agents) == agents->content &&
           abilities_check(agents) && lines_check(agents);
}

static void agents_init(void *self, const struct parts *parts)
{
    struct agents *agents = self;
    agent_table_init(agents);
    agents->names = parts->names;
    agents->timers = parts->timers;
}

static uint64_t agents_hash(const void *self)
{
    const struct agents *agents = self;
    return agents->ready + agents->content + agents->capacities.content + agents->lines.content;
}

const struct part_ops part_ops_agents = {
    .size = sizeof(struct agents),
    .init = agents_init,
    .free = agent_table_free,
    .hash = agents_hash,
    .keep = agents_keep,
    .sound = lines_sound,
};
