/* runtime/adapters/tserver/events.c - Turns events of the switch into facts of the call model.
 *
 * A switch may be newer, or faulty: an event that is unknown, lacks a member that it needs or is about an unknown
 * call is ignored, and a member of the wrong type counts as missing; this is logged, with the call.
 *
 * Steps of an event: its row in `events` says what it needs (a call, a device); events_understood() checks its
 * members; fact_find_call() finds the call, or makes it if the event may be the first about it; the row's function
 * reports a fact to the call model (cti.h). Hashes of calls that ended a moment ago are remembered, so that a late
 * event does not make them again. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <sodium.h>
#include <xxhash.h>

#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/tserver/carried.h"
#include "runtime/adapters/tserver/tserver.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/rows.h"

struct fact {
    struct tserver *tserver;
    struct cti *cti;
    const json_t *json;
    json_t *data; /* user data in the event (carried.h), owned; NULL: none, or not read */
    struct call *call;
    const char *name;   /* the event's name in the table; "": the name is unknown */
    const char *device; /* the event's device; "": none is named */
};

static const char *fact_text_within(const json_t *json, const char *name, size_t size)
{
    const char *text = json_string_value(json_object_get(json, name));
    return !text || strlen(text) >= size ? NULL : text;
}

static const char *fact_text_of(const struct fact *fact, const char *name)
{
    return fact_text_within(fact->json, name, NAME_SIZE);
}

static const char *text_or_empty(const struct fact *fact, const char *name)
{
    const char *text = fact_text_of(fact, name);
    return !text ? "" : text;
}

/* Returns a member that is a word of an enumeration; 0 (other, unknown) for any other word. */
#define WORD_OF(fact, name, kind) ((enum kind)fact_word(enum_value_##kind, json_object_get((fact)->json, name)))

static int fact_word(int (*value)(const char *, uint32_t), const json_t *text)
{
    int number = json_is_string(text) ? value(json_string_value(text), (uint32_t)json_string_length(text)) : 0;
    return number < 0 ? 0 : number;
}

static enum cause fact_cause_of(const struct fact *fact)
{
    return WORD_OF(fact, "cause", cause);
}

/* Returns the device with which the call begins. An internal call is from a telephone of this switch: the device that
 * dials or, in an event of another device, the calling one, if the switch has it. */
static const char *call_origin(const struct fact *fact, const char *ani, enum call_type type)
{
    if (type != call_type_internal || strcmp(fact->name, "Originated") == 0) return fact_text_of(fact, "device");
    const struct cti_dn *from = ani ? dns_find(&fact->cti->dns, ani) : NULL;
    return from && from->known && from->type == dn_type_extension ? from->number : NULL;
}

/* Returns the members of the event that describe a call; wrong ones count as missing. Texts point into the event,
 * and are valid as long as it is. */
static struct call_facts call_facts(struct fact *fact)
{
    json_decref(fact->data);
    fact->data = carried_data(fact->json);
    struct call_facts facts = {
        .call_id = fact_text_of(fact, "callID"),
        .ani = fact_text_within(fact->json, "callingDevice", ADDRESS_SIZE),
        .dnis = fact_text_within(fact->json, "calledDevice", ADDRESS_SIZE),
        .type = WORD_OF(fact, "callType", call_type),
        .main_id = fact_text_of(fact, "mainCallID"),
    };
    facts.origin_dn = call_origin(fact, facts.ani, facts.type);
    json_int_t hops = json_integer_value(json_object_get(fact->json, "hops"));
    facts.hops = hops > 0 ? (uint64_t)hops : 0;
    facts.data = fact->data;
    ident_read_conn(fact_text_of(fact, "correlator"), &facts.correlator);
    return facts;
}

/* --- Calls that have ended --- */

static uint64_t id_hash(const char *id)
{
    return XXH3_64bits(id, strlen(id));
}

/* Has the call ended a moment ago? A late event must not make the call again, since no event would end it again. */
static bool has_ended(const struct tserver *tserver, const char *id)
{
    uint64_t hash = id_hash(id);
    for (unsigned i = 0; i < ENDED_CALLS; i++) {
        const struct ended_call *ended = &tserver->ended.all[i];
        if (ended->id_hash == hash && ended->at_us != 0 && tserver->cti.now_us - ended->at_us < ENDED_US) return true;
    }
    return false;
}

/* --- Calls --- */

