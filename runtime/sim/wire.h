/* runtime/sim/wire.h - The switch's end of the switch link (gcx-tserver(5)): JSON lines with names similar to CSTA.
 *
 * A wire serves the model on a TCP port. One T-Server is registered at a time; a new one replaces it. The wire borrows
 * the switch and the loop, and owns listener and connections. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/sim/switch.h"
#include "base/error.h"

struct event_base;
struct tls;
struct wire;
struct service_outcome;

struct wire_user {
    void *self;
    uint64_t (*now_us)(void *self); /* the play's time */
    /* Called when a service was performed: there may be reports. */
    void (*served)(void *self);
    /* For the log: called with what was received and sent. */
    void (*service)(void *self, const char *name, const struct service_outcome *);
    void (*registered)(void *self, bool up);
    /* Returns the user data that the call brought, borrowed; NULL: none. */
    struct json_t *(*data)(void *self, uint64_t call);
};

/* NULL with the reason. */
struct wire *wire_new(struct event_base *, struct sim_switch *, const char *address, struct tls *,
                      const struct wire_user *, struct error *);
void sim_wire_free(struct wire *);
uint16_t wire_port(const struct wire *);
bool wire_registered(const struct wire *);
/* Sends a report of the switch to the T-Server. */
void wire_event(struct wire *, const struct switch_report *);
