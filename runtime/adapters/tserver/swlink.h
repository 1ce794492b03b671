/* runtime/adapters/tserver/swlink.h - The switch link, without its socket: services asked, results and events read.
 *
 * Lines of JSON as gcx-tserver(5) says. It opens the link (SystemRegister, Snapshot), numbers the services, finds what
 * a result or an error belongs to, and gives up a switch that no longer answers. Once the link is open, what is said of
 * one call costs no other call anything: a line is mended (mend.h), or passed over. It owns its buffers. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/call.h"
#include "runtime/adapters/cti/lines.h"

/* Why a service was asked, so that its answer is understood. */
struct service {
    enum { SERVICE_PLAIN, SERVICE_ASK, SERVICE_RESULT, SERVICE_TREATMENT, SERVICE_OPENING, SERVICE_STATUS } kind;
    uint64_t invoke_id;
    uint64_t ask;       /* SERVICE_ASK, SERVICE_RESULT: the latter is answered by its result */
    uint64_t conn, ref; /* SERVICE_TREATMENT */
    int64_t asked_us;
};

struct swlink_calls {
    void *self;
    void (*send)(void *self, const char *bytes, size_t length);
    void (*drop)(void *self, const char *why); /* close the connection, and connect again */
    void (*snapshot)(void *self, bool begins); /* the events between are the snapshot */
    void (*event)(void *self, const char *name, const json_t *event);
    /* The switch said something that is no text, or that nobody understands, about this call ("": about none). */
    void (*odd)(void *self, const char *call_id, const char *what);
    /* A line of the snapshot about that call was passed over; "": it cannot be read which call the line is about. */
    void (*unread)(void *self, const char *call_id);
    void (*answered)(void *self, const struct service *); /* SERVICE_RESULT */
    void (*refused)(void *self, const struct service *, enum code, const char *text);
};

struct swlink {
    struct swlink_calls calls;
    char name[NAME_SIZE];
    enum { SWLINK_DOWN, SWLINK_REGISTERING, SWLINK_SNAPSHOT, SWLINK_UP } state;
    bool predictive; /* the switch has said that it knows MakePredictiveCall */
    struct switch_lines lines;
    struct service *services; /* the open services, from service_first on */
    unsigned service_first, service_count, service_capacity;
    uint64_t next_id;
    int64_t now_us, opened_us, status_us;
    int64_t took_us; /* how long the last answered status took */
};

void swlink_init(struct swlink *, const char *name, const struct swlink_calls *);
void swlink_free(struct swlink *);

void swlink_connected(struct swlink *, int64_t now_us);
void swlink_feed(struct swlink *, const char *bytes, size_t length, int64_t now_us);
void swlink_lost(struct swlink *);
void swlink_tick(struct swlink *, int64_t now_us);

/* How far we are behind with what the switch says, or it with what we ask: what a status takes, or has taken so far.
 * Its answer comes behind all events that were there before. */
int64_t swlink_lag(const struct swlink *);

/* Asks for a service; takes the reference to `arguments`. If the link is down it is refused at once. */
void swlink_ask(struct swlink *, const char *name, json_t *arguments, const struct service *);
