/* runtime/sim/bridge.c - What the switch reports becomes what a T-Server says. */
#include "runtime/sim/bridge.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/bridge_state.h"
#include "runtime/sim/values.h"

struct bridge *bridge_new(const struct plan *plan, const struct image *image, struct trace *trace, uint64_t first_conn)
{
    struct bridge *b = calloc(1, sizeof *b);
    assert(b != NULL);
    b->plan = plan;
    b->image = image;
    b->trace = trace;
    b->first_conn = b->last_conn = first_conn;
    b->instance = 1;
    writer_init(&b->writer);
    writer_init(&b->held);
    kv_init(&b->kv);
    return b;
}

void bridge_free(struct bridge *b)
{
    if (b == NULL) {
        return;
    }
    for (uint32_t i = 0; i < b->late_count; i++) {
        free((void *)(uintptr_t)b->late[i].frame.bytes);
    }
    free(b->late);
    free(b->legs);
    free(b->conns);
    free(b->joined);
    free(b->calls);
    agenda_free(&b->agenda);
    writer_free(&b->writer);
    writer_free(&b->held);
    kv_free(&b->kv);
    free(b);
}

void bridge_begin(struct bridge *b, struct partition *partition, struct sim_switch *sw, struct world *world,
                  struct happenings *happenings)
{
    b->partition = partition;
    b->sw = sw;
    b->world = world;
    b->happenings = happenings;
    b->arrivals = world_arrivals(world);
    b->conns = calloc(b->arrivals + 1u, sizeof *b->conns);
    b->joined = calloc(b->arrivals + 1u, sizeof *b->joined);
    assert(b->conns != NULL && b->joined != NULL);
}

/* ---- posting ---- */

static uint32_t arrival_of(const struct bridge *b, const struct leg *leg)
{
    return leg == NULL ? NO_ARRIVAL : world_arrival_of(b->world, leg->call);
}

static void say(struct bridge *b, const char *component, struct span frame, uint32_t arrival)
{
    struct message message;
    char text[1000];
    if (message_read(&message, frame.bytes, frame.length, NULL)) {
        (void)message_print(&message, text, sizeof text);
        trace_say(b->trace, b->now_us, component, arrival, "%s", text);
    }
}

static void push(struct bridge *b, struct span frame)
{
    while (!partition_post(b->partition, frame)) {
        b->relieve(b->relieve_self);
    }
}

void bridge_on_full(struct bridge *b, void (*relieve)(void *self), void *self)
{
    b->relieve = relieve;
    b->relieve_self = self;
}

void bridge_event(struct bridge *b, unsigned kind, const struct leg *leg, uint64_t ref)
{
    writer_clear(&b->writer);
    writer_begin(&b->writer, kind);
    writer_u(&b->writer, ENVELOPE_source, BRIDGE_LINK);
    writer_u(&b->writer, ENVELOPE_seq, ++b->seq);
    writer_u(&b->writer, ENVELOPE_ixn, leg == NULL ? 0 : leg->ixn);
    writer_u(&b->writer, ENVELOPE_ref, ref);
    writer_conn(&b->writer, ENVELOPE_conn, leg == NULL ? 0 : leg->conn);
    writer_i(&b->writer, ENVELOPE_at, b->plan->test->start_us + (int64_t)b->now_us);
}

void bridge_post(struct bridge *b)
{
    struct span frame = writer_end(&b->writer);
    struct message message;
    struct leg *leg = NULL;
    struct error error = {0};
    bool good = message_read(&message, frame.bytes, frame.length, &error);
    if (!good) {
        world_problem(b->world, 0, "the virtual T-Server made a bad event: %s", error.text);
        b->seq--;
        return;
    }
    leg = bridge_leg_of_conn(b, message_u(&message, ENVELOPE_conn));
    say(b, "tserver", frame, arrival_of(b, leg));
    if (!b->down) {
        push(b, frame);
        return;
    }
    /* Kept until the core is there again. */
    size_t need = b->held.length + frame.length;
    if (need > b->held.capacity) {
        b->held.capacity = need * 2;
        b->held.bytes = realloc(b->held.bytes, b->held.capacity);
        assert(b->held.bytes != NULL);
    }
    memcpy(b->held.bytes + b->held.length, frame.bytes, frame.length);
    b->held.length = need;
}

