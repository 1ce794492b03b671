/* runtime/core/pacing/pacer.h - The pacer of a campaign: how many numbers to dial now, and why not one more.
 *
 * The campaign reports to the pacer what happens to attempts and agents, and asks it when something has changed or time
 * has passed; asked twice at the same moment the pacer gives the same answer, since only reports and time change it.
 * The pacer has no clock: each call passes the time, which never goes back. The pacer is plain data of a fixed size,
 * without pointers and with no undefined padding: its owner copies, saves and hashes it as bytes. All is integer.
 *
 * The life of an attempt, and the report of each step:
 *
 *     dialled -> failed                                     busy, no answer, a machine: nobody to be connected
 *             -> answered -> hung_up                        left before the wait for an agent was over
 *                         -> abandoned                      no agent within the wait: the message, and counted
 *                         -> connected -> over -> ready     talk, then after-call work, then the agent is free
 *
 * For an agent without after-call work, the end of the call and "ready" are reported with the same time. `since_us`
 * always is the time of the report before, so the pacer keeps counts by time and no list of calls. Each attempt that
 * was begun is also ended: one whose outcome stays unknown counts as failed. Calls of other campaigns and inbound
 * calls are not reported; their agents count as busy and are not expected to be free soon.
 *
 * The bound. A customer who answers and gets no agent within the wait is lost. The credit is how many more people could
 * be lost without exceeding the limit. The credit is the smaller of two credits: one for the window of the rules, and
 * one for a quarter of an hour, in which one person may be lost however few answer. A number is dialled only as long as
 * the chance that its answer is lost is within what the credit allows. This allowed chance makes V(credit) a
 * supermartingale: V(c) = RISK / (1 + c), and 1 when the credit is used up. So the chance that the share of lost people
 * ever exceeds the limit, from the first call on, is about RISK, provided that no chance is higher than estimated; the
 * forecast therefore doubles its estimate. With credit 0 nearly nothing is risked, with a large credit nearly the
 * limit. Each quarter begins with a credit of its own, and a day has many quarters: the credit of the quarter allows
 * half of that chance, and a fourth while fewer than three more people may be lost in it.
 *
 * The chance includes the numbers that ring, also those of other campaigns on the same agents; how often other calls
 * take agents; how often people have answered before, and how many more have answered since than were expected; and
 * how long it takes from an answer until an agent is there. People wait no longer than their strategy keeps them,
 * even if the rules allow more. A large team loses several people at once when it loses one, so its credit counts
 * for fewer. A sequential test shows whether agents come in time at all (`late`): a campaign begins with one number,
 * or with a few if hardly anybody answers, and waits for people who have answered other campaigns on the same
 * agents; once an agent has come in time four numbers may ring, and each further such agent allows two more. If
 * agents who were there came too late, one number is dialled at a time, and at last none, until there is credit or a
 * pause is over. The pause doubles with each try that fails: a switch that works again soon is tried soon, and
 * telephones that always ring too long cost few people. What one campaign observes is reported to all campaigns on
 * the same agents.
 *
 * If only some agents come too late, a try nearly always succeeds, and yet each answer costs as much as any other. The
 * share of late agents (`tardy`) is a rate like the others. Until this share is forgotten, nothing is dialled in a
 * quarter that has no room for one more lost person; a person who is lost begins a pause if the window has no room, and
 * afterwards one number is dialled at a time. If the quarter and the window have room, so few numbers ring that hardly
 * a second person is lost together with the first, since that is what takes a quarter above the limit. So few numbers
 * also ring before anybody was lost, if agents usually need nearly all of the wait.
 *
 * Predictive mode. Each ringing attempt has a chance to be answered within the next while, which follows from its
 * age and from how earlier attempts went. Each working agent has a chance to be free by then, which follows from the
 * age of the call or of the after-call work. An additional number is dialled while the chance that its answer finds
 * no agent, because other answers take all agents, is within the allowed chance. As long as at most about
 * CHANCES_EXACT can answer or become free, that chance is computed exactly; beyond that by the normal curve. A
 * number in addition to those for ready agents is dialled only if the credit of the rule's window has room for one
 * more lost person. The credit must also have room for as many people as are lost in the worst of a hundred cases. A
 * single agent has so few answers that the credit never has this room. Until it has learnt, the pacer works in the
 * progressive mode.
 *
 * Many numbers ring if few answer. If people answer more often from one minute to the next, the first answers are the
 * first sign of it, and many other numbers ring already. So there is a second worst case: people suddenly answer as
 * often as in the best recent time (`highest`). A number is dialled only if at each moment of the forecast both credits
 * have room for this second worst case, in all but one of 1,000 cases: many people then answer within a few seconds,
 * and agents who become free later are too late for them. The second worst case limits also the numbers for ready
 * agents, because numbers of other campaigns ring for the same agents. */
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

