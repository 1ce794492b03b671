/* runtime/core/queues/reach.c - Finds the line of an agent by which calls of a link reach the agent.
 *
 * An agent may have a telephone at several switches. The line at the call's own link is preferred. If that line is
 * not open, a line at another switch is used if calls can go there from the link. A closed line is still returned if
 * no open one is found, so that callers can tell "closed" from "none". */
#include "runtime/core/queues/reach.h"

#include "runtime/core/links/access.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/line.h"

const struct line *reach_line(const struct agents *agents, const struct accesses *accesses, uint32_t agent,
                              unsigned link)
{
    const struct line *found = line_of_agent(agents, agent, media_voice, link);
    if (accesses->count == 0 || (found && line_is_open(found))) return found;
    for (uint32_t at = agent_at(agents, agent)->lines; at != LINE_NONE; at = line_at(agents, at)->next) {
        unsigned to = line_at(agents, at)->source;
        const struct line *line =
            access_between(accesses, link, to) ? line_of_agent(agents, agent, media_voice, to) : NULL;
        if (line && (!found || line_is_open(line))) found = line;
        if (found && line_is_open(found)) break;
    }
    return found;
}
