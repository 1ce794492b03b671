/* tests/bench/month.c - Days of calls under the virtual clock, into a journal as gcxvm keeps it: each batch a row,
 * snapshots cut hourly and by events as the settings' defaults say, pruned by the retention; then a start from it.
 * Nothing waits for the disk: what a loss of power would take can be played again.
 * Usage: month IMAGE TEST FOLDER CALLS DAYS KEEP - TEST: whose answers callers give; CALLS: per day; KEEP: days of the
 * retention. Prints: calls; events; batches; MB appended; MB of the journal's files; MB of its snapshots, how many;
 * batches of the journal after the newest; seconds of a start, and of a processor; seconds that all took. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/journal/batch.h"
#include "runtime/journal/recovery.h"
#include "runtime/journal/snapshots.h"
#include "runtime/journal/batches.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/simulation.h"
#include "vm/image.h"

enum { HOUR_S = 3600, EVENTS = 500000, PRUNE_US = 60000000 };

struct month {
    const char *folder;
    struct batches *store;
    struct core_options options;
    struct journal_head head;
    uint64_t keep_us, cut_us, cut_events, appended;
    uint8_t *bytes;
};

/* The store's, too. */
int fsync(int fd)
{
    return fd < 0 ? -1 : 0;
}

int fdatasync(int fd)
{
    return fd < 0 ? -1 : 0;
}

_Noreturn static void broken(const struct error *error)
{
    fprintf(stderr, "month: %s\n", error->text);
    exit(1);
}

static const struct image *only_image(void *self, const uint8_t hash[CORE_HASH])
{
    return memcmp(image_hash(self), hash, CORE_HASH) == 0 ? self : NULL;
}

static void cut(struct month *month, struct core *core)
{
    struct error error = {0};
    if (!snapshots_cut(month->folder, core, &month->options, &month->head, month->keep_us, &error)) broken(&error);
    uint64_t below = snapshots_remove_old(month->folder, month->keep_us, NULL);
    if (below != 0 && !batches_prune(month->store, below, PRUNE_US, &error)) broken(&error);
    month->cut_us = month->head.time_us;
    month->cut_events = month->head.events;
}

static void on_batch(void *self, struct core *core, const struct batch *applied)
{
    struct month *month = self;
    struct journal_head *head = &month->head;
    struct batch batch = *applied;
    struct error error = {0};
    if (head->number > 0 &&
        (head->time_us >= month->cut_us + UINT64_C(1000000) * HOUR_S || head->events >= month->cut_events + EVENTS))
        cut(month, core);
    batch.digest_before = core_digest(core);
    memcpy(batch.previous, head->previous, CORE_HASH);
    size_t size = batch_size(&batch);
    assert(size <= BATCH_ENCODED_MAX);
    batch_encode(&batch, month->bytes, head->previous);
    if (batches_append(month->store, batch.number, (struct span){month->bytes, (uint32_t)size}, &error) != APPEND_OK)
        broken(&error);
    month->appended += size;
    head->number = batch.number;
    head->time_us = batch.time_us;
    head->epoch = batch.epoch;
    head->events += batch.count;
    if (head->number == 1) memcpy(head->first, head->previous, CORE_HASH);
}

