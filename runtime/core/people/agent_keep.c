/* runtime/core/people/agent_keep.c - How agents, their DNs and the capacity rules are written to snapshots and read.
 *
 * One function per struct both writes and reads it; the keeper says which. A field that is newer than the snapshot's
 * version is skipped with keep_has(). Numbers of other tables are checked when they are read (keep_index); whether
 * lists are sound is checked later, when all parts are read. */
#include "runtime/core/people/agent.h"

#include "vm/keep.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/timer.h"

enum { LEVEL_MAX = 100 };

/* Writes or reads an agent's abilities; the lists of ready agents are built anew. */
static struct agent_ability *keep_abilities(const struct agents *agents, struct keeper *keeper,
                                            struct agent_ability *all, uint16_t *count, uint32_t *capacity,
                                            uint16_t max)
{
    uint32_t rows = *count;
    all = keep_rows(keeper, all, &rows, capacity, max, sizeof *all);
    *count = (uint16_t)rows;
    for (uint32_t at = 0; at < rows; at++) {
        all[at].name = name_keep(agents->names, keeper, all[at].name);
        all[at].level = keep_index(keeper, all[at].level, LEVEL_MAX + 1, 1);
        all[at].itself = keep_bool(keeper, all[at].itself);
        all[at].by_place = keep_bool(keeper, all[at].by_place);
        if (all[at].level == 0) keep_fail(keeper, "a skill has no level");
    }
    return all;
}

static uint8_t keep_after(struct keeper *keeper, uint8_t after)
{
    return (uint8_t)keep_index(keeper, after, agent_state_logged_in + 1, agent_state_unknown);
}

static void keep_noted(const struct agents *agents, struct keeper *keeper, struct agent *agent)
{
    agent->media_noted = keep_rows(keeper, agent->media_noted, &agent->noted_count, &agent->noted_capacity, MEDIA_KINDS,
                                   sizeof *agent->media_noted);
    for (uint32_t at = 0; at < agent->noted_count; at++) {
        struct agent_medium *noted = &agent->media_noted[at];
        noted->medium = media_keep(keeper, noted->medium);
        noted->reason = name_keep(agents->names, keeper, noted->reason);
        if (keep_has(keeper, 22)) {
            noted->by = name_keep(agents->names, keeper, noted->by);
            noted->why = owned_text_keep(keeper, noted->why, AGENT_WHY_MAX);
        }
        noted->after = keep_after(keeper, noted->after);
        noted->asked = keep_bool(keeper, noted->asked);
    }
}

/* Reads the media of a snapshot before version 10: three values for each medium. */
static void keep_old_media(const struct agents *agents, struct keeper *keeper, struct agent *agent)
{
    for (unsigned medium = 0; medium < media_kept(keeper); medium++) {
        uint32_t reason = name_keep(agents->names, keeper, 0);
        agent->load.units[medium] = keep_u8(keeper, 0);
        uint8_t after = keep_after(keeper, agent_state_unknown);
        if (reason == 0 && after == agent_state_unknown) continue;
        agent_note(agent, (enum media)medium)->reason = reason;
        agent_note(agent, (enum media)medium)->after = after;
    }
}

