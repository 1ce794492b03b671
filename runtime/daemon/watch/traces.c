/* runtime/daemon/watch/traces.c - Checks from time to time which interactions have ended, and writes their traces. */
#include "runtime/daemon/watch/traces.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/watch/trace.h"
#include "base/file.h"
#include "base/memory.h"

enum { LOOKED_EVERY_US = 500000, BATCHES_AT_ONCE = 10 };

struct traces {
    struct traces_options options;
    struct event *tick;
    int fd;
    uint64_t next; /* number of the next ended interaction to write */
    uint64_t written, lost;
    bool failing; /* and said so */
};

/* Opens the file, or creates it. */
static bool open_again(struct traces *traces, const char **why)
{
    traces->fd = file_open(traces->options.file, O_WRONLY | O_CREAT | O_APPEND, 0600, why);
    return traces->fd >= 0;
}

/* Opens the file again if somebody has moved it away, or removed it. */
static bool traces_look_again(struct traces *traces, const char **why)
{
    struct stat named, ours;
    if (traces->fd >= 0 && stat(traces->options.file, &named) == 0 && fstat(traces->fd, &ours) == 0 &&
        named.st_ino == ours.st_ino && named.st_dev == ours.st_dev)
        return true;
    if (traces->fd >= 0) close(traces->fd);
    return open_again(traces, why);
}

/* Writes a line as a whole, or not at all. */
static bool line_write(struct traces *traces, const char *text, size_t length, const char **why)
{
    off_t before = lseek(traces->fd, 0, SEEK_END);
    ssize_t n = write(traces->fd, text, length);
    if (n == (ssize_t)length) return true;
    *why = n < 0 ? strerror(errno) : "no space for a whole line";
    /* the broken line stays, as nothing more can be done */
    if (n > 0 && before >= 0 && ftruncate(traces->fd, before) != 0) n = 0;
    return false;
}

struct traces_reading {
    struct traces *traces;
    struct trace_batch *batch;
    bool more;
};

/* True: the interaction is one of those that are traced; a number mixed from its id decides, so neighbouring ids
 * differ. */
static bool traces_sampled(const struct traces *traces, uint64_t ixn)
{
    uint64_t mixed = (ixn ^ ixn >> 31) * UINT64_C(0x9e3779b97f4a7c15);
    return (mixed >> 20) % traces->options.one_in == 0;
}

/* On the core's thread. */
static void traces_core_look(void *self, struct core *core)
{
    struct traces_reading *looking = self;
    struct traces *traces = looking->traces;
    uint64_t ended = core_ended_count(core);
    struct interaction_row row;
    while (traces->next < ended && trace_batch_count(looking->batch) < TRACE_BATCH)
        if (!core_ended_at(core, traces->next++, &row))
            traces->lost++;
        else if (traces_sampled(traces, row.ixn))
            trace_batch_add(looking->batch, &row);
    looking->more = traces->next < ended;
    if (trace_batch_count(looking->batch) > 0) trace_batch_collect(looking->batch, core);
}

/* Writes one batch as a line. The first failure is logged, later ones are only counted. */
static void write_batch(struct traces *traces, const struct trace_batch *batch)
{
    json_t *request = trace_batch_json(batch);
    char *text = json_dumps(request, JSON_COMPACT);
    const char *why;
    size_t length;
    bool good;
    json_decref(request);
    if (!text) abort();
    length = strlen(text);
    text[length] = '\n'; /* a line end replaces the final zero */
    good = traces_look_again(traces, &why) && line_write(traces, text, length + 1, &why);
    *(good ? &traces->written : &traces->lost) += trace_batch_count(batch);
    if (!good && !traces->failing)
        log_line(traces->options.log, LOG_LEVEL_WARNING, "gcxvm", 0, 0, "traces %s: %s", traces->options.file, why);
    traces->failing = !good;
    free(text);
}

/* Writes one batch; true: there are more. */
static bool traces_look(struct traces *traces)
{
    struct traces_reading looking = {.traces = traces, .batch = trace_batch_new()};
    if (!engine_read_within(traces->options.engine, ENGINE_PATIENCE_US, traces_core_look, &looking))
        looking.more = false;
    if (trace_batch_count(looking.batch) > 0) write_batch(traces, looking.batch);
    trace_batch_free(looking.batch);
    return looking.more;
}

/* Writes at most so many batches in one call, since the loop has other work. */
static void traces_on_tick(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    for (unsigned count = 0; count < BATCHES_AT_ONCE && traces_look(self); count++) continue;
}

/* On the core's thread. */
static void begin_read(void *self, struct core *core)
{
    *(uint64_t *)self = core_ended_count(core);
}

struct traces *traces_new(const struct traces_options *options, struct error *error)
{
    assert(options && options->engine && options->file && options->one_in > 0);
    static const struct timeval every = {.tv_usec = LOOKED_EVERY_US};
    struct traces *traces = memory_zeroed(1, sizeof *traces);
    traces->options = *options;
    const char *why;
    if (!open_again(traces, &why)) {
        error_set(error, ERROR_SYSTEM, "traces %s: %s", options->file, why);
        free(traces);
        return NULL;
    }
    /* interactions that ended earlier have their traces already */
    engine_read(options->engine, begin_read, &traces->next);
    traces->tick = event_new(options->base, -1, EV_PERSIST, traces_on_tick, traces);
    if (!traces->tick || event_add(traces->tick, &every) != 0) abort();
    return traces;
}

void traces_free(struct traces *traces)
{
    if (!traces) return;
    while (traces_look(traces)) continue;
    event_free(traces->tick);
    if (traces->fd >= 0) close(traces->fd);
    free(traces);
}

uint64_t traces_written(const struct traces *traces)
{
    return traces ? traces->written : 0;
}

uint64_t traces_lost(const struct traces *traces)
{
    return traces ? traces->lost : 0;
}
