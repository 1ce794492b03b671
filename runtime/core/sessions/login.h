/* runtime/core/sessions/login.h - Where agents are logged in: they come to DNs and leave them. For the files of this
 * room. */
#ifndef CORE_LOGIN_H
#define CORE_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"

struct core;

/* Is the agent logged in at the DN? `medium`: for that one; media_none: for whatever. */
bool login_is_there(const struct core *, uint32_t agent, uint32_t dn, enum media medium);
/* The link that reports about the agent at the DN; where it is not there, about the agent. */
unsigned login_link(const struct core *, uint32_t agent, uint32_t dn);
/* The agent was observed at the DN; 0: at its main one. */
void login_seen(struct core *, uint32_t agent, uint32_t dn);
/* Is the DN one more at the place where the agent is logged in? `told` is the place that the link reports. */
bool login_is_one_more(const struct core *, uint32_t agent, uint32_t dn, uint32_t told);

/* The agent's main DN is this one from now on, or it is at none, as the link `source` says. */
void login_at(struct core *, uint32_t agent, uint32_t dn, unsigned source);
/* The agent is logged in at one more DN of its place, for that medium. A telephone becomes the main DN even where the
 * agent came for chats first. */
void login_joins(struct core *, uint32_t agent, uint32_t dn, enum media medium, unsigned source);
/* A DN has one agent: another one who was logged in there no longer is. */
void login_takes(struct core *, uint32_t agent, uint32_t dn);
/* The agent leaves one of several DNs. A medium that has no other DN is over. False: it is at no other one, or not
 * there. */
bool login_leaves(struct core *, uint32_t agent, uint32_t dn);
/* The agent has logged out of all. */
void login_ends(struct core *, uint32_t agent);

#endif
