/* compiler/cli/simulate.c - gcxc simulate: compiles, plays replications in several processes, prints the results.
 *
 * A replication is a task of the pool (pool.c), played in a process of its own and determined by its seed: how many
 * run at once changes nothing in the result. The figures of replications come back as bytes and are combined by
 * number, not by arrival. */
#include "compiler/cli/simulate.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compiler/cli/file.h"
#include "compiler/cli/libraries.h"
#include "compiler/cli/pool.h"
#include "compiler/cli/results.h"
#include "compiler/cli/simulate_staff.h"
#include "compiler/cli/site_conf.h"
#include "compiler/cli/sites.h"
#include "compiler/compilation.h"
#include "base/memory.h"
#include "base/shown.h"
#include "vm/image.h"
#include "vm/profile.h"
#include "vm/reads.h"

enum { REPLICATIONS = 10, REPLICATIONS_MAX = 10000 };

struct version {
    struct sites sites;
    struct compilation *compilation;
    struct image *image;
    struct scenario *scripts;
    struct simulation_plan plans[SIMULATE_DAYS]; /* one for each day */
    uint32_t plan_count;
};

struct simulating {
    const struct options *options;
    struct libraries libraries;
    struct version versions[VERSIONS];
    struct site_conf site; /* of --site-conf */
    struct simulate_situation situation;
    char days[SIMULATE_DAYS][SIMULATE_DAY]; /* of --day, those without a call left out */
    uint32_t day_count;
    bool alone; /* with --situation: none of the days is played, only who is there */
    struct simulate_results results;
    struct progress progress;
    uint32_t finished;
    uint64_t began_us;
    struct profile *profile; /* the combined results of all replications, or NULL */
    _Atomic uint64_t *calls; /* the calls played so far, by all processes */
    pid_t own;               /* the command's process */
    bool broken;
};

/* ---- versions ---- */

/* Compiles sources, or reads the image where one is given instead of them; a profile needs sources. NULL: what is wrong
 * was printed. */
static struct image *version_image(struct simulating *s, struct version *version, const char *const *paths,
                                   size_t count)
{
    struct error error = {0};
    size_t length = 0;
    if (count == 1 && !s->profile && file_is_image(*paths)) {
        uint8_t *read = file_read_image(*paths, &length);
        struct image *image = read ? image_load(read, length, &error) : NULL;
        free(read);
        if (read && !image) shown_print(stderr, "gcxc: %s: %s\n", *paths, error.text);
        return image;
    }
    struct compile_options how = {.site = s->options->site, .natives = libraries_natives(&s->libraries)};
    version->sites = sites_open(paths, count, s->options->site);
    const struct site_files *files = sites_one(&version->sites);
    if (!files) return NULL;
    version->compilation = compiler_compile((const char *const *)files->paths, files->count, &how);
    const uint8_t *bytes = compilation_image(version->compilation, &length);
    if (compilation_print(version->compilation, stderr) > 0 || !bytes) return NULL;
    struct image *image = image_load(bytes, length, &error);
    if (!image) shown_print(stderr, "gcxc: %s: %s\n", *paths, error.text);
    return image;
}

/* Makes the plan of each day. */
static bool plan_days(struct simulating *s, struct version *version, bool changed)
{
    bool good = true;
    for (uint32_t i = 0; good && i < s->day_count; i++) {
        struct simulation_plan *plan = &version->plans[version->plan_count++];
        struct options options = *s->options;
        options.day = *s->days[i] ? s->days[i] : NULL;
        if (s->alone) options.records = NULL;
        good = simulate_plan_read(plan, version->image, version->scripts, &options);
        plan->site = s->site.conf ? &s->site.site : NULL;
        plan->settings = s->situation.settings;
        if (changed) plan->change = s->situation.change;
    }
    return good;
}

