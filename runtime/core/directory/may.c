/* runtime/core/directory/may.c - Compares whom a person leads with the agent, the queue or the interaction. */
#include "runtime/core/directory/may.h"

#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/people/lead.h"
#include "runtime/core/queues/vq.h"
#include "base/utf8.h"

enum { NAME_SHOWN = 64 };

static uint32_t why_add(char why[MAY_TEXT], uint32_t length, struct span text, uint32_t most)
{
    uint32_t room = MAY_TEXT - 1 - length;
    uint32_t taken = utf8_cut((const char *)text.bytes, text.length, room < most ? room : most);
    if (taken != 0) memcpy(why + length, text.bytes, taken);
    why[length + taken] = '\0';
    return length + taken;
}

/* Writes "anna does not lead ..."; returns false. */
static bool why_not(char why[MAY_TEXT], struct span person, const char *what, struct span name, const char *rest)
{
    uint32_t length = why_add(why, 0, person, NAME_SHOWN);
    length = why_add(why, length, span_of(what), MAY_TEXT);
    length = why_add(why, length, name, NAME_SHOWN);
    (void)why_add(why, length, span_of(rest), MAY_TEXT);
    return false;
}

static uint32_t may_person(const struct core *core, struct span person)
{
    return person.length == 0 ? 0 : names_find(core->names, person);
}

bool may_is_bounded(const struct core *core, struct span person)
{
    return lead_is_bounded(core->leads, may_person(core, person));
}

/* True: the person is the agent, or leads the agent. */
static bool leads_agent(const struct core *core, uint32_t person, uint32_t agent)
{
    const struct agent *who = agent_at(core->agents, agent);
    return who->name == person || lead_has_agent(core->leads, person, who);
}

bool may_on_agent(const struct core *core, struct span person, uint32_t agent, char why[MAY_TEXT])
{
    uint32_t name = may_person(core, person);
    if (!lead_is_bounded(core->leads, name) || leads_agent(core, name, agent)) return true;
    return why_not(why, person, " leads no group that ", core_name(core, agent_at(core->agents, agent)->name),
                   " is in: the directory's table group_lead says who leads which");
}

static bool may_by_name(const struct core *core, struct span person, enum lead_kind kind, struct span of,
                        char why[MAY_TEXT])
{
    uint32_t name = may_person(core, person);
    bool group = kind == LEAD_GROUP;
    if (!lead_is_bounded(core->leads, name) || lead_has(core->leads, name, kind, names_find(core->names, of)))
        return true;
    return why_not(why, person, group ? " does not lead the group " : " does not lead the queue ", of,
                   group ? ": the directory's table group_lead says who does"
                         : ": the directory's table queue_lead says who does");
}

bool may_on_group(const struct core *core, struct span person, struct span group, char why[MAY_TEXT])
{
    return may_by_name(core, person, LEAD_GROUP, group, why);
}

bool may_on_queue(const struct core *core, struct span person, struct span queue, char why[MAY_TEXT])
{
    return may_by_name(core, person, LEAD_QUEUE, queue, why);
}

/* True: the interaction waits in a queue that the person leads, or came from one. */
static bool leads_queue_of(const struct core *core, uint32_t person, const struct interaction *ix)
{
    bool leads = false;
    for (uint32_t at = ix->visit; !leads && at != VISIT_NONE; at = vq_further(core->vqs, at))
        leads = lead_has(core->leads, person, LEAD_QUEUE, core->vqs->all[visit_at(core->vqs, at)->vq].name);
    if (leads || !ix->submitted) return leads;
    return lead_has(core->leads, person, LEAD_QUEUE, submitted_queue(core->submissions, ix)) ||
           lead_has(core->leads, person, LEAD_QUEUE, submitted_last_queue(core->submissions, ix));
}

/* True: the person, or an agent whom the person leads, has the interaction or is asked to take it. */
static bool leads_claim_of(const struct core *core, uint32_t person, const struct interaction *ix)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction) {
        const struct claim *claim = claim_at(core->claims, at);
        if (leads_agent(core, person, claim->agent)) return true;
        if (claim->vq != 0 && lead_has(core->leads, person, LEAD_QUEUE, claim->vq)) return true;
    }
    return false;
}

bool may_on_work(const struct core *core, struct span person, const struct interaction *ix, char why[MAY_TEXT])
{
    uint32_t name = may_person(core, person);
    if (!lead_is_bounded(core->leads, name) || leads_queue_of(core, name, ix) || leads_claim_of(core, name, ix))
        return true;
    return why_not(why, person, " leads neither a queue nor an agent of this interaction", (struct span){NULL, 0}, "");
}

bool may_refuses(struct core *core, const struct message *message, bool supervises, const struct interaction *ix)
{
    char why[MAY_TEXT];
    if (!supervises || !ix || may_on_work(core, message_text(message, ENVELOPE_actor), ix, why)) return false;
    effect_reply_about(core->effects, message, ix->id, outcome_error, code_no_privilege, why, NULL);
    return true;
}
