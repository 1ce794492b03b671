/* runtime/daemon/links/intake.c - Takes samples, compares them with bounds that end lower than they begin, and
 * limits the rate of arrivals.
 *
 *     samples: events that wait, delay of the disk, memory, space      each with a bound, and a lower one to come back
 *     level:   open --> no arrivals --> relief only --> stop          the reason that is worst decides
 *
 * A bound counts as left only when the figure is well below it (exceeds, scarce): otherwise the level would change
 * to and fro at the edge, and the adapters with it. New arrivals also have a rate, kept as a bucket that fills with
 * time, so that a storm of calls after a failure comes in at the pace at which the core can decide. */
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
#include "base/memory.h"

enum {
    WHOLE = 1000,
    WAY_BACK = 10, /* thousandths of the space */
    SLOW_LOOK_US = 1000000,
    SAY_AGAIN_US = 5000000, /* shortest time between two logged changes */
    MEGABYTE = 1024 * 1024,
};

/* A larger file system counts as if it had this size, because the reserve is for a journal and need not grow with the
 * disk. */
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
    uint64_t reserve, reserved;                  /* bytes to reserve for an orderly end; bytes of the last attempt */
    double tokens;                               /* arrivals that the rate permits now */
};

const char *intake_level_name(enum intake_level level)
{
    assert(level <= INTAKE_STOP);
    static const char *const names[] = {"open", "no_arrivals", "only_relief", "stopped"};
    return names[level];
}

/* True: the figure is above its bound, or is not yet back at the value at which the level ends. */
static bool intake_exceeds(uint64_t value, uint64_t limit, uint64_t until, bool did)
{
    return limit != 0 && (value >= limit || (did && value > until));
}

/* True: the space is below its bound, or was and has not grown enough since then. */
static bool intake_scarce(unsigned space, unsigned bound, bool did)
{
    return space <= bound || (did && space < bound + WAY_BACK);
}

/* True: this reason has already caused the present level. The lower bound then counts. */
static bool intake_already(enum intake_level now, const char *before, const char *why)
{
    return now != INTAKE_OPEN && strcmp(before, why) == 0;
}

enum intake_level intake_level_of(const struct intake_limits *limits, const struct intake_sample *sample,
                                  enum intake_level now, const char *before, const char **why)
{
    assert(limits && sample && before && why);
    bool by_space = intake_already(now, before, "space");
    *why = "space";
    if (sample->gave_up || sample->space <= limits->space[SPACE_STOP]) return INTAKE_STOP;
    if (intake_scarce(sample->space, limits->space[SPACE_RELIEF], by_space && now >= INTAKE_RELIEF))
        return INTAKE_RELIEF;
    if (intake_scarce(sample->space, limits->space[SPACE_ARRIVALS], by_space)) return INTAKE_NO_ARRIVALS;
    *why = "memory";
    if (intake_exceeds(sample->memory, limits->memory, limits->memory / 20 * 19, intake_already(now, before, *why)))
        return INTAKE_NO_ARRIVALS;
    *why = "interactions";
    if (intake_exceeds(sample->interactions, limits->interactions, limits->interactions / 20 * 19,
                       intake_already(now, before, *why)))
        return INTAKE_NO_ARRIVALS;
    *why = "lag";
    if (intake_exceeds(sample->lag_us, limits->lag_us, limits->lag_us / 2, intake_already(now, before, *why)))
        return INTAKE_NO_ARRIVALS;
    *why = "";
    return INTAKE_OPEN;
}

