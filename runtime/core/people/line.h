/* runtime/core/people/line.h - Lines: the DNs at which agents are logged in, each for a medium and reported by a link.
 *
 * An agent with several lines is one person, at one place, with one capacity. The first line of an agent is the main
 * one: a line of voice if there is one. A medium is served at a line of its own, or else at the main line if the
 * link of that line serves it (`beside`); a medium that is served at neither is not offered to the agent. A link
 * that is down, a desktop that is away and a destination that failed affect only the media of their own lines.
 * Selection reads what it needs of the lines in struct agent (`source`, `dn_out`, `media_out`, `media_away`,
 * `media_failed`), and only this file writes these fields while the agent has lines. A DN is a number together with
 * its link, because two switches may have the same number. Invariant: a DN is a line of at most one agent. The
 * agents' table owns the lines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"

struct agents;

enum { LINE_NONE = UINT32_MAX };

struct line {
    uint32_t dn, agent;     /* dn: name of the number, 0: the slot is free; agent: slot of the agent */
    uint32_t next;          /* next line of the agent; free slot: the next free slot */
    uint16_t source;        /* the link that reports the line */
    struct media_set media; /* media that are served at the line */
    /* Main line only: further media that are served here because they have no line of their own; the line's link
     * says which. */
    struct media_set beside;
    bool out;          /* the DN is out of service */
    bool held;         /* true: the line's link is down or in resync */
    bool roams;        /* true: the DN belongs to no place: an agent who moves to another place keeps it */
    bool seen;         /* observed in this resync */
    bool desktop;      /* true: the agent has had a desktop of this link since the login */
    bool deskless;     /* true: the line's desktop is away: nothing is given at the line until it is back */
    uint16_t pageless; /* link of the desk whose page is away and that is also this line's desktop; 0: none */
    /* until when nothing is given at the line, since a destination failed there; 0: not closed */
    uint64_t failed_until_us;
    /* length of the last pause after a failed destination; the next is twice as long; 0: the line has worked since */
    uint64_t failed_for_us;
    uint64_t desktop_until_us; /* until when the core waits for the desktop; 0: until its adapter reports the agent */
};

struct lines {
    struct line *all;
    uint32_t count, capacity, free;
    struct lookup by_dn; /* by link and number */
    uint64_t content;    /* share of the digest */
    /* By the number of a link: `hash` stands for the media that the link lacks if it serves those in `beside`; 0: it is
     * not computed yet. Computing it takes a step per medium, so it is done once for all lines of the link. */
    struct lacking {
        struct media_set beside;
        uint64_t hash;
    } lacking[LINKS_MAX];
};

void lines_init(struct lines *);
void lines_free(struct lines *);

struct line *line_at(const struct agents *, uint32_t line); /* returns the line, borrowed until the next line_add */
/* Returns the line at the DN of the given link; LINE_NONE: no agent is logged in there. */
uint32_t line_on(const struct agents *, unsigned source, uint32_t dn);
/* Adds a line and returns it: the agent is logged in on this DN, too, for the given medium. No other agent may be at
 * this DN. `beside`: the further media that the link serves. */
uint32_t line_add(struct agents *, uint32_t agent, uint32_t dn, enum media, uint16_t source, struct media_set beside);
void line_end(struct agents *, uint32_t line);
void line_first(struct agents *, uint32_t line); /* puts the line before the agent's other lines of its medium */
/* Ends the agent's lines except `but` and the lines that roam; LINE_NONE: ends all. */
void lines_leave(struct agents *, uint32_t agent, uint32_t but);
void line_out(struct agents *, uint32_t line, bool out);
/* Notes whether the line's link is held, and which further media the link serves. */
void line_link(struct agents *, uint32_t line, bool held, struct media_set beside);
/* Closes the line, where a destination failed, for `least_us`; after each further failure for twice as long, up to
 * `most_us`. */
void line_failed(struct agents *, uint32_t line, uint64_t now_us, uint64_t least_us, uint64_t most_us);
/* the pause after a failed destination is over; the line may still fail */
void line_reopens(struct agents *, uint32_t line);
void line_works(struct agents *, uint32_t line); /* the line works again: the next pause is short */
void line_serves(struct agents *, uint32_t line, struct media_set, bool roams); /* sets its media */
/* Sets the agent's media that are out of service, away or failed, as its lines say. */
void line_media(struct agents *, uint32_t agent);
/* Notes whether the agent has had a desktop at this line since the login, whether the desktop is away, and until
 * when the core waits for it (0: no end is known). */
void line_desktop(struct agents *, uint32_t line, bool had, bool away, uint64_t until_us);
/* Notes that the page at the desk `away_from` is away, by which the agent serves this line of another link; 0: it is
 * not away. */
void line_page(struct agents *, uint32_t line, uint16_t away_from);
void lines_forget_desktops(struct agents *, uint32_t agent);
enum media line_medium(const struct line *); /* returns voice if the line serves voice, else one of its media */
/* Returns the line that becomes the agent's main line if this line is left; LINE_NONE: the agent is at no other DN. */
uint32_t line_main_without(const struct agents *, uint32_t agent, uint32_t line);
/* Returns the name of the agent's main DN; 0: the agent is at no DN. */
uint32_t line_agent_dn(const struct agents *, uint32_t agent);
/* Returns the line where the agent serves the medium, preferably one in service; NULL: there is none. */
const struct line *line_for_agent(const struct agents *, uint32_t agent, enum media medium);
/* returns the DN of the line that line_for_agent finds, or 0 */
uint32_t line_dn_for_agent(const struct agents *, uint32_t agent, enum media medium);
/* Returns the agent's best line of the given link for the medium; if no line is of the medium, any line whose link
 * serves the medium. NULL: there is none. */
const struct line *line_of_agent(const struct agents *, uint32_t agent, enum media medium, unsigned source);
bool line_is_open(const struct line *); /* true: interactions can be given at the line now */
/* Returns the link to which every request and message to the agent about the medium is sent: that of line_for_agent,
 * else that of the main line, else (no DN) the link that reported the agent last. */
unsigned line_link_for_agent(const struct agents *, uint32_t agent, enum media medium);
/* Returns the link through which the agent has the claimed interaction: where the agent was asked, or else where the
 * agent serves the medium. */
unsigned line_link_of_claim(const struct agents *, const struct claim *);
/* Has the agent a line of this medium, so that the main line need not serve it? */
bool line_exists_for_agent(const struct agents *, uint32_t agent, enum media medium);
/* Has the agent a DN of the given link or, without any DN, did that link report the agent last? */
bool line_agent_on_link(const struct agents *, uint32_t agent, unsigned source);

bool lines_check(const struct agents *); /* slow */

/* lines_keep writes or reads the lines, before the agents are read. lines_sound: is each line in its agent's list, or
 * free? */
void lines_keep(struct lines *, const struct names *, struct keeper *);
bool lines_sound(void *agents);
