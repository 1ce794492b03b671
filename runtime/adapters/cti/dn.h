/* runtime/adapters/cti/dn.h - DNs: the type of each, whether it is in service, which clients registered for it, and,
 * for a routing point, what the core has said about its default destinations. The table owns the DNs, and never
 * removes one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/call.h"
#include "runtime/adapters/cti/index.h"

enum { DNS_MAX = 1000000 }; /* clients may name any DN, so there is a limit */

/* A list of destinations, as the core's directory or the settings give it. */
struct destinations {
    char (*names)[NAME_SIZE];
    unsigned count;
};

void destinations_free(struct destinations *);
void destinations_add(struct destinations *, struct span name);
void destinations_split(struct destinations *, const char *comma_separated);

struct routing_point {
    bool configured, active;
    struct destinations defaults;
    int64_t answer_timeout_us, router_grace_us;
};

struct cti_dn {
    char number[NAME_SIZE];
    enum dn_type type;
    enum dn_state state;
    bool known; /* to the switch */
    struct routing_point point;
    uint64_t ivr;      /* number of the IVR client that handles the calls here (ports.h); 0: none */
    uint64_t *clients; /* registered */
    unsigned client_count;
};

struct dns {
    struct index by_number;
    struct cti_dn **all;
    unsigned count;
};

void dns_free(struct dns *);
struct cti_dn *dns_find(const struct dns *, const char *number);
/* adds the DN if it is new; NULL: too many DNs, or the name is not valid */
struct cti_dn *dns_get(struct dns *, const char *number);

bool dn_has_client(const struct cti_dn *, uint64_t client);
void dn_add_client(struct cti_dn *, uint64_t client);
void dn_remove_client(struct cti_dn *, uint64_t client);