/* Writes or reads the fields that belong to the agent's state, media and lines. */
static void keep_state(const struct agents *agents, struct keeper *keeper, struct agent *agent)
{
    agent->state = (uint8_t)keep_index(keeper, agent->state, agent_state_logged_in + 1, agent_state_unknown);
    agent->reason = name_keep(agents->names, keeper, agent->reason);
    if (keep_has(keeper, 10)) {
        media_bytes_keep(keeper, agent->load.units);
        keep_noted(agents, keeper, agent);
    } else {
        keep_old_media(agents, keeper, agent);
    }
    for (unsigned medium = 0; keep_reading(keeper) && medium < MEDIA_KINDS; medium++)
        agent->load.media = media_set_with(agent->load.media, medium, agent->load.units[medium] != 0);
    agent->own = media_set_keep(keeper, agent->own);
    agent->own_ready = media_set_keep(keeper, agent->own_ready);
    agent->own_out = media_set_keep(keeper, agent->own_out);
    agent->wrap = media_set_keep(keeper, agent->wrap);
    if (!keep_has(keeper, 10)) {
        struct media_set asked = media_set_keep(keeper, (struct media_set){{0}});
        for (uint32_t at = 0; at < agent->noted_count; at++)
            agent->media_noted[at].asked = has_medium(asked, agent->media_noted[at].medium);
    }
    agent->media_out = media_set_keep(keeper, agent->media_out);
    agent->media_away = media_set_keep(keeper, agent->media_away);
    agent->media_failed = media_set_keep(keeper, agent->media_failed);
    agent->open = media_set_keep(keeper, agent->open);
    agent->open_failed = media_set_keep(keeper, agent->open_failed);
    agent->ready_beside = keep_bool(keeper, agent->ready_beside);
    agent->in_login = keep_bool(keeper, agent->in_login);
    agent->known = keep_bool(keeper, agent->known);
    agent->dn_out = keep_bool(keeper, agent->dn_out);
    agent->dnd = keep_bool(keeper, agent->dnd);
    agent->seen = keep_bool(keeper, agent->seen);
    agent->place_told = keep_bool(keeper, agent->place_told);
    agent->overfull = keep_bool(keeper, agent->overfull);
    agent->referred = !keep_has(keeper, 3) || keep_bool(keeper, agent->referred);
    if (keep_has(keeper, 9)) agent->promised = name_keep(agents->names, keeper, agent->promised);
    if (keep_has(keeper, 16)) {
        agent->own_profile = name_keep(agents->names, keeper, agent->own_profile);
        agent->profile = name_keep(agents->names, keeper, agent->profile);
    }
    agent->readies = !keep_has(keeper, 18) || keep_bool(keeper, agent->readies);
    if (!keep_has(keeper, 6)) return;
    agent->home = keep_u16(keeper, agent->home);
    agent->lent = (uint8_t)keep_index(keeper, agent->lent, AGENT_LENT_HERE + 1, AGENT_NOT_LENT);
}

/* Writes or reads an agent, without `newly`, which only agents_settle() uses, and `dirty` and `touched`, which follow
 * from the lists. */
static void keep_agent(struct agents *agents, struct keeper *keeper, uint32_t number)
{
    struct agent *agent = &agents->all[number];
    agent->name = name_keep(agents->names, keeper, agent->name);
    agent->place = name_keep(agents->names, keeper, agent->place);
    if (keep_has(keeper, 2)) agent->display = name_keep(agents->names, keeper, agent->display);
    agent->claims = keep_u32(keeper, agent->claims);
    agent->claimed = keep_u16(keeper, agent->claimed);
    agent->listed = keep_bool(keeper, agent->listed);
    agent->previous = keep_index(keeper, agent->previous, agents->count, AGENT_NONE);
    agent->next = keep_index(keeper, agent->next, agents->count, AGENT_NONE);
    agent->timer = timer_keep(agents->timers, keeper, agent->timer, 1u << TIMER_AGENT, number, 0);
    agent->lines = keep_index(keeper, agent->lines, agents->lines.count, LINE_NONE);
    agent->capacity = (uint16_t)keep_index(keeper, agent->capacity, agents->capacities.count, CAPACITY_SINGLE);
    agent->own_capacity = (uint16_t)keep_index(keeper, agent->own_capacity, agents->capacities.count, CAPACITY_SINGLE);
    agent->not_ready_ref = keep_u32(keeper, agent->not_ready_ref);
    agent->since_us = keep_u64(keeper, agent->since_us);
    agent->login_us = keep_u64(keeper, agent->login_us);
    agent->logins = keep_u32(keeper, agent->logins);
    agent->switch_since_us = keep_i64(keeper, agent->switch_since_us);
    agent->idle_rank = keep_u64(keeper, agent->idle_rank);
    agent->idle_us = keep_u64(keeper, agent->idle_us);
    agent->ixn = keep_u64(keeper, agent->ixn);
    agent->blocked_until_us = keep_has(keeper, 4) ? keep_u64(keeper, agent->blocked_until_us) : 0;
    agent->source = keep_u16(keeper, agent->source);
    agent->skills =
        keep_abilities(agents, keeper, agent->skills, &agent->skill_count, &agent->skill_capacity, AGENT_SKILLS_MAX);
    agent->groups =
        keep_abilities(agents, keeper, agent->groups, &agent->group_count, &agent->group_capacity, AGENT_GROUPS_MAX);
    keep_state(agents, keeper, agent);
    if (agent->name != 0) lookup_restore(&agents->by_name, keeper, number);
}