/* Rules that a site sets. The rules may change at any time (pacer_set); what the pacer has learnt and counted stays, as
 * far as it belongs to the new window. */
struct pacer_rules {
    uint64_t window_us;     /* at least 61 */
    uint64_t wait_us;       /* how long a person who answered waits for an agent before counting as abandoned */
    uint64_t agent_wait_us; /* goal: how long agents shall wait between two calls; 0: as little as the limit allows */
    /* goal: permille of their time that agents shall be busy; 1000: as much as the limit allows */
    uint32_t busy;
    uint32_t limit; /* permille of the people who answered that may be abandoned in the window, below 1000 */
    uint32_t mode;  /* enum pacer_mode */
    /* mode predictive: how many answers and calls must be known, at least 1; until then the mode progressive is used */
    uint32_t learn;
    uint32_t per_agent; /* mode progressive: thousandths of a line per ready agent; 1000 is usual */
    uint32_t reserve;   /* agents who stay ready for inbound calls, or ports that stay free */
    uint32_t lines;     /* most numbers that ring at once */
    uint32_t ports;     /* power: how many ports the IVR has */
};

/* The versions of snapshots in which fields were added to a pacer; PACER_VERSION has all fields. */
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
    struct durations talked, wrapped; /* talk time; time from the end of the talk until the agent is ready */
    struct cohorts ringing, talking, wrapping;
    struct ceiling ceiling, quarter; /* counts over the window of the rules; over a quarter of an hour */
    uint64_t kept_us; /* time after the answer at which people without an agent are let go; 0: nobody before wait_us */
    uint64_t served_us, told_us; /* times almost never exceeded: from the choice of an agent until it is there; from
                                  * an answer until the core hears of it */
    uint64_t aged_us;            /* time at which old knowledge was last given less weight */
    uint64_t taken, watched_us;  /* agents taken by other calls, in units of 1/CHANCE_ONE; in which time; both fade */
    uint64_t followed_us;        /* time up to which expected answers are counted */
    uint64_t highest;            /* the highest recent share of attempts that were answered, in parts of CHANCE_ONE */
    /* how many attempts have ended, and how many of these were answered, since `highest` was computed */
    uint32_t block_ended, block_answered;
    uint32_t came, expected;     /* recent answers; the answers that were expected, in units of 1/ANSWER_ONE */
    uint32_t late, proved;       /* evidence that agents who are there come too late; how many came in time, up to a
                                  * maximum */
    uint64_t again_us, pause_us; /* if agents come too late: when a number is tried again; length of that pause */
    uint32_t tardy, prompt;      /* late and timely agents who were there, in thousandths; old cases fade */
    /* Time of the last pacer_ask; smoothed share of time that agents were busy, of CHANCE_ONE. */
    uint64_t asked_us, busy;
    /* Factor, in parts of CHANCE_ONE, by which the goal reduces the allowed chance; number of people who wait for an
     * agent. */
    uint32_t eased, waiting;
};

/* How many more people could be abandoned, in thousandths, in the window of the rules and in a quarter of an hour;
 * and the limit used for both. */
struct pacer_bound {
    int64_t credit, quarter;
    uint64_t limit;
};

/* The agents (in power mode: the ports) as the campaign knows them now, and the calls of other campaigns that need
 * them. */
struct pacer_agents {
    uint32_t ready;    /* agents who could take a call now */
    uint32_t busy;     /* agents who have a call or after-call work */
    uint32_t taken;    /* agents needed by people who have answered other campaigns and wait; may exceed `ready` */
    uint32_t promised; /* numbers of other campaigns that were dialled for one agent each, and have not been answered */
    uint32_t begun;    /* numbers of other campaigns that are about to be dialled */
    struct pacer_bound bound; /* the smallest bounds of the campaigns in `beside`, whose people may be lost as well */
    const struct pacer *const *beside; /* the pacers of the other campaigns on the same agents; borrowed */
    uint32_t beside_count;
};

