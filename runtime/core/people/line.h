/* runtime/core/people/line.h - Lines: the DNs at which agents are logged in, each for a medium and reported by a link.
 *
 * An agent with several lines is one person, at one place, with one capacity. The first of its lines is the main one: a
 * line of voice where there is one. A medium is served at a line of its own, or else at the main one if that one's link
 * serves it (`beside`); one that is served at neither the agent is offered nowhere. A link that is down, a desktop that
 * is away and a destination that failed close the media of their own lines only. Selection's questions about the lines
 * are answered by struct agent (`source`, `dn_out`, `media_out`, `media_away`, `media_failed`), and only this file
 * writes it there while the agent has lines. A DN is the number and the link that has it, because two switches may have
 * the same number. Invariant: a DN is a line of at most one agent. The agents' table owns the lines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"

struct agents;

enum { LINE_NONE = UINT32_MAX };

struct line {
    uint32_t dn, agent;     /* dn: a name; 0: the slot is free */
    uint32_t next;          /* of the agent; of a free slot, the next free one */
    uint16_t source;        /* the link that reports it */
    struct media_set media; /* media that are served here */
    /* The others that are, where it is the main line and they have no line of their own: its link says which. */
    struct media_set beside;
    bool out;                  /* the DN is out of service */
    bool held;                 /* its link is down or in resync */
    bool roams;                /* it is at no place: an agent who moves to another place keeps it */
    bool seen;                 /* observed in this resync */
    bool desktop;              /* the agent has had a desktop of this link since the login */
    uint16_t pageless;         /* the desk whose page is away, and was this line's desktop, too; 0: none is */
    bool deskless;             /* that desktop is away: nothing is given here until it is back */
    uint64_t failed_until_us;  /* a destination failed here: nothing is given here until then; 0: none */
    uint64_t failed_for_us;    /* length of the last such pause; the next is twice as long; 0: none since it worked */
    uint64_t desktop_until_us; /* it is awaited until then; 0: until its adapter says more about the agent */
};

struct lines {
    struct line *all;
    uint32_t count, capacity, free;
    struct lookup by_dn; /* by link and number */
    uint64_t content;    /* of the digest */
};

void lines_init(struct lines *);
void lines_free(struct lines *);

struct line *line_at(const struct agents *, uint32_t line); /* borrowed until the next line_add */
/* The line on the DN of that link; LINE_NONE: no agent is logged in there. */
uint32_t line_on(const struct agents *, unsigned source, uint32_t dn);
/* The agent is logged in on this DN, too, for that medium; nobody else is there. */
void line_add(struct agents *, uint32_t agent, uint32_t dn, enum media, uint16_t source);
void line_end(struct agents *, uint32_t line);
void line_first(struct agents *, uint32_t line); /* it is asked before the agent's others of its medium */
/* The agent leaves its lines but this one and those that roam; LINE_NONE: it leaves all. */
void lines_leave(struct agents *, uint32_t agent, uint32_t but);
void line_out(struct agents *, uint32_t line, bool out);
/* Its link is held or not, and serves these media besides. */
void line_link(struct agents *, uint32_t line, bool held, struct media_set beside);
/* A destination failed here: nothing is given here for `least_us`, and with each further failure twice as long, up to
 * `most_us`. */
void line_failed(struct agents *, uint32_t line, uint64_t now_us, uint64_t least_us, uint64_t most_us);
void line_reopens(struct agents *, uint32_t line); /* that pause is over, and nobody knows whether it works */
void line_works(struct agents *, uint32_t line);   /* it works again: the next pause is short */
void line_serves(struct agents *, uint32_t line, struct media_set, bool roams); /* these media */
/* Tells the agent by its lines which media are out of service, away or failed. */
void line_media(struct agents *, uint32_t agent);
/* Has the agent had a desktop there since the login, is it away, and until when is it awaited (0: no end is known)? */
void line_desktop(struct agents *, uint32_t line, bool had, bool away, uint64_t until_us);
/* The page at that desk, by which the agent serves this line of another link, is away; 0: it is not. */
void line_page(struct agents *, uint32_t line, uint16_t away_from);
void lines_forget_desktops(struct agents *, uint32_t agent);
enum media line_medium(const struct line *); /* voice, where the line is of voice, or else one of its media */
/* The line that is the agent's main one if that line is left; LINE_NONE: it is at no other DN. */
uint32_t line_main_without(const struct agents *, uint32_t agent, uint32_t line);
/* The name of the agent's main DN; 0: the agent is at no DN. */
uint32_t line_agent_dn(const struct agents *, uint32_t agent);
/* The line where the agent serves the medium, one in service before others; NULL: there is none. */
const struct line *line_for_agent(const struct agents *, uint32_t agent, enum media medium);
uint32_t line_dn_for_agent(const struct agents *, uint32_t agent, enum media medium); /* the DN of that line, or 0 */
/* The agent's line of that link for the medium, the best one of several; NULL: there is none. Where the agent has none
 * of the medium, any line whose link serves it does. */
const struct line *line_of_agent(const struct agents *, uint32_t agent, enum media medium, unsigned source);
bool line_is_open(const struct line *); /* something can be given there now */
/* The link of that line; without one that of the main line, at no DN the one that reported last. Every request and
 * message to the agent about the medium goes there. */
unsigned line_link_for_agent(const struct agents *, uint32_t agent, enum media medium);
/* The link by which the agent has what it claims: where it was asked, or else where it serves the medium. */
unsigned line_link_of_claim(const struct agents *, const struct claim *);
/* Has the agent a line that is of this medium, and not only the main one? */
bool line_exists_for_agent(const struct agents *, uint32_t agent, enum media medium);
/* Has the agent a DN of that link? At no DN: did the link report last? */
bool line_agent_on_link(const struct agents *, uint32_t agent, unsigned source);

bool lines_check(const struct agents *); /* slow */

/* Writes or reads them; the agents are not read yet. lines_sound: each is in its agent's list, or free. */
void lines_keep(struct lines *, const struct names *, struct keeper *);
bool lines_sound(void *agents);