static void fact_complain(const struct tserver *tserver, const char *id, const char *what)
{
    const struct call *call = calls_by_id(&tserver->cti.calls, id);
    const struct gcx_services *services = tserver->cti.services;
    char shown[NUMBER_MASKED];
    services->log(tserver->cti.link, GCX_LOG_WARNING, !call ? 0 : call->ixn, !call ? 0 : call->conn,
                  "switch: callID=%.*s: %s", NAME_SIZE, name_mask(id, shown), what);
}

static void tell_untold(struct tserver *tserver, struct complaint *complaint)
{
    assert(complaint->untold == 0 || complaint->count > 0);
    char what[64];
    if (complaint->untold > 0) {
        snprintf(what, sizeof what, "and %u more like it", complaint->untold);
        fact_complain(tserver, complaint->id, what);
        assert(tserver->muted > 0);
        tserver->muted--;
    }
    *complaint = (struct complaint){0};
}

void tserver_odd_tick(struct tserver *tserver)
{
    for (unsigned i = 0; i < COMPLAINTS && tserver->muted > 0; i++) {
        struct complaint *complaint = &tserver->complaints[i];
        if (complaint->untold > 0 && tserver->cti.now_us - complaint->since_us >= COMPLAINTS_US)
            tell_untold(tserver, complaint);
    }
}

/* Logs what is odd about an event, so that many from one call, or many of one kind without a call, do not fill the
 * log. COMPLAINTS_MAX in COMPLAINTS_US are logged for one call; the rest is counted, and the number logged when that
 * time is over. Two calls may share an entry of the table, and then share the count. */
static void events_complain(struct tserver *tserver, const char *id, const char *kind, const char *what)
{
    struct complaint *complaint = &tserver->complaints[id_hash(id[0] == 0 ? kind : id) % COMPLAINTS];
    int64_t now_us = tserver->cti.now_us;
    if (complaint->count == 0 || now_us - complaint->since_us >= COMPLAINTS_US) {
        tell_untold(tserver, complaint);
        complaint->since_us = now_us;
    }
    if (complaint->count < COMPLAINTS_MAX) {
        complaint->count++;
        fact_complain(tserver, id, what);
        return;
    }
    tserver->muted += complaint->untold == 0;
    complaint->untold++;
    text_set(complaint->id, sizeof complaint->id, id);
}

void tserver_odd(void *self, const char *id, const char *what)
{
    events_complain(self, id, "", what);
}

static void fact_passed_over(const struct fact *fact, const char *why)
{
    char what[256], device[NUMBER_MASKED]; /* masked, as the number may be an outside party's */
    number_mask(span_of(fact->device), device);
    snprintf(what, sizeof what, "passed over: %.*s dn=%s: %s", NAME_SIZE, text_or_empty(fact, "event"), device, why);
    events_complain(fact->tserver, text_or_empty(fact, "callID"), fact->name, what);
}

/* The call waits at a routing point. A stay is reported once: if the event comes again, even after the stay, the
 * call must not be taken from its present party. */
static void route_request(struct fact *fact)
{
    assert(fact->call); /* the row of this event requires a call */
    const char *visit = text_or_empty(fact, "routeID");
    const struct call *call = fact->call;
    bool same = visit[0] != 0 && strcmp(visit, call->visit.id) == 0 && strcmp(fact->device, call->visit.dn) == 0;
    if (same || (visit[0] != 0 && strcmp(visit, call->last_visit) == 0)) {
        fact_passed_over(fact, "this stay has been told of");
        return;
    }
    cti_route_request(fact->cti, fact->call, fact->device, visit, fact_text_of(fact, "queue"),
                      fact_text_of(fact, "digits"));
}

static void route_used(struct fact *fact)
{
    const char *visit = text_or_empty(fact, "routeID");
    if (fact->call->visit.dn[0] != 0 && strcmp(visit, fact->call->visit.id) == 0) {
        enum route_how how = WORD_OF(fact, "how", route_how);
        cti_route_used(fact->cti, fact->call, text_or_empty(fact, "destination"), how, fact_cause_of(fact));
    }
}

static uint64_t treatment_of(const struct fact *fact)
{
    json_int_t number = json_integer_value(json_object_get(fact->json, "treatment"));
    return number > 0 ? (uint64_t)number : 0;
}

static void treatment_started(struct fact *fact)
{
    if (treatment_of(fact) != 0) {
        cti_treatment(fact->cti, fact->call, treatment_change_Applied, treatment_of(fact), NULL, NULL, NULL,
                      cause_other);
    }
}

