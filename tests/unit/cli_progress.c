/* tests/unit/cli_progress.c - Work that lasts is told on a terminal, and leaves nothing behind; elsewhere nothing is.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/cli/progress.h"

TestSuite(cli_progress, .timeout = 30);

static void wait_for_second(int from)
{
    struct pollfd heard = {.fd = from, .events = POLLIN};
    while (poll(&heard, 1, 5000) < 0) continue; /* the timer's signal ends it */
}

Test(cli_progress, a_terminal_sees_the_seconds_and_then_an_empty_line)
{
    static const char told[] = "\rchecking, 1 s, 2 of 5\033[K\r";
    char seen[200] = "";
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    cr_assert(dup2(terminal, STDERR_FILENO) == STDERR_FILENO);
    progress_lasts("checking", 2, 5);
    wait_for_second(master);
    progress_rests();
    size_t length = 0;
    while (length < sizeof told + 3) {
        ssize_t more = read(master, seen + length, sizeof told + 3 - length);
        cr_assert(more > 0);
        length += (size_t)more;
    }
    cr_assert(strncmp(seen, told, sizeof told - 1) == 0, "%s", seen);
    cr_assert(strcmp(seen + length - 4, "\r\033[K") == 0, "%s", seen);
}

Test(cli_progress, no_terminal_hears_nothing)
{
    int ends[2];
    char seen[20];
    cr_assert(pipe2(ends, O_NONBLOCK) == 0 && dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    struct progress progress = {0};
    progress_lasts("checking", 1, 1);
    progress_show(&progress, 1, 2, "tests", 5000000);
    sleep(2);
    progress_rests();
    progress_clear(&progress);
    cr_assert(read(ends[0], seen, sizeof seen) < 0);
}
