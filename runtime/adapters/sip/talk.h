/* runtime/adapters/sip/talk.h - A call's inside, for the files that change it: a section for each, from below to above.
 *
 *     caller's leg ==== called leg             a call; `towards` takes the called one's place, or the caller's
 *          A's leg ==== called leg             its consultation, which borrows the leg of the agent who asks
 *   A's second leg ==== called leg             or the telephone dials it beside the call
 */
#pragma once

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"

/* The call model waits five seconds for a route; a caller who was left alone waits for the core to take the call back.
 */
enum { SILENT_MS = 4000, ALONE_MS = 10000 };

/* A telephone that is put down so soon after its transfer was in vain has been left in the belief that it was not. */
enum { VAIN_MS = 5000 };

/* The reason where talks_have_ports() says no. */
#define NO_PORT "no port of rtp_ports is left for its sound"

/* --- talks.c --- */

struct talk *talk_new(struct exchange *);
void talks_forget(struct talk *); /* the exchange has it no more; it is not freed */
/* The legs that are in the call: the caller's first; NULL: there is no further one. */
struct leg *talk_next_leg(const struct talk *, const struct leg *);
struct leg *talk_leg_at(const struct talk *, const char *dn);    /* NULL: none of its own */
struct leg *talk_other(const struct talk *, const struct leg *); /* with whom that one talks; NULL: nobody */
/* A change of that party; "" is outside, where nobody is told. */
void talk_tell(const struct talk *, enum party_change, const char *dn, const char *to, enum cause);
/* The agent who dials has the call, or has lost it; one who does not dial any more hears nothing. */
void talk_tell_dialler(const struct talk *, enum party_change, enum cause);
/* The call comes to the routing point, or is there again: a stay of its own. */
void talk_stands(struct talk *, const char *point);

/* True: the condition holds. Else it is a mistake of ours: the log says so, the figure `faults` counts it, and this
 * call alone ends, once the loop is back. */
#define TALK_HOLDS(talk, condition) ((condition) || talk_faulty(talk, #condition, __func__))
bool talk_faulty(const struct talk *, const char *what, const char *where);

/* Are so many ports of sound left, besides those that the calls which are here still need? Each has two, so that
 * whoever is taken is put through. False: it is told. */
bool talks_have_ports(struct exchange *, unsigned more);
/* The ports that a call to that destination leaves for emergencies; 0: it is one, or the site has no number of them. */
unsigned talk_ports_kept(const struct exchange *, const char *to);
/* The ports of sound that have to be free for a call to that destination: its own two, and those that it leaves. */
unsigned talk_ports(const struct exchange *, const char *to);
void talks_tell_ports(struct exchange *);

/* --- refer.c --- */

/* REFER within a leg's session (RFC 3515): it is answered. */
void refer_heard(const struct sip_msg *, void *leg);
/* Its telephone is told how its REFER has ended, if it has sent one. */
void refer_over(struct leg *, enum code);
/* What it, or its desktop by `ask`, wanted to hand on is its own still: each such end comes by here, so that it is a
 * while in vain for whoever is put down without a look. NULL: nobody wanted to. */
void refer_refused(struct exchange *, struct leg *, uint64_t ask, enum code, const char *why);
void refer_left(const struct leg *, const char *to); /* put down early: the log has where its caller goes */
void refer_forget(struct leg *);                     /* it wants something else: what was in vain is past */

/* --- detect.c --- */

/* Listens to the caller, whose leg has just been called. The listener is gone when over() is called. */
void detect_begin(struct talk *, void (*over)(struct talk *, enum cause verdict));
bool detect_answered(struct talk *); /* false: nobody listens */
void detect_end(struct talk *);

/* --- farewell.c: the messages of a campaign's call --- */

/* Are the messages that the data name there? Else why not: nobody is called who could not be told. */
bool farewell_check(const struct exchange *, struct span data, const char **why);
void farewell_begin(struct talk *, struct span data); /* it is dialled */
void farewell_served(struct talk *);                  /* somebody came, or the strategy has begun to talk */
bool farewell_plays(const struct talk *);             /* a person hears it now */
/* The call is to end; false: now. */
bool farewell_puts_off(struct talk *, enum cause);
void farewell_end(struct talk *);

/* --- treatment.c --- */