/* Reads a text of at most `most` bytes that messages can contain; false: it is something else. */
static bool short_text(const json_t *object, const char *key, size_t most, const char **text)
{
    const json_t *value = json_object_get(object, key);
    *text = json_string_value(value);
    if (!value) return true;
    return *text && json_string_length(value) <= most && strlen(*text) == json_string_length(value);
}

/* Reads where the switch has stored what the caller said. */
static bool fact_recording_of(const json_t *told, struct recording_facts *recording)
{
    const json_t *length = json_object_get(told, "length");
    const char *hash;
    size_t count = 0;
    if (!short_text(told, "store", NAME_MAX_BYTES, &recording->store) ||
        !short_text(told, "key", ADDR_MAX_BYTES, &recording->key) ||
        !short_text(told, "mediaType", ADDR_MAX_BYTES, &recording->media_type) ||
        !short_text(told, "sha256", 2 * sizeof recording->sha256, &hash) || !recording->key ||
        recording->key[0] == '\0' || !json_is_integer(length) || json_integer_value(length) < 0)
        return false;
    recording->length = (uint64_t)json_integer_value(length);
    recording->hashed = hash != NULL;
    if (!hash) return true;
    size_t room = sizeof recording->sha256;
    return sodium_hex2bin(recording->sha256, room, hash, strlen(hash), NULL, &count, NULL) == 0 && count == room;
}

/* A treatment has ended. Digits, a result, a recording: each is checked alone, and a wrong one does not affect the
 * others. */
static void treatment_ended(struct fact *fact)
{
    struct call *call = fact->call;
    uint64_t number = treatment_of(fact);
    if (number == 0) return;
    if (json_is_true(json_object_get(fact->json, "secret")) && number >= call->treatment) {
        call->treatment = number; /* an earlier process requested it */
        call->treatment_secret = true;
    }
    struct kv result;
    struct error error;
    const json_t *found = json_object_get(fact->json, "result");
    bool good;
    kv_init(&result);
    good = found && json_to_kv(found, &result, &error);
    if (found && !good) fact_passed_over(fact, "its result is no data, or too large");
    const json_t *told = json_object_get(fact->json, "recording");
    struct recording_facts recording = {0};
    bool recorded = told && fact_recording_of(told, &recording);
    if (told && !recorded)
        fact_passed_over(fact, "its recording is no reference: store, key, length, sha256, mediaType");
    cti_treatment(fact->cti, call, treatment_change_End, number, fact_text_of(fact, "digits"), good ? &result : NULL,
                  recorded ? &recording : NULL, !found || good ? fact_cause_of(fact) : cause_dropped);
    kv_free(&result);
}

static void fact_tell_party(struct fact *fact, enum party_change change)
{
    struct party_facts facts = {
        .queue = fact_text_of(fact, "queue"),
        .to = fact_text_of(fact, "destination"),
        .other = fact_text_of(fact, "otherDevice"),
        .cause = fact_cause_of(fact),
    };
    if (fact->device[0] != 0) cti_party(fact->cti, fact->call, change, fact->device, &facts);
}

static void events_originated(struct fact *fact)
{
    fact_tell_party(fact, party_change_Dialing);
}

static void fact_queued(struct fact *fact)
{
    fact_tell_party(fact, party_change_Queued);
}

static void events_delivered(struct fact *fact)
{
    const struct call_party *party = call_party(fact->call, fact->device);
    if (party && (party->state == PARTY_ESTABLISHED || party->state == PARTY_HELD)) {
        fact_passed_over(fact, "the call has been answered there");
        return;
    }
    fact_tell_party(fact, party_change_Ringing);
}

static void fact_established(struct fact *fact)
{
    fact_tell_party(fact, party_change_Established);
}

static void fact_held(struct fact *fact)
{
    fact_tell_party(fact, party_change_Held);
}

static void events_retrieved(struct fact *fact)
{
    fact_tell_party(fact, party_change_Retrieved);
}

static void network_reached(struct fact *fact)
{
    fact_tell_party(fact, party_change_NetworkReached);
}

static void fact_failed(struct fact *fact)
{
    fact_tell_party(fact, party_change_DestinationBusy);
}

static void fact_merged(struct fact *fact, enum party_how how)
{
    const char *id = fact_text_of(fact, "secondaryCallID");
    struct call *consult = !id ? NULL : calls_by_id(&fact->cti->calls, id);
    if (consult && consult != fact->call)
        cti_merged(fact->cti, fact->call, consult, fact_text_of(fact, "routeID"), how);
}