static double seconds(clockid_t of)
{
    struct timespec now;
    clock_gettime(of, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The enterprise flow: 200 agents who speak English and sell, three minutes of talk. */
static bool plan_make(struct simulation_plan *plan, const struct image *image, const char *test, unsigned calls,
                      unsigned days, struct error *error)
{
    static struct simulation_skill skills[] = {{"English", 9}, {"Sales", 3}};
    static struct simulation_agents agents = {.count = 200, .skills = skills, .skill_count = 2};
    static struct simulation_flow flow = {.strategy = "enterprise"};
    static char team[1][SIMULATION_NAME + 1] = {"agents"};
    static struct simulation_part_played part = {.share = 1};
    char rate[32];
    struct scenario *scripts = sim_scenario_open(image, error);
    part.test = scripts ? sim_scenario_test(scripts, test) : NULL;
    if (!part.test) return false;
    snprintf(rate, sizeof rate, "%.3f/h", calls / 24.0);
    *plan = (struct simulation_plan){.flows = &flow,
                                     .flow_count = 1,
                                     .agents = &agents,
                                     .agents_count = 1,
                                     .teams = team,
                                     .team_count = 1,
                                     .ringing = {.kind = SPREAD_constant, .a = 3e6},
                                     .wrap_up = {.kind = SPREAD_constant, .a = 10e6},
                                     .called_back = {.kind = SPREAD_constant, .a = 10e6},
                                     .switching = {.kind = SPREAD_constant},
                                     .until_us = UINT64_C(86400000000) * days,
                                     .within_us = 20000000,
                                     .start_us = INT64_C(1772409600000000),
                                     .parts = &part,
                                     .part_count = 1};
    return arrivals_read(&flow.arrivals, rate, error) && spread_read(&flow.handling, "exponential(3m)", error);
}

static void start_again(struct month *month, const struct image *image, uint64_t *applied)
{
    struct error error = {0};
    struct core_options options = {.image = only_image, .self = (void *)(uintptr_t)image};
    struct recovery recovery = {
        .store = batches_open_sqlite(month->folder, NULL, &error), .state = month->folder, .core = &options};
    struct journal_head head;
    uint8_t first[CORE_HASH];
    if (!recovery.store || !journal_identity(&recovery, first, &error)) broken(&error);
    struct core *core = journal_recover(&recovery, &head, &error);
    if (!core || head.number != month->head.number) broken(&error);
    *applied = recovery.applied;
    core_free(core);
    batches_close(recovery.store);
}

int main(int count, char **words)
{
    static uint8_t bytes[16 << 20];
    FILE *file = count == 7 ? fopen(words[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "Usage: month IMAGE TEST FOLDER CALLS DAYS KEEP\n");
        return 2;
    }
    struct error error = {0};
    struct image *image = image_load(bytes, fread(bytes, 1, sizeof bytes, file), &error);
    fclose(file);
    unsigned days = (unsigned)atoi(words[5]);
    struct simulation_plan plan;
    struct simulation_result result = {0};
    struct month month = {
        .folder = words[3],
        .options = {.partition = 1, .seed = 1, .interactions_max = 1000000, .image = only_image, .self = image},
        .keep_us = UINT64_C(86400000000) * (unsigned)atoi(words[6]),
        .bytes = malloc(BATCH_ENCODED_MAX)};
    if (!image || !plan_make(&plan, image, words[2], (unsigned)atoi(words[4]), days, &error)) broken(&error);
    month.store = batches_open_sqlite(month.folder, NULL, &error);
    if (!month.store) broken(&error);
    journal_birth(&month.options, month.head.previous);
    double began_s = seconds(CLOCK_MONOTONIC);
    const struct simulation_watch watch = {.self = &month, .batch = on_batch};
    if (!simulation_play(&plan, image, 1, &watch, &result, &error)) broken(&error);
    uint64_t journal = 0, unused = 0, snapshots = 0, applied;
    struct snapshot_row *rows = calloc(SNAPSHOTS_MAX, sizeof *rows);
    size_t kept = snapshots_list(month.folder, rows);
    for (size_t i = 0; i < kept; i++) snapshots += rows[i].bytes;
    batches_size(month.store, &journal, &unused);
    batches_close(month.store);
    double start_s = seconds(CLOCK_MONOTONIC), start_cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID);
    start_again(&month, image, &applied);
    double end_s = seconds(CLOCK_MONOTONIC), end_cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID);
    printf("%llu %llu %llu %.1f %.1f %.1f %zu %llu %.2f %.2f %.0f\n", (unsigned long long)result.calls,
           (unsigned long long)month.head.events, (unsigned long long)month.head.number, (double)month.appended / 1e6,
           (double)journal / 1e6, (double)snapshots / 1e6, kept, (unsigned long long)applied, end_s - start_s,
           end_cpu_s - start_cpu_s, end_s - began_s);
    simulation_result_free(&result);
    free(rows);
    free(month.bytes);
    image_free(image);
    return 0;
}
