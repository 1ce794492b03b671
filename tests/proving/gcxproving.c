/* tests/proving/gcxproving.c - The program: plays seeds one after another, each a story of faults; the first story
 * that breaks a promise is made short and printed, to be played again with --events. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "base/usage.h"
#include "runtime/host/real.h"
#include "tests/proving/proving.h"

enum { SHRINK_TRIES = 400, SEEDS_MOST = 1000000000, MINUTES_MOST = 100000 };

struct campaign_args {
    uint64_t seed, seeds, minutes; /* seeds: how many stories; 0: as many as the minutes allow */
    const char *events;            /* the file of a story that was printed earlier */
    bool quiet;
};

#define OPTIONS_DEF  "tests/proving/options.def"
#define OPTIONS_LINE struct campaign_args
#define EXITS_DEF    "tests/proving/exits.def"
#include "base/usage_rows.h"

/* Sums over all seeds. */
struct campaign_sum {
    uint64_t seeds, events, batches, restarts, starved, takeovers, snapshots, cuts, partitions, calls, answered,
        abandoned, defaulted, mails, unreplied, passages, loans;
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
    sum->unreplied += result->unreplied;
    sum->passages += result->passages;
    sum->loans += result->loans;
}

static void campaign_show(const struct campaign_sum *sum, uint64_t took_us)
{
    double seconds = (double)(took_us > 0 ? took_us : 1) / 1e6;
    printf("%" PRIu64 " seeds: all that was promised holds\n", sum->seeds);
    printf("%" PRIu64 " calls (%" PRIu64 " answered, %" PRIu64 " abandoned, %" PRIu64 " by default), %" PRIu64
           " e-mails (%" PRIu64 " times without a reply), %" PRIu64 " passed between domains, %" PRIu64
           " agents lent\n",
           sum->calls, sum->answered, sum->abandoned, sum->defaulted, sum->mails, sum->unreplied, sum->passages,
           sum->loans);
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
    printf("digest %016" PRIx64 "; the deeds that it takes, for gcxproving --events FILE:\n", result.digest);
    story_write(story, stdout);
    return EXIT_FAILURE;
}

/* Plays one story; equal digests show that two plays were the same. */
static int campaign_of_one(struct story *story, bool shrinks)
{
    struct proving_options options = {0};
    struct proving_result result;
    if (!proving_play(&options, story, &result)) {
        if (shrinks) return campaign_failed(&options, story);
        shown_print(stdout, "it breaks a promise: %s\n", result.why);
        printf("digest %016" PRIx64 "\n", result.digest);
        return EXIT_FAILURE;
    }
    printf("all that was promised holds\ndigest %016" PRIx64 "\n", result.digest);
    return EXIT_SUCCESS;
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
        shown_print(stderr, "gcxproving: %s: %s\n", path, error.text);
        return EXIT_FAILURE;
    }
    int code = campaign_of_one(&story, false);
    story_free(&story);
    return code;
}

static int campaign_of_many(const struct campaign_args *args)
{
    struct campaign_sum sum = {0};
    struct proving_options options = {0};
    uint64_t began_us = host_monotonic_us(), until_us = args->minutes * 60000000;
    uint64_t seeds = args->seeds > 0 || until_us > 0 ? args->seeds : 1;
    for (uint64_t seed = args->seed;; seed++) {
        struct story story;
        struct proving_result result;
        uint64_t took_us = host_monotonic_us() - began_us;
        if ((seeds > 0 && sum.seeds == seeds) || (until_us > 0 && took_us >= until_us)) break;
        story_draw(&story, seed);
        int code = EXIT_SUCCESS;
        if (seeds == 1)
            code = campaign_of_one(&story, true);
        else if (!proving_play(&options, &story, &result))
            code = campaign_failed(&options, &story);
        else
            campaign_add(&sum, &result);
        story_free(&story);
        if (seeds == 1 || code != EXIT_SUCCESS) return code;
    }
    if (!args->quiet) campaign_show(&sum, host_monotonic_us() - began_us);
    return EXIT_SUCCESS;
}

static const char *campaign_number(const char *text, uint64_t most, uint64_t *number, const char *wrong)
{
    return usage_number(text, most, number) ? NULL : wrong;
}

static const char *campaign_option(void *self, int option, const char *text)
{
    struct campaign_args *args = self;
    if (option == OPTION_seed) return campaign_number(text, UINT64_MAX, &args->seed, "--seed takes a whole number");
    if (option == OPTION_seeds)
        return campaign_number(text, SEEDS_MOST, &args->seeds, "--seeds takes a whole number from 0 to 1000000000");
    return campaign_number(text, MINUTES_MOST, &args->minutes, "--minutes takes a whole number from 0 to 100000");
}

static const struct usage usage = {
    .program = "gcxproving",
    .head =
        "usage: gcxproving [options]\n"
        "\n"
        "Cores on a virtual clock that die, lose their links and come back: all that was promised outside must hold.\n"
        "\n",
    .options = usage_options,
    .exits = usage_exits,
    .read = campaign_option,
};

int main(int argc, char **argv)
{
    struct campaign_args args = {0};
    int end;
    if (!usage_read(&usage, &args, argc, argv, &end)) return end;
    if (optind < argc) return usage_wrong(&usage, "one argument too many: %s", argv[optind]);
    return args.events ? campaign_events(args.events) : campaign_of_many(&args);
}