static void fact_transferred(struct fact *fact)
{
    fact_merged(fact, party_how_transfer);
}

static void fact_conferenced(struct fact *fact)
{
    fact_merged(fact, party_how_conference);
}

static void events_diverted(struct fact *fact)
{
    if (call_party(fact->call, fact->device)) fact_tell_party(fact, party_change_Diverted);
}

/* A party's connection was cleared. A caller who left before an answer has abandoned; a call whose ringing ended for
 * another reason was released. The switch reports why the connection has ended, and not whether anybody had
 * answered: the party's state shows that. */
static void connection_cleared(struct fact *fact)
{
    assert(fact->call); /* the row of this event requires a call */
    const struct call_party *party = call_party(fact->call, fact->device);
    enum cause cause = fact_cause_of(fact);
    if (!party) return; /* the connection is the caller's own, or of a party that was never reported */
    bool waited = party->state == PARTY_ROUTING || party->state == PARTY_QUEUED || party->state == PARTY_RINGING;
    bool left = cause == cause_abandoned || cause == cause_remote_release || cause == cause_ok ||
                cause == cause_dropped || cause == cause_other;
    fact_tell_party(fact, waited && left ? party_change_Abandoned : party_change_Released);
}

static void call_cleared(struct fact *fact)
{
    assert(fact->call); /* the row of this event requires a call */
    struct ended_calls *ended = &fact->tserver->ended;
    ended->all[ended->next++ % ENDED_CALLS] = (struct ended_call){id_hash(fact->call->id), fact->cti->now_us};
    cti_call_gone(fact->cti, fact->call, fact_cause_of(fact));
    fact->call = NULL;
}

/* --- Agents and devices --- */

/* Reports an agent's state with its reasons; reasons that cannot be read count as none. */
static void tell_agent(struct fact *fact, enum agent_state state, bool snapshot)
{
    struct kv reasons;
    struct error error;
    const json_t *given = json_object_get(fact->json, "reasons");
    const char *agent = text_or_empty(fact, "agent");
    enum work_mode mode = WORD_OF(fact, "workMode", work_mode);
    kv_init(&reasons);
    if (given && !json_to_kv(given, &reasons, &error)) kv_clear(&reasons);
    if (agent[0] != 0 && fact->device[0] != 0) {
        const char *queue = fact_text_of(fact, "queue");
        if (snapshot)
            cti_snapshot_agent(fact->cti, agent, fact->device, queue, state, mode, kv_span(&reasons));
        else
            cti_agent(fact->cti, agent, fact->device, queue, state, mode, kv_span(&reasons));
    }
    kv_free(&reasons);
}

static void agent_logged_on(struct fact *fact)
{
    tell_agent(fact, agent_state_logged_in, false);
}

static void agent_logged_off(struct fact *fact)
{
    tell_agent(fact, agent_state_logged_out, false);
}

static void fact_agent_ready(struct fact *fact)
{
    tell_agent(fact, agent_state_ready, false);
}

static void fact_agent_not_ready(struct fact *fact)
{
    tell_agent(fact, agent_state_not_ready, false);
}

static void agent_after_call(struct fact *fact)
{
    tell_agent(fact, agent_state_after_call_work, false);
}

static void out_of_service(struct fact *fact)
{
    cti_device(fact->cti, fact->device, dn_type_other, dn_state_out);
}

static void back_in_service(struct fact *fact)
{
    cti_device(fact->cti, fact->device, dn_type_other, dn_state_in);
}

/* --- The snapshot --- */

static void snapshot_device(struct fact *fact)
{
    bool out = json_is_false(json_object_get(fact->json, "inService"));
    cti_device(fact->cti, fact->device, WORD_OF(fact, "type", dn_type), out ? dn_state_out : dn_state_in);
}

/* Takes an agent of the snapshot; an unknown state counts as not ready, so that nobody gets a call by mistake. */
static void snapshot_agent(struct fact *fact)
{
    enum agent_state state = WORD_OF(fact, "state", agent_state);
    bool known = state == agent_state_ready || state == agent_state_not_ready || state == agent_state_after_call_work;
    tell_agent(fact, known ? state : agent_state_not_ready, true);
}

static bool fact_state_of(const char *word, enum party_state *state)
{
    static const struct {
        const char *word;
        enum party_state state;
    } states[] = {
        {"initiated", PARTY_DIALING}, {"alerting", PARTY_RINGING}, {"connected", PARTY_ESTABLISHED},
        {"hold", PARTY_HELD},         {"held", PARTY_HELD},        {"queued", PARTY_QUEUED},
        {"failed", PARTY_FAILED},
    };
    for (size_t i = 0; word && i < sizeof states / sizeof *states; i++) {
        if (strcmp(states[i].word, word) == 0) {
            *state = states[i].state;
            return true;
        }
    }
    return false;
}

