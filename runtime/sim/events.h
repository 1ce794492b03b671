/* runtime/sim/events.h - The events of a T-Server, and of whoever else speaks to a core, as all simulated worlds write
 * them: that of tests (bridge.h), the day (simulation.h) and the proving ground (tests/proving/).
 *
 * Each function writes the fields of an event whose envelope the world has begun; the world posts it. What is NULL, 0
 * or empty is left out, as everywhere on the wire. */
#pragma once

#include "runtime/sim/rows.h"
#include "runtime/sim/switch.h"
#include "runtime/vocabulary/message.h"

/* DirectoryRow, DirectoryCommit; `kv` is room for the columns. A row without columns is deleted. */
void event_put_row(struct writer *, struct kv *, const struct plan_row *, uint64_t version);
void event_put_commit(struct writer *, uint64_t version, bool whole);
/* Activate, for all who come; `args`: NULL where there are none. */
void event_put_activation(struct writer *, const char *at, const uint8_t *image_hash, const char *strategy,
                          const struct kv *args);
/* LinkUp; media_none: it names no medium. */
void event_put_link(struct writer *, unsigned link, const char *name, uint64_t instance, uint32_t caps, enum media);
/* EventAgentState, as the switch says it. */
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
/* EventRouteUsed; EventCallProgress, which the switch says last of what it has dialled. */
void event_put_route_used(struct writer *, const char *dn, struct span to, enum route_how);
void event_put_progress(struct writer *, enum cause);
/* EventTreatment without a result. */
void event_put_treatment(struct writer *, enum treatment_change, const char *digits, enum cause);
/* Observed: somebody who is logged in at a telephone, and a call where it stands. */
void event_put_agent_observed(struct writer *, const char *agent, const char *dn, enum agent_state);
struct event_observed {
    bool outbound, at_routing_point, instructed;
    const char *ani, *dnis, *dn;
    const struct event_party *party; /* dn, role, change and agent of it; NULL: nobody has the call */
    uint64_t last_ref;
};
void event_put_call_observed(struct writer *, const struct event_observed *);
/* A recording of the switch: silence, as long as the caller spoke. It is a reference; the bytes are nowhere. */
enum { RECORDING_KEY = 16, RECORDING_HASH = 32 };

struct sim_recording {
    const char *store, *media_type;
    char key[RECORDING_KEY];
    uint64_t length; /* bytes; 0: nothing was recorded */
    uint8_t sha256[RECORDING_HASH];
};

struct sim_recording recording_of(const struct switch_report *);
/* The recording of EventTreatment, if there is one. */
void event_put_recording(struct writer *, const struct switch_report *);
/* The interaction, number and ConnID of the effect that an event answers. */
void event_put_asked(struct writer *, const struct message *effect);
/* EventDone: ok, not supported, or an error, as the code says. */
void event_put_done(struct writer *, enum code, const char *text);
/* EventDone of a data source: it has answered, or fails with that word. */
void event_put_answered(struct writer *, const struct message *effect, const char *fail);

/* Submit of what comes from outside. */
struct event_submit {
    enum media medium;
    bool online;
    const char *external_id, *queue, *from, *to, *subject, *body, *zone, *passed_on; /* body: the key of its text */
    int64_t received_us, due_us;
    const struct kv *data;
};
void event_put_submit(struct writer *, const struct event_submit *);
/* A field with a text that stands where nobody looks. */
void event_put_text(struct writer *, unsigned field, const char *key);
/* RequestStop: it is done with; by the agent, or NULL. RequestPull: the agent takes that one. */
void event_put_stop(struct writer *, uint64_t ixn, const char *agent);
void event_put_pull(struct writer *, uint64_t ixn, const char *agent);
/* RequestAccept or RequestReject. */
void event_put_invited(struct writer *, bool accepts, uint64_t claim);
