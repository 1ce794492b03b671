/* tests/unit/start.c - The runner of a program of unit tests, in place of Criterion's. Each test runs in a forked
 * process, with its fixtures; as many run at once as there are processors; a line of TAP says how each ended.
 *
 * Criterion's own runner starts the program anew for each test, which under a sanitizer costs more than most tests do,
 * and hands values over in memory at fixed addresses, which ThreadSanitizer does not give away. So main() and the
 * functions that Criterion's assertions call (tests/unit/asserts) stand here; the assertions themselves are
 * Criterion's.
 *
 * tests/unit/NAME [-jCOUNT] [--fail-fast] [--filter] ['SUITE/what_*']...: so many at once, until one fails, only tests
 * of these names. */
#include "config.h"
#include <criterion/criterion.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A test's time is a guard against one that hangs: a machine that does much else, or a sanitizer, has so many times as
 * much of it. */
enum { SLOWER = 20 };
enum { FAILED = 99, SKIPPED = 77, AT_ONCE_MAX = 64, NAME_BYTES = 512, WORDS_BYTES = 2000 };

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak)), *__stop_cr_sts[] __attribute__((weak));

/* What the process of a test leaves to the runner: the first assertion that failed, or why it was skipped. */
struct note {
    bool failed, skipped;
    char text[WORDS_BYTES + 400];
};
struct running {
    pid_t pid; /* 0: nobody */
    const struct criterion_test *test;
    struct note *note;
};

struct wish {
    char **patterns; /* of SUITE/NAME, or none */
    unsigned at_once;
    bool fail_fast;
};

static struct note *own;
static pid_t own_pid;
static jmp_buf out;

/* In the test's process. A child of a test that fails there only ends. */
__attribute__((noreturn)) static void leave(void)
{
    if (getpid() != own_pid || gettid() != own_pid) _exit(FAILED);
    longjmp(out, 1);
}

/* The words are those that Criterion has. */
const char *assertion_reason(int kind, const char *text, ...)
{
    static const char *const forms[] = {
        [CRITERION_ASSERT_MSG_EXPR_FALSE] = "The expression %s is false.",
        [CRITERION_ASSERT_MSG_EXPR_AS_STRINGS_FALSE] =
            "The expression (as strings) %s is false: actual=`%s` expected=`%s`.",
        [CRITERION_ASSERT_MSG_IS_NULL] = "%s is null.",
        [CRITERION_ASSERT_MSG_IS_NOT_NULL] = "%s is not null.",
        [CRITERION_ASSERT_MSG_IS_NOT_EMPTY] = "%s is not empty: `%s`.",
    };
    static char reason[WORDS_BYTES];
    const char *first = "", *second = "", *form = NULL;
    va_list more;
    va_start(more, text);
    if (kind == CRITERION_ASSERT_MSG_EXPR_AS_STRINGS_FALSE) {
        first = va_arg(more, const char *);
        second = va_arg(more, const char *);
    } else if (kind == CRITERION_ASSERT_MSG_IS_NOT_EMPTY) {
        first = va_arg(more, const char *);
    }
    va_end(more);
    if (kind >= 0 && (size_t)kind < sizeof forms / sizeof *forms) form = forms[kind];
    snprintf(reason, sizeof reason, form ? form : "The conditions for this assertion were not met.", text, first,
             second);
    return reason;
}

void assertion_failed(const char *file, unsigned line, const char *reason, const char *words, ...)
{
    char text[WORDS_BYTES];
    va_list arguments;
    va_start(arguments, words);
    vsnprintf(text, sizeof text, words, arguments);
    va_end(arguments);
    const char *message = text[1] ? text + 1 : reason;
    fprintf(stderr, "# %s:%u: %s\n", file, line, message);
    if (!own->failed) snprintf(own->text, sizeof own->text, "%s:%u: %s", file, line, message);
    own->failed = true;
}

void criterion_abort_test(void)
{
    leave();
}

void criterion_continue_test(void) {}

void criterion_skip_test(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(own->text, sizeof own->text, format, arguments);
    va_end(arguments);
    own->skipped = true;
    leave();
}