static int64_t waited_of(const struct fact *fact)
{
    const json_int_t most_us = INT64_C(86400) * 1000000;
    json_int_t us = json_integer_value(json_object_get(fact->json, "waited_us"));
    return us < 0 ? 0 : us > most_us ? most_us : us;
}

/* Takes a call of the snapshot: its stay at a routing point, its treatment, its parties. */
static void snapshot_call(struct fact *fact)
{
    struct call_facts facts = call_facts(fact);
    facts.waited_us = waited_of(fact);
    struct call *call = cti_snapshot_call(fact->cti, &facts);
    const json_t *route = json_object_get(fact->json, "route");
    const char *point = fact_text_within(route, "device", NAME_SIZE),
               *visit = fact_text_within(route, "routeID", NAME_SIZE);
    const json_t *connection;
    size_t i;
    if (!call) return;
    call->treatment_seen = treatment_of(fact);
    if (point && point[0] != 0 && visit) {
        bool says = json_is_integer(json_object_get(fact->json, "waited_us"));
        cti_snapshot_visit(fact->cti, call, point, visit, says ? facts.waited_us : -1);
        struct fact ended = *fact;
        ended.json = json_object_get(fact->json, "treatmentEnded");
        ended.call = call;
        if (call->treatment_seen == 0 && cti_snapshot_ended(call, treatment_of(&ended))) treatment_ended(&ended);
    }
    json_array_foreach(json_object_get(fact->json, "connections"), i, connection)
    {
        const char *device = fact_text_within(connection, "device", NAME_SIZE);
        enum party_state state;
        if (!device || device[0] == 0 || (point && strcmp(device, point) == 0) ||
            !fact_state_of(fact_text_within(connection, "state", NAME_SIZE), &state))
            continue;
        cti_snapshot_party(fact->cti, call, device, state, fact_text_within(connection, "queue", NAME_SIZE));
    }
}

/* --- The table of events --- */

enum needs { NEEDS_NOTHING, NEEDS_CALL_ID, NEEDS_CALL /* made if it is new */, NEEDS_KNOWN_CALL };

static const struct {
    const char *name;
    void (*take)(struct fact *);
    enum needs needs;
    bool at_device;
} events[] = {
    {"RouteRequest", route_request, NEEDS_CALL, true},
    {"RouteUsed", route_used, NEEDS_KNOWN_CALL, false},
    {"TreatmentStarted", treatment_started, NEEDS_KNOWN_CALL, false},
    {"TreatmentEnded", treatment_ended, NEEDS_KNOWN_CALL, false},
    {"Originated", events_originated, NEEDS_CALL, true},
    {"Queued", fact_queued, NEEDS_CALL, true},
    {"Diverted", events_diverted, NEEDS_KNOWN_CALL, true},
    {"Transferred", fact_transferred, NEEDS_KNOWN_CALL, false},
    {"Conferenced", fact_conferenced, NEEDS_KNOWN_CALL, false},
    {"Delivered", events_delivered, NEEDS_CALL, true},
    {"Established", fact_established, NEEDS_CALL, true},
    {"Held", fact_held, NEEDS_KNOWN_CALL, true},
    {"Retrieved", events_retrieved, NEEDS_KNOWN_CALL, true},
    {"NetworkReached", network_reached, NEEDS_KNOWN_CALL, true},
    {"Failed", fact_failed, NEEDS_KNOWN_CALL, true},
    {"ConnectionCleared", connection_cleared, NEEDS_KNOWN_CALL, true},
    {"CallCleared", call_cleared, NEEDS_KNOWN_CALL, false},
    {"AgentLoggedOn", agent_logged_on, NEEDS_NOTHING, true},
    {"AgentLoggedOff", agent_logged_off, NEEDS_NOTHING, true},
    {"AgentReady", fact_agent_ready, NEEDS_NOTHING, true},
    {"AgentNotReady", fact_agent_not_ready, NEEDS_NOTHING, true},
    {"AgentWorkingAfterCall", agent_after_call, NEEDS_NOTHING, true},
    {"OutOfService", out_of_service, NEEDS_NOTHING, true},
    {"BackInService", back_in_service, NEEDS_NOTHING, true},
    {"SnapshotDevice", snapshot_device, NEEDS_NOTHING, true},
    {"SnapshotAgent", snapshot_agent, NEEDS_NOTHING, true},
    {"SnapshotCall", snapshot_call, NEEDS_CALL_ID, false},
};

