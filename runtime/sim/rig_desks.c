/* runtime/sim/rig_desks.c - The desktops of a rig: their T-Server, the events they get, and what agents do. */
#include "runtime/sim/rig_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/inside.h"
#include "runtime/sim/lines.h"

bool rig_where_is_cti(void *self, char *host, size_t size, uint16_t *port)
{
    struct rig *rig = self;
    struct error ignored;
    unsigned number = 0;
    if (rig->options.cti) return lines_address(rig->options.cti, host, size, port, &ignored);
    FILE *file = !rig->options.cti_port_file ? NULL : inside_open(rig->options.cti_port_file, "r");
    if (!file) return false;
    bool found = fscanf(file, "%u", &number) == 1 && number > 0 && number < 65536;
    fclose(file);
    (void)snprintf(host, size, "127.0.0.1");
    *port = (uint16_t)number;
    return found;
}

/* Handles an invitation to an agent, or its withdrawal. */
static void on_invitation(struct rig *rig, const struct desk *desk, const char *name, json_t *event, uint32_t arrival)
{
    uint32_t agent = plan_agent_named(rig->plan, desk_agent(desk));
    uint64_t ticket = desk_ticket(event);
    if (agent == NO_AGENT || ticket == 0) return;
    if (strcmp(name, "EventInvite") == 0) {
        world_invited(rig->world, agent, ticket, arrival, rig_play_us(rig));
        rig_arm(rig);
    } else if (strcmp(name, "EventRevoked") == 0) {
        world_withdrawn(rig->world, agent, ticket);
    }
}

void rig_on_desk_event(void *self, const struct desk *desk, const char *name, json_t *event)
{
    static const char *const skip[] = {"Message", "ReferenceID", "ConnID", "CallID", "CallType", NULL};
    static const char *const shown[] = {"EventRinging",
                                        "EventEstablished",
                                        "EventReleased",
                                        "EventAbandoned",
                                        "EventDiverted",
                                        "EventError",
                                        "EventAttachedDataChanged",
                                        "EventInvite",
                                        "EventRevoked",
                                        "EventAccepted",
                                        "EventRejected",
                                        NULL};
    struct rig *rig = self;
    const char *id = json_string_value(json_object_get(event, "CallID"));
    uint32_t arrival = !id ? NO_ARRIVAL : world_arrival_of(rig->world, strtoull(id, NULL, 10));
    char text[4000];
    on_invitation(rig, desk, name, event, arrival);
    for (const char *const *s = shown; *s; s++) {
        if (strcmp(*s, name) == 0) {
            rig_print_object(event, skip, name, text, sizeof text);
            bool named = json_object_get(event, "AgentID") != NULL;
            trace_say(rig->trace, rig_play_us(rig), "desktop", arrival, "%s%s%s", text,
                      named ? "" : " agent=", named ? "" : desk_agent(desk));
            return;
        }
    }
}

void rig_hands_state(void *self, uint32_t agent, enum agent_state state)
{
    struct rig *rig = self;
    /* An agent who has only logged in is not ready, until told otherwise. */
    desk_set_state(rig->desks[agent], state == agent_state_logged_in ? agent_state_not_ready : state);
}

void rig_hands_answer(void *self, uint32_t agent, uint64_t call)
{
    struct rig *rig = self;
    desk_answer(rig->desks[agent], call);
}

void rig_hands_release(void *self, uint32_t agent, uint64_t call)
{
    struct rig *rig = self;
    desk_release(rig->desks[agent], call);
}

void rig_hands_invitation(void *self, uint32_t agent, uint64_t claim, bool accepts)
{
    struct rig *rig = self;
    desk_invitation(rig->desks[agent], claim, accepts);
}
