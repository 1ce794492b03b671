/* compiler/cli/simulate.h - gcxc simulate: what its files share.
 *
 * simulate.c compiles and plays; simulate_plan.c reads what is asked; simulate_told.c tells what was found as text, CSV
 * or JSON; simulate_page.c as a page; simulate_require.c looks at conditions; simulate_records.c takes a real day from
 * the records; simulate_campaign.c reads campaigns. */
#pragma once

#include <stdio.h>

#include "compiler/cli/command.h"
#include "runtime/sim/histogram.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/simulation.h"

/* Fills a plan for the image, whose tests are the scripts of arrivals. False: a mistake was printed. */
bool simulate_plan_read(struct simulation_plan *, const struct image *, const struct scenario *,
                        const struct options *);
void simulate_plan_free(struct simulation_plan *);
/* Adds a flow without arrivals. `number`: the number called; "": one is given to it. Flows move in memory when another
 * is added. */
struct simulation_flow *simulate_add_flow(struct simulation_plan *, const char *strategy, const char *number);

/* Adds a flow for each campaign that is asked for, and how people answer it. False: a mistake was printed. */
bool simulate_campaigns_read(struct simulation_plan *, const struct image *, const struct options *);
void simulate_campaigns_free(struct simulation_plan *);

void simulate_add_shift(struct simulation_agents *, struct simulation_shift);

/* Takes the day that --records and --day say: flows with their arrivals where no --arrivals are said, handling and
 * patience of the flows that there are, ringing, after-call work, the date, and, where no --shifts are said,
 * when the agents of the directory worked. False, and said why. */
bool simulate_records_read(struct simulation_plan *, const struct options *);

enum { VERSIONS = 2 }; /* the version that is simulated, and that of --against */

/* The results of all replications for one measured object, as a flow or a queue. */
struct simulate_found {
    uint32_t kind;
    char name[SIMULATION_NAME + 1];
    double *values[VERSIONS][MEASURES]; /* by replication; owned */
    double curve[VERSIONS][CURVE_POINTS];
    uint32_t curves[VERSIONS]; /* how many curves were added */
    struct simulation_part series[VERSIONS][SERIES_PARTS];
};

struct simulate_results {
    const struct options *options;
    const struct simulation_plan *plan;
    uint32_t replications, versions;
    uint64_t seed, calls, events, took_us, series_us;
    struct simulate_found *found;
    uint32_t found_count;
};

/* A measure's interval; or of what the first version has more than the second, replication by replication. */
struct interval simulate_interval(const struct simulate_results *, const struct simulate_found *, unsigned version,
                                  enum measure);
struct interval simulate_difference(const struct simulate_results *, const struct simulate_found *, enum measure);

/* The ends of the interval: of a measure itself not beyond what it can be, which the normal curve knows
 * nothing of. NAN: not known. */
void simulate_bounds(struct interval, enum measure, bool difference, double *low, double *high);

/* "81.3 %", "12.4 s", "1203.4" */
enum { SIMULATE_FIGURE = 32 };
void simulate_figure(char out[SIMULATE_FIGURE], enum measure, double value);

const char *simulate_all(const struct simulate_results *);     /* the name of SCOPE_ALL: "all calls", "all media" */
const char *simulate_counted(const struct simulate_results *); /* the word for what arrives: "calls", "interactions" */
void simulate_duration(FILE *, uint64_t us);                   /* "8 h", "20 s" */

void simulate_tell_text(const struct simulate_results *, FILE *);
void simulate_tell_csv(const struct simulate_results *, FILE *);
void simulate_tell_json(const struct simulate_results *, FILE *);
void simulate_tell_page(const struct simulate_results *, FILE *);

/* Plays one day, or as many as are asked for, for gcxc profile: `profile` gets what they spent, and `tell` is called
 * while the program is still there. */
struct compilation;
struct simulate_profiled {
    struct profile *profile;
    bool (*tell)(void *self, struct compilation *, uint64_t calls);
    void *self;
};
enum exit_code simulate_profile(const struct options *, const struct simulate_profiled *);

/* Conditions of --require. Read before anything is played, and their names looked for in
 * what will be: false, and said why. Then looked at: false where one does
 * not hold, or where it is open whether it does; each is told on `out`. */
bool simulate_require_read(const struct options *);
bool simulate_require_names(const struct options *, const struct simulation_plan *, const struct image *);
bool simulate_require_hold(const struct simulate_results *, FILE *out);
