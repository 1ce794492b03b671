/* runtime/core/pacing/pacer.h - The pacer of a campaign: how many numbers to dial now, and why not one more.
 *
 * A pacer is told what happens to the campaign's attempts and agents, and is asked when something has changed or time
 * has passed; asking twice at the same moment gives the same answer, since only facts and time change it. It has no
 * clock: each call brings the time, which never goes back. It is plain data of a fixed size, without pointers and
 * without padding that differs: whoever owns it copies, saves and hashes it as bytes. All is integer.
 *
 * An attempt's life, and the fact that tells each step:
 *
 *   dialled -> failed                                     busy, no answer, a machine: nobody to be connected
 *           -> answered -> hung_up                        left before the wait for an agent was over
 *                       -> abandoned                      no agent within the wait: the message, and counted
 *                       -> connected -> over -> ready     talk, then after-call work, then the agent is free
 *
 * An agent without after-call work is told over and ready at one time. `since_us` always is the time that was told with
 * the fact before it, so the pacer keeps counts by time and no list of calls. Each life that is begun is ended: an
 * attempt whose outcome nobody will know has failed. Agents' calls of other campaigns and inbound calls are no facts;
 * such agents are busy, and not expected to be free soon.
 *
 * The bound. A customer is lost who answers and has no agent within the wait. The credit is how many more could be lost
 * without exceeding the limit. It is the smaller of two: of the rule's window, and of a quarter of an hour, in which
 * one may be lost however few answer. A number is dialled while the chance that its answer is lost does not exceed the
 * chance that the credit allows. This one makes a supermartingale of V(credit): V(c) = RISK / (1 + c), and 1 when the
 * credit is used up. So the chance that the share of the lost is ever above the limit, from the first call on, is about
 * RISK, as long as no chance is higher than it is told, so the forecast tells it twofold: with credit 0 next to
 * nothing is risked, and with much nearly the limit. Each quarter begins with a credit of its own, and a day has many:
 * the credit of the quarter allows half of that, and a fourth while fewer than three more may be lost in it.
 *
 * The chance counts the numbers that ring, of other campaigns on the same agents too; how often other calls take
 * agents; how often people have answered before, and how many more have answered since then than were to be expected of
 * those who rang; and how long it takes from an answer until an agent is there. People wait for no longer than their
 * strategy keeps them, however long the rules allow. A large team loses several at once where it loses one, so its
 * credit counts for fewer. A sequential test says whether agents come in time at all
 * (`late`): a campaign begins with one number, or with few more where hardly anybody answers, and waits for who has
 * answered beside it; once an agent has come in time four may ring, and each who does lets two more. If agents who were
 * there came too late, one number is dialled at a time, and at last none, until the credit has room or a pause is over.
 * The pause doubles with each try in vain, so that a switch that is mended soon is tried soon, and telephones that
 * always ring too long cost few people. What is seen by one campaign is told to all on the same agents.
 *
 * Where only some come too late, a try is nearly always in time, and yet each answer costs as much as any other. Their
 * share (`tardy`) is a rate as the others are. Until it is forgotten nothing is dialled in a quarter that has no room
 * for one more; a person who is lost begins a pause if the window has none, and one number is dialled at a time after
 * it. Where both have room, so many ring that hardly a second one is lost with the first, which is what takes a quarter
 * above the limit. That also holds before anybody was lost if agents need nearly all of the wait as a rule.
 *
 * Predictive mode. Each attempt that rings has a chance to be answered within the next while, which follows from its
 * age and the history of answers. Each agent at work has a chance to be free by then, which follows from the age of the
 * call or of its after-call work. An additional number is dialled while the chance that its answer finds no agent,
 * which is the chance that other answers take all agents there are, does not exceed what is allowed. While hardly more
 * than CHANCES_EXACT can answer or be free that chance is enumerated, beyond it is the normal curve's. A number beyond
 * the agents who are ready is dialled only if the credit of the rule's window has room for one more person who is lost.
 * It must have room, too, for as many as are lost in the worst of a hundred cases. A single agent has so few answers
 * that it never has. Until it has learnt, the mode is progressive.
 *
 * Many numbers ring if few answer. If people answer more often from one minute to the next, nobody knows before the
 * first of them have answered, and the others ring already. So there is a second worst case: people answer at once as
 * often as they ever did of late (`highest`). No number is dialled unless both credits have room for that, too, but
 * once in 1,000 times, at each of the moments that the forecast looks at: many answer within a few seconds then, and
 * agents who are free later are too late for them. A number for an agent who is ready is no exception, because numbers
 * of other campaigns ring for the same agents. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/pacing/ceiling.h"
#include "runtime/core/pacing/cohort.h"
#include "runtime/core/pacing/duration.h"

enum pacer_mode {
#define PACER_MODE(name, meaning) PACER_##name,
#include "runtime/core/pacing/pacer_modes.def"
    PACER_MODES
};

enum pacer_reason {
#define PACER_REASON(name, meaning) PACER_WHY_##name,
#include "runtime/core/pacing/pacer_reasons.def"
    PACER_REASONS
};

/* Rules that a site sets. They may change at any time (pacer_set); what the pacer has learnt and counted stays, as far
 * as it is within a new window. */
