/* runtime/daemon/links/intake.c - Samples, bounds with a way back, a bucket of arrivals. */
#include "config.h"
#include "runtime/daemon/links/intake.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/host/real.h"

enum {
    WHOLE = 1000,
    WAY_BACK = 10, /* thousandths of the space */
    SLOW_LOOK_US = 1000000,
    SAY_AGAIN_US = 5000000, /* changes are logged no more often */
    MEGABYTE = 1024 * 1024,
};

/* A file system counts as no larger than this: the reserve is for a journal, and needs not grow with the disk. */
static const uint64_t SPACE_COUNTED = UINT64_C(10) * 1024 * MEGABYTE;

struct intake {
    const struct conf *conf;
    struct engine *engine;
    const struct log *log;
    struct intake_limits limits;
    struct intake_sample sample;
    enum intake_level level, said;
    const char *why;
    uint64_t since_us, closings;
    uint64_t looked_us, slow_looked_us, said_us; /* monotonic; 0: never */
    double tokens;                               /* arrivals that the rate allows now */
};

const char *intake_level_name(enum intake_level level)
{
    assert(level <= INTAKE_STOP);
    static const char *const names[] = {"open", "no_arrivals", "only_relief", "stopped"};
    return names[level];
}

/* Above its bound, or not yet back below what ends it. */
static bool exceeds(uint64_t value, uint64_t limit, uint64_t until, bool did)
{
    return limit != 0 && (value >= limit || (did && value > until));
}

/* Is so little left, or has too little come back since it was? */
static bool scarce(unsigned space, unsigned bound, bool did)
{
    return space <= bound || (did && space < bound + WAY_BACK);
}

/* Does this reason hold the level already? Then its lower bound counts. */
static bool already(enum intake_level now, const char *before, const char *why)
{
    return now != INTAKE_OPEN && strcmp(before, why) == 0;
}

enum intake_level intake_level_of(const struct intake_limits *limits, const struct intake_sample *sample,
                                  enum intake_level now, const char *before, const char **why)
{
    assert(limits && sample && before && why);
    bool by_space = already(now, before, "space");
    *why = "space";
    if (sample->space <= SPACE_STOP) return INTAKE_STOP;
    if (scarce(sample->space, SPACE_RELIEF, by_space && now >= INTAKE_RELIEF)) return INTAKE_RELIEF;
    if (scarce(sample->space, SPACE_ARRIVALS, by_space)) return INTAKE_NO_ARRIVALS;
    *why = "memory";
    if (exceeds(sample->memory, limits->memory, limits->memory / 20 * 19, already(now, before, *why)))
        return INTAKE_NO_ARRIVALS;
    *why = "interactions";
    if (exceeds(sample->interactions, limits->interactions, limits->interactions / 20 * 19, already(now, before, *why)))
        return INTAKE_NO_ARRIVALS;
    *why = "lag";
    if (exceeds(sample->lag_us, limits->lag_us, limits->lag_us / 2, already(now, before, *why)))
        return INTAKE_NO_ARRIVALS;
    *why = "";
    return INTAKE_OPEN;
}

/* Bytes on the disk that the folder's files take. */
static uint64_t used_by(const char *folder)
{
    uint64_t used = 0;
    DIR *list = opendir(folder);
    const struct dirent *entry;
    struct stat info;
    while (list && (entry = readdir(list)))
        if (fstatat(dirfd(list), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode))
            used += (uint64_t)info.st_blocks * 512;
    if (list) closedir(list);
    return used;
}

unsigned intake_space(const char *folder, uint64_t space_mb)
{
    assert(folder);
    struct statvfs disk;
    uint64_t space, left;
    if (statvfs(folder, &disk) != 0 || disk.f_blocks == 0) return WHOLE; /* the journal will tell */
    space = (uint64_t)disk.f_blocks * disk.f_frsize;
    left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (space_mb == 0) {
        if (space > SPACE_COUNTED) space = SPACE_COUNTED;
    } else {
        uint64_t used = used_by(folder);
        space = space_mb * MEGABYTE;
        if (left > (used < space ? space - used : 0)) left = used < space ? space - used : 0;
    }
    return left >= space ? WHOLE : (unsigned)((double)left * WHOLE / (double)space);
}

