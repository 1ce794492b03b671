/* runtime/sim/switch_devices.c - The DNs of a switch: whether they can be reached, and which agent is logged in
 * there.
 *
 * An agent is logged in at one DN at most, and a DN has at most one agent. An unreachable DN looks normal, and only
 * a call to it shows the fault. */
#include "runtime/sim/switch_state.h"
#include "base/memory.h"

#include <assert.h>
#include <string.h>

struct switch_dn *switch_dn(const struct sim_switch *s, const char *number)
{
    for (uint32_t i = 0; number && i < s->dn_count; i++)
        if (strcmp(s->dns[i]->number, number) == 0) return s->dns[i];
    return NULL;
}

void switch_add_dn(struct sim_switch *s, const char *number, enum dn_type type)
{
    assert(number);
    if (switch_dn(s, number) || strlen(number) > SWITCH_DN) return;
    s->dns = memory_grown(s->dns, s->dn_count + 1, sizeof *s->dns);
    struct switch_dn *dn = memory_zeroed(1, sizeof *dn);
    switch_copy(dn->number, sizeof dn->number, number);
    dn->type = type;
    dn->reachable = true;
    dn->lines = 1;
    dn->state = agent_state_logged_out;
    s->dns[s->dn_count++] = dn;
}

void switch_set_lines(struct sim_switch *s, const char *number, uint32_t lines)
{
    struct switch_dn *dn = switch_dn(s, number);
    if (dn) dn->lines = lines;
}

void switch_set_reachable(struct sim_switch *s, const char *number, bool reachable)
{
    struct switch_dn *dn = switch_dn(s, number);
    if (dn) dn->reachable = reachable;
}

static struct switch_dn *where_logged_in(const struct sim_switch *s, const char *agent)
{
    for (uint32_t i = 0; i < s->dn_count; i++)
        if (strcmp(s->dns[i]->agent, agent) == 0) return s->dns[i];
    return NULL;
}

enum code switch_set_agent(struct sim_switch *s, const char *number, const char *agent, enum agent_state state,
                           enum work_mode mode, uint64_t invoke, uint64_t now_us)
{
    struct switch_dn *dn = switch_dn(s, number);
    if (!dn || (dn->type != dn_type_extension && dn->type != dn_type_position)) return code_invalid_dn;
    if (agent[0] == '\0' || strlen(agent) > SWITCH_DN) return code_invalid_attribute;
    struct switch_dn *elsewhere = where_logged_in(s, agent);
    if (state == agent_state_logged_in) {
        if ((dn->agent[0] != '\0' && elsewhere != dn) || (elsewhere && elsewhere != dn)) return code_already_logged_in;
        switch_copy(dn->agent, sizeof dn->agent, agent);
        dn->state = agent_state_not_ready;
    } else if (elsewhere != dn) {
        return code_not_logged_in;
    } else {
        dn->state = state;
    }
    dn->work_mode = mode;
    struct switch_report *r = switch_tell(s, SWITCH_AGENT, NULL, now_us);
    switch_copy(r->dn, sizeof r->dn, number);
    switch_copy(r->agent, sizeof r->agent, agent);
    r->state = state;
    r->work_mode = mode;
    r->invoke = invoke;
    if (state == agent_state_logged_out) dn->agent[0] = '\0';
    return code_ok;
}

const char *switch_agent_at(const struct sim_switch *s, const char *number)
{
    const struct switch_dn *dn = switch_dn(s, number);
    return dn ? dn->agent : "";
}

bool switch_next_device(const struct sim_switch *s, uint32_t *cursor, struct switch_device_row *row)
{
    if (*cursor >= s->dn_count) return false;
    const struct switch_dn *dn = s->dns[(*cursor)++];
    *row = (struct switch_device_row){dn->number, dn->agent, dn->type, dn->state, dn->work_mode};
    return true;
}
