/* examples/doorbell/doorbell.c - The visitors: events to the core, effects from it.
 *
 *     station: ring        visitor_rings()   EventCallCreated, EventRouteRequest       the core has a call
 *     core: treatment      bell_treat()      "say PROMPT" to the station               the visitor hears it
 *     core: route          call_phone()      "call PHONE"                              it rings inside
 *     station: talking     phone_answers()   EventRouteUsed, EventParty                somebody talks to the visitor
 *     station: gone        visitor_gone()    EventParty, EventCallDeleted              the door is free
 *
 * Every effect is answered once. Its ref is remembered as `last`: one that is repeated after a lost connection is not
 * done again. If the core says nothing in time, or is away, the door's alarm calls the fallback phone. */
#include "doorbell.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Events: begin, the fields in ascending order, post --- */

/* One writer for all events: an event is complete before the next one begins. */
static struct writer *bell_begin(struct doorbell *bell, unsigned kind, uint64_t ixn, uint64_t ref, uint64_t conn)
{
    writer_clear(&bell->writer);
    writer_begin(&bell->writer, kind);
    writer_u(&bell->writer, ENVELOPE_ixn, ixn);
    writer_u(&bell->writer, ENVELOPE_ref, ref);
    writer_conn(&bell->writer, ENVELOPE_conn, conn);
    return &bell->writer;
}

/* Counts what was posted. bell_committed() is told by that count how far the journal has it. */
static bool bell_post(struct doorbell *bell)
{
    bool posted = bell->core->post(bell->link, writer_end(&bell->writer));
    bell->posted += posted;
    return posted;
}

static void bell_post_done(struct doorbell *bell, uint64_t ixn, uint64_t ref, uint64_t conn, enum code code)
{
    struct writer *writer = bell_begin(bell, KIND_EventDone, ixn, ref, conn);
    writer_u(writer, EventDone_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(writer, EventDone_code, code);
    bell_post(bell);
}

/* The treatment is over with anything but Applied. */
static void post_treatment(struct door *door, enum treatment_change change, const char *digits, enum cause cause)
{
    struct writer *writer = bell_begin(door->bell, KIND_EventTreatment, door->ixn, door->treatment, door->conn);
    writer_u(writer, EventTreatment_change, change);
    writer_text(writer, EventTreatment_digits, digits);
    writer_u(writer, EventTreatment_cause, cause);
    bell_post(door->bell);
    if (change != treatment_change_Applied) door->treatment = 0;
}

static void bell_post_party(struct door *door, const char *dn, enum party_change change, enum cause cause)
{
    struct writer *writer = bell_begin(door->bell, KIND_EventParty, door->ixn, 0, door->conn);
    writer_text(writer, EventParty_dn, dn);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_cause, cause);
    bell_post(door->bell);
}

/* How things are: of a resync, or because the core asks for this visitor. */
static void post_observed(struct door *door, uint64_t ref)
{
    struct writer *writer = bell_begin(door->bell, KIND_Observed, door->ixn, ref, door->conn);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_u(writer, Observed_call_type, call_type_inbound);
    writer_text(writer, Observed_call_id, door->name);
    writer_text(writer, Observed_ani, door->name);
    writer_text(writer, Observed_dnis, door->name);
    writer_text(writer, Observed_dn, door->inside ? NULL : door->name);
    writer_list_begin(writer, Observed_parties);
    writer_record_begin(writer);
    writer_text(writer, Party_dn, door->inside ? door->phone : door->name);
    writer_u(writer, Party_change, door->inside ? party_change_Established : party_change_Queued);
    writer_record_end(writer);
    writer_list_end(writer);
    writer_u(writer, Observed_last_ref, door->last);
    writer_u(writer, Observed_instructed, door->instructed);
    writer_u(writer, Observed_at_routing_point, !door->inside);
    bell_post(door->bell);
}

/* --- The visitor --- */

/* Is the phone inside ringing for this visitor? */
static bool calls(const struct door *door)
{
    return door->conn != 0 && !door->inside && door->phone[0] != 0;
}