struct pacer_rules {
    uint64_t window_us;     /* at least 61 */
    uint64_t wait_us;       /* how long one who answered waits for an agent before they count as abandoned */
    uint64_t agent_wait_us; /* goal: how long agents shall wait between two calls; 0: as little as the limit allows */
    uint32_t busy;          /* goal: permille of their time that agents shall be busy; 1000: as the limit allows */
    uint32_t limit;         /* permille of the people who answered that may be abandoned in the window, below 1000 */
    uint32_t mode;          /* enum pacer_mode */
    uint32_t learn;     /* predictive: answers and calls that must be known, at least 1; before, it is progressive */
    uint32_t per_agent; /* progressive: thousandths of a line per agent who is ready; 1000 is the rule */
    uint32_t reserve;   /* agents who stay ready for inbound calls, or ports that stay free */
    uint32_t lines;     /* most numbers that ring at once */
    uint32_t ports;     /* power: number of ports of the IVR */
};

/* The versions of snapshots in which fields of a pacer came; PACER_VERSION has all of the fields below. */
enum pacer_version {
    PACER_HAS_BOUND = 9,
    PACER_HAS_HIGHEST = 11,
    PACER_HAS_PAUSE = 12,
    PACER_HAS_LATE_SHARE = 13,
    PACER_HAS_KEPT = 14,
    PACER_VERSION = PACER_HAS_KEPT
};

#define ANSWER_ONE (UINT32_C(1) << 20)

struct pacer {
    struct pacer_rules rules;
    struct durations answered, ended; /* time from dialling to the answer; time to the answer or the failure */
    struct durations talked, wrapped; /* talk time; time from the end of talk until the agent is ready */
    struct cohorts ringing, talking, wrapping;
    struct ceiling ceiling, quarter; /* counts over the rule's window; over a quarter of an hour */
    uint64_t kept_us; /* time after the answer at which people without an agent are let go; 0: nobody was let go before
                         wait_us */
    uint64_t served_us, told_us; /* times that are nearly never exceeded: from the choice of an agent until it is
                                    there; from an answer until the core hears of it */
    uint64_t aged_us;            /* when old knowledge was given less weight last */
    uint64_t taken, watched_us;  /* agents taken by other calls, in units of 1/CHANCE_ONE; in which time; both fade */
    uint64_t followed_us;        /* up to when expected answers are counted */
    uint64_t highest;            /* the highest share of attempts that were answered of late, of CHANCE_ONE */
    uint32_t block_ended, block_answered; /* attempts, and answered ones, since `highest` was computed */
    uint32_t came, expected; /* recent answers; the answers that the history foretold, in units of 1/ANSWER_ONE */
    uint32_t late, proved;   /* evidence that agents who are there come too late; number who came in time, as far as it
                                matters */
    uint64_t again_us, pause_us; /* agents come too late: when a number is tried again; length of that pause */
    uint32_t tardy, prompt;      /* agents who were there and came too late; in time; in thousandths; old ones fade */
    /* Time of the last pacer_ask; smoothed share of time that agents were busy, of CHANCE_ONE. */
    uint64_t asked_us, busy;
    /* Share of the allowed chance that the goal leaves; number of people who wait for an agent. */
    uint32_t eased, waiting;
};

/* How many more people could be abandoned, in thousandths, in the rule's window and in a quarter of an hour; and the
 * limit by which these are counted. */
struct pacer_bound {
    int64_t credit, quarter;
    uint64_t limit;
};

/* The agents (in power mode: the ports) as the asker knows them now, and the calls of other campaigns that need them.
 */
