/* runtime/sim/trace.h - The record of a play: a timeline for people, and happenings for expectations.
 *
 * Times are microseconds since the beginning. The trace owns all text; rows are borrowed until the next call. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

enum { NO_ARRIVAL = UINT32_MAX };

/* `name` is an event in the tests' language (routed, offered, joined, abandoned, ...), or "step". */
struct trace_event {
    uint64_t at_us;
    uint32_t arrival;
    char *name;
    char *kind, *to; /* kind and name of the target: agent, queue, vq, dn; or a remark: "why" of stopped. NULL: none */
    json_t *args;    /* for a step: {"step":..., "source":..., "args":{...}}; else NULL */
};

/* Gets each line when it is added to the timeline. */
struct trace_listener {
    void *self;
    void (*line)(void *self, uint64_t at_us, const char *component, uint32_t arrival, const char *text);
};

struct trace;

struct trace *trace_new(const struct trace_listener *); /* NULL: nobody listens */
void trace_free(struct trace *);

/* From now on no timeline is kept. */
void trace_mute(struct trace *);
/* Is the timeline kept, or is there a listener? */
bool trace_listens(const struct trace *);

/* Adds a line to the timeline: the message's name first, then key=value. */
void trace_say(struct trace *, uint64_t at_us, const char *component, uint32_t arrival, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Adds a happening, and takes over the reference to `args`. `kind`, `to` may be NULL. */
void trace_happened(struct trace *, uint64_t at_us, uint32_t arrival, const char *name, const char *kind,
                    const char *to, json_t *args);

/* Adds a step that was done, in the words of tests. */
struct step_call;
void trace_step(struct trace *, uint64_t at_us, uint32_t arrival, const struct step_call *);

/* From now on messages are searched for this text (borrowed): one that contains it is added as the happening
 * "shown". */
void trace_seek(struct trace *, const char *text);
void trace_look(struct trace *, uint64_t at_us, uint32_t arrival, const struct message *, struct message_mask);

/* Sorts the happenings by time, as some are added later than they happened. */
void trace_sort(struct trace *);
size_t trace_count(const struct trace *);
const struct trace_event *trace_at(const struct trace *, size_t index);
const char *trace_timeline(const struct trace *);
