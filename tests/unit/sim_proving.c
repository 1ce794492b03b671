/* tests/unit/sim_proving.c - The proving ground: so many seeds hold, and each plays again as it did, by its text too.
 * That it finds what is wrong is tests/unit/sim_lies.c.
 *
 * PROVING_SEEDS of the environment: so many seeds; else 2,000, under the sanitizers a tenth of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/proving/proving_state.h"
#include "tests/unit/drawn.h"

#ifdef VM_CHECKED
enum { SEEDS = 200 };
#else
enum { SEEDS = 2000 };
#endif
enum { FAILS_WITHIN = 1500 };

TestSuite(sim_proving, .timeout = 600);

Test(sim_proving, all_that_was_promised_holds)
{
    const char *more = getenv("PROVING_SEEDS");
    uint64_t seeds = more ? strtoull(more, NULL, 10) : SEEDS;
    struct proving_options options = {0};
    const uint64_t from = drawn_from();
    uint64_t unreplied = 0;
    for (uint64_t seed = from; seed < from + seeds; seed++) {
        struct story story;
        struct proving_result result;
        story_draw(&story, seed);
        cr_assert(proving_play(&options, &story, &result), "gcxproving --seed %llu: %s", (unsigned long long)seed,
                  result.why);
        story_free(&story);
        unreplied += result.unreplied;
    }
    cr_expect_gt(unreplied, seeds / 10, "%llu", (unsigned long long)unreplied);
}

/* Of two processes with one session either asks, and nobody else writes. */
Test(sim_proving, a_row_that_is_there_is_written_again_by_its_writer_alone)
{
    static const uint64_t now_us = 1;
    struct proving_store store = {.now_us = &now_us, .fate = FATES, .denied = DENIED_NOTHING};
    struct proving_lead lead = {.session = 5, .writer = 1}, other = {.session = 6, .writer = 2};
    struct batches *one = proving_store_open(&store, &lead, true), *again = proving_store_open(&store, &lead, false);
    struct batches *stranger = proving_store_open(&store, &other, false);
    lead.term = store.lead.term;
    cr_expect_eq(batches_append(one, 1, span_of("a batch"), NULL), APPEND_OK);
    cr_expect_eq(batches_append(stranger, 1, span_of("a batch"), NULL), APPEND_DEPOSED);
    cr_expect_eq(batches_append(again, 1, span_of("a batch"), NULL), APPEND_OK);
    cr_expect_eq(store.count, 1);
    batches_close(one), batches_close(again), batches_close(stranger);
    proving_store_free(&store);
}

/* ---- stories ---- */

Test(sim_proving, a_seed_plays_again_as_it_did_and_so_does_its_text)
{
    struct proving_options options = {0};
    for (uint64_t seed = 40; seed < 60; seed++) {
        struct story story, read;
        struct proving_result first, again, by_text;
        struct error error = {0};
        FILE *file = tmpfile();
        cr_assert(file);
        story_draw(&story, seed);
        story_write(&story, file);
        rewind(file);
        cr_assert(story_read(&read, file, &error), "%s", error.text);
        fclose(file);
        proving_play(&options, &story, &first);
        proving_play(&options, &story, &again);
        proving_play(&options, &read, &by_text);
        cr_expect_eq(first.digest, again.digest);
        cr_expect_eq(first.digest, by_text.digest);
        story_free(&story);
        story_free(&read);
    }
}

/* Its journal is slow for longer than the lease, it is frozen for so long, and it is slow on one of two nodes. What
 * came in meanwhile is applied at its time, by which the lease still held. */
Test(sim_proving, a_domain_that_stood_still_for_longer_than_the_lease_gives_whom_it_has_borrowed_nothing)
{
    static const char *const texts[] = {
        "seed 4181 lone 92000000\n83514000 4 call 1 0\n51494000 11 lend 4 44\n82546000 13 slow 0 8201\n",
        "seed 300005 lone 92000000\n30821000 9 mail 0 0\n29570000 12 lend 4 21\n47539000 13 pause 0 6368\n",
        ("seed 281911 standby 92000000\n52867000 8 lend 5 42\n4987000 9 lend 2 9\n67291000 12 cut 2 18303\n"
         "60360000 13 slow 0 9317\n"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct story story;
        struct proving_result result;
        struct error error = {0};
        FILE *file = tmpfile();
        cr_assert(file && fputs(texts[i], file) >= 0);
        rewind(file);
        cr_assert(story_read(&story, file, &error), "%s", error.text);
        fclose(file);
        cr_expect(proving_play(&(struct proving_options){0}, &story, &result), "%s%s", texts[i], result.why);
        story_free(&story);
    }
}

Test(sim_proving, a_story_that_fails_is_made_short_and_fails_still)
{
    struct proving_options options = {.lie = LIES_UNHEARD};
    struct story story;
    struct proving_result result = {0}, again;
    uint64_t seed = 0;
    story_draw(&story, seed);
    while (proving_play(&options, &story, &result)) {
        story_free(&story);
        story_draw(&story, ++seed);
        cr_assert(seed < FAILS_WITHIN);
    }
    size_t before = story.count;
    proving_shrink(&options, &story, 200);
    cr_assert(!proving_play(&options, &story, &result));
    cr_assert(!proving_play(&options, &story, &again));
    cr_expect_eq(result.digest, again.digest);
    cr_expect_str_eq(result.why, again.why);
    cr_expect(story.count < before * 3 / 4, "%zu deeds are left of %zu", story.count, before);
    story_free(&story);
}

Test(sim_proving, what_is_no_story_is_refused)
{
    static const char *const texts[] = {
        "",
        "seed one lone 5\n",
        "seed 1 alone 5\n",
        "seed 1 lone 99999999999999\n",
        "seed 1 lone 5000000\n1 0 dance 0 0\n",
        "seed 1 lone 5000000\n1 0 kill 9 0\n",
        "seed 1 lone 5000000\n6000000 0 call 0 0\n",
        "seed 1 lone 5000000\n1 0 call 0 0 more\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct story story;
        struct error error = {0};
        FILE *file = tmpfile();
        cr_assert(file && fputs(texts[i], file) >= 0);
        rewind(file);
        cr_expect(!story_read(&story, file, &error), "%s", texts[i]);
        cr_expect(error.code == ERROR_INPUT && error.text[0] != '\0');
        fclose(file);
    }
}