void bridge_event_of(struct bridge *b, unsigned source, unsigned kind)
{
    writer_clear(&b->writer);
    writer_begin(&b->writer, kind);
    writer_u(&b->writer, ENVELOPE_source, source);
}

void bridge_post_of(struct bridge *b, const char *component)
{
    struct span frame = writer_end(&b->writer);
    if (component != NULL) {
        struct message message;
        bool good = message_read(&message, frame.bytes, frame.length, NULL);
        struct leg *leg = good ? bridge_leg_of_conn(b, message_u(&message, ENVELOPE_conn)) : NULL;
        say(b, component, frame, arrival_of(b, leg));
    }
    push(b, frame);
}

/* ---- the beginning ---- */

static void post_row(void *self, const struct plan_row *row)
{
    struct bridge *b = self;
    kv_clear(&b->kv);
    for (uint32_t i = 0; i < row->count; i++) {
        if (row->columns[i].text != NULL) {
            kv_put_text(&b->kv, row->columns[i].name, span_of(row->columns[i].text));
        } else {
            kv_put_int(&b->kv, row->columns[i].name, row->columns[i].number);
        }
    }
    bridge_event_of(b, SOURCE_ADMIN, KIND_DirectoryRow);
    writer_u(&b->writer, DirectoryRow_version, b->version);
    writer_u(&b->writer, DirectoryRow_table, row->table);
    writer_text(&b->writer, DirectoryRow_key, row->key);
    writer_kv(&b->writer, DirectoryRow_row, &b->kv);
    bridge_post_of(b, NULL);
}

static void commit(struct bridge *b, bool whole)
{
    bridge_event_of(b, SOURCE_ADMIN, KIND_DirectoryCommit);
    writer_u(&b->writer, DirectoryCommit_version, b->version);
    writer_u(&b->writer, DirectoryCommit_whole, whole);
    bridge_post_of(b, whole ? NULL : "admin");
}

/* A row of two names; without columns it is deleted. */
static void post_pair(struct bridge *b, enum table table, const char *first, const char *second,
                      const struct plan_column *columns, uint32_t count)
{
    char key[2 * SCENARIO_NAME_MAX + 2];
    (void)snprintf(key, sizeof key, "%s/%s", first, second);
    post_row(b, &(struct plan_row){table, key, columns, count});
}

static void post_skills(struct bridge *b, const char *agent, json_t *skills, bool gone)
{
    const char *skill;
    json_t *level;
    json_object_foreach(skills, skill, level)
    {
        const struct plan_column columns[] = {
            {"agent", agent, 0}, {"skill", skill, 0}, {"level", NULL, json_integer_value(level)}};
        post_pair(b, table_agent_skill, agent, skill, columns, gone ? 0 : 3);
    }
}

static void post_groups(struct bridge *b, const char *agent, json_t *groups, bool gone)
{
    size_t index;
    json_t *group;
    json_array_foreach(groups, index, group)
    {
        const char *name = json_string_value(group);
        const struct plan_column columns[] = {{"group", name, 0}, {"agent", agent, 0}};
        post_pair(b, table_group_member, name, agent, columns, gone ? 0 : 2);
    }
}

void bridge_learn(struct bridge *b, uint32_t agent, const struct scenario_agent *before,
                  const struct scenario_agent *now, uint64_t now_us)
{
    const char *name = b->plan->agents[agent].name;
    b->now_us = now_us;
    b->version++;
    if (now->skills != NULL) {
        post_skills(b, name, before->skills, true);
        post_skills(b, name, now->skills, false);
    }
    if (now->groups != NULL) {
        post_groups(b, name, before->groups, true);
        post_groups(b, name, now->groups, false);
    }
    commit(b, false);
}