/* Counts the bytes on the disk of the folder's files, and of the folders in it. */
static uint64_t used_by(int folder, unsigned depth)
{
    uint64_t used = 0;
    DIR *list = folder < 0 ? NULL : fdopendir(folder);
    const struct dirent *entry;
    struct stat info;
    if (!list && folder >= 0) close(folder);
    while (list && (entry = readdir(list))) {
        if (fstatat(dirfd(list), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (S_ISREG(info.st_mode)) used += (uint64_t)info.st_blocks * 512;
        if (S_ISDIR(info.st_mode) && entry->d_name[0] != '.' && depth > 0)
            used += used_by(openat(dirfd(list), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), depth - 1);
    }
    if (list) closedir(list);
    return used;
}

void intake_space(const char *folder, uint64_t space_mb, uint64_t reusable, struct intake_space *space)
{
    assert(folder);
    struct statvfs disk;
    *space = (struct intake_space){0};
    if (statvfs(folder, &disk) != 0 || disk.f_blocks == 0) return; /* the journal will tell */
    space->all = (uint64_t)disk.f_blocks * disk.f_frsize;
    space->left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (space_mb == 0) {
        if (space->all > SPACE_COUNTED) space->all = SPACE_COUNTED;
    } else {
        uint64_t used = used_by(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 1);
        space->all = space_mb * MEGABYTE;
        uint64_t unused = used < space->all ? space->all - used : 0;
        if (space->left > unused) space->left = unused;
    }
    space->left += reusable;
    if (space->left > space->all) space->left = space->all;
}

static unsigned intake_share_of(uint64_t part, uint64_t all)
{
    return part >= all ? WHOLE : (unsigned)((double)part * WHOLE / (double)all);
}

unsigned intake_share(const struct intake_space *space)
{
    return intake_share_of(space->left, space->all);
}

unsigned intake_bound(const struct conf_space *bound, const struct intake_space *space)
{
    if (space->all == 0) return 0;
    return bound->percent ? (unsigned)bound->amount * (WHOLE / 100)
                          : intake_share_of(bound->amount * MEGABYTE, space->all);
}

bool intake_may_begin(const struct conf *conf, uint64_t reusable, struct error *error)
{
    struct intake_space space;
    intake_space(conf->state, conf->space_mb, reusable, &space);
    unsigned left = intake_share(&space), bound = intake_bound(&conf->space[SPACE_STOP], &space);
    if (!intake_scarce(left, bound, true)) return true;
    return error_set(error, ERROR_STATE,
                     "state folder %.120s: %u.%u %% of its space is free; make room, or raise `space_mb` or lower "
                     "`space_stop`: a start needs %u.%u %%",
                     conf->state, left / 10, left % 10, (bound + WAY_BACK) / 10, (bound + WAY_BACK) % 10);
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
    struct intake *intake = memory_zeroed(1, sizeof *intake);
    *intake = (struct intake){.conf = conf,
                              .engine = engine,
                              .log = log,
                              .limits = {.lag_us = conf->lag_ms * 1000,
                                         .interactions = conf->interactions,
                                         .memory = conf->memory_mb * MEGABYTE},
                              .why = "",
                              .reserved = UINT64_MAX,
                              .since_us = host_wall_clock_us(),
                              .tokens = (double)conf->arrivals_per_s};
    intake_look(intake, host_monotonic_us());
    return intake;
}

void intake_free(struct intake *intake)
{
    free(intake);
}

/* Samples at every check what changes fast, and once a second memory and disk, which cost system calls. */
static void intake_measure(struct intake *intake, uint64_t now_us)
{
    struct engine_load load;
    engine_load(intake->engine, &load);
    intake->sample.lag_us = load.lag_us;
    intake->sample.interactions = load.interactions;
    intake->sample.gave_up = load.gave_up;
    if (!load.gave_up && intake->slow_looked_us != 0 && now_us - intake->slow_looked_us < SLOW_LOOK_US) return;
    intake->slow_looked_us = now_us;
    intake->sample.memory = intake_memory();
    struct intake_space space;
    intake_space(intake->conf->state, intake->conf->space_mb, load.journal_free, &space);
    intake->sample.space = intake_share(&space);
    for (size_t i = 0; i < SPACE_BOUNDS; i++) intake->limits.space[i] = intake_bound(&intake->conf->space[i], &space);
    intake->reserve = intake->conf->reserve_mb * MEGABYTE;
    if (intake->reserve > space.all / 100) intake->reserve = space.all / 100;
}

/* Reserves space for an orderly end while there is enough, and releases it when there is none left. */
static void reserve_keep(struct intake *intake)
{
    struct error error;
    if (intake->level == INTAKE_STOP) {
        engine_reserve(intake->engine, 0, NULL);
    } else if (intake->level == INTAKE_OPEN && intake->reserve != intake->reserved) {
        intake->reserved = intake->reserve;
        if (engine_reserve(intake->engine, intake->reserve, &error)) return;
        log_line(intake->log, LOG_LEVEL_WARNING, "intake", 0, 0, "no space is kept for an orderly end: %s", error.text);
    }
}

void intake_words(const struct intake_row *row, char *text, size_t size)
{
    static const char *const words[] = {"arrivals are let in again", "arrivals are refused at the switch because of ",
                                        "only what ends calls is taken because of ",
                                        "nothing more is taken because of "};
    const struct intake_sample *sample = &row->sample;
    snprintf(text, size,
             "%s%s: an event is durable after %llu ms, %llu interactions, %llu MB, %u.%u %% of the space free%s",
             words[row->level], row->why, (unsigned long long)(sample->lag_us / 1000),
             (unsigned long long)sample->interactions, (unsigned long long)(sample->memory / MEGABYTE),
             sample->space / 10, sample->space % 10, sample->gave_up ? ", and a batch found no room" : "");
}

/* Logs a change of the level, but not every change to and fro; that space becomes scarcer is logged at once. */
static void intake_tell(struct intake *intake, uint64_t now_us)
{
    char text[256];
    struct intake_row row;
    bool lately = intake->said_us != 0 && now_us - intake->said_us < SAY_AGAIN_US;
    bool worse = intake->level > intake->said && strcmp(intake->why, "space") == 0;
    if (intake->said == intake->level || (lately && !worse)) return;
    intake->said = intake->level;
    intake->said_us = now_us;
    intake_read(intake, &row);
    intake_words(&row, text, sizeof text);
    log_line(intake->log, intake->level == INTAKE_OPEN ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "intake", 0, 0, "%s",
             text);
}

/* Adds the arrivals that the rate has allowed since the last check; at most those of one second are saved up. */
static void intake_fill_bucket(struct intake *intake, uint64_t now_us)
{
    double rate = (double)intake->conf->arrivals_per_s;
    if (intake->looked_us != 0) intake->tokens += rate * (double)(now_us - intake->looked_us) / 1e6;
    if (intake->tokens > rate) intake->tokens = rate;
}

enum intake_level intake_look(struct intake *intake, uint64_t now_us)
{
    const char *why;
    enum intake_level level;
    intake_fill_bucket(intake, now_us);
    intake_measure(intake, now_us);
    intake->looked_us = now_us;
    level = intake_level_of(&intake->limits, &intake->sample, intake->level, intake->why, &why);
    if (level != intake->level) {
        intake->since_us = host_wall_clock_us();
        if (intake->level == INTAKE_OPEN) intake->closings++;
    }
    intake->level = level;
    intake->why = why;
    reserve_keep(intake);
    intake_tell(intake, now_us);
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
