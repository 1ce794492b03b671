/* runtime/adapters/desk/phone_calls.c - The calls at an agent's telephone: what the page gets about each, and a
 * sentence for the agent if a call, or a consultation about it, has failed.
 *
 * `phone->calls` has the last message `call` of each call, so that a page that comes back gets the same again. Each
 * event of the T-Server has the whole state of the call; a call ends by the events that told.def names, and when a
 * list of all calls does not have it. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/phone.h"
#include "base/utf8.h"
#include "runtime/vocabulary/bytes.h"

enum { CALLS_MAX = 50, CALL_NUMBER = 64 };

/* Puts who else is in the call, where there are more than one, and who listens to it or whispers. */
static void call_put_parties(json_t *call, const json_t *event)
{
    const json_t *all = json_object_get(event, "Parties"), *heard = json_object_get(event, "Monitors"), *one;
    json_t *parties = json_array(), *monitors = json_array();
    size_t i;
    json_array_foreach(all, i, one)
    {
        json_t *party = json_pack("{s:s}", "number", phone_text_of(one, "DN"));
        if (*phone_text_of(one, "AgentID")) json_object_set(party, "agent", json_object_get(one, "AgentID"));
        if (strcmp(phone_text_of(one, "State"), "Held") == 0) json_object_set_new(party, "held", json_true());
        json_array_append_new(parties, party);
    }
    json_array_foreach(heard, i, one)
    {
        const char *agent = phone_text_of(one, "AgentID"), *mode = phone_text_of(one, "MonitorMode");
        json_array_append_new(monitors, json_pack("{s:s, s:b}", "agent", *agent ? agent : phone_text_of(one, "DN"),
                                                  "whispers", strcmp(mode, "Coach") == 0));
    }
    if (json_array_size(parties) > 1) json_object_set(call, "parties", parties);
    if (json_array_size(monitors) > 0) json_object_set(call, "monitors", monitors);
    json_decref(parties);
    json_decref(monitors);
}

static json_t *call_json(const json_t *event, const char *state)
{
    const char *dialled = phone_text_of(event, "OtherDN"), *caller = phone_text_of(event, "ANI");
    bool out = strcmp(phone_text_of(event, "CallType"), "Inbound") != 0 && *dialled;
    json_t *call = json_pack("{s:s, s:s, s:s, s:s}", "type", "call", "conn", phone_text_of(event, "ConnID"), "state",
                             state, "number", out || !*caller ? dialled : caller);
    static const char *const members[][2] = {
        {"CallType", "call_type"}, {"DNIS", "called"}, {"MonitorMode", "monitoring"}, {"Recording", "recording"}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (*phone_text_of(event, members[i][0]))
            json_object_set(call, members[i][1], json_object_get(event, members[i][0]));
    const json_t *data = json_object_get(event, "UserData"), *about = json_object_get(event, "About");
    if (json_is_object(about))
        json_object_set_new(call, "about",
                            json_pack("{s:s, s:s}", "agent", phone_text_of(about, "AgentID"), "number",
                                      phone_text_of(about, "OtherDN")));
    if (json_is_object(data)) json_object_set(call, "data", (json_t *)data);
    if (json_is_true(json_object_get(event, "Muted"))) json_object_set_new(call, "muted", json_true());
    call_put_parties(call, event);
    return call;
}

static bool phone_is_answered(const json_t *call)
{
    const char *state = phone_text_of(call, "state");
    return strcmp(state, "talking") == 0 || strcmp(state, "held") == 0;
}

static bool call_state_is(const json_t *call, const char *state)
{
    return call && strcmp(phone_text_of(call, "state"), state) == 0;
}

/* Notes in the contact's history that a call with an outside number began or ended to be talked. */
static void phone_note(struct phone *phone, const json_t *before, const json_t *call)
{
    if (before && *phone_text_of(before, "monitoring")) before = NULL; /* it was another agent's until now */
    bool was = before && phone_is_answered(before), is = phone_is_answered(call);
    const json_t *whose = was ? before : call;
    const char *type = phone_text_of(whose, "call_type");
    bool outbound = strcmp(type, "Outbound") == 0;
    if (*phone_text_of(whose, "monitoring")) return; /* the call that a supervisor listens to is another agent's */
    if (was == is || (!outbound && strcmp(type, "Inbound") != 0) || !*phone_text_of(whose, "number")) return;
    struct desk *desk = phone->agent->desk;
    struct desk_job *job =
        desk_job_new(desk, json_pack("{s:s, s:s, s:b, s:b}", "conn", phone_text_of(whose, "conn"), "number",
                                     phone_text_of(whose, "number"), "outbound", outbound, "over", was));
    text_set(job->agent, sizeof job->agent, phone->agent->name);
    job->work = desk_keep_call;
    desk_job_give(desk, job);
}

/* ---- times ---- */

static json_t *phone_now(const struct phone *phone)
{
    const struct desk *desk = phone->agent->desk;
    return json_integer((json_int_t)(desk->services->wall_us(desk->link) / MS));
}

/* Sets the time of a member that stays while `same`, from the one before; else it is now. */
static void call_put_time(const struct phone *phone, json_t *call, const char *key, const json_t *before, bool same)
{
    json_t *was = same ? json_object_get(before, key) : NULL;
    if (was)
        json_object_set(call, key, was);
    else
        json_object_set_new(call, key, phone_now(phone));
}

/* Keeps the times of an answered call over a restart of the desk. `call` NULL: the call is over. */
static void call_times_keep(const struct phone *phone, const char *conn, const json_t *call)
{
    json_t *talks = phone->agent->talks, *times = NULL;
    if (call && phone_is_answered(call))
        times = json_pack("{s:O, s:O, s:O}", "state", json_object_get(call, "state"), "since",
                          json_object_get(call, "since"), "answered", json_object_get(call, "answered"));
    bool same = json_equal(times, json_object_get(talks, conn)) || (!times && !json_object_get(talks, conn));
    if (times)
        json_object_set_new(talks, conn, times);
    else
        json_object_del(talks, conn);
    if (!same) remember_agent(phone->agent);
}

/* The call's times, for the timers of the page. A call that was there before the connection was lost, or before the
 * desk was started anew, goes on. */
static void call_put_times(const struct phone *phone, const json_t *known, json_t *call)
{
    const char *conn = phone_text_of(call, "conn");
    const json_t *lost = json_object_get(phone->lost, conn);
    const json_t *before = known ? known : lost ? lost : json_object_get(phone->agent->talks, conn);
    const json_t *asked = json_object_get(call, "consulted"), *was = json_object_get(before, "consulted");
    call_put_time(phone, call, "since", before,
                  before && strcmp(phone_text_of(before, "state"), phone_text_of(call, "state")) == 0);
    if (phone_is_answered(call)) call_put_time(phone, call, "answered", before, before != NULL);
    if (asked)
        call_put_time(phone, call, "consulted_since", before,
                      was && strcmp(phone_text_of(was, "state"), phone_text_of(asked, "state")) == 0);
}

/* ---- calls that have failed ---- */

/* Returns the form of codes.def; NULL: this cause is no failure. */
static const char *call_failed_form(const char *cause)
{
    static const struct {
        const char *cause, *form;
    } all[] = {
#define FAILED(cause, form) {#cause, form},
#include "runtime/adapters/desk/codes.def"
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].cause, cause) == 0) return all[i].form;
    return NULL;
}

