/* compiler/cli/simulate.h - gcxc simulate: the declarations that its files share.
 *
 * simulate.c compiles and plays; simulate_plan.c reads the options; simulate_told.c prints the results as text, CSV
 * or JSON; simulate_page.c as a page; simulate_require.c checks conditions; simulate_records.c takes a real day from
 * the records; simulate_situation.c how things stand now; simulate_campaign.c reads campaigns; simulate_profile.c reads
 * profiles of agents. */
#pragma once

#include <sqlite3.h>
#include <stdio.h>

#include "compiler/cli/command.h"
#include "compiler/cli/simulate_situation.h"
#include "runtime/sim/histogram.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/simulation.h"

/* Fills a plan for the image, whose tests tell what arriving calls do. False: a mistake was printed. */
bool simulate_plan_read(struct simulation_plan *, const struct image *, const struct scenario *,
                        const struct options *);
void simulate_plan_free(struct simulation_plan *);
/* Adds a flow without arrivals. `number`: the number called; "": the flow gets one later. The flows move in memory
 * when another one is added. */
struct simulation_flow *simulate_add_flow(struct simulation_plan *, const char *strategy, const char *number);

/* Adds the profiles of --profile, and those of the table `profile` of a directory that was read into a database. False:
 * a mistake was printed; of a directory the caller prints it. */
bool simulate_profiles_read(struct simulation_plan *, const struct options *);
bool simulate_profiles_take(struct simulation_plan *, sqlite3 *people);

/* Adds a flow for each campaign among the options, with how people answer its calls. False: a mistake was printed. */
bool simulate_campaigns_read(struct simulation_plan *, const struct image *, const struct options *);
void simulate_campaigns_free(struct simulation_plan *);

void simulate_add_shift(struct simulation_agents *, struct simulation_shift);

/* Takes the day of --records and --day: flows with their arrivals where --arrivals is not given, handling and
 * patience of the flows, ringing, after-call work, the date, and, where --shifts is not given, the times when the
 * agents of the directory worked. With --situation and without --records nobody arrives besides those who are there
 * already. False: the reason was printed. */
bool simulate_records_read(struct simulation_plan *, const struct image *, const struct options *);
/* Did anybody call on that day of --records, or, with --situation, come by another medium? False: a mistake was
 * printed. */
bool simulate_records_called(const struct options *, const char *day, bool *called);

enum { VERSIONS = 2 }; /* the simulated version, and that of --against */

/* The results of all replications for one measured object, such as a flow or a queue. */
struct simulate_found {
    uint32_t kind;
    char name[SIMULATION_NAME + 1];
    double *values[VERSIONS][MEASURES]; /* by replication; owned */
    double curve[VERSIONS][CURVE_POINTS];
    uint32_t curves[VERSIONS]; /* the number of curves that were added */
    struct simulation_part series[VERSIONS][SERIES_PARTS];
};

struct simulate_results {
    const struct options *options;
    const struct simulation_plan *plan;
    uint32_t replications, versions;
    uint32_t days; /* replication i has played day i modulo days */
    bool alone;    /* the only day has nobody but who is there */
    uint64_t seed, calls, events, took_us, series_us;
    struct simulate_found *found;
    uint32_t found_count;
};

/* A measure's confidence interval; with two versions, that of the difference between them, replication by
 * replication. */
struct interval simulate_interval(const struct simulate_results *, const struct simulate_found *, unsigned version,
                                  enum measure);
struct interval simulate_difference(const struct simulate_results *, const struct simulate_found *, enum measure);

/* The ends of the interval; for a measure itself they are cut to its possible values, which the normal distribution
 * does not know. NAN: not known. */
void simulate_bounds(struct interval, enum measure, bool difference, double *low, double *high);

/* "81.3 %", "12.4 s", "1203.4" */
enum { SIMULATE_FIGURE = 32 };
void simulate_figure(char out[SIMULATE_FIGURE], enum measure, double value);

/* returns the name of SCOPE_ALL: "all calls", "all media" */
const char *simulate_all(const struct simulate_results *);
/* returns the word for what arrives: "calls", "interactions" */
const char *simulate_counted(const struct simulate_results *);
/* returns the name of the version that another one is compared with */
const char *simulate_old(const struct simulate_results *);
void simulate_duration(FILE *, uint64_t us); /* "8 h", "20 s" */

void simulate_tell_text(const struct simulate_results *, FILE *);
void simulate_tell_csv(const struct simulate_results *, FILE *);
void simulate_tell_json(const struct simulate_results *, FILE *);
void simulate_tell_page(const struct simulate_results *, FILE *);

/* Plays one day, or several, for gcxc profile: `profile` gets the counts of their code, and `tell` is called while
 * the program is still loaded. */
struct compilation;
struct simulate_profiled {
    struct profile *profile;
    bool (*tell)(void *self, struct compilation *, uint64_t calls);
    void *self;
};
enum exit_code simulate_profile(const struct options *, const struct simulate_profiled *);

/* The conditions of --require. Before anything is played, simulate_require_read() reads the conditions and
 * simulate_require_names() looks for their names in the plan: both return false, with the reason printed, if a
 * condition is wrong. simulate_require_hold() checks the conditions and reports each on `out`: false if one does not
 * hold, or if that is not certain. */
bool simulate_require_read(const struct options *);
bool simulate_require_names(const struct options *, const struct simulation_plan *, const struct image *);
bool simulate_require_hold(const struct simulate_results *, FILE *out);
