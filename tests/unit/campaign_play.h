/* tests/unit/campaign_play.h - A campaign with what plays its list, its switch and its agents. */
#pragma once

#include "runtime/core/campaigns/campaign.h"
#include "tests/unit/core_fixture.h"

enum { LIST = 17, ADMIN = SOURCE_ADMIN, AGENTS = 6, CALLS = 64, SECOND = 1000000, HOUR_S = 3600, DAY_S = 24 * HOUR_S };
#define NUMBER "+33145550101"

extern const char *const dialling[], *const detecting[]; /* what the switch can do */
extern char names[AGENTS][8], dns[AGENTS][8];            /* the agents and their telephones */

/* A call that the core has asked for. */
struct played_call {
    uint64_t ixn, conn, at_us; /* at_us: when the next thing happens to it */
    uint32_t ref;
    unsigned state, agent;
};
enum call_state { CALL_FREE, CALL_DIALLED, CALL_ANSWERED, CALL_ROUTED, CALL_TALKS };

/* The world with what plays the switch, the agents and the list. */
struct campaign_play {
    struct core_world *world;
    struct played_call calls[CALLS];
    uint64_t records, conns, random;
    uint32_t seen;          /* of the world's effects */
    struct sent queue[256]; /* a ring of effects that are not answered yet */
    uint32_t queued, taken;
    uint64_t wrap_until[AGENTS]; /* after-call work; 0: none */
    unsigned answers_percent, talk_s, wrap_s;
    unsigned attempts;                                      /* of each record before the list hands it over */
    enum code allows;                                       /* what the list says of a dial */
    enum code dials;                                        /* what the switch says of it; other: it dials */
    bool plays;                                             /* effects are answered */
    bool silent;                                            /* the list hands over nothing */
    void (*promised)(struct campaign_play *, uint32_t ref); /* hands over first what the list has promised; or NULL */
    int64_t known_us;                                       /* an answer is told so long after it */
    int64_t kept_back_us;                                   /* and then kept back for so long on its way */
    unsigned predictive;                                    /* calls that the switch was asked to listen to */
    unsigned most_rings, most_over;                         /* at a time; beyond the agents who were ready */
    unsigned wrong, doubted; /* records that were closed, or rest, since their number was called wrong */
};

/* What is wrong with it: it divides by zero; it has no else where nobody is selected, or no else at all. */
enum wrong { NOTHING, DIVIDES, NO_ELSE, NO_ELSE_AT_ALL };

void dial_step(struct image_writer *w, const uint32_t *failed);
void list_up_with(struct core_world *world, const char *const *caps);
void list_up(struct core_world *world);
void list_down(struct core_world *world);
void request_with(struct core_world *world, const char *name, enum campaign_op op, enum campaign_mode mode,
                  const char *limit, int64_t number);
void request(struct core_world *world, enum campaign_op op);
void answer_of(struct core_world *world, unsigned link, uint64_t ixn, uint32_t ref, enum code code);
/* Keeps the effects that have come since, before the world forgets them. */
void collect(struct campaign_play *play);
void hand_over_of(struct campaign_play *play, const char *of, uint32_t req, const char *whose, int64_t due_us);
void hand_over_for(struct campaign_play *play, uint32_t req, const char *whose, int64_t due_us);
void hand_over(struct campaign_play *play, uint32_t req);
/* The list answers FetchRecords with so many records. */
void fetched(struct campaign_play *play, uint32_t ref, uint32_t count);
/* The campaign 1800 is defined, bound to this strategy, and its list and switch are there. */
struct campaign_play *begun_by(const char *mode, struct image *image, const char *const *caps);
struct campaign_play *begun_with(const char *mode, enum wrong wrong, const char *const *caps);
struct campaign_play *begun(const char *mode, enum wrong wrong);
void over(struct campaign_play *play);
const struct campaign *campaign(const struct campaign_play *play);
void is(const struct campaign_play *play, const char *state, const char *why);
void seconds(struct campaign_play *play, unsigned count);
uint32_t fetch_ref(const struct campaign_play *play);
uint32_t name_of(const struct core_world *world, const char *name);
void clock_is(struct core_world *world, int64_t offset_s);
/* The wall clock shows so many seconds since 1970 UTC. */
void wall_is(struct campaign_play *play, int64_t wall_s);
/* The schedule `hours` is open from 10 to 18 each day but the second of 1970. */
void hours_row(struct core_world *world, bool there);
struct campaign_play *scheduled(const char *mode, const char *zone);
unsigned chance(struct campaign_play *play, unsigned below);
void play_a_tenth(struct campaign_play *play);
/* Plays for so many seconds, in steps of a tenth. */
void play_for(struct campaign_play *play, unsigned count);
void log_in(struct campaign_play *play, unsigned count);
void run_for(struct campaign_play *play, const char *limit, int64_t number, unsigned count);
/* Another campaign on the same agents, which is loaded. */
struct campaign *beside(struct campaign_play *play, const char *mode, const char *schedule, const char *limit,
                        int64_t number);