/* Returns the value of a form that names the call. */
static json_t *call_with(const char *number)
{
    return json_pack("{s:o}", "number", json_stringn(number, utf8_cut(number, strlen(number), CALL_NUMBER)));
}

/* Tells the agent how the call failed, unless the agent ended it. */
static void call_tell_failed(struct phone *phone, const char *conn, const char *number, const char *cause,
                             const char *more)
{
    const char *form = call_failed_form(cause);
    if (json_object_get(phone->own, conn) || (!form && !more)) return;
    agent_notice_of(phone->agent, cause, form ? form : agent_notice_form(NOTED_left), call_with(number), more);
}

static json_t *call_consultation(const json_t *event)
{
    return json_object_get(event, "Consultation");
}

static void consultation_put(json_t *call, const json_t *event)
{
    const json_t *asked = call_consultation(event);
    if (!json_is_object(asked) || strcmp(phone_text_of(asked, "State"), "Released") == 0) return;
    bool aside = json_is_true(json_object_get(asked, "Aside"));
    char *state = g_ascii_strdown(aside ? "aside" : phone_text_of(asked, "State"), -1);
    json_object_set_new(call, "consulting", json_true());
    json_object_set_new(call, "consulted",
                        json_pack("{s:s, s:s}", "number", phone_text_of(asked, "OtherDN"), "state", state));
    g_free(state);
}

/* ---- one call ---- */

static void phone_call_ends(struct phone *phone, const json_t *before, const json_t *event)
{
    bool dialled = call_state_is(before, "dialing");
    const char *conn = phone_text_of(before, "conn"), *cause = phone_text_of(event, "CallState");
    bool asked = json_object_get(before, "consulting") || json_object_get(phone->parted, conn);
    const char *number = phone_text_of(before, "number");
    if (strcmp(cause, "taken") == 0) {
        agent_notice_of(phone->agent, cause, agent_notice_form(NOTED_taken), call_with(number), NULL);
        return;
    }
    if (dialled) call_tell_failed(phone, conn, number, cause, NULL);
    bool unseen = phone->agent->ticket == 0 && phone_is_answered(before) && !json_object_get(before, "monitoring");
    if ((!asked && !unseen) || json_object_get(phone->own, conn) || strcmp(cause, "transferred") == 0) return;
    agent_notice_of(phone->agent, "over", agent_notice_form(NOTED_over), call_with(number), NULL);
}

