/* runtime/daemon/admin/admin_acts.h - Changes that administrators ask for: posted to the core as events with their
 * actor and reason.
 *
 * Owns nothing. The client is answered when the change is durable: by the core's Reply, or when the journal has the
 * event. On the loop's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/protocol/commands.h"
#include "runtime/daemon/service/daemon.h"

struct act {
    enum command_id id;
    const json_t *request;
    struct activation_asker asker;
    uint64_t client, req; /* the core's Reply will name these two */
    const struct peer *peer;
};

struct act_wait {
    bool reply;          /* the client is answered by the core's Reply */
    uint64_t seq;        /* the act is durable with this event of the admin source; 0: at once */
    const char *refused; /* known when `seq` is durable: why not all was done, or empty; NULL: not said */
    uint64_t load;       /* the act waits for the end of this load first; 0: for none */
    uint64_t cut;        /* the act waits for the end of this snapshot first; 0: for none */
    bool lead;           /* the act waits first until the lead is given up or kept */
    json_t *answer;      /* the answer for the client at the end; owned by the caller */
};

/* Posts the events that were written, to the last of which the core replies; frees the writer. False with the reason,
 * and none is posted: one of them is written so that a core would drop it, and nobody would ever reply. */
bool act_events_post(struct daemon *, struct writer *, struct act_wait *, struct error *);
/* Posts a change by hand (admin_set.c). */
bool act_set(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* Asks the core something of a campaign (admin_campaign.c). */
bool act_campaign(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* Debugs an interaction (admin_debug.c). */
bool act_debug(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* Lets the interaction of a debugger go on whose connection is gone. */
void act_debug_over(struct daemon *, uint64_t client, const char *actor);
/* Carries out an act. False with the reason, and nothing was changed. */
bool act_post(struct daemon *, const struct act *, struct act_wait *, struct error *);
