/* runtime/adapters/sip/talk.h - What the files that change a call need of each other: a section for each file, the
 * lowest layer first.
 *
 *       caller's leg ==== called leg           a call; `towards` takes the called one's place, or the caller's
 *            A's leg ==== called leg           its consultation, which borrows the leg of the agent who asks
 *     A's second leg ==== called leg           or the telephone dials it beside the call
 */
#pragma once

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"

/* The time for a telephone to ring, shorter than the five seconds that the call model waits for a route; the time
 * that a caller left alone waits for the core to take the call back. */
enum { SILENT_MS = 4000, ALONE_MS = 10000 };

/* Hanging up within this time after a transfer that failed still hands the call on: the agent thought that it had
 * succeeded. */
enum { VAIN_MS = 5000 };

/* The reason if talks_have_ports() returns false. */
#define NO_PORT "no port of rtp_ports is left for its sound"

/* --- talks.c --- */

struct talk *talk_new(struct exchange *);
void talks_forget(struct talk *); /* removes the talk from the exchange's list, without freeing it */
/* Goes through the legs of the call, the caller's first; NULL: there is no further one. */
struct leg *talk_next_leg(const struct talk *, const struct leg *);
struct leg *talk_leg_at(const struct talk *, const char *dn);    /* NULL: the call has no leg of that telephone */
struct leg *talk_other(const struct talk *, const struct leg *); /* the leg that talks with this one; NULL: none */
/* Reports a change of a party to the call model; a party with the DN "" is outside and is not reported. */
void talk_tell(const struct talk *, enum party_change, const char *dn, const char *to, enum cause);
/* Reports a change of the agent who dials: the call is answered or has ended; nothing if no agent dials any more. */
void talk_tell_dialler(const struct talk *, enum party_change, enum cause);
/* Puts the call at a routing point, as a new stay there. */
void talk_stands(struct talk *, const char *point);

/* True: the condition holds. False: a fault of gcx, which is logged and counted in the figure `faults`; only this
 * call ends, after the running handler. */
#define TALK_HOLDS(talk, condition) ((condition) || talk_faulty(talk, #condition, __func__))
bool talk_faulty(const struct talk *, const char *what, const char *where);

/* Are `more` ports of sound free, besides those that the calls in progress will still need? Two ports are counted for
 * each call, so that every call that is accepted can also be put through. False: it is told. */
bool talks_have_ports(struct exchange *, unsigned more);
/* The ports that a call to that destination must leave for emergencies; 0: it is an emergency, or the site has no
 * emergency numbers. */
unsigned talk_ports_kept(const struct exchange *, const char *to);
/* The ports of sound that must be free for a call to that destination: two for the call, and those for emergencies. */
unsigned talk_ports(const struct exchange *, const char *to);
void talks_tell_ports(struct exchange *);

/* --- refer.c --- */

/* Answers a REFER within a leg's session (RFC 3515). */
void refer_heard(const struct sip_msg *, void *leg);
/* Reports to the leg's telephone how its REFER has ended, if it has sent one. */
void refer_over(struct leg *, enum code);
/* Refuses a transfer that the leg's telephone wanted by REFER, or its desktop by `ask`; every failed transfer ends
 * here, and for a while hanging up at the telephone still hands the call on. NULL: nobody wanted to. */
void refer_refused(struct exchange *, struct leg *, uint64_t ask, enum code, const char *why);
void refer_left(const struct leg *, const char *to); /* logs where the caller goes after an agent has hung up early */
/* forgets a failed transfer, because its agent does something else */
void refer_forget(struct leg *);

/* --- detect.c --- */

/* Starts the detector on the caller's leg, which has just been called. The detector is freed before over() is
 * called. */
void detect_begin(struct talk *, void (*over)(struct talk *, enum cause verdict));
bool detect_answered(struct talk *); /* false: nobody listens */
void detect_end(struct talk *);

/* --- farewell.c: the messages of a campaign's call --- */

/* Can the messages that the user data name be read? False with the reason: then nobody is called, because the
 * message could not be played to them. */
bool farewell_check(const struct exchange *, struct span data, const char **why);
void farewell_begin(struct talk *, struct span data); /* it is dialled */
/* ends the message: an agent came, or the strategy has begun to play */
void farewell_served(struct talk *);
bool farewell_plays(const struct talk *); /* does a person hear the message now? */
/* True: the call ends only after the message; false: it can end now. */
bool farewell_puts_off(struct talk *, enum cause);
void farewell_end(struct talk *);

/* --- treatment.c --- */

void treatment_begin(struct talk *, const struct treatment_ask *);
/* Stops that treatment, even if it has ended and its music is still heard; 0: whichever runs. */
void treatment_stop(struct talk *, uint64_t ref);
/* While the core is away: plays the last music, or the music on hold, to a caller at a routing point who hears
 * nothing. */