/* The call's consultation is over. If the call itself ends too, the T-Server reports the consultation first: so the
 * agent is told only if the call still exists a moment later. */
static void call_consulted(struct phone *phone, const json_t *before, const json_t *call, const json_t *event)
{
    const char *conn = phone_text_of(call, "conn");
    if (!json_object_get(before, "consulting") || json_object_get(call, "consulting")) return;
    bool swapped = strcmp(phone_text_of(json_object_get(before, "consulted"), "state"), "aside") == 0;
    if ((swapped || call_state_is(call, "held")) && !json_object_get(phone->own, conn))
        json_object_set_new(phone->parted, conn,
                            json_pack("{s:s, s:s, s:i}", "number",
                                      phone_text_of(json_object_get(before, "consulted"), "number"), "cause",
                                      phone_text_of(call_consultation(event), "CallState"), "ticks", 0));
    json_object_del(phone->own, conn);
}

void phone_calls_tick(struct phone *phone)
{
    const char *conn;
    void *next;
    json_t *parted;
    json_object_foreach_safe(phone->parted, next, conn, parted)
    {
        const json_t *call = json_object_get(phone->calls, conn), *ticks = json_object_get(parted, "ticks");
        if (json_integer_value(ticks) == 0) {
            json_object_set_new(parted, "ticks", json_integer(1));
            continue;
        }
        bool held = call_state_is(call, "held") && !json_object_get(call, "consulting");
        if (call)
            call_tell_failed(phone, conn, phone_text_of(parted, "number"), phone_text_of(parted, "cause"),
                             held ? "The call is still on hold: retrieve it, or ask somebody else."
                                  : "Your call goes on.");
        json_object_del(phone->parted, conn);
    }
}

/* The T-Server ends the mute of a party that holds the call, as nobody hears it; the mute is requested again when
 * the party retrieves the call. */
static void call_keeps_mute(struct phone *phone, const json_t *before, json_t *call)
{
    char key[24];
    if (!json_is_true(json_object_get(before, "muted")) || json_object_get(call, "muted")) return;
    if (call_state_is(call, "held")) json_object_set_new(call, "muted", json_true());
    if (!call_state_is(before, "held") || !call_state_is(call, "talking")) return;
    json_t *more = phone_at_dn(phone);
    json_object_set(more, "ConnID", json_object_get(call, "conn"));
    snprintf(key, sizeof key, "%lld", (long long)phone_ask_switch(phone, "RequestSetMuteOn", more, 0));
    json_object_set(phone->mutes, key, json_object_get(call, "conn"));
}

static void phone_call_over(struct phone *phone, const char *conn, const char *cause)
{
    json_t *over = json_copy(json_object_get(phone->calls, conn));
    if (!over) return;
    json_object_set_new(over, "state", json_string("released"));
    json_object_del(over, "consulting");
    json_object_del(over, "consulted");
    if (*cause) json_object_set_new(over, "cause", json_string(cause));
    phone_note(phone, json_object_get(phone->calls, conn), over);
    phone_ring_over(phone, json_object_get(phone->calls, conn), cause);
    json_object_del(phone->own, conn);
    json_object_del(phone->parted, conn);
    call_times_keep(phone, conn, NULL);
    json_object_del(phone->calls, phone_text_of(over, "conn"));
    agent_tell(phone->agent, over);
}

/* Makes room so that a new call is always shown. If as many calls as possible are shown already, the T-Server is asked
 * which of them exist. */
static void calls_make_room(struct phone *phone)
{
    void *oldest = json_object_iter(phone->calls);
    if (json_object_size(phone->calls) < CALLS_MAX) return;
    char *conn = g_strdup(json_object_iter_key(oldest));
    phone_call_over(phone, conn, "");
    g_free(conn);
    phone_ask_switch(phone, "RequestQueryAddress", phone_at_dn(phone), 0);
}

/* Shows the call of the event in this state. `state` "": the call keeps its state; a call that is not shown yet
 * stays so. */
