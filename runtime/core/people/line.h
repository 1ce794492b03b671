/* runtime/core/people/line.h - Lines: the further DNs at which an agent is logged in, besides the main one.
 *
 * The agent's field `dn` is the main one. An agent with lines is one person, at one place, with one capacity: the
 * events of each of its DNs are its own, and each medium is served at the DN where it was reported, or else at the main
 * one. Invariant: a DN is the main one or a line of one agent. The agents' table owns the lines. */
#ifndef CORE_LINE_H
#define CORE_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"

struct agents;

enum { LINE_NONE = UINT32_MAX };

struct line {
    uint32_t dn, agent; /* dn: a name; 0: the slot is free */
    uint32_t next;      /* of the agent; of a free slot, the next free one */
    uint16_t source;    /* the link that reported it */
    uint8_t medium;     /* enum media */
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
uint32_t line_on(const struct agents *, uint32_t dn);       /* LINE_NONE: no agent has the DN as a line */
/* The agent is logged in on this DN, too, for that medium; nobody else is there. */
void line_add(struct agents *, uint32_t agent, uint32_t dn, enum media, uint16_t source);
void line_end(struct agents *, uint32_t line);
void lines_end(struct agents *, uint32_t agent); /* all of the agent's */
void line_out(struct agents *, uint32_t line, bool out);
/* The line becomes the agent's main DN, and the main DN the line. */
void line_swap(struct agents *, uint32_t line);
/* The line that would be the main DN where that one is left: one of voice, else any; LINE_NONE: there is none. */
uint32_t line_next_main(const struct agents *, uint32_t agent);
/* The name of the DN where the agent serves the medium; 0: the agent is at no DN. */
uint32_t agent_dn_for(const struct agents *, uint32_t agent, enum media);

bool lines_check(const struct agents *); /* slow */

#endif