void treatment_comfort(struct talk *);
/* Ends the treatment because the call is routed; music goes on until somebody answers. */
void treatment_leave(struct talk *);
void treatment_free_treating(struct talk *); /* tells nobody */
/* Moves the treatment to the talk `to`, where the leg `hears` hears it. */
void treatment_move(struct talk *, struct talk *to, struct leg *hears);
void treatment_digit(struct talk *, char digit);
bool treatment_dictates(const struct talk *); /* is the caller's dictation recorded now? */
void treatment_played(struct talk *);

/* --- talk_sound.c --- */

/* Sets who hears what; called after somebody has joined, left, held or retrieved. */
void talk_sound(struct talk *);
void talk_sound_two(struct talk *); /* sets what caller and called hear by hears.def; both talk */
void talk_sound_end(struct talk *); /* ends the mix of a conference, if there is one */
void talk_sound_off(struct leg *);  /* takes the leg out of the mix */
bool talk_hold_is(const struct talk *, const struct leg *); /* is the leg on hold in that call? */
/* puts the leg on hold, by the desktop or the telephone, or ends the hold */
void talk_hold_set(struct leg *, bool held);

/* --- consult_tie.c --- */

void consult_tie(struct talk *consult, struct talk *main, struct leg *asker, struct leg *caller, const char *to);
void consult_part(struct talk *consult);
void consult_untie(
    struct talk *consult); /* separates a consultation from its main call; a leg that it borrows then hears silence */
void consult_refused(struct talk *consult, uint64_t ask, enum code, const char *why); /* refuses to complete it */

/* --- talk.c --- */

void talk_free(struct talk *); /* tells nobody */
/* Ends the call and its consultation, and tells everybody. Must not be called in a handler of one of its legs,
 * except their close handler. */
void talk_gone(struct talk *, enum cause);
void talk_drop_consult(struct talk *consult); /* ends the consultation; the main call stays on hold */
void talk_clear(struct talk *, enum cause);   /* ends the call, as the call model wants */

/* --- answer.c --- */

/* calls the telephone so that it answers by itself, at the request of the leg's desktop */
void answer_asked(struct talk *, uint64_t ask, struct leg *);
/* The headers for an INVITE that a desktop wants: they make the telephone answer by itself, or "". */
const char *answer_headers(const struct exchange *);
/* Is that telephone called only once its desktop answers? */
bool answer_waits(const struct exchange *, const char *dn);

/* --- reach.c --- */

/* Can that telephone or number be called now? Else code and reason. */
enum code reach_check(const struct exchange *, const char *dn, const char **why);
/* Takes how a number outside is dialled from the call's user data: `trunk`, `caller_id`. */
void reach_wishes(struct talk *, struct span data);
/* Calls the telephone or number for this talk; NULL: that is not possible. */
struct leg *reach_call(struct talk *, const char *dn);
/* The called party could not be reached: refuses the request for it with the code, or ends the call with the cause. */
void reach_failed(struct talk *, enum code, enum cause, const char *why);
/* Gives up the telephone to which a call is being handed on: the agent who hands it on keeps it. */
void reach_forget_towards(struct talk *, enum code, const char *why);
/* ends the ringing; the call is at the routing point again */
void reach_returns(struct talk *, const char *point, enum cause);
/* lets the caller hear the leg's sound before the answer */
void reach_early(struct leg *);
void reach_ringback(struct talk *);      /* plays the ringing tone to the caller */
void reach_await_ringing(struct talk *); /* sets the time in which the telephone must begin to ring */
void reach_await_answer(struct talk *);  /* sets the time to answer, for calls that the core does not limit */
/* The code for a status that a telephone has answered; and the cause with which a call ends for a code. */
enum code reach_code_of_status(uint16_t status);
/* The code for a status of that leg: 480 from a telephone of ours counts as busy. For an agent who dials at the
 * telephone reach_code_of_status() is used. */
enum code reach_code_of_leg(const struct leg *, uint16_t status);
enum cause reach_cause_of_code(enum code);

/* --- members.c --- */

/* Adds the leg to the call beside caller and called; false: there are too many legs. */
bool member_joins(struct talk *, struct leg *);
bool members_confer(const struct talk *); /* is it a conference: more than two who talk, without supervisors? */
/* puts `instead`, or nobody if NULL, in the place of a leg, which is freed */
void member_replace(struct talk *, struct leg *leaver, struct leg *instead);
/* takes the leg out of the call, which goes on or ends then */
void member_leaves(struct talk *, struct leg *, enum cause);
/* does the caller stay when that leg leaves? */
bool member_is_stayed(const struct talk *, const struct leg *);
/* May somebody take the agent's place now: do they talk, and ask nobody, and hand nothing on? */
bool member_may_leave(const struct talk *, const struct leg *agent);
/* Puts the supervisor's leg in the place of the agent whose call it hears, whose own leg ends. False: the agent asks
 * somebody about the call, or hands it on, just now. */
bool member_takes_over(struct leg *supervisor);
/* Ends the part of an agent who hands the call on, because `towards` rings, or because the agent leaves before that. */
void member_hands_over(struct talk *);
/* Ends the legs of supervisors who listen to that agent, since the agent leaves. */
void members_unwatch(struct talk *, const char *of);