static void alarm_in(struct door *door, int64_t us)
{
    event_add(door->alarm, &(struct timeval){us / 1000000, us % 1000000});
}

void visitor_rings(struct door *door)
{
    struct doorbell *bell = door->bell;
    if (door->conn != 0) return; /* rings again */
    door->conn = bell->core->new_conn(bell->link);
    struct writer *writer = bell_begin(bell, KIND_EventCallCreated, 0, 0, door->conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_call_id, door->name);
    writer_text(writer, EventCallCreated_ani, door->name);
    writer_text(writer, EventCallCreated_dnis, door->name);
    if (!bell_post(bell)) { /* no credit for arrivals: the core has enough to do */
        station_tell(door, "bye", "overload");
        door->conn = 0;
        return;
    }
    writer_text(bell_begin(bell, KIND_EventRouteRequest, 0, 0, door->conn), EventRouteRequest_dn, door->name);
    door->posted = bell_post(bell) ? bell->posted : 0;
    bell->core->log(bell->link, GCX_LOG_INFO, 0, door->conn, "a visitor rings at %s", door->name);
    alarm_in(door, door->answer_us); /* also where that was not posted: so nobody is forgotten */
}

/* All that belongs to the visitor is cleared, so the next one at the door begins anew. */
void visitor_gone(struct door *door, enum cause cause)
{
    if (door->conn == 0) return;
    bell_post_party(door, door->inside ? door->phone : door->name,
                    door->inside ? party_change_Released : party_change_Abandoned, cause);
    writer_u(bell_begin(door->bell, KIND_EventCallDeleted, door->ixn, 0, door->conn), EventCallDeleted_cause, cause);
    bell_post(door->bell);
    event_del(door->alarm);
    door->conn = door->ixn = door->treatment = door->route = door->last = 0;
    door->instructed = door->by_default = door->inside = false;
    door->phone[0] = 0;
}

/* The name comes from a strategy: one that is too long for a line of the station is refused. */
static void call_phone(struct door *door, struct span phone, uint64_t ref)
{
    if (phone.length == 0 || phone.length >= NAME_SIZE) {
        station_tell(door, "bye", "refused");
        visitor_gone(door, cause_refused);
        return;
    }
    memcpy(door->phone, phone.bytes, phone.length);
    door->phone[phone.length] = 0;
    door->route = ref;
    station_tell(door, "call", door->phone);
}

static void call_fallback(struct door *door, uint64_t ref)
{
    struct span phone = span_of(door->by_default ? "" : door->fallback); /* each visitor but once */
    door->by_default = true;
    if (ref == 0 && phone.length > 0) door->bell->core->defaulted(door->bell->link); /* the core will want to know */
    call_phone(door, phone, ref);
}

static void on_alarm(evutil_socket_t fd, short what, void *self)
{
    struct door *door = self;
    (void)fd, (void)what;
    if (door->conn != 0 && !door->inside && !calls(door)) call_fallback(door, 0);
}

void visitor_heard(struct door *door, const char *digits)
{
    if (door->treatment != 0) post_treatment(door, treatment_change_End, digits, digits ? cause_ok : cause_no_input);
}

void phone_answers(struct door *door)
{
    if (!calls(door)) return;
    struct writer *writer = bell_begin(door->bell, KIND_EventRouteUsed, door->ixn, door->route, door->conn);
    writer_text(writer, EventRouteUsed_dn, door->name);
    writer_text(writer, EventRouteUsed_to, door->phone);
    writer_u(writer, EventRouteUsed_how, door->by_default ? route_how_default : route_how_instructed);
    writer_u(writer, EventRouteUsed_cause, cause_ok);
    bell_post(door->bell);
    door->route = 0;
    door->inside = true;
    event_del(door->alarm);
    bell_post_party(door, door->phone, party_change_Established, cause_other);
}

/* The core may choose another phone; the fallback has none behind it. */
void phone_busy(struct door *door)
{
    if (!calls(door)) return;
    door->phone[0] = 0;
    if (door->by_default) {
        call_fallback(door, 0); /* which says good-bye */
    } else {
        bell_post_done(door->bell, door->ixn, door->route, door->conn, code_busy);
        door->route = 0;
    }
}

