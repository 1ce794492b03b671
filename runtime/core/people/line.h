/* runtime/core/people/line.h - Lines: the DNs at which agents are logged in, each for a medium and reported by a link.
 *
 * An agent with several lines is one person, at one place, with one capacity. The first of its lines is the main one:
 * a line of voice where there is one. A medium is served at a line of its own, or else at the main one. What selection
 * asks about the lines stands in struct agent (`source`, `dn_out`, `media_out`), and only this file writes it there
 * while the agent has lines. Invariant: a DN is a line of at most one agent. The agents' table owns the lines. */
#ifndef CORE_LINE_H
#define CORE_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"

struct agents;
struct claim;

enum { LINE_NONE = UINT32_MAX };

struct line {
    uint32_t dn, agent; /* dn: a name; 0: the slot is free */
    uint32_t next;      /* of the agent; of a free slot, the next free one */
    uint16_t source;    /* the link that reports it */
    uint8_t medium;     /* enum media: the one for which it was reported first */
    bool out;           /* the DN is out of service */
    bool seen;          /* observed in this resync */
};

struct lines {
    struct line *all;
    uint32_t count, capacity, free;
    struct lookup by_dn;
    uint64_t content; /* of the digest */
};

void lines_init(struct lines *);
void lines_free(struct lines *);

struct line *line_at(const struct agents *, uint32_t line); /* borrowed until the next line_add */
uint32_t line_on(const struct agents *, uint32_t dn);       /* LINE_NONE: no agent is logged in on the DN */
/* The agent is logged in on this DN, too, for that medium; nobody else is there. */
void line_add(struct agents *, uint32_t agent, uint32_t dn, enum media, uint16_t source);
void line_end(struct agents *, uint32_t line);
void lines_end(struct agents *, uint32_t agent); /* all of the agent's */
void line_out(struct agents *, uint32_t line, bool out);
void line_is_for(struct agents *, uint32_t line, enum media);
void line_is_of(struct agents *, uint32_t line, uint16_t source);
/* The line that is the agent's main one if that line is left; LINE_NONE: it is at no other DN. */
uint32_t line_main_without(const struct agents *, uint32_t agent, uint32_t line);
/* The name of the agent's main DN; 0: the agent is at no DN. */
uint32_t agent_dn(const struct agents *, uint32_t agent);
/* The name of the DN where the agent serves the medium, one in service before others; 0: the agent is at no DN. */
uint32_t agent_dn_for(const struct agents *, uint32_t agent, enum media medium);
/* The link of that DN; at no DN the one that reported last. What an agent is asked or told about the medium goes there.
 */
unsigned agent_link_for(const struct agents *, uint32_t agent, enum media medium);
/* The link by which the agent has what it claims: where it was asked, or else where it serves the medium. */
unsigned agent_link_of(const struct agents *, const struct claim *);
/* Has the agent a DN of that link? At no DN: did the link report last? */
bool agent_is_of_link(const struct agents *, uint32_t agent, unsigned source);

bool lines_check(const struct agents *); /* slow */

#endif