/* A comparison has two versions, each with its own image and plans; the options are the same for both. */
static bool compile_version(struct simulating *s, struct version *version, const char *const *paths, size_t count)
{
    struct error error = {0};
    version->image = version_image(s, version, paths, count);
    if (!version->image) return false;
    bool good = s->libraries.binding.bind(s->libraries.binding.self, version->image, &error);
    if (good) version->scripts = sim_scenario_open(version->image, &error);
    if (!version->scripts) return shown_refuse("gcxc: %s: %s\n", *paths, error.text);
    return plan_days(s, version, version == s->versions);
}

/* At the site, do some agents offer the media for which the strategy chooses agents? */
static bool site_has_agents(const struct sim_site *site, const struct image *image, const char *strategy,
                            enum media medium, char why[SIM_SITE_WHY])
{
    const struct image_strategy *row = image_strategy_named(image, strategy, (uint32_t)strlen(strategy));
    return !row || !image_strategy_chooses(image, image_strategy_index(image, row)) ||
           sim_site_offers(site, image, medium, why);
}

/* At the site of --site-conf, does every flow of the plan reach its strategy? */
static bool site_has_flows(const struct sim_site *site, const struct version *version)
{
    char why[SIM_SITE_WHY];
    bool good = true;
    const struct simulation_plan *plan = version->plans;
    for (uint32_t i = 0; good && i < plan->flow_count; i++) {
        const struct simulation_flow *flow = &plan->flows[i];
        enum media medium = flow->medium == media_none ? media_voice : flow->medium;
        const char *number = flow->number[0] != '\0' ? flow->number : NULL;
        good = sim_site_brings(site, version->image, medium, why) &&
               sim_site_starts(site, version->image, medium, number, flow->strategy, why) &&
               site_has_agents(site, version->image, flow->strategy, medium, why);
    }
    return good || shown_refuse("gcxc: %s\n", why);
}

static void close_version(struct version *version)
{
    while (version->plan_count > 0) simulate_plan_free(&version->plans[--version->plan_count]);
    sim_scenario_close(version->scripts);
    image_free(version->image);
    compilation_free(version->compilation);
    sites_close(&version->sites);
}

/* ---- replications ---- */

/* The beginning of the bytes that a process of the pool sends about a replication: the scopes follow, or the
 * sentence why it was not played. */
struct head {
    uint64_t calls, events, series_us;
    uint32_t count;
    char why[sizeof((struct error *)0)->text];
};

static void simulate_show(struct simulating *s)
{
    char what[64];
    (void)snprintf(what, sizeof what, "replications, %" PRIu64 " calls", atomic_load(s->calls));
    progress_show(&s->progress, s->finished, s->results.replications * s->results.versions, what,
                  pool_clock_us() - s->began_us);
}

struct watched {
    struct simulating *simulating;
    uint64_t told; /* the calls of this replication that were already added to the sum */
};

/* Notes the progress, in the process of the replication. The sum is in shared memory, so it is added to atomically;
 * only the command's own process draws the progress. */
static void on_calls(void *self, uint64_t now_us, uint64_t calls)
{
    struct watched *watched = self;
    (void)now_us;
    atomic_fetch_add(watched->simulating->calls, calls - watched->told);
    watched->told = calls;
    if (getpid() == watched->simulating->own) simulate_show(watched->simulating);
}

/* Plays a replication. A replication's seed and day depend on its number only, so both versions get the same callers.
 * The bytes of the result go to the command's process:
 *
 *     | head | scopes, head.count of them | profile, where one is asked for |
 */
static void simulate_run(void *self, uint32_t task, struct pool_bytes *said)
{
    struct simulating *s = self;
    struct watched watched = {s, 0};
    struct profile *profile = s->profile ? profile_new(false) : NULL;
    struct simulation_watch watch = {.self = &watched, .at = on_calls, .profile = profile};
    const struct version *version = &s->versions[task % s->results.versions];
    struct simulation_result result = {0};
    struct error error = {0};
    const uint32_t number = task / s->results.versions;
    bool good = simulation_play(&version->plans[number % s->day_count], version->image, s->results.seed + number,
                                &watch, &result, &error);
    struct head head = {
        .calls = result.calls, .events = result.events, .series_us = result.series_us, .count = result.count};
    if (!good) (void)snprintf(head.why, sizeof head.why, "%s", error.text);
    pool_put(said, &head, sizeof head);
    if (good) pool_put(said, result.scopes, result.count * sizeof *result.scopes);
    if (good && profile) profile_write(profile, pool_put, said);
    profile_free(profile);
    simulation_result_free(&result);
}

