/* runtime/store/quality.h - Reviews of how customers were served: what was drawn to be reviewed, who has given how many
 * points, and what the agent says to it.
 *
 *     quality_draws -- quality_samples -- quality_scores -- quality_points
 *
 * A draw with one reviewer a sample is for the agents, who see what is done of their own. One with more is a
 * calibration: nobody sees what others have given before all of them are done, and agents never do.
 *
 * Calls are as those of store.h. */
#pragma once

#include "runtime/store/store.h"

/* ---- what was drawn ---- */

struct store_sample {
    int64_t sample, draw; /* 0 in one that is stored now */
    int64_t interaction;  /* here; 0: not here */
    int64_t mark, ms, received;
    struct span agent, team, ixn, media, conn, queue, code;
    struct span customer; /* number or address, by which this is found when they are erased; empty: none */
};
struct store_draw {
    const char *tenant, *by;
    struct span rule; /* one text for the same rule */
    struct span form, version, text;
    int64_t reviewers, found, at;
};
/* Finds the secret number of the site by which chance draws, which is made at the first time. */
bool store_quality_seed(struct store *, int64_t *seed, struct error *);
/* Finds the draw by this rule; 0: it was not drawn yet. */
bool store_draw_of(struct store *, const char *tenant, struct span rule, int64_t *draw, struct error *);
/* Stores a draw with its form and samples. A draw by the same rule that is there stays, and is meant. False
 * (ERROR_LIMIT): there are STORE_DRAWS_DAY_MAX of this day, or too many samples. */
bool store_draw_put(struct store *, const struct store_draw *, const struct store_sample *, size_t count, int64_t *draw,
                    struct error *);

/* A review that was begun, and not saved for so long, holds up nobody: somebody else may review the sample. */
#define STORE_REVIEW_IDLE_US (INT64_C(7) * 86400 * 1000000)

struct store_sample_shown {
    struct store_sample sample;
    struct span form, version, external_id; /* external_id: the interaction's; empty: it is not here */
    int64_t reviewers, drawn;               /* reviewers: how many shall review it; drawn: when it was drawn */
    int64_t begun, done;                    /* how many have begun, and are done */
    int64_t others;                         /* how many others have begun lately, or are done */
    bool own, own_done;                     /* the asking person has begun; is done */
};
struct store_samples_of { /* which samples are meant */
    const char *tenant, *person;
    struct span agent, form; /* empty: any */
    const char *within;      /* only of these agents, or from these queues: agent:NAME or queue:NAME, a line each, which
                              * ends; NULL: any */
    int64_t draw, sample;    /* 0: any */
    int64_t now;             /* wall clock, in microseconds */
    bool open;               /* only those for which a review by the person is still wanted */
    const char *acts_on;     /* `open`: of these agents alone, agent:NAME, a line each, which ends; NULL: of any */
    int64_t before;          /* only those with a smaller number; 0: from the newest */
    unsigned limit;
};
typedef void store_each_sample(void *self, const struct store_sample_shown *);
/* Lists samples, the newest first. */
bool store_samples(struct store *, const struct store_samples_of *, store_each_sample *, void *self, struct error *);
/* Gives the text of the form of this version, or nothing. */
bool store_quality_form(struct store *, struct span name, struct span version, store_each_text *, void *self,
                        struct error *);

/* ---- reviews ---- */

struct store_point {
    struct span question, comment; /* comment empty: none */
    int64_t points, most;          /* points -1: none are given */
};
struct store_score {
    const char *tenant, *reviewer;
    int64_t sample, hundredths, at;
    bool failed, done; /* done: the agent may see it, and it stays as it is */
    struct span comment;
    const struct store_point *points;
    size_t count;
};
/* Stores the reviewer's review of the sample in place of the one that is not done yet. False: there is no such sample
 * (ERROR_UNKNOWN); the review is done, it is of the reviewer's own work, or enough people review it (ERROR_STATE). */
bool store_score_put(struct store *, const struct store_score *, int64_t *score, struct error *);

struct store_score_shown {
    int64_t score, sample, hundredths, at, done, seen, answered; /* times 0: not */
    bool failed, objects;
    struct span reviewer, comment, answer;
};
typedef void store_each_score(void *self, const struct store_score_shown *);
/* Lists the reviews of the sample that the person may see: those that are done, of a calibration once all are done; and
 * the person's own. */
bool store_scores(struct store *, const char *tenant, int64_t sample, const char *person, store_each_score *,
                  void *self, struct error *);
typedef void store_each_point(void *self, const struct store_point *);
bool store_points(struct store *, int64_t score, store_each_point *, void *self, struct error *);

/* ---- agents ---- */

struct store_review { /* a review as its agent sees it */
    struct store_score_shown score;
    struct store_sample_shown of;
};
typedef void store_each_review(void *self, const struct store_review *);
/* Lists the agent's own reviews that are done, the newest first, at most `limit`. `score`: that one alone; 0: all. */
bool store_reviews(struct store *, const char *tenant, const char *agent, int64_t score, unsigned limit,
                   store_each_review *, void *self, struct error *);
/* The agent has seen the review, and perhaps says something to it, once. False: the agent has no such one
 * (ERROR_UNKNOWN), or has answered (ERROR_STATE). */
bool store_review_answer(struct store *, const char *tenant, const char *agent, int64_t score, struct span answer,
                         bool objects, int64_t now, struct error *);

/* ---- figures ---- */

enum store_quality_by { QUALITY_BY_agent, QUALITY_BY_team, QUALITY_BY_question, QUALITY_BY_reviewer, QUALITY_BYS };
struct store_quality_row {
    struct span form, of;
    int64_t reviews, failed, hundredths; /* hundredths of a percent, on average */
    int64_t objections;
};
typedef void store_each_quality_row(void *self, const struct store_quality_row *);
/* What the reviews that were done from `from` until before `to` came to, by form and agent, team, question or reviewer;
 * without those of calibrations. `within`: as of struct store_samples_of. */
bool store_quality_report(struct store *, const char *tenant, enum store_quality_by, int64_t from, int64_t to,
                          const char *within, store_each_quality_row *, void *self, struct error *);