void treatment_begin(struct talk *, const struct treatment_ask *);
/* Stops that treatment, also if it has ended and its music is still heard; 0: whichever runs. */
void treatment_stop(struct talk *, uint64_t ref);
/* While the core is away: the caller who stands at a point hears the music from before, or that of a caller on hold. */
void treatment_comfort(struct talk *);
/* The call is routed, which ends the treatment; what loops is heard until somebody answers. */
void treatment_leave(struct talk *);
void treatment_free_treating(struct talk *); /* tells nobody */
/* Moves the treatment to the talk `to`; the leg `hears` hears it. */
void treatment_move(struct talk *, struct talk *to, struct leg *hears);
void treatment_digit(struct talk *, char digit);
bool treatment_dictates(const struct talk *); /* is the caller's dictation recorded now? */
void treatment_played(struct talk *);

/* --- talk_sound.c --- */

/* Sets who hears what, after anybody came, went, held or came back. */
void talk_sound(struct talk *);
void talk_sound_two(struct talk *); /* caller and called talk: hears.def has who hears whom then */
void talk_sound_end(struct talk *); /* ends a conference's sound, if there is one */
void talk_sound_off(struct leg *);  /* takes the leg out of its mix */
bool talk_hold_is(const struct talk *, const struct leg *); /* is the leg on hold in that call? */
void talk_hold_set(struct leg *, bool held); /* puts the leg on hold, by the desktop or the telephone, or ends that */

/* --- consult_tie.c --- */

void consult_tie(struct talk *consult, struct talk *main, struct leg *asker, struct leg *caller, const char *to);
void consult_part(struct talk *consult);
void consult_untie(
    struct talk *consult); /* ends the tie to the main call; a leg that the consultation borrows is silent */
void consult_refused(struct talk *consult, uint64_t ask, enum code, const char *why); /* refuses to complete it */

/* --- talk.c --- */

void talk_free(struct talk *); /* tells nobody */
/* It ends, with its consultation: everybody is told. Not from a handler of one of its legs, but its close handler. */
void talk_gone(struct talk *, enum cause);
void talk_drop_consult(struct talk *consult); /* ends the consultation; the main call stays on hold */
void talk_clear(struct talk *, enum cause);   /* ends the call, as the call model wants */

/* --- answer.c --- */

void answer_asked(struct talk *, uint64_t ask, struct leg *); /* has the telephone answer, as the leg's desktop asks */
/* The headers of an INVITE that a desktop has asked for: "", or the telephone is to answer by itself. */
const char *answer_headers(const struct exchange *);
/* Is that telephone called only once its desktop answers? */
bool answer_waits(const struct exchange *, const char *dn);

/* --- reach.c --- */

/* Can that telephone be called now? Else code and reason. */
enum code reach_check(const struct exchange *, const char *dn, const char **why);
/* Takes from its user data how a number outside is dialled: `trunk`, `caller_id`. */
void reach_wishes(struct talk *, struct span data);
/* Calls the telephone or number for this talk; NULL: it cannot be called. */
struct leg *reach_call(struct talk *, const char *dn);
/* The one who is called does not ring: what asked for it is refused by the code, or the call ends by the cause. */
void reach_failed(struct talk *, enum code, enum cause, const char *why);
/* The same for a telephone that the call is handed on to: who hands it on goes on with it. */
void reach_forget_towards(struct talk *, enum code, const char *why);
void reach_returns(struct talk *, const char *point, enum cause); /* rings no more there: it stands at the point */
void reach_early(struct leg *);                                   /* it has sound before its answer */
void reach_ringback(struct talk *);                               /* has the caller hear the ringing */
void reach_await_ringing(struct talk *); /* starts the time after which a telephone that says nothing is not reached */
void reach_await_answer(struct talk *);  /* which the core does not: it may ring so long */
/* The answer of a telephone, as a code; and how a call ends by such a code. */
enum code reach_code_of_status(uint16_t status);
/* The same for a telephone that a call is put to: its 480 counts as busy. The dialler by hand gets
 * reach_code_of_status(). */
enum code reach_code_of_leg(const struct leg *, uint16_t status);
enum cause reach_cause_of_code(enum code);

/* --- members.c --- */

/* The leg comes in beside caller and called; false: there are too many. */
bool member_joins(struct talk *, struct leg *);
bool members_confer(const struct talk *); /* more than two talk, supervisors who look on aside */
void member_replace(struct talk *, struct leg *leaver, struct leg *instead); /* its leg is freed; NULL: by nobody */
void member_leaves(struct talk *, struct leg *, enum cause);                 /* the call goes on, or ends by it */
bool member_is_stayed(const struct talk *, const struct leg *);              /* its caller stays when that leg leaves */
/* Who hands the call on is out of it: `towards` rings, or they leave before. */
void member_hands_over(struct talk *);
/* Supervisors who listen to that agent leave with the agent. */
void members_unwatch(struct talk *, const char *of);