void cr_log(enum criterion_severity severity, const char *format, ...)
{
    va_list arguments;
    (void)severity;
    va_start(arguments, format);
    fputs("# ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
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

/* What a test that ends early has begun is ended by the fixtures. */
__attribute__((noreturn)) static void test_run(const struct criterion_test *test)
{
    const struct criterion_test_extra_data *volatile suite =
        suite_of(test); /* a test that ends early comes back here */
    double seconds = test->data->timeout > 0 ? test->data->timeout : suite->timeout;
    own_pid = getpid();
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* with the runner the test ends */
    if (seconds > 0) alarm((unsigned)(seconds * SLOWER) + 1);
    if (setjmp(out) == 0) {
        if (suite->init) suite->init();
        if (test->data->init) test->data->init();
        test->test();
    }
    if (setjmp(out) == 0) {
        if (test->data->fini) test->data->fini();
        if (suite->fini) suite->fini();
    }
    /* A sanitizer tells what it found as the process ends. What an early end has left is no leak. */
    if (own->failed || own->skipped) _exit(own->failed ? FAILED : SKIPPED);
    exit(test->data->exit_code);
}

static bool begin(struct running *one, const struct criterion_test *test)
{
    memset(one->note, 0, sizeof *one->note);
    one->test = test;
    own = one->note;
    fflush(NULL);
    one->pid = fork();
    if (one->pid == 0) test_run(test);
    return one->pid > 0;
}

static bool is_good(const struct criterion_test *test, int status)
{
    if (test->data->signal != 0) return WIFSIGNALED(status) && WTERMSIG(status) == test->data->signal;
    return WIFEXITED(status) && WEXITSTATUS(status) == test->data->exit_code;
}

/* Another line of the text of a note would be one of TAP. */
static void note_print(const char *text)
{
    for (; *text; text++) putchar(*text == '\n' ? ' ' : *text);
}

static bool end(struct running *one, int status)
{
    static unsigned number;
    bool skipped = one->note->skipped && WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED;
    bool good = skipped || is_good(one->test, status);
    printf("%sok %u - %s::%s", good ? "" : "not ", ++number, one->test->category, one->test->name);
    if (skipped) {
        printf(" # SKIP ");
        note_print(one->note->text);
    }
    putchar('\n');
    if (!good && one->note->failed) {
        printf("# ");
        note_print(one->note->text);
        putchar('\n');
    }
    if (!good && WIFSIGNALED(status))
        printf("# ended by signal %d, %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (!good && WIFEXITED(status)) printf("# ended with status %d\n", WEXITSTATUS(status));
    fflush(stdout);
    one->pid = 0;
    return good;
}

/* Waits for one of them. */
static bool end_one(struct running *all, unsigned count)
{
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    for (unsigned i = 0; i < count; i++)
        if (all[i].pid == pid) return end(&all[i], status);
    return true; /* somebody's child whom the runner inherited */
}

static bool is_wanted(const struct criterion_test *test, const struct wish *wish)
{
    char name[NAME_BYTES];
    if (test->data->disabled) return false;
    snprintf(name, sizeof name, "%s/%s", test->category, test->name);
    for (char *const *pattern = wish->patterns; *pattern; pattern++)
        if (fnmatch(*pattern, name, 0) == 0) return true;
    return !*wish->patterns;
}

static struct wish wish_read(char **words)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct wish wish = {.patterns = words};
    char **kept = words;
    for (; *words; words++)
        if (strncmp(*words, "-j", 2) == 0)
            processors = atol(*words + 2);
        else if (strcmp(*words, "--fail-fast") == 0)
            wish.fail_fast = true;
        else if (strcmp(*words, "--filter") != 0)
            *kept++ = *words;
    *kept = NULL;
    wish.at_once = processors < 1 ? 1 : processors > AT_ONCE_MAX ? AT_ONCE_MAX : (unsigned)processors;
    return wish;
}

static struct running *idle(struct running *all, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (all[i].pid == 0) return &all[i];
    return NULL;
}

static unsigned running(const struct running *all, unsigned count)
{
    unsigned n = 0;
    for (unsigned i = 0; i < count; i++) n += all[i].pid != 0;
    return n;
}

int main(int argc, char **argv)
{
    struct running all[AT_ONCE_MAX] = {0};
    const struct wish wish = wish_read(argv + (argc > 0));
    size_t size = wish.at_once * sizeof(struct note);
    struct note *notes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned bad = 0, count = 0;
    if (notes == MAP_FAILED) return FAILED;
    for (unsigned i = 0; i < wish.at_once; i++) all[i].note = &notes[i];
    printf("TAP version 13\n");
    for (struct criterion_test **test = __start_cr_tst; test < __stop_cr_tst; test++) {
        struct running *one;
        if (!*test || !is_wanted(*test, &wish)) continue;
        while (!(one = idle(all, wish.at_once))) bad += !end_one(all, wish.at_once);
        if (bad > 0 && wish.fail_fast) break;
        if (!begin(one, *test)) return FAILED;
        count++;
    }
    while (running(all, wish.at_once) > 0) bad += !end_one(all, wish.at_once);
    printf("1..%u\n", count);
    return bad > 0;
}