/* Computes two counts that follow from the agents; so older snapshots without them need no special case. */
static void count_unknown(struct agents *agents)
{
    agents->unknown = agents->free = 0;
    for (uint32_t at = 0; at < agents->count; at++) {
        agents->unknown += agents->all[at].name != 0 && !agents->all[at].known;
        agents->free += agents->all[at].name == 0;
    }
}

static void keep_list(struct keeper *keeper, const struct agents *agents, uint32_t *list, uint32_t count)
{
    for (uint32_t at = 0; at < count; at++) {
        list[at] = keep_index(keeper, list[at], agents->count, AGENT_NONE);
        if (list[at] == AGENT_NONE) keep_fail(keeper, "a list of agents has a gap");
    }
}

static void keep_lists(struct agents *agents, struct keeper *keeper)
{
    agents->dirty = keep_rows(keeper, agents->dirty, &agents->dirty_count, &agents->dirty_capacity, agents->count,
                              sizeof *agents->dirty);
    keep_list(keeper, agents, agents->dirty, agents->dirty_count);
    agents->dirty_in_order = keep_bool(keeper, agents->dirty_in_order);
    agents->touched = keep_rows(keeper, agents->touched, &agents->touched_count, &agents->touched_capacity,
                                agents->count, sizeof *agents->touched);
    keep_list(keeper, agents, agents->touched, agents->touched_count);
    if (!keep_reading(keeper) || !keep_good(keeper)) return;
    for (uint32_t at = 0; at < agents->dirty_count; at++) agents->all[agents->dirty[at]].dirty = true;
    for (uint32_t at = 0; at < agents->touched_count; at++) agents->all[agents->touched[at]].touched = true;
}

/* Rules and lines come first, because an agent's row refers to both by number. */
void agents_keep(void *self, struct keeper *keeper)
{
    struct agents *agents = self;
    capacities_keep(&agents->capacities, agents->names, keeper);
    lines_keep(&agents->lines, agents->names, keeper);
    agents->all = keep_rows(keeper, agents->all, &agents->count, &agents->capacity, AGENTS_MAX, sizeof *agents->all);
    agents->first = keep_index(keeper, agents->first, agents->count, AGENT_NONE);
    agents->last = keep_index(keeper, agents->last, agents->count, AGENT_NONE);
    for (uint32_t at = 0; at < agents->count && keep_good(keeper); at++) keep_agent(agents, keeper, at);
    agents->ready = keep_u32(keeper, agents->ready);
    agents->logged_in = keep_u32(keeper, agents->logged_in);
    agents->claimed = keep_u32(keeper, agents->claimed);
    agents->ready_claimed = keep_u32(keeper, agents->ready_claimed);
    agents->present = keep_u32(keeper, agents->present);
    agents->relisted = keep_u32(keeper, agents->relisted);
    agents->watched = keep_bool(keeper, agents->watched);
    agents->last_rank = keep_u64(keeper, agents->last_rank);
    agents->content = keep_u64(keeper, agents->content);
    keep_lists(agents, keeper);
    if (keep_has(keeper, 3)) agents->sweep_due = keep_u32(keeper, agents->sweep_due);
    if (keep_reading(keeper)) count_unknown(agents);
    if (!keep_has(keeper, 10) && keep_good(keeper)) agents_more_media(agents);
    /* the lists of ready agents are built when they are needed, with the same result */
    if (keep_reading(keeper)) abilities_change(agents);
}
