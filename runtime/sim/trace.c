/* runtime/sim/trace.c - Stores the timeline and the happenings of a play, in the order in which they were reported.
 *
 *     timeline      12.250s   1 tserver  EventParty ...           text for people: the time, the arrival, who, what
 *     happenings    12250000  0  "joined"  kind "vq"  to "Sales"  what `expect` is checked against
 *
 * Timeline and happenings are separate records of one play. The timeline may be cut (TIMELINE_MAX) or left out (mute);
 * all happenings are kept. A happening may be added late, if the core reports after the switch, with the time when it
 * happened: trace_sort() sorts them before they are checked. */
#include "runtime/sim/trace.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/values.h"
#include "base/memory.h"
#include "base/shown.h"

/* A thousand callers produce a lot of text; to see more, play fewer. */
enum { TIMELINE_MAX = 256 * 1024, LINE_MAX_BYTES = 4096, MESSAGE_TEXT = 1024 * 1024 };

struct trace {
    struct trace_listener listener;
    struct trace_event *rows;
    size_t count;
    char *timeline;
    size_t length, room;
    bool cut, mute;
    const char **sought;
    size_t sought_count;
};

static char *trace_copy(const char *text)
{
    char *copy = !text ? NULL : strdup(text);
    assert(!text || copy);
    return copy;
}

struct trace *trace_new(const struct trace_listener *listener)
{
    struct trace *t = memory_zeroed(1, sizeof *t);
    if (listener) t->listener = *listener;
    t->timeline = trace_copy("");
    return t;
}

void trace_free(struct trace *t)
{
    if (!t) return;
    for (size_t i = 0; i < t->count; i++) {
        free(t->rows[i].name);
        free(t->rows[i].kind);
        free(t->rows[i].to);
        json_decref(t->rows[i].args);
    }
    free(t->rows);
    free(t->sought);
    free(t->timeline);
    free(t);
}

void trace_mute(struct trace *t)
{
    t->mute = true;
}

bool trace_listens(const struct trace *t)
{
    return !t->mute || t->listener.line;
}

/* Appends text; the buffer is doubled when full, so that a long timeline is not copied for each line. The text
 * always ends with a zero. */
static void trace_append(struct trace *t, const char *text)
{
    size_t length = strlen(text);
    if (t->length + length + 1 > t->room) {
        t->room = (t->length + length + 1) * 2;
        t->timeline = memory_grown(t->timeline, t->room, 1);
    }
    memcpy(t->timeline + t->length, text, length + 1);
    t->length += length;
}

/* Adds a line to the timeline; the listener gets every line, while the kept text may be cut. */
void trace_say(struct trace *t, uint64_t at_us, const char *component, uint32_t arrival, const char *format, ...)
{
    char raw[LINE_MAX_BYTES], text[LINE_MAX_BYTES];
    va_list args;
    if (!trace_listens(t)) return;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    shown_text(text, sizeof text, raw); /* names and data may come from outside */
    if (t->listener.line) t->listener.line(t->listener.self, at_us, component, arrival, text);
    if (t->mute) return;
    if (t->length > TIMELINE_MAX) {
        if (!t->cut) {
            trace_append(t, "  ... and more\n");
            t->cut = true;
        }
        return;
    }
    char line[LINE_MAX_BYTES + 96], who[16] = "";
    if (arrival != NO_ARRIVAL) (void)snprintf(who, sizeof who, "%" PRIu32, arrival + 1);
    (void)snprintf(line, sizeof line, "  %8" PRIu64 ".%03" PRIu64 "s %3s %-8s %s\n", at_us / 1000000,
                   at_us / 1000 % 1000, who, component, text);
    trace_append(t, line);
}

/* Adds a happening; `args` is owned by the trace from now on. The texts are copied. */
void trace_happened(struct trace *t, uint64_t at_us, uint32_t arrival, const char *name, const char *kind,
                    const char *to, json_t *args)
{
    assert(name);
    t->rows = memory_more(t->rows, t->count, sizeof *t->rows);
    t->rows[t->count++] =
        (struct trace_event){at_us, arrival, trace_copy(name), trace_copy(kind), trace_copy(to), args};
}

void trace_step(struct trace *t, uint64_t at_us, uint32_t arrival, const struct step_call *call)
{
    trace_happened(t, at_us, arrival, "step", NULL, NULL,
                   json_pack("{s:s, s:s*, s:O}", "step", call->step, "source", call->source, "args", call->args));
}

/* The text is borrowed as long as the trace exists. */
void trace_seek(struct trace *t, const char *text)
{
    for (size_t i = 0; i < t->sought_count; i++)
        if (strcmp(t->sought[i], text) == 0) return;
    t->sought = memory_grown(t->sought, t->sought_count + 1, sizeof *t->sought);
    t->sought[t->sought_count++] = text;
}

/* Searches a message, in the form in which traces and logs print it, with secrets masked. */
void trace_look(struct trace *t, uint64_t at_us, uint32_t arrival, const struct message *message,
                struct message_mask mask)
{
    if (t->sought_count == 0) return;
    char *text = memory_grown(NULL, MESSAGE_TEXT, 1);
    (void)message_print_masked(message, mask, text, MESSAGE_TEXT);
    for (size_t i = 0; i < t->sought_count; i++)
        if (strstr(text, t->sought[i])) trace_happened(t, at_us, arrival, "shown", NULL, t->sought[i], NULL);
    free(text);
}

void trace_sort(struct trace *t)
{
    /* Insertion sort: the happenings are nearly in order already, and those of equal times keep their order. */
    for (size_t i = 1; i < t->count; i++) {
        struct trace_event row = t->rows[i];
        size_t at = i;
        for (; at > 0 && t->rows[at - 1].at_us > row.at_us; at--) t->rows[at] = t->rows[at - 1];
        t->rows[at] = row;
    }
}

size_t trace_count(const struct trace *t)
{
    return t->count;
}

const struct trace_event *trace_at(const struct trace *t, size_t index)
{
    assert(index < t->count);
    return &t->rows[index];
}

const char *trace_timeline(const struct trace *t)
{
    return t->timeline;
}