/* A scope may be missing in some replications. There a count is 0; other measures have no value (NAN) and are left
 * out of the mean. */
static struct simulate_found *simulate_found_of(struct simulate_results *results, const struct simulation_scope *scope)
{
    for (uint32_t i = 0; i < results->found_count; i++)
        if (results->found[i].kind == scope->kind && strcmp(results->found[i].name, scope->name) == 0)
            return &results->found[i];
    results->found = memory_more(results->found, results->found_count, sizeof *results->found);
    struct simulate_found *found = &results->found[results->found_count++];
    memset(found, 0, sizeof *found);
    found->kind = scope->kind;
    memcpy(found->name, scope->name, sizeof found->name);
    for (unsigned v = 0; v < results->versions; v++)
        for (unsigned m = 0; m < MEASURES; m++) {
            found->values[v][m] = memory_zeroed(results->replications, sizeof(double));
            bool none = scope_has((enum scope_kind)scope->kind, (enum measure)m) && measure_rows[m].unit == UNIT_COUNT;
            for (uint32_t r = 0; r < results->replications; r++) found->values[v][m][r] = none ? 0 : NAN;
        }
    return found;
}

static void add_scope(struct simulate_results *results, const struct simulation_scope *scope, uint32_t replication,
                      unsigned version)
{
    struct simulate_found *found = simulate_found_of(results, scope);
    for (unsigned m = 0; m < MEASURES; m++) found->values[version][m][replication] = scope->value[m];
    if (scope->kind == SCOPE_TEAM) return;
    bool curve = scope->kind != SCOPE_CAMPAIGN && !isnan(scope->curve[0]);
    found->curves[version] += curve;
    for (unsigned i = 0; curve && i < CURVE_POINTS; i++) found->curve[version][i] += scope->curve[i];
    for (unsigned i = 0; i < SERIES_PARTS; i++) {
        struct simulation_part *to = &found->series[version][i];
        const struct simulation_part *from = &scope->series[i];
        to->offered += from->offered;
        to->answered += from->answered;
        to->within += from->within;
        to->abandoned += from->abandoned;
        to->wait_us += from->wait_us;
    }
}

/* Gets a replication's result, in the command's process. After the first fault nothing more is printed, and
 * simulate_goes_on() ends the work. */
static void simulate_done(void *self, uint32_t task, enum pool_end end, const uint8_t *bytes, size_t length)
{
    assert(bytes || length == 0);
    struct simulating *s = self;
    struct simulate_results *results = &s->results;
    struct head head;
    progress_clear(&s->progress);
    if (end != POOL_DONE || length < sizeof head) {
        if (!s->broken) fputs("gcxc: a replication ended gcxc: that is a fault of gcxc\n", stderr);
        s->broken = true;
        return;
    }
    memcpy(&head, bytes, sizeof head);
    if (head.why[0] != '\0') {
        if (!s->broken) shown_print(stderr, "gcxc: %s\n", head.why);
        s->broken = true;
        return;
    }
    results->calls += head.calls;
    results->events += head.events;
    results->series_us = head.series_us;
    for (uint32_t i = 0; i < head.count; i++) {
        struct simulation_scope scope;
        memcpy(&scope, bytes + sizeof head + i * sizeof scope, sizeof scope);
        add_scope(results, &scope, task / results->versions, task % results->versions);
    }
    size_t told = sizeof head + head.count * sizeof(struct simulation_scope);
    if (s->profile && !profile_add(s->profile, s->versions[0].image, bytes + told, length - told)) s->broken = true;
}

