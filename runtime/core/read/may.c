/* runtime/core/read/may.c - Tells readers whether a person may act on a thing that they name. */
#include "runtime/core/read/read.h"

#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/directory/may.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/lead.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/setting.h"
#include "runtime/vocabulary/rows.h"

static_assert((int)CORE_MAY_TEXT == (int)MAY_TEXT, "one sentence, one size");

/* True: by hand the agent is in a group that the person leads, or out of it. So who takes an agent out of their team
 * for a while still sees them, and can take it back. */
static bool leads_by_hand(const struct core *core, struct span person, uint32_t agent_name)
{
    const struct settings *settings = &core->directory->settings;
    const struct setting *setting = setting_find(settings, table_group_member, agent_name);
    uint32_t leader = names_find(core->names, person);
    bool leads = false;
    for (uint32_t at = 0; setting && !leads && at < core->changes->count; at++) {
        const struct change *change = &core->changes->all[at];
        leads = change->id != 0 && &settings->all[change->setting] == setting &&
                lead_has(core->leads, leader, LEAD_GROUP, names_find(core->names, change->item));
    }
    return leads;
}

static bool may_agent_named(const struct core *core, struct span person, struct span name, char why[CORE_MAY_TEXT])
{
    uint32_t agent, number = names_find(core->names, name);
    if (!agent_find(core->agents, number, &agent) || may_on_agent(core, person, agent, why)) return true;
    if (!leads_by_hand(core, person, number)) return false;
    why[0] = '\0';
    return true;
}

static bool is_queue(const struct core *core, struct span name)
{
    uint32_t number = names_find(core->names, name);
    return number != 0 && (vq_find(core->vqs, number) != VQS_MAX || core_directory_has_queue(core->directory, number));
}

/* An agent is in the group, or somebody leads it. */
static bool is_named_group(const struct core *core, struct span name)
{
    uint32_t group = names_find(core->names, name);
    bool is = false;
    for (uint32_t at = 0; group != 0 && !is && at < core->leads->count; at++)
        is = core->leads->all[at].kind == LEAD_GROUP && core->leads->all[at].of == group;
    for (uint32_t at = 0; group != 0 && !is && at < core->agents->count; at++)
        is = agent_in_group(&core->agents->all[at], group);
    return is;
}

/* Of an interaction that has ended only the last agent is known. */
static bool may_work(const struct core *core, const struct core_may *asked, char why[CORE_MAY_TEXT])
{
    struct interaction_row row;
    const struct interaction *ix = asked->by_conn ? interaction_by_conn(core->interactions, asked->id)
                                                  : interaction_by_id(core->interactions, asked->id);
    if (ix) return may_on_work(core, asked->person, ix, why);
    bool found = asked->by_conn ? core_find_call(core, asked->id, &row) : core_find(core, asked->id, &row);
    if (!found || !may_is_bounded(core, asked->person)) return true;
    uint32_t agent;
    if (agent_find(core->agents, names_find(core->names, row.owner), &agent))
        return may_on_agent(core, asked->person, agent, why);
    static const char nobody[] = "no agent had this interaction at its end: it is for those who lead all";
    memcpy(why, nobody, sizeof nobody);
    return false;
}

bool core_may(const struct core *core, const struct core_may *asked, char why[CORE_MAY_TEXT])
{
    why[0] = '\0';
    switch (asked->what) {
    case CORE_MAY_agent:
        return may_agent_named(core, asked->person, asked->name, why);
    case CORE_MAY_group:
        return may_on_group(core, asked->person, asked->name, why);
    case CORE_MAY_queue:
        return may_on_queue(core, asked->person, asked->name, why);
    case CORE_MAY_named:
        return may_agent_named(core, asked->person, asked->name, why) &&
               (!is_queue(core, asked->name) || may_on_queue(core, asked->person, asked->name, why)) &&
               (!is_named_group(core, asked->name) || may_on_group(core, asked->person, asked->name, why));
    case CORE_MAY_work:
        return may_work(core, asked, why);
    }
    return true;
}

bool core_led(const struct core *core, uint32_t index, struct led_row *row)
{
    *row = (struct led_row){0};
    if (index >= core->leads->count) return false;
    const struct leadership *lead = &core->leads->all[index];
    *row = (struct led_row){core_name(core, lead->person), core_name(core, lead->of), lead->kind == LEAD_GROUP};
    return true;
}

bool core_may_bounded(const struct core *core, struct span person)
{
    return may_is_bounded(core, person);
}
