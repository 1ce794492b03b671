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
    uint64_t client, req; /* of the core's reply */
    const struct peer *peer;
};

struct act_wait {
    bool reply;          /* the core replies */
    uint64_t seq;        /* durable when so much of the admin source is; 0: at once */
    const char *refused; /* then: why not all was done, or empty; NULL: nobody says */
    uint64_t load;       /* first this load has to come to its end; 0: none */
    uint64_t cut;        /* first this snapshot has to come to its end; 0: none */
    bool lead;           /* first it has to be decided whether the lead is given up */
    json_t *answer;      /* what is to be said then; the caller's */
};

/* Posts the events that were written, to the last of which the core replies; frees the writer. False with the reason,
 * and none is posted: one of them is written so that a core would drop it, and nobody would ever reply. */
bool act_events_post(struct daemon *, struct writer *, struct act_wait *, struct error *);
/* A change by hand (admin_set.c). */
bool act_set(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* Asks the core something of a campaign (admin_campaign.c). */
bool act_campaign(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* Debugs an interaction (admin_debug.c). */
bool act_debug(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* The connection of a debugger is gone: its interaction goes on. */
void act_debug_over(struct daemon *, uint64_t client, const char *actor);
/* Posts it. False with the reason, and nothing was changed. */
bool act_post(struct daemon *, const struct act *, struct act_wait *, struct error *);