static bool simulate_goes_on(void *self, uint32_t finished, uint64_t spent_us)
{
    struct simulating *s = self;
    (void)spent_us;
    s->finished = finished;
    simulate_show(s);
    return !s->broken;
}

/* ---- results ---- */

static int by_kind(const void *a, const void *b)
{
    const struct simulate_found *left = a, *right = b;
    static const int order[SCOPE_KINDS] = {[SCOPE_ALL] = 5,  [SCOPE_STRATEGY] = 1, [SCOPE_QUEUE] = 0,
                                           [SCOPE_TEAM] = 3, [SCOPE_CAMPAIGN] = 2, [SCOPE_MEDIUM] = 4};
    int first = order[left->kind], second = order[right->kind];
    return first != second ? first - second : strcmp(left->name, right->name);
}

/* A file is only replaced if it was such a page before. */
static bool write_page(const struct simulate_results *results, const char *path)
{
    char *text;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    simulate_tell_page(results, out);
    fclose(out);
    bool good = file_may_replace(path, "<!DOCTYPE html>", "page") && file_write(path, (const uint8_t *)text, length);
    free(text);
    return good;
}

static bool simulate_tell(struct simulating *s)
{
    struct simulate_results *results = &s->results;
    const struct options *options = s->options;
    qsort(results->found, results->found_count, sizeof *results->found, by_kind);
    bool text = strcmp(options->format, "text") == 0;
    (text                                  ? simulate_tell_text
     : strcmp(options->format, "csv") == 0 ? simulate_tell_csv
                                           : simulate_tell_json)(results, stdout);
    bool good = !options->page || write_page(results, options->page);
    return simulate_require_hold(results, text ? stdout : stderr) && good;
}

/* Prints the values used for options that were not given. */
static void tell_defaults(const struct simulating *s)
{
    if (s->options->handling.count == 0 && !s->options->records)
        fputs("gcxc: no --handling is said: agents talk for three minutes\n", stderr);
    if (s->versions[0].plans->agents_count == 0)
        fputs("gcxc: neither --agents nor --directory says who is there: nobody answers\n", stderr);
}

/* `calls` is in memory that the processes share; each process has a copy of everything else. */
static bool simulate_play(struct simulating *s)
{
    struct simulate_results *results = &s->results;
    if (s->began_us == 0) tell_defaults(s);
    s->own = getpid();
    s->began_us = pool_clock_us();
    s->calls = mmap(NULL, sizeof *s->calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s->calls == MAP_FAILED) abort();
    struct pool_work work = {.self = s,
                             .count = results->replications * results->versions,
                             .jobs = pool_jobs(s->options->jobs),
                             .run = simulate_run,
                             .done = simulate_done,
                             .goes_on = simulate_goes_on};
    pool_run(&work);
    progress_clear(&s->progress);
    results->took_us = pool_clock_us() - s->began_us;
    munmap((void *)s->calls, sizeof *s->calls);
    return !s->broken;
}

static void simulate_forget(struct simulate_results *results)
{
    for (uint32_t i = 0; i < results->found_count; i++)
        for (unsigned m = 0; m < VERSIONS * MEASURES; m++) free(results->found[i].values[m / MEASURES][m % MEASURES]);
    free(results->found);
    results->found = NULL;
    results->found_count = 0;
    results->calls = results->events = 0;
}

/* Plays the day with other agents until each hour has as many as it needs, and then prints what they make of the day.
 */
static bool simulate_staffed(struct simulating *s)
{
    struct staff *staff = staff_open(s->versions[0].plans, s->options);
    bool good = staff != NULL;
    while (good && staff_next(staff)) {
        simulate_forget(&s->results);
        s->finished = 0;
        good = simulate_play(s);
        if (good) staff_take(staff, &s->results);
    }
    if (good) {
        simulate_forget(&s->results);
        good = simulate_play(s);
        if (good) staff_take(staff, &s->results);
        good = good && staff_tell(staff, s->options->format, stdout);
        if (strcmp(s->options->format, "text") == 0 && s->results.found_count > 0) good = simulate_tell(s) && good;
    }
    staff_close(staff);
    return good;
}