static void post_link_up(struct bridge *b)
{
    static const char *const caps[] = {"calls",    "treatments", "pull_back", "set_agent",
                                       "desktops", "probe",      "correlator"};
    bridge_event_of(b, SOURCE_HOST, KIND_LinkUp);
    writer_u(&b->writer, LinkUp_link, BRIDGE_LINK);
    writer_text(&b->writer, LinkUp_name, "tserver");
    writer_u(&b->writer, LinkUp_instance, b->instance);
    writer_u(&b->writer, LinkUp_version, VOCABULARY_VERSION);
    writer_list_begin(&b->writer, LinkUp_caps);
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        writer_list_text(&b->writer, span_of(caps[i]));
    }
    writer_list_end(&b->writer);
    writer_list_begin(&b->writer, LinkUp_media);
    writer_list_u(&b->writer, media_voice);
    writer_list_end(&b->writer);
    bridge_post_of(b, NULL);
}

void bridge_open(struct bridge *b, const uint8_t image_hash[CORE_HASH], uint64_t now_us)
{
    b->now_us = now_us;
    b->version = 1;
    plan_rows(b->plan, post_row, b);
    commit(b, true);
    for (uint32_t i = 0; i < b->plan->point_count; i++) {
        bridge_event_of(b, SOURCE_ADMIN, KIND_Activate);
        writer_text(&b->writer, Activate_at, b->plan->points[i].dn);
        writer_bytes(&b->writer, Activate_image, (struct span){image_hash, CORE_HASH});
        writer_text(&b->writer, Activate_strategy, b->plan->points[i].strategy);
        writer_u(&b->writer, Activate_percent, 100);
        bridge_post_of(b, NULL);
    }
    post_link_up(b);
}

/* ---- calls ---- */

static struct leg *leg_of(struct bridge *b, uint64_t call)
{
    uint64_t index = call % SWITCH_SLOTS;
    if (index >= b->leg_count) {
        uint32_t count = b->leg_count == 0 ? 64 : b->leg_count;
        while (count <= index) {
            count *= 2;
        }
        b->legs = realloc(b->legs, count * sizeof *b->legs);
        assert(b->legs != NULL);
        memset(b->legs + b->leg_count, 0, (count - b->leg_count) * sizeof *b->legs);
        b->leg_count = count;
    }
    struct leg *leg = &b->legs[index];
    if (leg->call != call) {
        uint32_t arrival = world_arrival_of(b->world, call);
        size_t number = (size_t)(b->last_conn - b->first_conn);
        if (number == b->call_room) {
            b->call_room = number == 0 ? 64 : number * 2;
            b->calls = realloc(b->calls, b->call_room * sizeof *b->calls);
            assert(b->calls != NULL);
        }
        b->calls[number] = call;
        *leg = (struct leg){.call = call, .conn = ++b->last_conn};
        if (arrival != NO_ARRIVAL) {
            b->conns[arrival] = leg->conn;
        }
    }
    return leg;
}

struct leg *bridge_leg_of_conn(struct bridge *b, uint64_t conn)
{
    if (conn <= b->first_conn || conn > b->last_conn) return NULL;
    struct leg *leg = &b->legs[b->calls[conn - b->first_conn - 1] % SWITCH_SLOTS];
    return leg->conn == conn ? leg : NULL;
}

uint64_t bridge_conn(const struct bridge *b, uint32_t arrival)
{
    return arrival < b->arrivals ? b->conns[arrival] : 0;
}