void phone_call_is(struct phone *phone, const json_t *event, const char *state)
{
    const char *conn = phone_text_of(event, "ConnID");
    json_t *before = json_incref(json_object_get(phone->calls, conn));
    bool ends = strcmp(state, "released") == 0, failed = strcmp(state, "failed") == 0;
    if (!*conn || (!before && (!*state || ends || failed))) return;
    if (ends) {
        phone_call_ends(phone, before, event);
        phone_call_over(phone, conn, phone_text_of(event, "CallState"));
        json_decref(before);
        return;
    }
    if (!before) calls_make_room(phone);
    json_t *call = call_json(event, *state ? state : phone_text_of(before, "state"));
    json_t *vq = json_object_get(before, "vq");
    bool talks = strcmp(state, "talking") == 0 && strcmp(phone_text_of(before, "state"), "talking") != 0;
    if (vq) json_object_set(call, "vq", vq);
    if (failed) phone_call_ends(phone, before, event);
    consultation_put(call, event);
    call_put_times(phone, before, call);
    if (before) call_consulted(phone, before, call, event);
    if (before) call_keeps_mute(phone, before, call);
    phone_note(phone, before, call);
    phone_ring_is(phone, before, call);
    json_object_set(phone->calls, conn, call);
    call_times_keep(phone, conn, call);
    agent_tell(phone->agent, call);
    if (!vq && (!before || talks)) phone_vq_ask(phone, conn);
    json_decref(before);
}

void phone_monitors(struct phone *phone, const json_t *event)
{
    phone_call_is(phone, event, json_object_get(phone->calls, phone_text_of(event, "ConnID")) ? "" : "dialing");
}

/* A consultation and its main call were merged: the call with the old number is removed from the page, and if it was at
 * this telephone, the call with the other number continues it. */
void phone_joined(struct phone *phone, const json_t *event)
{
    const char *previous = phone_text_of(event, "PreviousConnID"), *conn = phone_text_of(event, "ConnID");
    const json_t *call = json_object_get(phone->calls, previous);
    char *state = g_strdup(call && !json_object_get(phone->calls, conn) ? phone_text_of(call, "state") : "");
    phone_call_over(phone, previous, "");
    phone_call_is(phone, event, state);
    g_free(state);
}

/* ---- all calls ---- */

static const char *call_word(const json_t *call)
{
    static const char *const words[][2] = {
        {"Ringing", "ringing"}, {"Held", "held"}, {"Dialing", "dialing"}, {"Busy", "dialing"}, {"Queued", ""}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(phone_text_of(call, "State"), words[i][0]) == 0) return words[i][1];
    return "talking";
}

/* Shows the first CALLS_MAX of the calls in the list; the T-Server, which has just sent it, is not asked again. */
void phone_calls_are(struct phone *phone, const json_t *calls)
{
    const char *conn;
    void *next;
    json_t *call, *there = json_object();
    for (size_t i = 0; i < json_array_size(calls); i++)
        json_object_set_new(there, phone_text_of(json_array_get(calls, i), "ConnID"), json_true());
    json_object_foreach_safe(phone->calls, next, conn, call)
    {
        if (json_object_get(there, conn)) continue;
        char *over = g_strdup(conn);
        phone_call_over(phone, over, "");
        g_free(over);
    }
    json_decref(there);
    for (size_t i = 0; i < json_array_size(calls); i++) {
        const json_t *one = json_array_get(calls, i);
        bool shown = json_object_get(phone->calls, phone_text_of(one, "ConnID"));
        if (shown || json_object_size(phone->calls) < CALLS_MAX) phone_call_is(phone, one, call_word(one));
    }
    json_object_foreach_safe(phone->agent->talks, next, conn, call)
    {
        if (!json_object_get(phone->calls, conn)) call_times_keep(phone, conn, NULL);
    }
    phone_rings_are(phone);
}

/* Ends the calls in `lost`; a call that nobody had answered may come again, so the agent gets no sentence about it. */
void phone_calls_lost(struct phone *phone)
{
    const char *conn;
    json_t *call;
    json_object_foreach(phone->lost, conn, call)
    {
        if (!phone_is_answered(call) || json_object_get(phone->calls, conn)) continue;
        json_t *over = json_pack("{s:s}", "state", "released");
        phone_note(phone, call, over);
        json_decref(over);
        agent_notice_of(phone->agent, "lost", agent_notice_form(NOTED_lost), call_with(phone_text_of(call, "number")),
                        NULL);
    }
    json_object_clear(phone->lost);
}

bool phone_call_refused(struct phone *phone, const json_t *error)
{
    char key[24];
    json_int_t ref = json_integer_value(json_object_get(error, "ReferenceID"));
    const char *conn = phone_text_of(error, "ConnID");
    if (ref != 0 && json_integer_value(json_object_get(phone->own, conn)) == ref) json_object_del(phone->own, conn);
    snprintf(key, sizeof key, "%lld", (long long)ref);
    if (!json_object_get(phone->mutes, key)) return false;
    json_object_del(phone->mutes, key);
    if (json_object_get(phone->calls, conn))
        agent_notice(phone->agent, "unmuted", "You are heard again: the mute ended while the call was on hold.");
    return true;
}
