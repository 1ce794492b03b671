/* runtime/sim/events.h - Writes the events of a T-Server, and of others that send events to a core, for all
 * simulated worlds: that of tests (bridge.h), the day (simulation.h) and the proving ground (tests/proving/).
 *
 * Each function writes the fields of an event that the world has begun; the world posts the event. NULL, 0 and empty
 * values are left out, as everywhere on the wire. */
#pragma once

#include "runtime/sim/rows.h"
#include "runtime/sim/switch.h"
#include "runtime/vocabulary/message.h"

/* DirectoryRow, DirectoryCommit; `kv` is a buffer for the columns. A row without columns is a deletion. */
void event_put_row(struct writer *, struct kv *, const struct plan_row *, uint64_t version);
void event_put_commit(struct writer *, uint64_t version, bool whole);
/* Activate, for all arrivals; `args`: NULL without arguments. */
void event_put_activation(struct writer *, const char *at, const uint8_t *image_hash, const char *strategy,
                          const struct kv *args);
/* LinkUp; media_none: the link names no medium. */
void event_put_link(struct writer *, unsigned link, const char *name, uint64_t instance, uint32_t caps, enum media);
/* EventAgentState, as the switch reports it. */
void event_put_agent(struct writer *, const char *agent, const char *dn, enum media, enum agent_state, enum work_mode);
/* EventCallCreated; media_none: of voice. */
struct event_created {
    enum media medium;
    enum call_type type;
    const char *call_id, *ani, *dnis, *origin;
    uint64_t prev_conn;
    const struct kv *data;
};
void event_put_created(struct writer *, const struct event_created *);
/* EventParty. */
struct event_party {
    struct span dn;
    enum party_change change;
    enum party_role role;
    const char *agent, *other_dn, *to, *queue;
    enum cause cause;
};
void event_put_party(struct writer *, const struct event_party *);
/* EventRouteUsed; EventCallProgress, the switch's last report of a call that it has dialled. */
void event_put_route_used(struct writer *, const char *dn, struct span to, enum route_how);
void event_put_progress(struct writer *, enum cause);
/* EventTreatment without a result. */
void event_put_treatment(struct writer *, enum treatment_change, const char *digits, enum cause);
/* The two Observed events: an agent who is logged in at a telephone, and a call with its present state. */
void event_put_agent_observed(struct writer *, const char *agent, const char *dn, enum agent_state);
struct event_observed {
    bool outbound, at_routing_point, instructed;
    const char *ani, *dnis, *dn;
    /* dn, role, change and agent of the party that has the call; NULL: no party has it */
    const struct event_party *party;
    uint64_t last_ref;
};
void event_put_call_observed(struct writer *, const struct event_observed *);
/* A recording of the switch: silence, as long as the caller spoke. Only a reference exists, no bytes. */
enum { RECORDING_KEY = 16, RECORDING_HASH = 32 };

struct sim_recording {
    const char *store, *media_type;
    char key[RECORDING_KEY];
    uint64_t length; /* bytes; 0: nothing was recorded */
    uint8_t sha256[RECORDING_HASH];
};

struct sim_recording recording_of(const struct switch_report *);
/* Writes the recording of EventTreatment, if there is one. */
void event_put_recording(struct writer *, const struct switch_report *);
/* Writes interaction, number and ConnID of the effect that an event answers. */
void event_put_asked(struct writer *, const struct message *effect);
/* EventDone: ok, not supported, or an error, depending on the code. */
void event_put_done(struct writer *, enum code, const char *text);
/* EventDone of a data source: success, or failure with the word `fail`. */
void event_put_answered(struct writer *, const struct message *effect, const char *fail);

/* The contents of Submit, for an interaction from outside. */
struct event_submit {
    enum media medium;
    bool online;
    const char *external_id, *queue, *from, *to, *subject, *body, *zone, *passed_on; /* body: the key of the text */
    int64_t received_us, due_us;
    const struct kv *data;
};
void event_put_submit(struct writer *, const struct event_submit *);
/* Writes a field for a text that exists by its key only. */
void event_put_text(struct writer *, unsigned field, const char *key);
/* RequestUserData of a chat's home: the customer has typed the code of contact.verify, or others until it does not
 * hold. */
void event_put_code_typed(struct writer *, struct kv *, bool rejected);
/* RequestStop: the interaction is finished, by the agent, or by nobody (NULL). RequestPull: the agent takes that
 * interaction. */
void event_put_stop(struct writer *, uint64_t ixn, const char *agent);
void event_put_pull(struct writer *, uint64_t ixn, const char *agent);
/* RequestAccept or RequestReject. */
void event_put_invited(struct writer *, bool accepts, uint64_t claim);