/* --- Effects --- */

static void bell_treat(struct door *door, const struct message *effect)
{
    enum treatment type = (enum treatment)message_u(effect, RequestApplyTreatment_type);
    struct span params = message_text(effect, RequestApplyTreatment_params);
    struct kv_value prompt;
    char text[NAME_SIZE];
    bool asks = type == treatment_PlayAnnouncementAndDigits;
    door->treatment = message_u(effect, ENVELOPE_ref);
    if ((!asks && type != treatment_PlayAnnouncement) || !kv_get(params, "prompt", &prompt)) {
        post_treatment(door, treatment_change_NotApplied, NULL, cause_other);
        return;
    }
    snprintf(text, sizeof text, "%.*s", (int)prompt.span.length, (const char *)prompt.span.bytes);
    station_tell(door, asks ? "ask" : "say", text);
    post_treatment(door, treatment_change_Applied, NULL, cause_other);
}

/* The core tells each routing point at the beginning, and again when its settings change: the door is then
 * known. */
static void bell_configure(struct doorbell *bell, const struct message *effect)
{
    struct span name = message_text(effect, Configure_dn), fallback = {0};
    struct door *door = bell->doors;
    uint32_t at = 0;
    while (door < bell->doors + bell->door_count && !span_is(name, door->name)) door++;
    bool room = door < bell->doors + DOORS_MAX && name.length < NAME_SIZE;
    if (room && door == bell->doors + bell->door_count) {
        bell->door_count++;
        door->bell = bell;
        door->alarm = event_new(bell->core->base(bell->link), -1, 0, on_alarm, door);
        memcpy(door->name, name.bytes, name.length);
    }
    if (room) {
        if (!message_next_text(message_text(effect, Configure_defaults), &at, &fallback)) fallback.length = 0;
        snprintf(door->fallback, NAME_SIZE, "%.*s", (int)fallback.length, (const char *)fallback.bytes);
        door->answer_us = message_i(effect, Configure_answer_timeout);
        door->grace_us = message_i(effect, Configure_router_grace);
        bell->core->log(bell->link, GCX_LOG_INFO, 0, 0, "a door %s, else phone %s", door->name, door->fallback);
    }
    bell_post_done(bell, message_u(effect, ENVELOPE_ixn), message_u(effect, ENVELOPE_ref), 0,
                   room ? code_ok : code_too_large);
}

/* The core compares what it has with what there is: a begin with the count, each visitor, an end. */
static void bell_resync(struct doorbell *bell, uint64_t ixn, uint64_t ref)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < bell->door_count; i++) count += bell->doors[i].conn != 0;
    writer_u(bell_begin(bell, KIND_ResyncBegin, ixn, ref, 0), ResyncBegin_count, count);
    bell_post(bell);
    for (unsigned i = 0; i < bell->door_count; i++)
        if (bell->doors[i].conn != 0) post_observed(&bell->doors[i], 0);
    writer_u(bell_begin(bell, KIND_ResyncEnd, ixn, ref, 0), ResyncEnd_count, count);
    bell_post(bell);
}

/* On a visitor at a door. */
static void perform_here(struct door *door, const struct message *effect)
{
    struct doorbell *bell = door->bell;
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), ref = message_u(effect, ENVELOPE_ref);
    if (ref <= door->last) return; /* repeated: its answer is on its way, or was; Observed says how things are */
    door->last = ref;
    door->ixn = ixn;
    door->instructed = true;
    event_del(door->alarm);
    if (effect->kind == KIND_RequestCallControl) {
        enum call_op op = (enum call_op)message_u(effect, RequestCallControl_op);
        enum cause cause = (enum cause)message_u(effect, RequestCallControl_cause);
        bool ends = op == call_op_disconnect || op == call_op_reject;
        bell_post_done(bell, ixn, ref, door->conn, ends ? code_ok : code_unsupported);
        if (!ends) return;
        station_tell(door, "bye", enum_name_cause(cause));
        visitor_gone(door, cause);
    } else if (door->inside || door->phone[0] != 0) {
        bell_post_done(bell, ixn, ref, door->conn, code_invalid_state);
    } else if (effect->kind == KIND_RequestApplyTreatment) {
        bell_treat(door, effect);
    } else if (effect->kind == KIND_RequestRouteCall) {
        call_phone(door, message_text(effect, RequestRouteCall_dest), ref);
    } else {
        call_fallback(door, ref);
    }
}

