/* runtime/core/sessions/login.h - The logins of agents: agents log in at DNs and out again. Only the files of this
 * folder use it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"

struct agents;
struct sessions;
struct told_at;

/* A DN belongs to the link `source`; a DN of the same number at another link is a different DN. */

/* Is the agent logged in at the DN, for the given medium? media_none: for any medium. */
bool login_is_there(const struct agents *, uint32_t agent, unsigned source, uint32_t dn, enum media medium);
/* Does the link report about the agent at this DN or, without a DN, at the agent's main DN? */
bool login_is_of(const struct agents *, uint32_t agent, unsigned source, uint32_t dn);
/* Notes that the agent was reported at the DN in this resync; 0: at the main DN. */
void login_seen(struct agents *, uint32_t agent, unsigned source, uint32_t dn);
/* Is the DN a further one for the agent, who stays at the others? The DN is at the place where the agent is logged
 * in, or at no place; or the agent was at no place before. */
bool login_is_one_more(const struct sessions *, uint32_t agent, enum media, const struct told_at *);

/* Sets the agent's main DN, as the link `source` reports it; 0: the agent is at no DN. */
void login_at(struct sessions *, uint32_t agent, uint32_t dn, unsigned source);
/* Logs the agent in at one more DN, for the given medium. A telephone becomes the main DN even if the agent logged
 * in for chats first. */
void login_joins(struct sessions *, uint32_t agent, enum media, const struct told_at *);
/* Makes the agent's DN serve the medium, too; `only`: nothing but this medium. */
void login_serves(struct sessions *, unsigned source, uint32_t dn, enum media, bool only);
/* Logs out any other agent at the DN, since a DN has one agent. */
void login_takes(struct sessions *, uint32_t agent, unsigned source, uint32_t dn);
/* Ends the agent's login at one of several DNs. A medium that has no other DN is logged out. False: the agent has no
 * other DN, or is not at this one. */
bool login_leaves(struct sessions *, uint32_t agent, unsigned source, uint32_t dn);
/* Does the same as login_leaves for all DNs of the link. */
bool login_leaves_link(struct sessions *, uint32_t agent, unsigned source);
/* Does the same as login_leaves for one medium of the DN. */
bool login_leaves_for(struct sessions *, uint32_t agent, unsigned source, uint32_t dn, enum media);
/* Logs the agent out at the DN of the given line, in the core and at the switch; if the agent has no other DN, ends
 * the whole login. */
void login_put_out(struct sessions *, uint32_t agent, uint32_t line, const char *why);
