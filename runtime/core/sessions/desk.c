/* runtime/core/sessions/desk.c - Agents who work at desks. A desk has no switch: the core decides the states of its
 * agents, who log in at a DN for each medium by requesting a state of that medium. */
#include "runtime/core/sessions/desk.h"

#include "runtime/core/base/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/report.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/sessions/status.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/vocabulary/events_agent.h"

bool desk_is_asked(const struct links *links, const struct message *message)
{
    return !status_is_main((enum media)message_u(message, RequestAgentState_media)) &&
           message_text(message, RequestAgentState_dn).length != 0 &&
           link_is_desk(links, (unsigned)message_u(message, ENVELOPE_source));
}

/* Carries out a request in this order: the place must exist, then the agent is logged in for the medium, then the
 * state is set. A desk always gets an answer, since no report of a switch would follow. */
void desk_on_request(struct sessions *sessions, const struct message *message, uint32_t agent)
{
    enum media medium = (enum media)message_u(message, RequestAgentState_media);
    enum agent_state state = (enum agent_state)message_u(message, RequestAgentState_state);
    enum agent_state after = (enum agent_state)message_u(message, RequestAgentState_after);
    const struct span texts[] = {message_text(message, RequestAgentState_dn),
                                 message_text(message, RequestAgentState_place)};
    uint32_t place = names_find(sessions->names, texts[1]);
    if (texts[1].length != 0 && state != agent_state_logged_out && !places_known(&sessions->directory->places, place)) {
        effect_reply(sessions->effects, message, outcome_error, code_invalid_destination,
                     "the directory has no such place", NULL);
        return;
    }
    struct told_at at = report_where(sessions, message, medium, message_text(message, RequestAgentState_agent), texts);
    if (state == agent_state_logged_in) state = agent_state_not_ready;
    if (state != agent_state_unknown && report_medium_at(sessions, agent, medium, state, &at)) {
        struct report report = report_of(sessions, agent, message);
        /* An agent who asks for the state again, without a reason, has none: a desk repeats nothing by itself. */
        struct agent *who = agent_at(sessions->agents, agent);
        const struct agent_medium noted = agent_noted(who, medium);
        if (report.reason.length == 0 && noted.reason != 0) agent_note(who, medium)->reason = 0;
        if (noted.by != 0) agent_note_setter(who, medium, 0, (struct span){NULL, 0});
        status_set_medium(sessions, agent, medium, state, &report);
    }
    if (after != agent_state_unknown && agent_logged_in(agent_at(sessions->agents, agent)))
        status_after(sessions, agent, medium, after, false);
    effect_reply(sessions->effects, message, outcome_ok, code_ok, NULL, NULL);
}