static void bell_perform(void *self, const struct message *effect)
{
    struct doorbell *bell = self;
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), ref = message_u(effect, ENVELOPE_ref);
    uint64_t conn = message_u(effect, ENVELOPE_conn);
    struct door *door = bell->doors, *end = bell->doors + bell->door_count;
    while (door < end && (conn == 0 || door->conn != conn)) door++;
    switch (effect->kind) {
    case KIND_Configure:
        bell_configure(bell, effect);
        return;
    case KIND_Resync:
        bell_resync(bell, ixn, ref);
        return;
    case KIND_QueryAddress:
        if (door < end)
            post_observed(door, ref);
        else
            bell_post_done(bell, ixn, ref, conn, code_unknown_conn_id);
        return;
    case KIND_RequestApplyTreatment:
    case KIND_RequestRouteCall:
    case KIND_RouteDefault:
    case KIND_RequestCallControl:
        if (door < end)
            perform_here(door, effect);
        else
            bell_post_done(bell, ixn, ref, conn, code_unknown_conn_id);
        return;
    default: /* notices want no answer */
        if (effect_class(effect->kind) != CLASS_NOTICE) bell_post_done(bell, ixn, ref, conn, code_unsupported);
    }
}

/* The core comes and goes. It has a visitor in hand once the request is durable, also before it says anything. */
static void core_up(void *self, bool up)
{
    struct doorbell *bell = self;
    if (up) bell->core->peer(bell->link, "station", bell->station != NULL);
    for (struct door *door = bell->doors; door < bell->doors + bell->door_count; door++) {
        if (door->conn == 0 || door->inside || !door->instructed) continue;
        if (up)
            event_del(door->alarm);
        else
            alarm_in(door, door->grace_us);
    }
}

/* From here on the journal has the request: after a crash the core asks for this visitor, so the alarm is not
 * needed. */
static void bell_committed(void *self, uint64_t posted)
{
    struct doorbell *bell = self;
    for (struct door *door = bell->doors; door < bell->doors + bell->door_count; door++) {
        if (door->conn == 0 || door->instructed || door->posted == 0 || door->posted > posted) continue;
        door->instructed = true;
        event_del(door->alarm);
    }
}

/* --- Life --- */

static void bell_close_all(void *self)
{
    struct doorbell *bell = self;
    station_close(bell);
    for (unsigned i = 0; i < bell->door_count; i++) event_free(bell->doors[i].alarm);
    writer_free(&bell->writer);
    free(bell);
}

/* NULL with a sentence in `why`: the daemon tells it, and the link is not there. */
static void *open_all(struct gcx_link *link, const struct gcx_services *core, char *why, size_t why_size)
{
    const char *listen = core->setting(link, "listen");
    struct doorbell *bell = calloc(1, sizeof *bell);
    if (!bell || !core->base(link)) {
        snprintf(why, why_size, "no memory, or no event loop");
        free(bell);
        return NULL;
    }
    bell->link = link;
    bell->core = core;
    if (station_open(bell, listen)) return bell;
    snprintf(why, why_size, "cannot listen on %s: it should be an address and a free port, 127.0.0.1:4000", listen);
    bell_close_all(bell);
    return NULL;
}

static const char *const media[] = {"voice", NULL};
static const char *const caps[] = {"calls", "treatments", "probe", NULL};
static const char *const settings[] = {"*listen", NULL};

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "doorbell",
    .media = media,
    .caps = caps,
    .settings = settings,
    .open = open_all,
    .close = bell_close_all,
    .perform = bell_perform,
    .core_up = core_up,
    .committed = bell_committed,
};
