/* runtime/sim/trace.h - The record of a play: a timeline for people, and happenings that expectations look for.
 *
 * Times are microseconds since the beginning. Owns all text; rows are borrowed until the next call. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

enum { NO_ARRIVAL = UINT32_MAX };

/* `name` is an event of the tests' language (routed, offered, joined, abandoned, ...), or "step". */
struct trace_event {
    uint64_t at_us;
    uint32_t arrival;
    char *name;
    char *kind, *to; /* of the target: agent, queue, vq, dn; or what was said: "why" of stopped. NULL: none */
    json_t *args;    /* of a step: {"step":..., "source":..., "args":{...}}; NULL else */
};

/* Gets each line as it is said, besides the timeline. */
struct trace_listener {
    void *self;
    void (*line)(void *self, uint64_t at_us, const char *component, uint32_t arrival, const char *text);
};

struct trace;

struct trace *trace_new(const struct trace_listener *); /* NULL: nobody listens */
void trace_free(struct trace *);

/* From now on no timeline is kept: nobody will read it. */
void trace_mute(struct trace *);
/* Does anybody want to know what is said? */
bool trace_listens(const struct trace *);

/* One thing said: the message's name first, then key=value. */
void trace_say(struct trace *, uint64_t at_us, const char *component, uint32_t arrival, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Takes the reference to `args`. `kind`, `to` may be NULL. */
void trace_happened(struct trace *, uint64_t at_us, uint32_t arrival, const char *name, const char *kind,
                    const char *to, json_t *args);

/* A step that was done, as tests write it. */
struct step_call;
void trace_step(struct trace *, uint64_t at_us, uint32_t arrival, const struct step_call *);

/* From now on messages are looked through for this text (borrowed): one that holds it is the happening "shown". */
void trace_seek(struct trace *, const char *text);
void trace_look(struct trace *, uint64_t at_us, uint32_t arrival, const struct message *, struct message_mask);

/* Happenings in order of their time: some are told only when they are decided. */
void trace_sort(struct trace *);
size_t trace_count(const struct trace *);
const struct trace_event *trace_at(const struct trace *, size_t index);
const char *trace_timeline(const struct trace *);