/* --- farewell_play.c --- */

void farewell_answered(struct talk *); /* starts the time of its message */
void farewell_person(struct talk *);   /* who stands at the routing point */
/* A machine has answered: it is left the message, where there is one. False: there is none. The call is over. */
bool farewell_machine(struct talk *);
void farewell_played(struct talk *); /* the sound that its caller heard has ended */

/* --- route.c: asks of orders; those that are refused are told to the call model --- */

void route_talk(struct talk *, uint64_t ask, const char *destination);
void route_back(struct talk *, uint64_t ask, const char *dn, const char *to);

/* --- arrival.c --- */

/* A trunk brings a call to that point, or of an emergency, to that number outside; `number` is what it has called. */
void arrival_begin(struct exchange *, const struct sip_msg *invite, const char *to, const char *number);

/* --- consult.c --- */

void consult_begins(struct talk *, uint64_t ask, struct leg *, const char *to);
/* The telephone of that leg dials beside the call; else the reason why not, and the INVITE is not answered yet. */
enum code consult_dials(struct talk *, struct leg *, const struct sip_msg *invite, const char *to, const char **why);
/* An emergency has a line, whatever its telephone does: a consultation in which that telephone is ends. Else the reason
 * why the emergency cannot be dialled, and nothing has ended: a consultation that is an emergency itself goes on.
 * `ports`: it needs so many beside the call that the telephone has. */
enum code consult_yields(struct exchange *, const char *dn, const char *to, unsigned ports, const char **why);
/* The desktop of that telephone calls an emergency: it is a consultation of the call that the telephone has, or is
 * refused. False: the telephone talks with nobody. */
bool consult_is_emergency(struct exchange *, uint64_t ask, const char *dn, const char *to);
/* The main call goes where its consultation is. */
void consult_completes(struct talk *consult, uint64_t ask);
/* The agent of that leg leaves a consultation that is to be completed once it rings: it is now. False: it is none. */
bool consult_is_left(struct leg *);
/* Makes a conference: whoever was consulted comes into the main call. */
void consult_confers(struct talk *consult, uint64_t ask);

/* --- dial.c: calls that begin here --- */

struct dialled {
    const char *from;      /* a routing point, or an agent's telephone */
    const char *to;        /* a number outside; from a telephone also another one, or a routing point */
    const char *caller_id; /* the number that is told outside; "": none is asked for */
    uint64_t conn;         /* its ConnID, where the core has given it one; 0: not */
    uint64_t ring_ms;      /* how long it may ring; 0: the usual time */
    bool predictive;       /* only a person counts as an answer */
    bool back;             /* a call-back: `from` is the place where it was booked */
    bool point;            /* `from` is no telephone: dial_asked() finds out */
    struct span data;      /* user data: some of it says how it is dialled (farewell.c, reach_wishes) */
};

void dial_asked(struct exchange *, uint64_t ask, const struct dialled *);
/* An agent dials at the telephone itself; beside a call that they have, it is a consultation. */
void dial_at_telephone(struct exchange *, const struct sip_msg *invite, const char *dn, const char *to);
void dialled_answered(struct talk *);
void dialled_closed(struct talk *, uint16_t status); /* the dialled party has not answered */
/* Why a call to a number outside ended before its answer; 0: nothing was heard. */
enum cause dial_cause(const struct leg *, uint16_t status);

/* --- monitor.c --- */

/* A supervisor at the telephone `dn` listens to the agent's call at `of`, speaks to that agent, or to all. */
void monitor_asks(struct talk *, uint64_t ask, const char *dn, enum party_ask mode, const char *of);
void monitor_rings(struct leg *);
void monitor_answered(struct leg *);

/* --- control.c --- */

void control_asks(struct talk *, uint64_t ask, const char *dn, enum party_ask, const char *to);
/* The agent of that leg is out of the call, which stands at the routing point. */
void control_to_point(struct talk *, struct leg *, const char *point);

/* --- talk_legs.c --- */

extern const struct leg_ops talk_leg_ops;
void talk_leg_answered(struct leg *);

/* --- replaces.c --- */

/* An INVITE with Replaces, of that telephone, or of a trunk where it is "": it is answered. */
void replaces_take(struct exchange *, const struct sip_msg *invite, const char *dn);
/* The call whose telephone has sent REFER goes where the call of that dialog is. */
void replaces_join(struct talk *, const char *dn, const struct pl *replaces);
