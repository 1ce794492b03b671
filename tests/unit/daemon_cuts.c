/* tests/unit/daemon_cuts.c - A process that says more than its report has room for works on to its end. This program is
 * that process, too: it starts itself as gcxvm does, and says then what the test wants. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/service/cuts.h"

TestSuite(daemon_cuts, .timeout = 30);

enum { LINES = 20000 };

static struct daemon cutting;
static char over[64]; /* a file that the process makes at its end */
static bool ended, was_good;

__attribute__((constructor)) static void works(int count, char **arguments)
{
    if (count < 2 || strcmp(arguments[0], "gcxvm") != 0) return;
    for (int i = 0; i < LINES; i++) printf("line %d\n", i);
    fflush(stdout);
    FILE *file = fopen(arguments[count - 1], "we");
    if (file) fclose(file);
    _exit(file ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void on_cut(struct daemon *daemon, uint64_t number, const struct error *why)
{
    cr_expect_eq(number, 1);
    ended = true;
    was_good = !why;
    event_base_loopbreak(daemon->base);
}

Test(daemon_cuts, what_has_no_room_is_dropped_and_its_process_ends_well)
{
    static char nowhere[] = "/nowhere";
    struct conf conf = {.state = nowhere, .plugins = nowhere, .file = over};
    const struct daemon_tells tells = {.cut = on_cut};
    struct error error = {0};
    uint64_t number;
    strcpy(over, "/tmp/gcx-cuts-XXXXXX");
    int fd = mkstemp(over);
    cr_assert_geq(fd, 0);
    close(fd);
    unlink(over);
    struct log *log = log_new(&(struct log_options){.fd = STDERR_FILENO, .level = LOG_LEVEL_ERROR});
    cutting = (struct daemon){.conf = &conf, .log = log, .tells = &tells, .base = event_base_new()};
    cutting.cuts = cuts_new(&cutting);
    cr_assert(cuts_begin(&cutting, &(struct cuts_task){.what = CUTS_VERIFY}, &number, &error), "%s", error.text);
    event_base_dispatch(cutting.base);
    cr_expect(ended && was_good && access(over, F_OK) == 0, "it was ended before its end");
    cr_expect_eq(strncmp(cuts_said(&cutting), "line 0\nline 1\n", 14), 0);
    unlink(over);
    cuts_free(cutting.cuts);
    event_base_free(cutting.base);
    log_free(log);
}