struct pacer_agents {
    uint32_t ready;    /* could take a call now */
    uint32_t busy;     /* have a call or after-call work */
    uint32_t taken;    /* agents needed by people who have answered other campaigns and wait; may exceed `ready` */
    uint32_t promised; /* numbers of other campaigns that were dialled for one agent each, and have not been answered */
    uint32_t begun;    /* numbers of other campaigns that are about to be dialled */
    struct pacer_bound bound; /* the smallest bounds of the campaigns in `beside`, whose people may be lost too */
    const struct pacer *const *beside; /* the pacers of the other campaigns on the same agents; borrowed */
    uint32_t beside_count;
};

struct pacer_answer {
    uint32_t dial;          /* how many numbers to dial now */
    enum pacer_reason why;  /* why not one more number */
    uint32_t lost, allowed; /* predictive: chance that one more who answers finds no agent; the allowed chance; of
                               CHANCE_ONE */
    int64_t credit;         /* how many more could be abandoned in the window, in thousandths; below 0: too many were */
};

void pacer_init(struct pacer *, const struct pacer_rules *);
void pacer_set(struct pacer *, uint64_t now_us, const struct pacer_rules *);
/* Takes over what an earlier pacer of the same campaign has counted and learnt, but not its rules. No call is under
 * way.
 */
void pacer_continues(struct pacer *, uint64_t now_us, const struct pacer *);
/* Does the pacer know anything that pacer_continues would take over? With time all of it becomes out of date. */
bool pacer_knows(const struct pacer *, uint64_t now_us);

/* Writes or reads the pacer (vm/keep.h), which was told nothing later than `now_us`. */
void pacer_keep(struct pacer *, struct keeper *, uint64_t now_us);

void pacer_dialled(struct pacer *, uint64_t now_us);
void pacer_failed(struct pacer *, uint64_t now_us, uint64_t since_us);
void pacer_answered(struct pacer *, uint64_t now_us, uint64_t since_us);
void pacer_hung_up(struct pacer *, uint64_t now_us);
/* A person has found no agent in time. `late`: an agent was ready or chosen for the person, and did not come in time.
 */
void pacer_abandoned(struct pacer *, uint64_t now_us, bool late);
/* A person was let go for want of agents, `us` after the answer. */
void pacer_lets_go(struct pacer *, uint64_t us);
/* An agent was chosen for a person who had answered `us` ago. */
void pacer_kept(struct pacer *, uint64_t us);
/* The agent who was chosen at `since_us` has come to the person. */
void pacer_connected(struct pacer *, uint64_t now_us, uint64_t since_us);
/* An agent has come, in time or too late, to somebody who answered another campaign on the same agents. */
void pacer_sees(struct pacer *, uint64_t now_us, bool late);
/* Takes over what was learnt of the same agents by the pacer of another campaign, before this one was there. */
void pacer_joins(struct pacer *, uint64_t now_us, const struct pacer *);
/* The core has heard of an answer `us` after it. */
void pacer_told_late(struct pacer *, uint64_t us);
/* The core has heard `us` late of an answer that the IVR has served since then (`since_us`). */
void pacer_talks_longer(struct pacer *, uint64_t now_us, uint64_t since_us, uint64_t us);
/* Another call has taken one of the agents. */
void pacer_taken(struct pacer *, uint64_t now_us);
/* A person who is connected to the IVR is served by no agent and counts as abandoned; the attempt goes on. */
void pacer_unserved(struct pacer *, uint64_t now_us);
void pacer_over(struct pacer *, uint64_t now_us, uint64_t since_us);
/* After-call work is over, or the agent has left in the middle of it. */
void pacer_ready(struct pacer *, uint64_t now_us, uint64_t since_us);

struct pacer_answer pacer_ask(struct pacer *, uint64_t now_us, const struct pacer_agents *);

/* Has the pacer learnt enough for the predictive mode? */
bool pacer_has_learnt(const struct pacer *, const struct pacer_agents *);
/* Returns the pacer's credits for another campaign. It leaves the pacer unchanged, since the pacer's own campaign has
 * hashed its bytes. */
struct pacer_bound pacer_bound(const struct pacer *, uint64_t now_us);
struct pacer_bound pacer_bound_least(struct pacer_bound, struct pacer_bound);
/* Returns the chance, in parts of CHANCE_ONE, that the bound allows for losing one person who answers; never 0.
 * `together`: how many are lost at once, in thousandths. */
uint32_t pacer_may(struct pacer_bound, uint64_t together);
/* Is one ready agent kept for each number of the pacer that rings? */
bool pacer_promises(const struct pacer *, const struct pacer_agents *);
/* The number of agents that its calls have or, if a person still waits, need. */
uint32_t pacer_uses(const struct pacer *);
const char *pacer_reason_name(enum pacer_reason);
const char *pacer_reason_meaning(enum pacer_reason);
