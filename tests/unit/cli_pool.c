/* tests/unit/cli_pool.c - Results come back in order, whoever made them, and whatever became of him. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/cli/pool.h"

TestSuite(cli_pool, .timeout = 60);

enum { TASKS = 200 };

struct seen {
    uint32_t next, broke, late, changed;
    bool in_order, right;
    uint32_t kills, works, hangs, stops; /* at that task, where not 0 */
};

/* A worker's changes are seen by no other one, nor by the caller. */
static void run(void *self, uint32_t task, struct pool_bytes *said)
{
    struct seen *seen = self;
    char text[32];
    seen->changed++;
    if (seen->kills && task == seen->kills) kill(getpid(), SIGKILL);
    if (seen->hangs && task == seen->hangs) pause();
    for (volatile uint64_t i = 0; seen->works && task == seen->works; i++) continue;
    snprintf(text, sizeof text, "task %u", task);
    for (uint32_t i = 0; i < task % 7 * 4000; i++) pool_put(said, text, 7); /* more than a pipe holds */
    pool_put(said, text, strlen(text) + 1);
}

static void done(void *self, uint32_t task, enum pool_end end, const uint8_t *bytes, size_t length)
{
    struct seen *seen = self;
    char text[32];
    snprintf(text, sizeof text, "task %u", task);
    size_t last = strlen(text) + 1;
    seen->in_order = seen->in_order && task == seen->next++;
    seen->broke += end == POOL_BROKE;
    seen->late += end == POOL_LATE;
    if (end == POOL_DONE) seen->right = seen->right && length >= last && memcmp(bytes + length - last, text, last) == 0;
}

static bool goes_on(void *self, uint32_t finished, uint64_t spent_us)
{
    const struct seen *seen = self;
    (void)spent_us;
    return seen->stops == 0 || finished < seen->stops;
}

static uint32_t play(struct seen *seen, unsigned jobs, bool alone, uint64_t limit_us)
{
    seen->in_order = seen->right = true;
    const struct pool_work work = {seen, TASKS, jobs, alone, limit_us, run, done, goes_on};
    return pool_run(&work);
}

Test(cli_pool, results_come_in_order_from_any_number_of_processes)
{
    for (unsigned jobs = 1; jobs <= 5; jobs += 2) {
        struct seen seen = {0};
        cr_assert_eq(play(&seen, jobs, false, 0), TASKS);
        cr_assert(seen.in_order && seen.right);
        cr_assert_eq(seen.next, TASKS);
        cr_assert_eq(seen.changed, jobs == 1 ? TASKS : 0);
    }
}

Test(cli_pool, each_task_may_have_a_process_of_its_own)
{
    struct seen seen = {0};
    cr_assert_eq(play(&seen, 3, true, 0), TASKS);
    cr_assert(seen.in_order && seen.right);
}

Test(cli_pool, a_process_that_dies_costs_its_task_only)
{
    struct seen seen = {.kills = 50};
    cr_assert_eq(play(&seen, 3, false, 0), TASKS);
    cr_assert(seen.in_order && seen.right);
    cr_assert_eq(seen.broke, 1);
}

Test(cli_pool, a_task_that_does_not_end_is_ended)
{
    struct seen seen = {.works = 7, .hangs = 9};
    cr_assert_eq(play(&seen, 2, false, 100000), TASKS);
    cr_assert(seen.in_order && seen.right);
    cr_assert_eq(seen.late, 2);
}

Test(cli_pool, nothing_more_is_begun_when_it_is_to_stop)
{
    struct seen seen = {.stops = 20};
    cr_assert_lt(play(&seen, 1, false, 0), TASKS);
    cr_assert(seen.in_order && seen.right);
}