struct pacer_answer {
    uint32_t dial;          /* how many numbers to dial now */
    enum pacer_reason why;  /* reason for not dialling one more number */
    uint32_t lost, allowed; /* predictive: chance that the next answer finds no agent; the allowed chance; of
                             * CHANCE_ONE */
    /* how many more people could be abandoned in the window, in thousandths; below 0: too many were */
    int64_t credit;
};

void pacer_init(struct pacer *, const struct pacer_rules *);
void pacer_set(struct pacer *, uint64_t now_us, const struct pacer_rules *);
/* Takes over what an earlier pacer of the same campaign has counted and learnt, but not its rules. No call may be in
 * progress. */
void pacer_continues(struct pacer *, uint64_t now_us, const struct pacer *);
/* Does the pacer know anything that pacer_continues would take over? All that it knows becomes out of date with
 * time. */
bool pacer_knows(const struct pacer *, uint64_t now_us);

/* Writes or reads the pacer (vm/keep.h), to which nothing later than `now_us` was reported. */
void pacer_keep(struct pacer *, struct keeper *, uint64_t now_us);

void pacer_dialled(struct pacer *, uint64_t now_us);
void pacer_failed(struct pacer *, uint64_t now_us, uint64_t since_us);
void pacer_answered(struct pacer *, uint64_t now_us, uint64_t since_us);
void pacer_hung_up(struct pacer *, uint64_t now_us);
/* A person has waited too long for an agent or was let go without one. `late`: an agent was ready or chosen for the
 * person, and did not come in time. */
void pacer_abandoned(struct pacer *, uint64_t now_us, bool late);
/* A person was let go because no agent was free, `us` after the answer. */
void pacer_lets_go(struct pacer *, uint64_t us);
/* An agent was chosen for a person who had answered `us` ago. */
void pacer_kept(struct pacer *, uint64_t us);
/* The agent who was chosen at `since_us` is now connected to the person. */
void pacer_connected(struct pacer *, uint64_t now_us, uint64_t since_us);
/* A person has answered another campaign on the same agents, and an agent came in time or too late. */
void pacer_sees(struct pacer *, uint64_t now_us, bool late);
/* Takes over what the pacer of another campaign had learnt about the same agents before this pacer existed. */
void pacer_joins(struct pacer *, uint64_t now_us, const struct pacer *);
/* The core has learnt of an answer `us` after it happened. */
void pacer_told_late(struct pacer *, uint64_t us);
/* The core has learnt, `us` late, of an answer that the IVR has served since then (`since_us`). */
void pacer_talks_longer(struct pacer *, uint64_t now_us, uint64_t since_us, uint64_t us);
/* A call that is not of this campaign has taken one of the agents. */
void pacer_taken(struct pacer *, uint64_t now_us);
/* A person who is connected to the IVR is served by no agent and counts as abandoned; the attempt goes on. */
void pacer_unserved(struct pacer *, uint64_t now_us);
void pacer_over(struct pacer *, uint64_t now_us, uint64_t since_us);
/* The after-call work is over, or the agent has logged out in the middle of it. */
void pacer_ready(struct pacer *, uint64_t now_us, uint64_t since_us);

struct pacer_answer pacer_ask(struct pacer *, uint64_t now_us, const struct pacer_agents *);

/* Has the pacer learnt enough for the predictive mode? */
bool pacer_has_learnt(const struct pacer *, const struct pacer_agents *);
/* Returns the pacer's credits for another campaign. The pacer stays unchanged, since its own campaign has hashed its
 * bytes. */
struct pacer_bound pacer_bound(const struct pacer *, uint64_t now_us);
struct pacer_bound pacer_bound_least(struct pacer_bound, struct pacer_bound);
/* Returns the chance, in parts of CHANCE_ONE, with which the bound allows losing the next person who answers; never
 * 0. `together`: how many people are lost at once, in thousandths. */
uint32_t pacer_may(struct pacer_bound, uint64_t together);
/* Is one ready agent kept free for each ringing number of the pacer? */
bool pacer_promises(const struct pacer *, const struct pacer_agents *);
/* Returns the number of agents that its calls have or, for people who still wait, need. */
uint32_t pacer_uses(const struct pacer *);
const char *pacer_reason_name(enum pacer_reason);
const char *pacer_reason_meaning(enum pacer_reason);
