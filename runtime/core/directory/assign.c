/* runtime/core/directory/assign.c - Gives agents skills and groups by hand, and takes them back.
 *
 *     directory      French 3           group sales          below
 *     by hand        French 5 for 1h    not in sales         value of the change
 *     the agent has  French 5           -                    until the change ends, then what is below
 *
 * Selection reads skills and groups from the agent alone, so a change by hand costs it nothing. */
#include "runtime/core/directory/assign.h"

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/state.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/directory/import.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/setting.h"

static const char assign_no_agent[] = " is no agent of the directory";
static const char assign_no_level[] = ": a skill has a level of 0 to 100, and a group 1 (in it) or 0 (not in it)";
static const char assign_no_room[] = " has 256 skills or 256 groups, and cannot have one more";
static const char assign_of_place[] = " is in that group by the place where they sit, and stays in it while they do";
static const char assign_no_place[] = " cannot be changed: 65535 settings and agents are or were changed by hand";
_Static_assert(SETTINGS_MAX == 65535, "as assign_no_place says");
static const char assign_no_name[] = ": the change names no skill and no group";
_Static_assert(AGENT_SKILLS_MAX == 256 && AGENT_GROUPS_MAX == 256, "as assign_no_room says");

enum { ASSIGN_LEVEL_MAX = 100 };

bool assign_is(unsigned table)
{
    return table == table_agent_skill || table == table_group_member;
}

static const struct agent *assign_agent(const struct core *core, uint32_t name)
{
    uint32_t agent;
    return agent_find(core->agents, name, &agent) ? agent_at(core->agents, agent) : NULL;
}

const char *assign_fault(const struct core *core, const struct staged *staged)
{
    const struct agent *who = assign_agent(core, names_find(core->names, staged->key));
    bool skill = staged->table == table_agent_skill;
    struct kv_value value;
    if (!who || !who->known) return assign_no_agent;
    if (staged->item.length == 0 || staged->item.length > NAME_BYTES_MAX) return assign_no_name;
    if (!kv_get(staged->row, "value", &value) || value.tag != KV_INT || value.word < 0 ||
        value.word > (skill ? ASSIGN_LEVEL_MAX : 1))
        return assign_no_level;
    uint32_t item = names_find(core->names, staged->item);
    bool has = item != 0 && (skill ? agent_level(who, item) != 0 : agent_in_group(who, item));
    bool full = skill ? who->skill_count == AGENT_SKILLS_MAX : who->group_count == AGENT_GROUPS_MAX;
    if (value.word != 0 && !has && full) return assign_no_room;
    if (!setting_find(&core->directory->settings, staged->table, who->name) &&
        core->directory->settings.count >= SETTINGS_MAX)
        return assign_no_place;
    return value.word == 0 && !skill && has && agent_in_group_by_place(who, item) ? assign_of_place : NULL;
}

uint32_t assign_level(const struct core *core, unsigned table, uint32_t agent_name, struct span item)
{
    const struct agent *who = assign_agent(core, agent_name);
    uint32_t name = names_find(core->names, item);
    if (!who || name == 0) return 0;
    if (table == table_agent_skill) return agent_level(who, name);
    /* The directory does not give a group that only the agent's place gives. */
    return agent_in_group(who, name) && !agent_in_group_by_place(who, name);
}

struct span assign_pairs(struct kv *room, uint32_t level)
{
    kv_put_int(room, "value", level);
    return kv_span(room);
}

void assign_put(struct core *core, unsigned table, uint32_t agent_name, struct span item, uint32_t level)
{
    uint32_t agent, name = names_intern(core->names, item);
    if (name == 0 || !agent_find(core->agents, agent_name, &agent)) return;
    struct agent *who = agent_at(core->agents, agent);
    abilities_change(core->agents);
    if (table == table_agent_skill) {
        agent_set_skill(who, name, level);
    } else {
        bool before = agent_in_group(who, name);
        agent_set_group(who, name, level != 0);
        bool in = agent_in_group(who, name);
        if (in != before)
            fact_tell(core->facts,
                      &(struct fact){.what = FACT_member_changed, .name = name, .agent = agent, .joined = in});
    }
    agent_touch(core->agents, agent);
}

void assign_stands(struct core *core, const struct change *change)
{
    const struct setting *setting = &core->directory->settings.all[change->setting];
    struct kv_value value;
    if (kv_get(change->row, "value", &value))
        assign_put(core, setting->table, setting->name, change->item, (uint32_t)value.word);
}

void assign_below(struct core *core, unsigned table, uint32_t agent_name, uint32_t item, uint32_t level)
{
    const struct settings *settings = &core->directory->settings;
    const struct setting *setting = core->changes->open == 0 ? NULL : setting_find(settings, table, agent_name);
    if (!setting) return;
    for (uint32_t at = 0; at < core->changes->count; at++) {
        struct change *change = &core->changes->all[at];
        if (change->id == 0 || &settings->all[change->setting] != setting ||
            !span_equal(change->item, names_text(core->names, item)))
            continue;
        change->below = level;
        setting_stale(core->directory, &core->directory->settings.all[change->setting]);
    }
}

void assign_below_forget(struct core *core)
{
    for (uint32_t at = 0; at < core->changes->count; at++) {
        struct change *change = &core->changes->all[at];
        struct setting *setting = change->id == 0 ? NULL : &core->directory->settings.all[change->setting];
        if (!setting || !assign_is(setting->table)) continue;
        change->below = 0;
        setting_stale(core->directory, setting);
    }
}
