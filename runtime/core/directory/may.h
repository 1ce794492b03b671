/* runtime/core/directory/may.h - May a person act on an agent, a queue or an interaction? One answer for every path:
 * the admin socket asks it for the person of a request, and the core for supervisors at a link.
 *
 * The directory says whom a supervisor leads (people/lead.h). A person of whom it says nothing may act on all. A person
 * always may act on themselves, and on what they have.
 *
 *     on                allowed to whoever leads
 *     an agent          a group that the agent is in
 *     a group           that group
 *     a queue           that queue
 *     an interaction    a queue where it waits or from which it came, or an agent who has it or is asked
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

enum { MAY_TEXT = 320 };

/* True: the directory says whom the person leads; such a person may not act on all. */
bool may_is_bounded(const struct core *, struct span person);
/* Each returns true if the person may. False: `why` gets a sentence without a full stop. */
bool may_on_agent(const struct core *, struct span person, uint32_t agent, char why[MAY_TEXT]);
bool may_on_group(const struct core *, struct span person, struct span group, char why[MAY_TEXT]);
bool may_on_queue(const struct core *, struct span person, struct span queue, char why[MAY_TEXT]);
bool may_on_work(const struct core *, struct span person, const struct interaction *, char why[MAY_TEXT]);
/* A request by a link about an interaction. True: its actor asks as a supervisor and may not act on the interaction;
 * the request is answered. */
bool may_refuses(struct core *, const struct message *, bool supervises, const struct interaction *);
