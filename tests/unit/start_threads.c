/* tests/unit/start_threads.c - The runner of unit tests under ThreadSanitizer.
 *
 * Criterion's own runner hands values to a test's process in memory at fixed addresses, which ThreadSanitizer does not
 * give away. So main() and the functions that Criterion's assertions call stand here instead of the library's: each
 * test runs in a forked process, with its fixtures, and a line of TAP says how it ended. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES_SLOWER = 20, FAILED = 99 };

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak)), *__stop_cr_sts[] __attribute__((weak));

static bool start_failed;

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    if (stats->passed) return;
    start_failed = true;
    fprintf(stderr, "# %s:%u: %s\n", stats->file, stats->line, stats->message ? stats->message : "");
}

void criterion_abort_test(void)
{
    _exit(FAILED);
}

void criterion_internal_test_setup(void) {}

void criterion_internal_test_main(void (*test)(void))
{
    test();
}

void criterion_internal_test_teardown(void) {}

/* The suite's fixtures and time count where the test says none. */
static const struct criterion_test_extra_data *suite_of(const struct criterion_test *test)
{
    static const struct criterion_test_extra_data none;
    for (struct criterion_suite **suite = __start_cr_sts; suite < __stop_cr_sts; suite++)
        if (*suite && (*suite)->data && strcmp((*suite)->name, test->category) == 0) return (*suite)->data;
    return &none;
}

static void test_run(const struct criterion_test *test, const struct criterion_test_extra_data *suite)
{
    double seconds = test->data->timeout > 0 ? test->data->timeout : suite->timeout;
    if (seconds > 0) alarm((unsigned)(seconds * TIMES_SLOWER) + 1);
    if (suite->init) suite->init();
    if (test->data->init) test->data->init();
    test->test();
    if (test->data->fini) test->data->fini();
    if (suite->fini) suite->fini();
    exit(start_failed ? FAILED
                      : test->data->exit_code); /* where ThreadSanitizer tells what it found, by its own code */
}

static bool test_is_good(const struct criterion_test *test)
{
    int status;
    const struct criterion_test_extra_data *suite = suite_of(test);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) test_run(test, suite);
    if (child < 0 || waitpid(child, &status, 0) != child) return false;
    if (test->data->signal != 0) return WIFSIGNALED(status) && WTERMSIG(status) == test->data->signal;
    return WIFEXITED(status) && WEXITSTATUS(status) == test->data->exit_code;
}

int main(void)
{
    unsigned number = 0, bad = 0;
    printf("TAP version 13\n");
    for (struct criterion_test **test = __start_cr_tst; test < __stop_cr_tst; test++) {
        if (!*test || (*test)->data->disabled) continue;
        bool good = test_is_good(*test);
        bad += !good;
        printf("%sok %u - %s::%s\n", good ? "" : "not ", ++number, (*test)->category, (*test)->name);
    }
    printf("1..%u\n", number);
    return bad > 0;
}
