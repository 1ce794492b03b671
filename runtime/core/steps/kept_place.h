/* runtime/core/steps/kept_place.h - Kept places: callback.keep_place keeps the place of a caller who hangs up, and the
 * core dials the caller when the turn comes.
 *
 * The table owns one row per interaction whose place is kept. The row begins when the core asks the link to end the
 * caller's leg. The row ends when the caller has answered the telephone, when the last try has failed, or when the
 * interaction or its strategy ends. Meanwhile the selection goes on waiting without a leg and keeps its place, its age
 * and its lines.
 *
 * When the selection finds an agent, the core dials the number; the agent stays claimed while the telephone rings.
 * The effect that dials is of the class ONCE: a try with an unknown result counts as a try, and the core never
 * repeats it. When the caller answers, the new leg becomes the interaction's leg, under the ConnID that the link
 * gave it, and the selection ends as if it had just chosen the agent.
 *
 *     LEAVING ----> WAITING ----> DIALLING ----> over: the caller has answered, or the last try has failed
 *                    ^    \          |
 *                    |     v         v
 *                    +---- PAUSED <--+           a try was not possible, or has failed and is not the last
 *
 * The steps callback.dial and outbound.dial dial by the same means. While these steps dial, the interaction has a
 * row with `alone` set. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/run/step.h"
#include "runtime/vocabulary/dialled.h"

enum { KEPT_PLACE_NONE = UINT32_MAX, KEPT_PLACE_NUMBER_MAX = DIALLED_MAX };

enum kept_place_state {
    KEPT_PLACE_LEAVING,  /* the core has asked the link to end the leg */
    KEPT_PLACE_WAITING,  /* there is no leg; the selection waits for its turn */
    KEPT_PLACE_DIALLING, /* the number is being dialled; the chosen target is claimed */
    KEPT_PLACE_PAUSED,   /* a try was not possible or has failed; the next one comes at `next_us` */
};

struct kept_place {
    uint64_t ixn;
    uint64_t answer_us, pause_us;
    uint64_t next_us; /* logical time of the next try */
    uint64_t word;    /* the target that the selection has chosen, as a word of the language */
    /* When the last visit began, kept between two selections; the next selection continues with it. 0: none was left */
    uint64_t entered_us;
    uint32_t ref;  /* ref of the effect that dials */
    uint32_t next; /* the next free row */
    uint16_t tries, tried, length;
    uint8_t state, fiber; /* fiber of the selection, or of the step that dials */
    uint8_t result;       /* enum cause: newest report about the number that is dialled */
    bool alone;           /* true: a step dials: no place is kept, and there is only one try */
    uint8_t number[KEPT_PLACE_NUMBER_MAX];
};

struct kept_places {
    struct kept_place *all;
    uint32_t count, capacity, free, taken;
    struct lookup by_ixn;
};

/* True: the core is dialling the interaction's number. */
bool kept_place_dials(const struct core *, const struct interaction *);
/* A person ends the interaction: that nobody is rung is their word, and no promise that its strategy breaks. */
void kept_place_given_up(struct core *, const struct interaction *);
/* Returns how many numbers are being dialled now. */
uint32_t kept_places_dialling(const struct kept_places *);
/* True: the interaction has a call or a session at the link, or is dialled there, and ends if a resync does not
 * report it. Submitted work without any of these stays with its strategy or its agents. */
bool kept_place_at_link(const struct core *, const struct interaction *, unsigned source);
/* True: the leg is being ended or dialled. A report that this leg has ended does not mean that the caller has
 * abandoned the call. */
bool kept_place_holds(const struct core *, const struct interaction *);
/* Called when the leg has ended with the given cause (enum cause). True: the row has expected this end, and the
 * interaction goes on. */
bool kept_place_gone(struct core *, struct interaction *, unsigned cause);

/* Called when the selection has found the target `word`. True: the core dials first, or pauses before it dials; the
 * selection goes on waiting. False: the selection ends with `word`. */
bool kept_place_turn(struct core *, struct interaction *, uint8_t fiber, uint64_t word);
/* Called when the selection's timer has fired. True: the timer was for the row, and the selection does nothing. */
bool kept_place_on_timer(struct core *, struct interaction *, uint8_t fiber);
/* True: the number is being dialled for the selection, or it pauses between two tries; no agent is chosen meanwhile. */
bool kept_place_rests(const struct core *, const struct interaction *);
/* Releases the claims that are only reserved. */
void kept_place_release(struct core *, struct interaction *);
/* Called when the interaction leaves the selection, before its visit ends. A call that is being dialled is
 * cancelled, and the place is kept. */
void kept_place_stop(struct core *, struct interaction *);
/* Finds when the visit began that is kept between two selections: the lines of the next one are counted from then.
 * False: none is. */
bool kept_place_began(const struct core *, const struct interaction *, uint64_t *began_us);

/* Takes an EventCallCreated for the effect that dials: the call becomes the leg. False: the event is about another
 * call. */
bool kept_place_created(struct core *, struct interaction *, const struct message *);
/* The dialled call is at the routing point: the caller has answered, `ago_us` ago. False: no number is being dialled
 * for the interaction. */
bool kept_place_answered(struct core *, struct interaction *, uint64_t ago_us);
/* The operations of steps that dial a number: kept_place_dial dials it; the step waits until somebody has answered,
 * or fails at once. kept_place_hang_up is an operation of these steps (step.h): the dial is no longer wanted. */
struct step_outcome kept_place_dial(struct core *, struct interaction *, uint8_t fiber, struct span number);
void kept_place_hang_up(struct core *, struct interaction *, uint8_t fiber);
/* Called when the link answered the effect that dials, or did not answer in time. Steps that dial use these as
 * operations (step.h). */
void kept_place_dial_answered(struct core *, struct interaction *, const struct pending *, const struct message *);
void kept_place_dial_lapsed(struct core *, struct interaction *, const struct pending *);
/* Takes the link's report about the number that is dialled. */
void kept_place_progress(struct core *, struct interaction *, unsigned result); /* enum cause */
/* The result of the dialled call is unknown: the resync ended without it, the link is lost, or the effect was not
 * answered. The try has failed with `code`; the core cancels the effect if the link is usable. */
void kept_place_unknown(struct core *, struct interaction *, unsigned code);

/* True: effects of the given kind dial a number. */
bool kept_place_is_dial(unsigned kind);
/* True: a switch may be asked to dial this text. An empty text, or a number with unfilled gaps, is not allowed. */
bool kept_place_is_number(struct span);
