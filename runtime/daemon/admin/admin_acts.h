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
#include "runtime/vocabulary/vocabulary.h"

struct act {
    enum command_id id;
    const json_t *request;
    struct activation_asker asker;
    uint64_t client, req; /* numbers of the client and its request, which the core's Reply repeats */
    const struct peer *peer;
};

struct act_wait {
    bool reply;          /* the client is answered by the core's Reply */
    uint64_t seq;        /* number of the admin source's event with which the act is durable; 0: at once */
    const char *refused; /* known when `seq` is durable: why a part was not done; "": all was done */
    uint64_t load;       /* number of the load for whose end the act waits first; 0: none */
    uint64_t cut;        /* number of the snapshot for whose end the act waits first; 0: none */
    bool lead;           /* the act first waits until the lead is given up or kept */
    json_t *answer;      /* the answer for the client at the end; the caller owns it */
};

/* Posts the events in the writer, to the last of which the core replies; frees the writer. False with the reason,
 * and no event is posted: the core would drop one of the events, and nobody would ever reply. */
bool act_events_post(struct daemon *, struct writer *, struct act_wait *, struct error *);
/* Posts a change by hand (admin_set.c). */
bool act_set(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* True: the core knows the agent; else the error names the nearest agent of the directory (admin_assign.c). */
bool act_agent_is(struct daemon *, const char *name, struct error *);
/* Gives agents skills and groups by hand (admin_assign.c). */
bool act_assign(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* Posts a request about a campaign to the core (admin_campaign.c). */
bool act_campaign(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* Begins a rollout, or says a person's word about one (admin_rollout.c). */
bool act_rollout(struct daemon *, const struct act *, struct act_wait *, struct error *);
bool act_rollout_verb(struct daemon *, const struct act *, enum rollout_verb, struct act_wait *, struct error *);
/* Retires a version on which nothing runs (admin_retire.c). */
bool act_retire(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* True: a freeze is on, and the act would change a version; the error says when the freeze ends (admin_freeze.c). */
bool act_frozen(const struct daemon *, const struct act *, struct error *);
/* True: a freeze is on, and the administrator acts all the same. */
bool act_despite_freeze(const struct daemon *, const struct act *);
/* Debugs an interaction (admin_debug.c). */
bool act_debug(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* Releases the interaction of a debugger whose connection is gone. */
void act_debug_over(struct daemon *, uint64_t client, const char *actor);
/* Carries out an act. False with the reason, and nothing was changed. */
bool act_post(struct daemon *, const struct act *, struct act_wait *, struct error *);