/* Reads the days, and leaves out those on which nobody called, as holidays are: they tell nothing of another day. With
 * --situation that may be all of them: the one that is played then has who is there. */
static bool simulate_read_days(struct simulating *s)
{
    char all[SIMULATE_DAYS][SIMULATE_DAY];
    const uint32_t count = simulate_days(s->options->day ? s->options->day : "", all);
    for (uint32_t i = 0; i < count; i++) {
        bool called = true;
        const bool asks = count > 1 || (s->options->situation && s->options->day);
        if (asks && !simulate_records_called(s->options, all[i], &called)) return false;
        if (called) memcpy(s->days[s->day_count++], all[i], sizeof *all);
    }
    s->alone = s->options->situation && (!s->options->records || s->day_count == 0);
    if (s->alone && count > 0) s->day_count = 1;
    if (s->alone) *s->days[0] = '\0';
    s->results.days = s->day_count;
    s->results.alone = s->alone;
    if (s->options->staff && s->day_count > 1)
        return shown_refuse("gcxc: --staff is found for one --day, and not for several\n");
    return s->day_count > 0 || (count > 0 && shown_refuse("gcxc: --day: nobody called on any of these days\n"));
}

/* `profiled` NULL: the results are printed. */
static enum exit_code simulate_all_days(const struct options *options, uint64_t replications,
                                        const struct simulate_profiled *profiled)
{
    struct simulating s = {.options = options, .profile = profiled ? profiled->profile : NULL};
    if (replications > REPLICATIONS_MAX) {
        fprintf(stderr, "gcxc: --replications is at most %d\n", REPLICATIONS_MAX);
        return EXIT_USAGE;
    }
    if (!simulate_require_read(options)) return EXIT_USAGE;
    libraries_open(&s.libraries, options->native);
    s.results = (struct simulate_results){.options = options,
                                          .plan = s.versions[0].plans,
                                          .replications = (uint32_t)replications,
                                          .versions = 1,
                                          .seed = options->first_seed == 0 ? 1 : options->first_seed};
    bool good = simulate_situation_open(&s.situation, options) && simulate_read_days(&s);
    s.results.versions = options->against || s.situation.changes ? 2 : 1;
    s.results.replications = ((uint32_t)replications + s.day_count - 1) / (s.day_count + !good) * s.day_count;
    good = good && (!options->site_conf || site_conf_open(&s.site, options->site_conf)) &&
           compile_version(&s, &s.versions[0], options->paths, options->path_count) &&
           (!options->against || compile_version(&s, &s.versions[1], &options->against, 1)) &&
           (!s.situation.changes || compile_version(&s, &s.versions[1], options->paths, options->path_count)) &&
           (!options->site_conf || site_has_flows(&s.site.site, &s.versions[0])) &&
           simulate_require_names(options, s.versions[0].plans, s.versions[0].image) &&
           (options->staff ? simulate_staffed(&s)
                           : simulate_play(&s) &&
                                 (profiled ? profiled->tell(profiled->self, s.versions[0].compilation, s.results.calls)
                                           : simulate_tell(&s)));
    simulate_forget(&s.results);
    for (unsigned v = 0; v < VERSIONS; v++) close_version(&s.versions[v]);
    site_conf_close(&s.site);
    simulate_situation_close(&s.situation);
    libraries_close(&s.libraries);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}

enum exit_code cli_simulate(const struct options *options)
{
    return simulate_all_days(options, options->replications == 0 ? REPLICATIONS : options->replications, NULL);
}

enum exit_code simulate_profile(const struct options *options, const struct simulate_profiled *profiled)
{
    return simulate_all_days(options, options->replications == 0 ? 1 : options->replications, profiled);
}