/* What an arrival brings along. */
static void put_data(struct bridge *b, uint32_t arrival)
{
    json_t *data = arrival == NO_ARRIVAL ? NULL : world_data(b->world, arrival), *value;
    const char *key;
    kv_clear(&b->kv);
    json_object_foreach(data, key, value)
    {
        value_to_kv(&b->kv, key, value);
    }
}

static void created(struct bridge *b, struct leg *leg)
{
    const struct switch_call *call = switch_call(b->sw, leg->call);
    char id[24];
    if (leg->created) {
        return;
    }
    leg->created = true;
    put_data(b, arrival_of(b, leg));
    (void)snprintf(id, sizeof id, "%" PRIu64, leg->call);
    bridge_event(b, KIND_EventCallCreated, leg, 0);
    writer_u(&b->writer, EventCallCreated_media, media_voice);
    writer_u(&b->writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(&b->writer, EventCallCreated_call_id, id);
    writer_text(&b->writer, EventCallCreated_ani, call == NULL ? "" : call->ani);
    writer_text(&b->writer, EventCallCreated_dnis, call == NULL ? "" : call->dnis);
    writer_kv(&b->writer, EventCallCreated_data, &b->kv);
    bridge_post(b);
}

static void party(struct bridge *b, const struct switch_report *r, const struct leg *leg, enum party_change change)
{
    uint32_t agent = plan_agent_at(b->plan, r->dn);
    const struct switch_call *call = switch_call(b->sw, r->call);
    enum party_role role = agent != NO_AGENT ? party_role_agent : party_role_device;
    bridge_event(b, KIND_EventParty, leg, 0);
    writer_text(&b->writer, EventParty_dn, r->dn);
    writer_u(&b->writer, EventParty_change, change);
    writer_u(&b->writer, EventParty_role, change == party_change_Abandoned ? party_role_customer : role);
    writer_text(&b->writer, EventParty_agent, agent == NO_AGENT ? "" : b->plan->agents[agent].name);
    writer_text(&b->writer, EventParty_other_dn, call == NULL ? "" : call->ani);
    writer_text(&b->writer, EventParty_to, r->to);
    writer_text(&b->writer, EventParty_queue, r->queue);
    writer_u(&b->writer, EventParty_cause, r->cause);
    bridge_post(b);
}

static void treatment(struct bridge *b, const struct switch_report *r, const struct leg *leg,
                      enum treatment_change change)
{
    bridge_event(b, KIND_EventTreatment, leg, r->treatment);
    writer_u(&b->writer, EventTreatment_change, change);
    writer_text(&b->writer, EventTreatment_digits, r->digits);
    writer_u(&b->writer, EventTreatment_cause, change == treatment_change_End ? r->cause : 0);
    bridge_post(b);
}

static void about_a_call(struct bridge *b, const struct switch_report *r)
{
    struct leg *leg = leg_of(b, r->call);
    created(b, leg);
    switch (r->kind) {
    case SWITCH_ROUTE_REQUEST:
        if (b->down) {
            agenda_add(&b->agenda, b->now_us + ANSWER_TIMEOUT_US, LATE_DEFAULT, 0, r->call);
        }
        bridge_event(b, KIND_EventRouteRequest, leg, r->invoke);
        writer_text(&b->writer, EventRouteRequest_dn, r->dn);
        bridge_post(b);
        break;
    case SWITCH_ROUTE_USED:
        bridge_event(b, KIND_EventRouteUsed, leg, r->invoke);
        writer_text(&b->writer, EventRouteUsed_dn, r->dn);
        writer_text(&b->writer, EventRouteUsed_to, r->to);
        writer_u(&b->writer, EventRouteUsed_how, r->how);
        bridge_post(b);
        break;
    case SWITCH_TREATMENT_STARTED:
        treatment(b, r, leg, treatment_change_Applied);
        break;
    case SWITCH_TREATMENT_ENDED:
        treatment(b, r, leg, treatment_change_End);
        break;
    case SWITCH_QUEUED:
        party(b, r, leg, party_change_Queued);
        break;
    case SWITCH_DIVERTED:
        party(b, r, leg, party_change_Diverted);
        break;
    case SWITCH_DELIVERED:
        party(b, r, leg, party_change_Ringing);
        break;
    case SWITCH_ESTABLISHED:
        party(b, r, leg, party_change_Established);
        break;
    case SWITCH_CLEARED:
        party(b, r, leg, r->cause == cause_abandoned ? party_change_Abandoned : party_change_Released);
        break;
    case SWITCH_CALL_CLEARED:
        bridge_event(b, KIND_EventCallDeleted, leg, 0);
        writer_u(&b->writer, EventCallDeleted_cause, r->cause);
        bridge_post(b);
        break;
    default:
        break;
    }
}

static void about_an_agent(struct bridge *b, const struct switch_report *r)
{
    bridge_event(b, KIND_EventAgentState, NULL, r->invoke);
    writer_text(&b->writer, EventAgentState_agent, r->agent);
    writer_text(&b->writer, EventAgentState_dn, r->dn);
    writer_u(&b->writer, EventAgentState_media, media_voice);
    writer_u(&b->writer, EventAgentState_state, r->state);
    writer_u(&b->writer, EventAgentState_work_mode, r->work_mode);
    writer_u(&b->writer, EventAgentState_origin, state_origin_switch);
    bridge_post(b);
}

static void about_a_device(struct bridge *b, const struct switch_report *r)
{
    bridge_event(b, KIND_EventDN, NULL, 0);
    writer_text(&b->writer, EventDN_dn, r->dn);
    writer_u(&b->writer, EventDN_type, dn_type_extension);
    writer_u(&b->writer, EventDN_state, r->up ? dn_state_in : dn_state_out);
    bridge_post(b);
}

bool bridge_hear(struct bridge *b, uint64_t now_us)
{
    struct switch_report r;
    bool any = false;
    b->now_us = now_us;
    while (switch_report(b->sw, &r)) {
        any = true;
        if (r.kind == SWITCH_AGENT) {
            about_an_agent(b, &r);
        } else if (r.kind == SWITCH_DEVICE) {
            about_a_device(b, &r);
        } else {
            about_a_call(b, &r);
        }
        world_hear(b->world, &r);
        happenings_hear(b->happenings, &r);
    }
    return any;
}

/* ---- what is there ---- */

static void observed_call(struct bridge *b, const struct switch_call *call, uint64_t ref)
{
    static const enum party_change changes[] = {party_change_Queued, party_change_Queued, party_change_Ringing,
                                                party_change_Established, party_change_Held};
    const struct leg *leg = leg_of(b, call->id);
    uint32_t agent = plan_agent_at(b->plan, call->dn);
    bool at_point = call->place == SWITCH_AT_ROUTING_POINT;
    bridge_event(b, KIND_Observed, leg, ref);
    writer_u(&b->writer, Observed_what, object_call);
    writer_u(&b->writer, Observed_media, media_voice);
    writer_u(&b->writer, Observed_call_type, call_type_inbound);
    writer_text(&b->writer, Observed_ani, call->ani);
    writer_text(&b->writer, Observed_dnis, call->dnis);
    writer_text(&b->writer, Observed_dn, call->dn);
    writer_list_begin(&b->writer, Observed_parties);
    if (!at_point) {
        writer_record_begin(&b->writer);
        writer_text(&b->writer, Party_dn, call->dn);
        writer_u(&b->writer, Party_role, agent != NO_AGENT ? party_role_agent : party_role_device);
        writer_u(&b->writer, Party_change, changes[call->place]);
        writer_text(&b->writer, Party_agent, agent == NO_AGENT ? "" : b->plan->agents[agent].name);
        writer_record_end(&b->writer);
    }
    writer_list_end(&b->writer);
    writer_u(&b->writer, Observed_last_ref, call->treatment);
    writer_u(&b->writer, Observed_at_routing_point, at_point);
    bridge_post(b);
}

bool bridge_observe(struct bridge *b, uint64_t conn, uint64_t ref)
{
    const struct leg *leg = bridge_leg_of_conn(b, conn);
    const struct switch_call *call = leg == NULL ? NULL : switch_call(b->sw, leg->call);
    if (call != NULL) {
        observed_call(b, call, ref);
    }
    return call != NULL;
}

void bridge_resync(struct bridge *b)
{
    const struct switch_call *call;
    struct switch_device_row row;
    uint32_t cursor = 0;
    bridge_event(b, KIND_ResyncBegin, NULL, 0);
    bridge_post(b);
    while (switch_next_device(b->sw, &cursor, &row)) {
        if (row.agent[0] != '\0') {
            bridge_event(b, KIND_Observed, NULL, 0);
            writer_u(&b->writer, Observed_what, object_agent);
            writer_u(&b->writer, Observed_media, media_voice);
            writer_text(&b->writer, Observed_dn, row.dn);
            writer_text(&b->writer, Observed_agent, row.agent);
            writer_u(&b->writer, Observed_state, row.state);
            bridge_post(b);
        }
    }
    cursor = 0;
    while ((call = switch_next_call(b->sw, &cursor)) != NULL) {
        observed_call(b, call, 0);
    }
    bridge_event(b, KIND_ResyncEnd, NULL, 0);
    bridge_post(b);
}

/* ---- faults ---- */

static void link_fault(struct bridge *b, bool down)
{
    if (down == b->down) {
        return;
    }
    b->down = down;
    if (down) {
        const struct switch_call *call;
        uint32_t cursor = 0;
        while ((call = switch_next_call(b->sw, &cursor)) != NULL) {
            agenda_add(&b->agenda, b->now_us + ROUTER_GRACE_US, LATE_DEFAULT, 0, call->id);
        }
        bridge_event_of(b, SOURCE_HOST, KIND_LinkDown);
        writer_u(&b->writer, LinkDown_link, BRIDGE_LINK);
        writer_u(&b->writer, LinkDown_reason, down_reason_closed);
        bridge_post_of(b, "host");
        return;
    }
    post_link_up(b);
    for (size_t at = 0; at < b->held.length;) {
        size_t size = message_frame_size(b->held.bytes + at, b->held.length - at);
        push(b, (struct span){b->held.bytes + at, (uint32_t)size});
        at += size;
    }
    b->held.length = 0;
}

void bridge_fault(struct bridge *b, enum item_kind kind, const char *name, bool down, uint64_t now_us)
{
    b->now_us = now_us;
    if (kind == ITEM_LINK) {
        link_fault(b, down);
        return;
    }
    for (unsigned i = 0; i < b->sources_down_count; i++) {
        if (strcmp(b->sources_down[i], name) == 0) {
            memcpy(b->sources_down[i], b->sources_down[--b->sources_down_count], sizeof b->sources_down[0]);
            break;
        }
    }
    if (down && b->sources_down_count < SOURCES_DOWN_MAX) {
        (void)snprintf(b->sources_down[b->sources_down_count++], SCENARIO_NAME_MAX + 1, "%s", name);
    }
}

/* ---- what comes late ---- */

uint64_t bridge_next(const struct bridge *b)
{
    return agenda_next(&b->agenda);
}

void bridge_advance(struct bridge *b, uint64_t now_us)
{
    struct agenda_entry entry;
    b->now_us = now_us;
    while (agenda_take(&b->agenda, now_us, &entry)) {
        if (entry.kind == LATE_ANSWER) {
            bridge_answer_late(b, entry.who);
        } else if (b->down && switch_route_default(b->sw, entry.what, b->plan->last, 0, now_us) == code_ok) {
            trace_say(b->trace, now_us, "tserver", world_arrival_of(b->world, entry.what), "the core is away too long");
        }
    }
}
