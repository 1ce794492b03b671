/* runtime/adapters/tserver/swlink.h - The link to the switch, without its socket: requests services, reads results
 * and events.
 *
 * Lines are JSON as gcx-tserver(5) defines it. This part opens the link (SystemRegister, Snapshot), numbers the
 * services, finds the service of each result or error, and gives up a switch that no longer answers. Once the link is
 * open, a faulty line about one call affects no other call: the line is repaired (mend.h), or skipped. It owns its
 * buffers. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/call.h"
#include "runtime/adapters/cti/lines.h"

/* Why a service was requested, so that its answer can be handled. */
struct service {
    enum { SERVICE_PLAIN, SERVICE_ASK, SERVICE_RESULT, SERVICE_TREATMENT, SERVICE_OPENING, SERVICE_STATUS } kind;
    uint64_t invoke_id;
    uint64_t ask;       /* for SERVICE_ASK, SERVICE_RESULT; the result itself answers the latter */
    uint64_t conn, ref; /* SERVICE_TREATMENT */
    int64_t asked_us;
};

struct swlink_calls {
    void *self;
    void (*send)(void *self, const char *bytes, size_t length);
    void (*drop)(void *self, const char *why); /* closes the connection, and connects again */
    void (*snapshot)(void *self, bool begins); /* the events between the two calls are the snapshot */
    void (*event)(void *self, const char *name, const json_t *event);
    /* The switch sent something that is no text, or that is unknown, about this call ("": about no call). */
    void (*odd)(void *self, const char *call_id, const char *what);
    /* The snapshot's line about that call was skipped; "": the line's call is unknown. */
    void (*unread)(void *self, const char *call_id);
    void (*answered)(void *self, const struct service *); /* SERVICE_RESULT */
    void (*refused)(void *self, const struct service *, enum code, const char *text);
};

struct swlink {
    struct swlink_calls calls;
    char name[NAME_SIZE];
    enum { SWLINK_DOWN, SWLINK_REGISTERING, SWLINK_SNAPSHOT, SWLINK_UP } state;
    bool predictive; /* the switch has said that it offers MakePredictiveCall */
    struct switch_lines lines;
    struct service *services; /* the open services begin at service_first */
    unsigned service_first, service_count, service_capacity;
    uint64_t next_id;
    int64_t now_us, opened_us, status_us;
    int64_t took_us; /* how long the last answered status request took */
};

void swlink_init(struct swlink *, const char *name, const struct swlink_calls *);
void swlink_free(struct swlink *);

void swlink_connected(struct swlink *, int64_t now_us);
void swlink_feed(struct swlink *, const char *bytes, size_t length, int64_t now_us);
void swlink_lost(struct swlink *);
void swlink_tick(struct swlink *, int64_t now_us);

/* Returns how far the switch, or this process, is behind: the time that a status request took, or has taken so far. The
 * answer to a status request comes after all events that were sent before. */
int64_t swlink_lag(const struct swlink *);

/* Requests a service; takes the reference to `arguments`. If the link is down the request is refused at once. */
void swlink_ask(struct swlink *, const char *name, json_t *arguments, const struct service *);