/* --- farewell_play.c --- */

void farewell_answered(struct talk *); /* starts the timer for the message at its deadline */
void farewell_person(struct talk *);   /* plays a message that is due to the person at the routing point */
/* Leaves a message with a machine that has answered. False: there is no such message. False: there is none. The call
 * is over. */
bool farewell_machine(struct talk *);
void farewell_played(struct talk *); /* handles the end of the sound that the caller heard */

/* --- route.c: orders to route; refusals are reported to the call model --- */

/* `also`: further telephones that ring together with the destination, each name with its zero. */
void route_talk(struct talk *, uint64_t ask, const char *destination, struct span also);
void route_back(struct talk *, uint64_t ask, const char *dn, const char *to);

/* --- arrival.c --- */

/* Begins a call of a trunk to that routing point, or, for an emergency, to that number outside; `number` is the
 * number that was called. */
void arrival_begin(struct exchange *, const struct sip_msg *invite, const char *to, const char *number);

/* --- consult.c --- */

void consult_begins(struct talk *, uint64_t ask, struct leg *, const char *to);
/* Begins a consultation that the leg's telephone dials during its call; else returns the reason why not, and the
 * INVITE is not answered yet. */
enum code consult_dials(struct talk *, struct leg *, const struct sip_msg *invite, const char *to, const char **why);
/* Makes room for an emergency: a consultation in which that telephone takes part is ended. If the emergency cannot
 * be dialled even so, returns the reason and ends nothing; a consultation that is an emergency itself is never
 * ended. `ports`: how many the emergency needs besides those of the telephone's call. */
enum code consult_yields(struct exchange *, const char *dn, const char *to, unsigned ports, const char **why);
/* The desktop of that telephone calls an emergency: true: it has become a consultation of the telephone's call, or
 * is refused. False: the telephone talks with nobody, so the call must be dialled as usual. */
bool consult_is_emergency(struct exchange *, uint64_t ask, const char *dn, const char *to);
/* Completes the consultation: the main call goes to the person or routing point that was asked. */
void consult_completes(struct talk *consult, uint64_t ask);
/* Completes a consultation whose telephone does not ring yet, because the agent of that leg hangs up. False: it is
 * none. */
bool consult_is_left(struct leg *);
/* The agent who asks talks to the main call while the person who was asked is on hold, or the other way round. */
void consult_swaps(struct talk *consult, uint64_t ask);
/* Makes a conference: the person who was consulted joins the main call. */
void consult_confers(struct talk *consult, uint64_t ask);

/* --- dial.c: calls that begin here --- */

struct dialled {
    const char *from; /* where the call is dialled from: a routing point, or the telephone of an agent */
    /* what is dialled: a number outside; from a telephone also another telephone or a routing point */
    const char *to;
    const char *caller_id; /* the caller's number to show outside; "": none is given */
    uint64_t conn;         /* the ConnID that the core has chosen; 0: none */
    uint64_t ring_ms;      /* how long the call may ring; 0: the usual time */
    bool predictive;       /* only a person counts as an answer, not a machine */
    bool back;             /* a call-back: `from` is the routing point or DN where it was booked */
    bool point;            /* `from` is a routing point and no telephone; dial_asked() sets this */
    struct span data;      /* the user data, also with wishes how to dial (farewell.c, reach_wishes) */
};

void dial_asked(struct exchange *, uint64_t ask, const struct dialled *);
/* Dials what an agent has dialled at the telephone; during a call it is a consultation. */
void dial_at_telephone(struct exchange *, const struct sip_msg *invite, const char *dn, const char *to);
void dialled_answered(struct talk *);
void dialled_closed(struct talk *, uint16_t status); /* ends the call, because the dialled party has not answered */
/* The cause of a call to a number outside that ended before its answer; status 0: there was no answer at all. */
enum cause dial_cause(const struct leg *, uint16_t status);

/* --- monitor.c --- */

/* Lets a supervisor at the telephone `dn` listen to the agent's call at `of`, coach that agent, speak to all, or take
 * the call over. */
void monitor_asks(struct talk *, uint64_t ask, const char *dn, enum party_ask mode, const char *of);
void monitor_rings(struct leg *);
void monitor_answered(struct leg *);

/* --- control.c --- */

void control_asks(struct talk *, uint64_t ask, const char *dn, enum party_ask, const char *to);
/* Takes the leg's agent out of the call, which is put at the routing point. */
void control_to_point(struct talk *, struct leg *, const char *point);

/* --- talk_legs.c --- */

extern const struct leg_ops talk_leg_ops;
void talk_leg_answered(struct leg *);

/* --- replaces.c --- */

/* Takes an INVITE with Replaces, of the telephone `dn`, or of a trunk if that is "", and answers it. */
void replaces_take(struct exchange *, const struct sip_msg *invite, const char *dn);
/* Joins the call whose telephone has sent REFER with the call of the dialog that it names. */
void replaces_join(struct talk *, const char *dn, const struct pl *replaces);
