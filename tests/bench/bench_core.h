/* tests/bench/bench_core.h - A core under measure: its events are written and applied in batches, with the site, the
 * strategy and the link that the benches set up alike. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/vocabulary/message.h"
#include "vm/image.h"

struct bench {
    struct core *core;
    struct core_options options; /* of the core */
    struct writer events;
    struct effect_sink sink; /* of the effects, or zero */
    uint32_t count, most;    /* events in the batch being made; applied when there are `most`, 0: when told */
    uint64_t time_us;        /* of the last batch; the next is 10 us later, or later yet where this was moved on */
    uint64_t batches, seq[SOURCE_LINKS + 1];
};

/* The image of this file; the program ends where there is none. */
struct image *bench_image(const char *path);
/* A core with this image, which is freed with it, for at most so many interactions. */
void bench_new(struct bench *, struct image *, uint32_t interactions, struct effect_sink);
void bench_free(struct bench *);

/* Begins an event of that source; bench_done() ends it. */
struct writer *bench_event(struct bench *, unsigned kind, unsigned source);
void bench_done(struct bench *);
void bench_apply(struct bench *);
/* Applies the batch, and returns the CPU time that it took, in microseconds. against.sh counts the instructions that
 * are made in here. */
double bench_measure(struct bench *);

/* A row of the directory with one column, or none. */
void bench_row(struct bench *, unsigned table, const char *key, const char *column, const char *value);
/* Commits the directory, activates the strategy at a routing point, and brings a link of these caps and medium. */
void bench_begin(struct bench *, const char *at, const char *strategy, const char *link, const char *const *caps,
                 unsigned medium);

double bench_cpu_us(void);
double bench_bytes(void); /* allocated */
