/* compiler/cli/progress.c - One line on a terminal, while a command lasts.
 *
 *     412 of 3000 tests          a run of tasks tells how many are done, whenever the pool looks
 *     checking, 3 s              compiling is one call: a timer of the kernel tells, each second
 *
 * The timer's handler only writes bytes that it makes itself: nothing else may be called in it. Children of the process
 * have no timer. */
#include "compiler/cli/progress.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { PROGRESS_AFTER_US = 1000000, PROGRESS_BYTES = 120 };

void progress_show(struct progress *progress, uint32_t done, uint32_t all, const char *what, uint64_t spent_us)
{
    if (spent_us < PROGRESS_AFTER_US || !isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r%" PRIu32 " of %" PRIu32 " %s\033[K", done, all, what);
    fflush(stderr);
    progress->shown = true;
}

void progress_clear(struct progress *progress)
{
    if (progress->shown) fputs("\r\033[K", stderr);
    progress->shown = false;
}

/* ---- one piece of work ---- */

static struct {
    char line[PROGRESS_BYTES]; /* "\rchecking, " */
    char rest[PROGRESS_BYTES]; /* " s, 2 of 5\033[K\r": the next output overwrites the line */
    struct timespec began;     /* when the first piece began */
    volatile sig_atomic_t shown;
} lasting;

static time_t progress_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - lasting.began.tv_sec - (now.tv_nsec < lasting.began.tv_nsec);
}

static void progress_tick(int number)
{
    char text[2 * PROGRESS_BYTES + 16], digits[16];
    size_t length = strlen(lasting.line), count = 0, rest = strlen(lasting.rest);
    (void)number;
    time_t left = progress_seconds();
    for (; left > 0 && count < sizeof digits; left /= 10) digits[count++] = (char)('0' + left % 10);
    memcpy(text, lasting.line, length);
    while (count > 0) text[length++] = digits[--count];
    memcpy(text + length, lasting.rest, rest);
    lasting.shown = 1;
    ssize_t written = write(STDERR_FILENO, text, length + rest); /* a failure only means that the line is not shown */
    (void)written;
}

static void progress_timer(time_t seconds)
{
    struct itimerval every = {.it_interval = {seconds, 0}, .it_value = {seconds, 0}};
    setitimer(ITIMER_REAL, &every, NULL);
}

void progress_lasts(const char *what, size_t number, size_t all)
{
    struct sigaction tick = {.sa_handler = progress_tick, .sa_flags = SA_RESTART};
    if (!isatty(STDERR_FILENO)) return;
    progress_timer(0); /* the handler reads what is written here */
    snprintf(lasting.line, sizeof lasting.line, "\r%s, ", what);
    if (all > 1)
        snprintf(lasting.rest, sizeof lasting.rest, " s, %zu of %zu\033[K\r", number, all);
    else
        snprintf(lasting.rest, sizeof lasting.rest, " s\033[K\r");
    sigemptyset(&tick.sa_mask);
    sigaction(SIGALRM, &tick, NULL);
    if (lasting.began.tv_sec == 0) clock_gettime(CLOCK_MONOTONIC, &lasting.began);
    if (progress_seconds() > 0) progress_tick(0);
    progress_timer(1);
}

void progress_rests(void)
{
    progress_timer(0);
    if (lasting.shown) {
        ssize_t written = write(STDERR_FILENO, "\r\033[K", 4);
        (void)written;
    }
    lasting.shown = 0;
}