/* The members of events, and their types: texts of fewer bytes than `size`, numbers from 0 on. */
static const struct {
    const char *name;
    size_t size; /* 0: a number */
} members[] = {
    {"callID", NAME_SIZE},
    {"device", NAME_SIZE},
    {"callingDevice", ADDRESS_SIZE},
    {"calledDevice", ADDRESS_SIZE},
    {"mainCallID", NAME_SIZE},
    {"secondaryCallID", NAME_SIZE},
    {"correlator", NAME_SIZE},
    {"routeID", NAME_SIZE},
    {"queue", NAME_SIZE},
    {"digits", NAME_SIZE},
    {"destination", NAME_SIZE},
    {"otherDevice", NAME_SIZE},
    {"agent", NAME_SIZE},
    {"hops", 0},
    {"treatment", 0},
};

/* Returns what is wrong with the member's value; NULL: nothing. */
static const char *wrong_with(const json_t *value, size_t size)
{
    if (size == 0) return json_is_integer(value) && json_integer_value(value) >= 0 ? NULL : "is no number from 0 on";
    if (!json_is_string(value)) return "is no text";
    return json_string_length(value) < size ? NULL : "is too long";
}

static bool fact_has_text(const struct fact *fact, const char *name)
{
    return text_or_empty(fact, name)[0] != 0;
}

/* Has the event the members that its kind needs? Any other member that cannot be read is logged, and counts as
 * missing. */
static bool events_understood(const struct fact *fact, enum needs needs, bool at_device)
{
    char why[128];
    bool whole =
        (needs == NEEDS_NOTHING || fact_has_text(fact, "callID")) && (!at_device || fact_has_text(fact, "device"));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *value = json_object_get(fact->json, members[i].name);
        const char *wrong = !value || json_is_null(value) ? NULL : wrong_with(value, members[i].size);
        if (wrong) {
            snprintf(why, sizeof why, "its %s %s", members[i].name, wrong);
            fact_passed_over(fact, why);
        }
    }
    if (!whole) fact_passed_over(fact, "it has not the callID or device that it needs");
    return whole;
}

/* Finds or makes the event's call; false: the event is about an unknown call. */
static bool fact_find_call(struct fact *fact, enum needs needs)
{
    if (needs == NEEDS_CALL) {
        struct call_facts facts = call_facts(fact);
        bool known = facts.call_id && calls_by_id(&fact->cti->calls, facts.call_id);
        if (facts.call_id && !known && has_ended(fact->tserver, facts.call_id)) {
            fact_passed_over(fact, "the call has ended");
            return false;
        }
        fact->call = cti_call(fact->cti, &facts);
    } else if (needs == NEEDS_KNOWN_CALL) {
        const char *id = fact_text_of(fact, "callID");
        fact->call = !id ? NULL : calls_by_id(&fact->cti->calls, id);
    }
    return needs == NEEDS_NOTHING || needs == NEEDS_CALL_ID || fact->call;
}

/* Handles an event of the switch by its name; unknown names are logged. */
void tserver_event(void *self, const char *name, const json_t *json)
{
    struct tserver *tserver = self;
    struct fact fact = {.tserver = tserver, .cti = &tserver->cti, .json = json, .name = ""};
    fact.device = text_or_empty(&fact, "device");
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        if (strcmp(events[i].name, name) == 0) {
            /* A CallID that is too long is no known call's. */
            bool has_id = json_string_length(json_object_get(json, "callID")) > 0;
            fact.name = events[i].name;
            if (events_understood(&fact, events[i].needs, events[i].at_device) &&
                fact_find_call(&fact, events[i].needs))
                events[i].take(&fact);
            else if (events[i].take == snapshot_call && !has_id)
                cti_snapshot_unread(fact.cti, ""); /* the event is about a call without naming it */
            json_decref(fact.data);
            return;
        }
    }
    fact_passed_over(&fact, "no such event is known");
}

void tserver_snapshot(void *self, bool begins)
{
    struct tserver *tserver = self;
    if (begins) {
        tserver->ended = (struct ended_calls){0}; /* a switch that was restarted may number its calls anew */
        cti_snapshot_begin(&tserver->cti);
    } else {
        cti_snapshot_end(&tserver->cti);
    }
}