uint64_t intake_memory(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1) pages = 0;
    fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

struct intake *intake_new(const struct conf *conf, struct engine *engine, const struct log *log)
{
    assert(conf && engine && log);
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake) abort();
    *intake = (struct intake){.conf = conf,
                              .engine = engine,
                              .log = log,
                              .limits = {.lag_us = conf->lag_ms * 1000,
                                         .interactions = conf->interactions,
                                         .memory = conf->memory_mb * MEGABYTE},
                              .why = "",
                              .since_us = clock_wall_us(),
                              .tokens = (double)conf->arrivals_per_s};
    intake_look(intake, clock_monotonic_us());
    return intake;
}

void intake_free(struct intake *intake)
{
    free(intake);
}

/* Samples what changes fast at every look, memory and disk once a second: they cost system calls. */
static void look(struct intake *intake, uint64_t now_us)
{
    struct engine_load load;
    engine_load(intake->engine, &load);
    intake->sample.lag_us = load.lag_us;
    intake->sample.interactions = load.interactions;
    if (intake->slow_looked_us != 0 && now_us - intake->slow_looked_us < SLOW_LOOK_US) return;
    intake->slow_looked_us = now_us;
    intake->sample.memory = intake_memory();
    intake->sample.space = intake_space(intake->conf->state, intake->conf->space_mb);
}

/* Logs a change of the level, but not every flutter. */
static void say(struct intake *intake, uint64_t now_us)
{
    const struct intake_sample *sample = &intake->sample;
    if (intake->said == intake->level || (intake->said_us != 0 && now_us - intake->said_us < SAY_AGAIN_US)) return;
    intake->said = intake->level;
    intake->said_us = now_us;
    log_line(intake->log, intake->level == INTAKE_OPEN ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "intake", 0, 0,
             "%s%s: an event is durable after %llu ms, %llu interactions, %llu MB, %u.%u %% of the space free",
             intake->level == INTAKE_OPEN          ? "arrivals are let in again"
             : intake->level == INTAKE_NO_ARRIVALS ? "arrivals are refused at the switch because of "
             : intake->level == INTAKE_RELIEF      ? "only what ends calls is taken because of "
                                                   : "nothing more is taken because of ",
             intake->why, (unsigned long long)(sample->lag_us / 1000), (unsigned long long)sample->interactions,
             (unsigned long long)(sample->memory / MEGABYTE), sample->space / 10, sample->space % 10);
}

/* Arrivals that the rate has allowed since the last look; at most those of one second are saved up. */
static void fill(struct intake *intake, uint64_t now_us)
{
    double rate = (double)intake->conf->arrivals_per_s;
    if (intake->looked_us != 0) intake->tokens += rate * (double)(now_us - intake->looked_us) / 1e6;
    if (intake->tokens > rate) intake->tokens = rate;
}

enum intake_level intake_look(struct intake *intake, uint64_t now_us)
{
    const char *why;
    enum intake_level level;
    fill(intake, now_us);
    look(intake, now_us);
    intake->looked_us = now_us;
    level = intake_level_of(&intake->limits, &intake->sample, intake->level, intake->why, &why);
    if (level != intake->level) {
        intake->since_us = clock_wall_us();
        if (intake->level == INTAKE_OPEN) intake->closings++;
    }
    intake->level = level;
    intake->why = why;
    say(intake, now_us);
    return level;
}

uint32_t intake_arrivals(const struct intake *intake)
{
    if (intake->level != INTAKE_OPEN) return 0;
    if (intake->conf->arrivals_per_s == 0) return UINT32_MAX;
    return intake->tokens > 0 ? (uint32_t)intake->tokens : 0;
}

void intake_let_in(struct intake *intake, uint32_t arrivals)
{
    intake->tokens -= arrivals;
}

void intake_read(const struct intake *intake, struct intake_row *row)
{
    assert(row);
    *row = (struct intake_row){intake->level, intake->why, intake->sample, intake->since_us, intake->closings};
}
