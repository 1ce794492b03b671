/* tests/unit/daemon_intake.c - What is let in by lag, interactions, memory and space, and when all is let in again. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/links/intake.h"

static const struct intake_limits limits = {
    .lag_us = 1000000, .interactions = 1000, .memory = 1000000, .space = {100, 50, 20}};
static const struct intake_sample quiet = {.space = 1000};

struct seen {
    enum intake_level level;
    const char *why;
};

static void expect(struct seen *seen, struct intake_sample sample, enum intake_level level, const char *why)
{
    const char *before = seen->why;
    seen->level = intake_level_of(&limits, &sample, seen->level, before, &seen->why);
    cr_assert_eq(seen->level, level, "%s instead of %s, because of `%s`", intake_level_name(seen->level),
                 intake_level_name(level), seen->why);
    cr_assert_str_eq(seen->why, why);
}

Test(daemon_intake, a_lag_refuses_arrivals_until_it_is_half_of_what_began_it, .timeout = 10)
{
    struct seen seen = {INTAKE_OPEN, ""};
    struct intake_sample sample = quiet;
    expect(&seen, sample, INTAKE_OPEN, "");
    sample.lag_us = 999999;
    expect(&seen, sample, INTAKE_OPEN, "");
    sample.lag_us = 1000000;
    expect(&seen, sample, INTAKE_NO_ARRIVALS, "lag");
    sample.lag_us = 500001;
    expect(&seen, sample, INTAKE_NO_ARRIVALS, "lag");
    sample.lag_us = 500000;
    expect(&seen, sample, INTAKE_OPEN, "");
    sample.lag_us = 999999;
    expect(&seen, sample, INTAKE_OPEN, "");
}

Test(daemon_intake, so_do_memory_and_the_number_of_interactions, .timeout = 10)
{
    struct seen seen = {INTAKE_OPEN, ""};
    struct intake_sample sample = quiet;
    sample.interactions = 1000;
    expect(&seen, sample, INTAKE_NO_ARRIVALS, "interactions");
    sample.interactions = 951;
    expect(&seen, sample, INTAKE_NO_ARRIVALS, "interactions");
    sample.memory = 1000000;
    expect(&seen, sample, INTAKE_NO_ARRIVALS, "memory");
    sample = quiet;
    expect(&seen, sample, INTAKE_OPEN, "");
}

Test(daemon_intake, the_less_space_the_less_is_taken, .timeout = 10)
{
    struct seen seen = {INTAKE_OPEN, ""};
    struct intake_sample sample = quiet;
    sample.space = 101;
    expect(&seen, sample, INTAKE_OPEN, "");
    sample.space = 100;
    expect(&seen, sample, INTAKE_NO_ARRIVALS, "space");
    sample.space = 50;
    expect(&seen, sample, INTAKE_RELIEF, "space");
    sample.space = 59;
    expect(&seen, sample, INTAKE_RELIEF, "space");
    sample.space = 60;
    expect(&seen, sample, INTAKE_NO_ARRIVALS, "space");
    sample.space = 109;
    expect(&seen, sample, INTAKE_NO_ARRIVALS, "space");
    sample.space = 110;
    expect(&seen, sample, INTAKE_OPEN, "");
    sample.space = 20;
    expect(&seen, sample, INTAKE_STOP, "space");
}

Test(daemon_intake, a_batch_that_took_the_reserve_stops_it, .timeout = 10)
{
    struct seen seen = {INTAKE_OPEN, ""};
    struct intake_sample sample = quiet;
    sample.gave_up = true;
    expect(&seen, sample, INTAKE_STOP, "space");
}

static unsigned space_of(const char *folder, uint64_t space_mb, uint64_t reusable)
{
    struct intake_space space;
    intake_space(folder, space_mb, reusable, &space);
    return intake_share(&space);
}

Test(daemon_intake, a_bound_is_a_share_or_a_size, .timeout = 10)
{
    struct intake_space disk = {.all = 200 * 1048576, .left = 50 * 1048576};
    cr_assert_eq(intake_bound(&(struct conf_space){10, true}, &disk), 100u);
    cr_assert_eq(intake_bound(&(struct conf_space){10, false}, &disk), 50u);
    cr_assert_eq(intake_bound(&(struct conf_space){400, false}, &disk), 1000u);
    cr_assert_eq(intake_share(&disk), 250u);
}

Test(daemon_intake, a_bound_of_the_folder_counts_what_lies_in_it, .timeout = 10)
{
    char folder[] = "/tmp/gcx-intake-XXXXXX", path[64];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/ballast", folder);
    cr_assert_eq(space_of(folder, 1, 0), 1000);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(posix_fallocate(fd, 0, 512 * 1024), 0);
    unsigned half = space_of(folder, 1, 0);
    cr_assert(half >= 490 && half <= 500, "%u", half);
    snprintf(path, sizeof path, "%s/snapshots", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    strcat(path, "/00000000000000000007");
    int other = open(path, O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(posix_fallocate(other, 0, 256 * 1024), 0);
    close(other);
    unsigned quarter = space_of(folder, 1, 0);
    cr_assert(quarter >= 240 && quarter <= 250, "%u: snapshots count", quarter);
    cr_assert(space_of(folder, 1, 256 * 1024) >= 490, "what the journal can use again is free");
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    snprintf(path, sizeof path, "%s/ballast", folder);
    cr_assert_eq(posix_fallocate(fd, 0, 2 * 1024 * 1024), 0);
    cr_assert_eq(space_of(folder, 1, 0), 0);
    close(fd);
    unlink(path);
    cr_assert_eq(space_of(folder, 1, 0), 1000);
    rmdir(folder);
    cr_assert_eq(space_of(folder, 1, 0), 1000, "what cannot be looked at does not stop anybody");
}

/* As the bound of a stop ends above where it began, whoever starts at its edge would end at once. */
Test(daemon_intake, a_start_at_the_edge_is_refused_by_what_it_needs, .timeout = 10)
{
    enum { MIB = 1024 * 1024, BLOCK = 4096 };
    char folder[] = "/tmp/gcx-intake-XXXXXX", path[64];
    struct error error = {0};
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/ballast", folder);
    const struct conf conf = {.state = folder, .space_mb = 1, .space = {[SPACE_STOP] = {2, true}}};
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(posix_fallocate(fd, 0, MIB - 7 * BLOCK), 0);
    cr_assert_not(intake_may_begin(&conf, 0, &error));
    cr_assert(strstr(error.text, ": 2.7 % of its space is free; make room") &&
                  strstr(error.text, "a start needs 3.0 %"),
              "%s", error.text);
    cr_assert(intake_may_begin(&conf, BLOCK, &error), "what the journal can use again is free");
    close(fd);
    unlink(path);
    rmdir(folder);
}

/* What was measured is not why: a disk may have no room for a file though there is some within. */
Test(daemon_intake, that_a_batch_found_no_room_is_said, .timeout = 10)
{
    char text[256];
    struct intake_row row = {.level = INTAKE_STOP, .why = "space", .sample = {.space = 972, .gave_up = true}};
    intake_words(&row, text, sizeof text);
    cr_assert(strstr(text, "nothing more is taken because of space: ") &&
                  strstr(text, "97.2 % of the space free, and a batch found no room"),
              "%s", text);
    row.sample = (struct intake_sample){.space = 15};
    intake_words(&row, text, sizeof text);
    cr_assert(strstr(text, "1.5 % of the space free") && !strstr(text, "batch"), "%s", text);
}
