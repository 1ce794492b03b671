/* runtime/sim/wire.h - The switch's end of the switch link (gcx-tserver(5)): JSON lines, CSTA-like names.
 *
 * Puts the model behind a TCP port. One T-Server is registered at a time; a new one takes the place of the other.
 * Borrows the switch and the loop; owns listener and connections. */
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
    /* A service was performed: reports may be there. */
    void (*served)(void *self);
    /* For the log: what came, what went. */
    void (*service)(void *self, const char *name, const struct service_outcome *);
    void (*registered)(void *self, bool up);
    /* The user data that the call brought along, borrowed; NULL: none. */
    struct json_t *(*data)(void *self, uint64_t call);
};

/* NULL with the reason. */
struct wire *wire_new(struct event_base *, struct sim_switch *, const char *address, struct tls *,
                      const struct wire_user *, struct error *);
void sim_wire_free(struct wire *);
uint16_t wire_port(const struct wire *);
bool wire_registered(const struct wire *);
/* Tells the T-Server what the switch reports. */
void wire_event(struct wire *, const struct switch_report *);
