/* runtime/sim/rig_state.h - The state of a rig, shared by its files: rig.c, rig_hear.c, rig_core.c, rig_desks.c.
 * Only they include it. */
#pragma once

#include <event2/event.h>

#include "runtime/sim/desk.h"
#include "runtime/sim/rig.h"
#include "runtime/sim/wire.h"
#include "runtime/sim/world.h"

enum stage { STAGE_TSERVER, STAGE_DESKS, STAGE_CORE, STAGE_PLAY, STAGE_LEAVE, STAGE_OVER };

enum { RIG_CONN_BYTES = 65 };

struct rig {
    struct rig_options options;
    const struct scenario_test *test;
    const struct plan *plan;
    struct event_base *base;
    struct event *timer, *signals[2];
    struct sim_switch *sw;
    struct world *world;
    struct trace *trace;
    struct happenings *happenings;
    struct tally *tally;
    struct wire *wire;
    struct wallet *wallet;
    struct desk **desks; /* one per agent of the plan */
    struct admin_client *admin;
    char (*conns)[RIG_CONN_BYTES]; /* per arrival: the ConnID that the T-Server gave */
    enum stage stage;
    bool prepared, failed;
    uint64_t asked_us;           /* monotonic: when the core was last asked whether it has call-backs to make */
    uint64_t answered_us;        /* monotonic: when the core last answered that question */
    uint64_t booked_us;          /* monotonic: when the core last had a call-back to make */
    bool calls_back;             /* the core's last answer: it has call-backs to make */
    json_int_t defaulted_before; /* the core's count of default routes when the play began */
    uint64_t began_us;           /* monotonic: time zero of the play */
    uint64_t stood_us;           /* how long the play's clock has been stopped so far */
    uint64_t stands_at_us;       /* time of the play at which its clock stops next; UINT64_MAX: it runs */
    uint64_t stage_us;           /* monotonic: when the present stage began */
    struct error *error;         /* where rig_play() stores the reason of a failure */
};

/* rig.c */
uint64_t rig_monotonic_us(void);
uint64_t rig_play_us(void *self);
void rig_arm(struct rig *);
json_t *rig_ask_core(struct rig *, const char *command, const char *conn);
/* rig_hear.c */
void rig_log_line(void *self, uint64_t at_us, const char *component, uint32_t arrival, const char *text);
/* Writes an object as name key=value ...; `skip`: members that the line shows elsewhere. */
void rig_print_object(json_t *object, const char *const *skip, const char *name, char *out, size_t size);
void rig_settle(void *self);
json_t *rig_brought(void *self, uint64_t call); /* along with it; borrowed */
void rig_on_service(void *self, const char *name, const struct service_outcome *);
void rig_on_registered(void *self, bool up);
/* rig_core.c */
/* Has the core still call-backs to make, now or later? */
bool rig_core_calls_back(struct rig *);
void rig_hands_signal(void *self, uint32_t arrival, const char *name, json_t *data);
void rig_hands_learn(void *self, uint32_t agent, const struct scenario_agent *before, const struct scenario_agent *now);
void rig_hands_setting(void *self, enum item_kind, const struct scenario_setting *, bool over);
/* rig_desks.c */
bool rig_where_is_cti(void *self, char *host, size_t size, uint16_t *port);
void rig_on_desk_event(void *self, const struct desk *, const char *name, json_t *event);
void rig_hands_state(void *self, uint32_t agent, enum agent_state);
void rig_hands_answer(void *self, uint32_t agent, uint64_t call);
void rig_hands_release(void *self, uint32_t agent, uint64_t call);
void rig_hands_invitation(void *self, uint32_t agent, uint64_t claim, bool accepts);

/* Asks a running gcxvm by its admin socket: one question, one answer, within twenty seconds (admin.c). */
struct admin_client;

struct admin_client *admin_connect(const char *path, struct error *);
void admin_close(struct admin_client *);
/* Returns the reply (a new reference), or NULL with the reason, also if the reply is an error. `conn`: 16 digits, or
 * NULL. */
json_t *admin_ask(struct admin_client *, const char *command, const char *conn, struct error *);
/* As admin_ask(), with further members of the question in `more`, borrowed. */
json_t *admin_ask_with(struct admin_client *, const char *command, const char *conn, json_t *more, struct error *);
