/* runtime/core/sessions/login.h - The logins of agents: agents come to DNs and leave them. For the files of this room.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"

struct agents;
struct sessions;
struct told_at;

/* A DN is that of the link `source`; another link's DN of the same number is another one. */

/* Is the agent logged in at the DN, for that medium? media_none: for any medium. */
bool login_is_there(const struct agents *, uint32_t agent, unsigned source, uint32_t dn, enum media medium);
/* Does the link report about the agent at this DN or, without a DN, at the agent's main one? */
bool login_is_of(const struct agents *, uint32_t agent, unsigned source, uint32_t dn);
/* Notes that the agent was observed at the DN in this resync; 0: at its main DN. */
void login_seen(struct agents *, uint32_t agent, unsigned source, uint32_t dn);
/* Is the DN one more for the agent, who stays at the others? It is at the place where the agent is logged in, or at no
 * place; or the agent was at no place before. */
bool login_is_one_more(const struct sessions *, uint32_t agent, enum media, const struct told_at *);

/* Sets the agent's main DN, as the link `source` reports it; 0: the agent is at no DN. */
void login_at(struct sessions *, uint32_t agent, uint32_t dn, unsigned source);
/* The agent is logged in at one more DN, for that medium. A telephone becomes the main DN even where the agent came for
 * chats first. */
void login_joins(struct sessions *, uint32_t agent, enum media, const struct told_at *);
/* Makes the agent's DN serve the medium, too; `only`: this medium alone. */
void login_serves(struct sessions *, unsigned source, uint32_t dn, enum media, bool only);
/* Logs out at the DN any other agent who was logged in there, since a DN has one agent. */
void login_takes(struct sessions *, uint32_t agent, unsigned source, uint32_t dn);
/* The agent leaves one of several DNs. A medium that has no other DN is over. False: it is at no other one, or not
 * there. */
bool login_leaves(struct sessions *, uint32_t agent, unsigned source, uint32_t dn);
/* As login_leaves, for all DNs of the link. */
bool login_leaves_link(struct sessions *, uint32_t agent, unsigned source);
/* As login_leaves, for one medium of the DN where the agent is. */
bool login_leaves_for(struct sessions *, uint32_t agent, unsigned source, uint32_t dn, enum media);
/* Logs the agent out at the DN of that line, in the core and at the switch; if it is the only DN, ends the whole login.
 */
void login_put_out(struct sessions *, uint32_t agent, uint32_t line, const char *why);
