/* runtime/sim/modes_campaign.c - gcxsim campaign: seeds one after another, each a story of faults; the first that
 * breaks a promise is made short and printed, to be played again with --events. */
#include "runtime/sim/gcxsim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sim/proving.h"
#include "base/shown.h"

enum { SHRINK_TRIES = 400 };

/* Sums over all seeds. */
struct campaign_sum {
    uint64_t seeds, events, batches, restarts, starved, takeovers, snapshots, cuts, partitions, calls, answered,
        abandoned, defaulted, mails, passages, loans;
};

static void campaign_add(struct campaign_sum *sum, const struct proving_result *result)
{
    sum->seeds++;
    sum->events += result->events;
    sum->batches += result->batches;
    sum->restarts += result->restarts;
    sum->starved += result->starved;
    sum->takeovers += result->takeovers;
    sum->snapshots += result->snapshots;
    sum->cuts += result->cuts;
    sum->partitions += result->partitions;
    sum->calls += result->calls;
    sum->answered += result->answered;
    sum->abandoned += result->abandoned;
    sum->defaulted += result->defaulted;
    sum->mails += result->mails;
    sum->passages += result->passages;
    sum->loans += result->loans;
}

static void campaign_show(const struct campaign_sum *sum, uint64_t took_us)
{
    double seconds = (double)(took_us > 0 ? took_us : 1) / 1e6;
    printf("%" PRIu64 " seeds: all that was promised holds\n", sum->seeds);
    printf("%" PRIu64 " calls (%" PRIu64 " answered, %" PRIu64 " abandoned, %" PRIu64 " by default), %" PRIu64
           " e-mails, %" PRIu64 " passed between domains, %" PRIu64 " agents lent\n",
           sum->calls, sum->answered, sum->abandoned, sum->defaulted, sum->mails, sum->passages, sum->loans);
    printf("%" PRIu64 " restarts (%" PRIu64 " without memory), %" PRIu64 " takeovers, %" PRIu64 " snapshots, %" PRIu64
           " lost links, %" PRIu64 " partitions\n",
           sum->restarts, sum->starved, sum->takeovers, sum->snapshots, sum->cuts, sum->partitions);
    printf("%" PRIu64 " batches, %" PRIu64 " events of adapters in %.1f s: %.0f seeds an hour, %.0f events a second\n",
           sum->batches, sum->events, seconds, (double)sum->seeds * 3600 / seconds, (double)sum->events / seconds);
}

static int campaign_failed(const struct proving_options *options, struct story *story)
{
    struct proving_result result;
    proving_shrink(options, story, SHRINK_TRIES);
    (void)proving_play(options, story, &result);
    shown_print(stdout, "seed %" PRIu64 " breaks a promise: %s\n", story->seed, result.why);
    printf("digest %016" PRIx64 "; the deeds that it takes, for gcxsim campaign --events FILE:\n", result.digest);
    story_write(story, stdout);
    return EXIT_PROBLEM;
}

/* One story; its digest tells whether two plays are the same. */
static int campaign_of_one(struct story *story, bool shrinks)
{
    struct proving_options options = {0};
    struct proving_result result;
    if (!proving_play(&options, story, &result)) {
        if (shrinks) return campaign_failed(&options, story);
        shown_print(stdout, "it breaks a promise: %s\n", result.why);
        printf("digest %016" PRIx64 "\n", result.digest);
        return EXIT_PROBLEM;
    }
    printf("all that was promised holds\ndigest %016" PRIx64 "\n", result.digest);
    return EXIT_GOOD;
}

static int campaign_events(const char *path)
{
    struct story story;
    struct error error = {0};
    FILE *file = fopen(path, "r");
    bool good = file && story_read(&story, file, &error);
    if (!file) error_set(&error, ERROR_SYSTEM, "%s", strerror(errno));
    if (file) fclose(file);
    if (!good) {
        shown_print(stderr, "gcxsim: %s: %s\n", path, error.text);
        return EXIT_PROBLEM;
    }
    int code = campaign_of_one(&story, false);
    story_free(&story);
    return code;
}

int mode_campaign(struct sim_args *args)
{
    struct campaign_sum sum = {0};
    struct proving_options options = {0};
    uint64_t began_us = clock_monotonic_us(), until_us = args->minutes * 60000000;
    uint64_t seeds = args->seeds > 0 || until_us > 0 ? args->seeds : 1;
    if (args->events) return campaign_events(args->events);
    for (uint64_t seed = args->seed;; seed++) {
        struct story story;
        struct proving_result result;
        uint64_t took_us = clock_monotonic_us() - began_us;
        if ((seeds > 0 && sum.seeds == seeds) || (until_us > 0 && took_us >= until_us)) break;
        story_draw(&story, seed);
        int code = EXIT_GOOD;
        if (seeds == 1)
            code = campaign_of_one(&story, true);
        else if (!proving_play(&options, &story, &result))
            code = campaign_failed(&options, &story);
        else
            campaign_add(&sum, &result);
        story_free(&story);
        if (seeds == 1 || code != EXIT_GOOD) return code;
    }
    if (!args->quiet) campaign_show(&sum, clock_monotonic_us() - began_us);
    return EXIT_GOOD;
}
