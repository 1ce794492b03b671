/* runtime/adapters/sip/talk.h - A call's inside, for the files that change it: talk.c, dial.c, detect.c, reach.c,
 * control.c, consult.c, conference.c, monitor.c.
 *
 *     caller's leg ==== called leg             a call; `towards` takes the called one's place, or the caller's
 *          A's leg ==== called leg             its consultation, which borrows the leg of the agent who asks
 *   A's second leg ==== called leg             or the telephone dials it beside the call
 */
#ifndef SIP_TALK_H
#define SIP_TALK_H

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"

/* The call model waits five seconds for a route; a caller who was left alone waits for the core to take the call back.
 */
enum { SILENT_MS = 4000, ALONE_MS = 10000 };

/* The reason where talks_have_ports() says no. */
#define NO_PORT "no port of rtp_ports is left for its sound"

/* --- talk.c --- */

struct talk *talk_new(struct exchange *);
void talk_free(struct talk *); /* tells nobody */
/* It ends, with its consultation: everybody is told. Not from a handler of one of its legs, but its close handler. */
void talk_gone(struct talk *, enum cause);
/* The call comes to the routing point, or is there again: a stay of its own. */
void talk_stands(struct talk *, const char *point);
/* A change of that party; "" is outside, where nobody is told. */
void talk_tell(const struct talk *, enum party_change, const char *dn, const char *to, enum cause);
struct leg *talk_leg_at(const struct talk *, const char *dn);              /* NULL: none of its own */
struct leg *talk_other(const struct talk *, const struct leg *);           /* with whom that one talks; NULL: nobody */
void talk_replace(struct talk *, struct leg *leaver, struct leg *instead); /* its leg is freed; NULL: by nobody */
void talk_leave(struct talk *, struct leg *, enum cause);                  /* an agent leaves the call */

/* True: the condition holds. Else it is a mistake of ours: the log says so, the figure `faults` counts it, and this
 * call alone ends, once the loop is back. */
#define TALK_HOLDS(talk, condition) ((condition) || talk_faulty(talk, #condition, __func__))
bool talk_faulty(const struct talk *, const char *what, const char *where);

/* --- dial.c: the caller of a call that begins here --- */

void dialled_answered(struct talk *);
/* The agent who dials has the call, or has lost it; one who does not dial any more hears nothing. */
void dialled_over(const struct talk *, enum party_change, enum cause);
void dialled_goes(struct talk *);                    /* the caller is there, and goes where they want */
void dialled_closed(struct talk *, uint16_t status); /* they have not answered */

/* Takes from its user data how a number outside is dialled: `trunk`, `caller_id`. */
void dialled_wishes(struct talk *, struct span data);

/* --- farewell.c: the messages of a campaign's call --- */

/* Are the messages that the data name there? Else why not: nobody is called who could not be told. */
bool farewell_check(const struct exchange *, struct span data, const char **why);
void farewell_begin(struct talk *, struct span data); /* it is dialled */
void farewell_answered(struct talk *);                /* the time runs */
void farewell_person(struct talk *);                  /* who stands at the routing point */
void farewell_served(struct talk *);                  /* somebody came, or the strategy has begun to talk */
/* A machine has answered: it is left the message, where there is one. False: there is none. The call is over. */
bool farewell_machine(struct talk *);
bool farewell_plays(const struct talk *); /* a person hears it now */
bool farewell_played(struct talk *);      /* its sound has ended; false: that was another one */
/* The call is to end; false: now. */
bool farewell_puts_off(struct talk *, enum cause);
void farewell_end(struct talk *);

/* --- detect.c --- */

/* Listens to the caller, whose leg has just been called. */
void detect_begin(struct talk *);
bool detect_answered(struct talk *); /* false: nobody listens */
void detect_end(struct talk *);

/* --- reach.c --- */

/* Can that telephone be called now? Else code and reason. */
enum code reach_check(const struct exchange *, const char *dn, const char **why);
/* Calls it for this talk; NULL: it cannot be done. */
struct leg *reach_call(struct talk *, const char *dn);
/* The one who is called does not ring: what asked for it is refused by the code, or the call ends by the cause. */
void reach_failed(struct talk *, enum code, enum cause, const char *why);
void reach_returns(struct talk *, const char *point, enum cause); /* rings no more there: it stands at the point */
void reach_early(struct leg *);                                   /* it has sound before its answer */
void reach_ringback(struct talk *);                               /* the caller hears it ring */
void reach_await_answer(struct talk *);                           /* which the core does not: it may ring so long */
/* The answer of a telephone, as a code; and how a call ends by such a code. */
enum code code_of_status(uint16_t status);
/* The same for a telephone that a call is put to: its 480 counts as busy. The dialler by hand gets code_of_status(). */
enum code code_of_leg(const struct leg *, uint16_t status);
enum cause cause_of_code(enum code);
/* Why a call to a number outside ended before its answer; 0: nothing was heard. */
enum cause dial_cause(const struct leg *, uint16_t status);

/* --- control.c --- */

void control_hands_over(struct talk *); /* `towards` rings: who handed the call on is out of it */
void control_join(struct talk *);       /* caller and called hear what hears.def says of those who talk */
bool control_holds(const struct talk *, const struct leg *); /* in that call */
void control_music(const struct leg *);                      /* it hears that it waits */

/* --- answer.c --- */

void talk_answers(struct talk *, uint64_t ask, struct leg *); /* the desktop of that leg does */
void answer_over(struct leg *, const char *why);              /* where that was asked: in vain */
/* The headers of an INVITE that a desktop has asked for: "", or the telephone is to answer by itself. */
const char *answer_asked(const struct exchange *);
/* Is that telephone called only once its desktop answers? */
bool answer_waits(const struct exchange *, const char *dn);

/* --- conference.c --- */

/* The leg comes in beside caller and called; false: there are too many. */
bool conference_joins(struct talk *, struct leg *);
bool conference_is(const struct talk *); /* more than two talk, supervisors who look on aside */
/* A guest leaves; or one of the two, in a conference, and not the caller from outside: the others go on. The leg is
 * freed. */
void conference_leaves(struct talk *, struct leg *, enum cause);
/* Its sound, after anybody came, went, held or came back. */
void conference_sound(struct talk *);

/* --- monitor.c --- */

void monitor_rings(struct leg *);
void monitor_answered(struct leg *);
/* Supervisors who listen to that agent leave with the agent. */
void monitors_end(struct talk *, const char *of);

/* --- refer.c --- */

/* Its telephone is told how its REFER has ended, if it has sent one. */
void refer_over(struct leg *, enum code);

/* --- consult.c --- */

void talk_consults(struct talk *, uint64_t ask, struct leg *, const char *to);
/* The telephone of that leg dials beside the call; else the reason why not, and the INVITE is not answered yet. */
enum code talk_dials_beside(struct talk *, struct leg *, const struct sip_msg *invite, const char *to,
                            const char **why);
bool consult_borrows(const struct leg *); /* a consultation goes by this leg, which is the main call's */
void consult_untie(struct talk *consult); /* it is about no call any more; a leg that it borrows is silent */
void consult_drop(struct talk *consult);  /* it ends, and the call stays on hold */
/* The main call goes where its consultation is. */
void talk_completes(struct talk *consult, uint64_t ask);
void consult_refused(struct talk *consult, uint64_t ask, enum code, const char *why); /* that it is completed */
/* Whom the consultation has comes into the main call. */
void talk_confers(struct talk *consult, uint64_t ask);

#endif
