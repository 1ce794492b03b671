/* runtime/adapters/desk/api.c - HTTP requests: checks who asks and whether the request matches openapi.json, and
 * answers it.
 *
 * Steps of a request: api_request() finds its operation in the contract by method and path; api_may() checks
 * session, role, origin and CSRF token; the query and the body are checked against the contract; the handler runs. A
 * handler answers at once (api_answer), or gives a job to the store's thread and answers when it is done
 * (from_store), or asks the core without the journal (read.c), or gcxvm's admin socket (look.c).
 *
 * A request that waits remembers its browser by an asker (web/reply.h); an answer for a browser that has gone is
 * dropped. */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/chosen.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/adapters/desk/helped.h"
#include "runtime/adapters/desk/knowledge.h"
#include "runtime/adapters/desk/strategies.h"
#include "runtime/adapters/desk/past.h"
#include "runtime/adapters/desk/prompts.h"
#include "runtime/adapters/desk/recordings.h"
#include "runtime/adapters/desk/web.h"
#include "runtime/adapters/desk/who.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "base/why.h"
#include "runtime/studio/image.h"
#include "runtime/studio/studio.h"
#include "runtime/web/origins.h"

enum { JOBS_MAX = 2000, WHY = 200 };

/* A request while it is being checked. */
struct api_asked {
    struct desk *desk;
    struct evhttp_request *http;
    const char *operation;        /* its operationId of openapi.json */
    struct desk_session *session; /* the session of the request's user; NULL: the request has no session */
    json_t *params, *body;        /* borrowed */
};
typedef void on_call(struct api_asked *);

/* ---- jobs at the store ---- */

/* Sends the store's answer, or the kind of its error: temporary, unknown object, or a fault of the request. */
static void answer_job(struct desk *desk, struct desk_job *job)
{
    struct evhttp_request *http = asker_end(&job->asker);
    (void)desk;
    if (!http) return;
    if (job->good)
        api_answer(http, HTTP_OK, json_incref(job->out));
    else if (job->error.code == ERROR_DENIED)
        api_error(http, 403, "unverified", job->error.text);
    else if (job->error.code == ERROR_STATE)
        api_error(http, 409, "changed", job->error.text);
    else if (store_again(&job->error))
        api_error(http, HTTP_SERVUNAVAIL, "store", "The contact store is away or full; again in a moment.");
    else if (job->error.code == ERROR_UNKNOWN)
        api_error(http, HTTP_NOTFOUND, "unknown", job->error.text);
    else
        api_error(http, HTTP_BADREQUEST, "invalid", job->error.text);
}

/* NULL: too many jobs wait, and the browser got an error. */
static struct desk_job *api_job_of(struct api_asked *call, bool (*work)(struct store *, struct desk_job *),
                                   void (*done)(struct desk *, struct desk_job *))
{
    assert(call->session); /* operations at the store need a session */
    if (worker_waiting(call->desk->worker) > JOBS_MAX) {
        api_error(call->http, HTTP_SERVUNAVAIL, "store", "The contact store is behind; again in a moment.");
        return NULL;
    }
    struct desk_job *job = desk_job_new(call->desk, json_incref(call->params));
    job->work = work;
    job->done = done;
    const struct desk_agent *agent = g_hash_table_lookup(call->desk->agents, call->session->agent);
    text_set(job->agent, sizeof job->agent, call->session->agent);
    text_set(job->called, sizeof job->called, agent ? agent_shown_as(agent) : call->session->agent);
    asker_begin(&job->asker, call->http);
    return job;
}

static void from_store(struct api_asked *call, bool (*work)(struct store *, struct desk_job *))
{
    struct desk_job *job = api_job_of(call, work, answer_job);
    if (job) desk_job_give(call->desk, job);
}

/* ---- the operations ---- */

static void on_login(struct api_asked *call)
{
    const char *wrong = login_origin_wrong(call->desk, call->http);
    if (wrong)
        api_error(call->http, 403, "origin", wrong);
    else
        login_begin(call->desk, call->http, call->body);
}

/* Returns the agent of the session, unless another session of that agent is connected; NULL: none. */
static struct desk_agent *api_agent_of(const struct api_asked *call)
{
    struct desk_agent *agent = g_hash_table_lookup(call->desk->agents, call->session->agent);
    return agent && (agent->session == call->session || agent->ticket == 0) ? agent : NULL;
}

/* Returns a sentence about all that the agent would give back; NULL: nothing. */
static char *api_left(const struct desk *desk, const struct desk_agent *agent)
{
    unsigned has = agent ? agent_has(agent, NULL) : 0, calls = agent ? phone_calls(agent) : 0;
    const char *after = *desk->setting.softphone ? "it ends" : "it goes on at the telephone";
    if (calls > 0)
        return g_strdup_printf("You have a call: end it, or hand it on; if you log out all the same, %s%s.", after,
                               has > 0 ? ", and what else you have goes back to its queue" : "");
    if (has == 0) return NULL;
    return g_strdup_printf("You still have %u of your customers' interactions: finish them or hand them on; if you "
                           "log out all the same, they go back to their queues.",
                           has);
}

/* Logs out: all open interactions go back to their queues at once, so that no customer waits for an agent who has gone
 * home. An agent who has any must confirm the logout. */
static void on_logout(struct api_asked *call)
{
    struct desk_agent *agent = api_agent_of(call);
    /* A person who logs out of the console leaves the desk of the same session, and no other desk. */
    if (agent && json_object_get(call->params, "page") && agent->session != call->session) agent = NULL;
    char *left = json_object_get(call->params, "force") ? NULL : api_left(call->desk, agent);
    if (left) {
        api_error(call->http, 409, "open", left);
        g_free(left);
        return;
    }
    session_end(call->desk, call->session);
    if (agent) agent_logs_out(agent);
    session_cookie(call->desk, call->http, "", 0);
    api_done(call->http);
}

static void on_me(struct api_asked *call)
{
    api_answer(call->http, HTTP_OK, session_shown(call->desk, call->session));
}

#define FROM_STORE(name)                                                                                               \
    static void on_##name(struct api_asked *call)                                                                      \
    {                                                                                                                  \
        from_store(call, desk_keep_##name);                                                                            \
    }
FROM_STORE(contacts)
FROM_STORE(contact)
FROM_STORE(history)
FROM_STORE(search)
FROM_STORE(thread)
FROM_STORE(stored)
FROM_STORE(interaction)
FROM_STORE(open)
FROM_STORE(transcript)
FROM_STORE(parts)
FROM_STORE(responses)
FROM_STORE(response)
FROM_STORE(calls)
FROM_STORE(favourites)
FROM_STORE(mentions)

/* Notes that a contact wants no messages, for all its numbers and addresses; the store and the log record who has
 * noted it. */
static void on_refuse(struct api_asked *call)
{
    const char *media = json_string_value(json_object_get(call->body, "media"));
    bool on = json_is_true(json_object_get(call->body, "on"));
    json_object_update(call->params, call->body);
    call->desk->services->log(call->desk->link, GCX_LOG_INFO, 0, 0, "%s: contact %lld %s messages of %s",
                              call->session->name,
                              (long long)json_integer_value(json_object_get(call->params, "contact")),
                              on ? "wants no more" : "wants again", media);
    from_store(call, desk_keep_refuse);
}

static void on_favourite(struct api_asked *call)
{
    json_object_update(call->params, call->body);
    from_store(call, desk_keep_favourite);
}

static void answer_wrapup(struct desk *desk, struct desk_job *job)
{
    phone_wrapped(desk, job);
    answer_job(desk, job);
}

struct wrapping { /* a wrap-up that the core has not noted yet */
    struct asker asker;
    struct desk *desk;
    json_t *params;
    char agent[NAME_SIZE], called[NAME_SIZE];
};

/* The core was away before it had noted the wrap-up, so the agent is not done with the call. */
static void wrapping_free(void *self)
{
    struct wrapping *wrapping = self;
    struct evhttp_request *http = asker_end(&wrapping->asker);
    if (http) api_error(http, HTTP_SERVUNAVAIL, "away", "The router has not noted it: press Done again in a moment.");
    json_decref(wrapping->params);
    free(wrapping);
}

/* The core has noted the wrap-up: the agent is done with the call. Or it has refused it, and the agent reads why. */
static void wrapping_noted(struct desk_request *request, const struct message *reply, bool good)
{
    struct wrapping *wrapping = request->given;
    struct evhttp_request *http = asker_end(&wrapping->asker);
    if (!good) {
        api_refused(http, reply);
        return;
    }
    struct desk_job *job = desk_job_new(wrapping->desk, json_incref(wrapping->params));
    json_object_set_new(job->params, "noted", json_true());
    job->work = desk_keep_wrapup;
    job->done = answer_wrapup;
    text_set(job->agent, sizeof job->agent, wrapping->agent);
    text_set(job->called, sizeof job->called, wrapping->called);
    if (http) asker_begin(&job->asker, http);
    desk_job_give(wrapping->desk, job);
}

/* Has the core note a wrap-up that the store keeps already. */
static void wrapping_note(struct desk_agent *agent, struct desk_job *job, uint64_t conn)
{
    struct wrapping *wrapping = memory_zeroed(1, sizeof *wrapping);
    struct evhttp_request *http = asker_end(&job->asker);
    const char *code = json_string_value(json_object_get(job->params, "wrapup"));
    const char *note = json_string_value(json_object_get(job->params, "note"));
    if (http) asker_begin(&wrapping->asker, http);
    wrapping->desk = agent->desk;
    wrapping->params = json_incref(job->params);
    text_set(wrapping->agent, sizeof wrapping->agent, job->agent);
    text_set(wrapping->called, sizeof wrapping->called, job->called);
    struct desk_request *request = core_ask(agent, KIND_RequestWrapUp, 0, 0);
    request->after = wrapping_noted;
    request->given = wrapping;
    request->given_free = wrapping_free;
    writer_conn(&agent->desk->writer, RequestWrapUp_call, conn);
    writer_text(&agent->desk->writer, RequestWrapUp_code, code);
    writer_text(&agent->desk->writer, RequestWrapUp_note, note);
    core_send(request);
}

static void wrapup_kept(struct desk *desk, struct desk_job *job)
{
    uint64_t conn = 0;
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    bool noted = !job->good || !ident_read_conn(json_string_value(json_object_get(job->out, "conn")), &conn);
    if (!noted && agent) {
        wrapping_note(agent, job, conn);
        return;
    }
    if (noted) {
        answer_wrapup(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    if (http) api_error(http, HTTP_SERVUNAVAIL, "away", "Your desk is not connected: press Done again once it is.");
}

/* Keeps the code and the note of a call that is over; an agent who is done with it says so to the core, too. */
static void on_wrapup(struct api_asked *call)
{
    const char *wrapup = json_string_value(json_object_get(call->body, "wrapup"));
    if (wrapup && *wrapup && !web_words_have(call->desk->setting.all_wrapups, wrapup)) {
        api_error(call->http, HTTP_BADREQUEST, "invalid", "wrapup: it is none of `wrapups`");
        return;
    }
    json_object_update(call->params, call->body);
    struct desk_job *job = api_job_of(call, desk_keep_wrapup, wrapup_kept);
    if (job) desk_job_give(call->desk, job);
}

/* ---- notes for colleagues ---- */

static void answer_note(struct desk *desk, struct desk_job *job)
{
    notes_told(desk, job);
    answer_job(desk, job);
}

static void on_note(struct api_asked *call)
{
    char why[WHY];
    json_object_update(call->params, call->body);
    if (!notes_address(call->desk, call->params, json_string_value(json_object_get(call->body, "text")), why,
                       sizeof why)) {
        api_error(call->http, HTTP_BADREQUEST, "invalid", why);
        return;
    }
    struct desk_job *job = api_job_of(call, desk_keep_note, answer_note);
    if (job) desk_job_give(call->desk, job);
}

static void answer_mention_seen(struct desk *desk, struct desk_job *job)
{
    if (job->good) notes_mentions(desk, job->agent);
    answer_job(desk, job);
}

static void on_seen(struct api_asked *call)
{
    struct desk_job *job = api_job_of(call, desk_keep_seen, answer_mention_seen);
    if (job) desk_job_give(call->desk, job);
}

/* ---- knowledge and help ---- */

static bool api_search_articles(struct store *store, struct desk_job *job)
{
    const char *words = json_string_value(json_object_get(job->params, "q"));
    (void)store;
    job->out = json_pack("{s:o}", "articles", knowledge_search(job->errand.self, words ? words : ""));
    return true;
}

static bool api_read_article(struct store *store, struct desk_job *job)
{
    (void)store;
    job->out = knowledge_article(job->errand.self, json_string_value(json_object_get(job->params, "article")));
    return job->out || error_set(&job->error, ERROR_UNKNOWN, "There is no such article.");
}

static void from_knowledge(struct api_asked *call, bool (*work)(struct store *, struct desk_job *))
{
    if (!call->desk->knowledge) {
        api_error(call->http, HTTP_NOTFOUND, "unknown",
                  "The desk has no articles: its setting `knowledge` names them.");
        return;
    }
    struct desk_job *job = api_job_of(call, work, answer_job);
    if (!job) return;
    job->errand.self = call->desk->knowledge;
    desk_job_give(call->desk, job);
}

static void on_articles(struct api_asked *call)
{
    from_knowledge(call, api_search_articles);
}

static void on_article(struct api_asked *call)
{
    from_knowledge(call, api_read_article);
}

static void on_help(struct api_asked *call)
{
    if (!call->desk->helper) {
        api_error(call->http, HTTP_NOTFOUND, "unknown", "The desk has no helper: its setting `helper` names it.");
        return;
    }
    json_object_update(call->params, call->body);
    struct desk_job *job = api_job_of(call, desk_keep_transcript, helped_ask);
    if (job) desk_job_give(call->desk, job);
}

static void answer_contact_changed(struct desk *desk, struct desk_job *job)
{
    who_changed(desk, job);
    answer_job(desk, job);
}

/* Changes a contact. The log names the agent who has changed it, and so does the store. */
static void contact_changes(struct api_asked *call, const char *what, bool (*work)(struct store *, struct desk_job *))
{
    json_object_update(call->params, call->body);
    call->desk->services->log(call->desk->link, GCX_LOG_INFO, 0, 0, "%s: contact %lld is %s", call->session->name,
                              (long long)json_integer_value(json_object_get(call->params, "contact")), what);
    struct desk_job *job = api_job_of(call, work, answer_contact_changed);
    if (job) desk_job_give(call->desk, job);
}

static void on_edit(struct api_asked *call)
{
    contact_changes(call, "changed", desk_keep_edit);
}

static void on_merge(struct api_asked *call)
{
    contact_changes(call, "merged", desk_keep_merge);
}

static void on_link(struct api_asked *call)
{
    contact_changes(call, "given an interaction", desk_keep_link);
}

static void on_undo(struct api_asked *call)
{
    contact_changes(call, "changed back", desk_keep_undo);
}

static bool api_has_word(const char *const *words, const char *type)
{
    for (; *words; words++)
        if (strcasecmp(type, *words) == 0) return true;
    return false;
}

static bool is_picture(const char *type)
{
    static const char *const pictures[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};
    return api_has_word(pictures, type);
}

/* Is it sound or video, which a page may play without risk? */
static bool is_played(const char *type)
{
    static const char *const played[] = {"audio/mpeg", "audio/mp4", "audio/aac",  "audio/ogg",  "audio/wav",
                                         "audio/amr",  "video/mp4", "video/3gpp", "video/webm", NULL};
    return api_has_word(played, type);
}

/* Sends a file of the store: the browser shows pictures, and saves all other types, whatever type the file claims; a
 * page may play sound and video. */
static void answer_part(struct desk *desk, struct desk_job *job)
{
    if (!job->asker.http || !job->good) {
        answer_job(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    const char *type = json_string_value(json_object_get(job->out, "type"));
    const char *name = json_string_value(json_object_get(job->out, "name"));
    char *escaped = g_uri_escape_string(name ? name : "part", NULL, FALSE);
    char *place =
        g_strdup_printf("%s; filename*=UTF-8''%s", type && is_picture(type) ? "inline" : "attachment", escaped);
    reply_header(http, "Content-Disposition", place);
    bool typed = type && (is_picture(type) || is_played(type));
    api_bytes(http, HTTP_OK, typed ? type : "application/octet-stream", false, job->bytes->data, job->bytes->len);
    g_free(escaped);
    g_free(place);
}

static void on_part(struct api_asked *call)
{
    int64_t part = json_integer_value(json_object_get(call->params, "part"));
    json_object_set_new(call->params, "own", json_boolean(session_has_brought(call->session, part)));
    struct desk_job *job = api_job_of(call, desk_keep_part, answer_part);
    if (job) desk_job_give(call->desk, job);
}

static void answer_upload(struct desk *desk, struct desk_job *job)
{
    struct desk_session *session = job->good && job->asker.http ? session_of(desk, job->asker.http) : NULL;
    if (session) session_brought(session, json_integer_value(json_object_get(job->out, "upload")));
    if (session) remember_session(session, desk);
    answer_job(desk, job);
}

/* Takes an uploaded file; its bytes are copied from the request's buffer here, as the store's thread may not use the
 * buffer. */
static void on_upload(struct api_asked *call)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(call->http);
    size_t length = evbuffer_get_length(in);
    if (length > call->desk->setting.upload * 1024 * 1024) {
        api_error(call->http, 400, "too_large", "The file is too large.");
        return;
    }
    if (length == 0) {
        api_error(call->http, 400, "invalid", "The file is empty: there is nothing to send.");
        return;
    }
    struct desk_job *job = api_job_of(call, desk_keep_upload, answer_upload);
    if (!job) return;
    job->bytes = g_byte_array_sized_new((guint)length);
    g_byte_array_set_size(job->bytes, (guint)length);
    evbuffer_remove(in, job->bytes->data, length);
    desk_job_give(call->desk, job);
}

static bool api_supervises(const struct desk_session *session)
{
    return authority_allows(ACT_look, claim_kind_none, desk_role_of_session(session));
}

static bool api_list_has(const json_t *all, const char *name)
{
    for (size_t at = 0; at < json_array_size(all); at++)
        if (strcmp(json_string_value(json_array_get(all, at)), name) == 0) return true;
    return false;
}

/* May the session see what `names` allows? `all`: the person may see everything that the router has. */
static bool desk_shows(struct desk *desk, struct evhttp_request *http, const json_t *params, bool all,
                       bool (*names)(const struct desk *, const char *), const char *setting)
{
    if (all || names(desk, desk_text(params, "name"))) return true;
    char *text = g_strdup_printf("It is not one of the desk's: its setting `%s` names them.", setting);
    api_error(http, 403, "role", text);
    g_free(text);
    return false;
}

/* A supervisor whose reading is bounded sees what those have whom the supervisor leads, and as an agent all else. */
static bool api_sees_queue(const json_t *params)
{
    const char *within = json_string_value(json_object_get(params, "within"));
    char *line = g_strdup_printf("queue:%s\n", desk_text(params, "name"));
    const char *found = within ? strstr(within, line) : NULL;
    g_free(line);
    return !within || found == within || (found && found[-1] == '\n');
}

static bool api_sees_workbin(const json_t *params)
{
    const char *whose = desk_text(params, "whose");
    return !json_object_get(params, "within") || api_list_has(json_object_get(params, "acts_on"), whose) ||
           api_list_has(json_object_get(params, "leads_groups"), whose);
}

static void api_queue_read(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    const struct desk_session *session = session_of(desk, http);
    bool all = api_supervises(session) && api_sees_queue(params);
    if (session && desk_shows(desk, http, params, all, desk_shows_queue, "queues"))
        read_begin(desk, http, object_queue, params, session, all);
    else if (!session)
        api_error(http, 401, "session", "No agent is logged in here.");
}

static void api_workbin_read(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    const struct desk_session *session = session_of(desk, http);
    bool all = api_supervises(session) && api_sees_workbin(params);
    if (session && desk_shows(desk, http, params, all, desk_shows_workbin, "workbins"))
        read_begin(desk, http, object_workbin, params, session, all);
    else if (!session)
        api_error(http, 401, "session", "No agent is logged in here.");
}

/* The core's answer says which queue or workbin a view belongs to; only then is a user who may not see that one
 * refused. */
static void api_view_read(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    const struct desk_session *session = session_of(desk, http);
    bool all = api_supervises(session) && !json_object_get(params, "within");
    if (session && desk_shows(desk, http, params, all, desk_shows_view, "views"))
        read_view_begin(desk, http, params, session, all);
    else if (!session)
        api_error(http, 401, "session", "No agent is logged in here.");
}

/* Reads for the session; of a supervisor gcxvm is asked first whom they lead, where the desk can ask it. */
static void api_read(struct api_asked *call, look_led *read)
{
    if (api_supervises(call->session) && *call->desk->setting.admin)
        desk_look_led(call->desk, call->http, call->session->agent, call->params, read);
    else
        read(call->desk, call->http, call->params);
}

static void on_queue(struct api_asked *call)
{
    api_read(call, api_queue_read);
}

static void on_workbin(struct api_asked *call)
{
    api_read(call, api_workbin_read);
}

static void on_view(struct api_asked *call)
{
    api_read(call, api_view_read);
}

static void on_agents(struct api_asked *call)
{
    read_begin(call->desk, call->http, object_agent, call->params, call->session, true);
}

static void api_on_look(struct api_asked *call)
{
    look_at(call->desk, call->http, call->session->agent, call->params);
}

static void on_look_why(struct api_asked *call)
{
    look_why(call->desk, call->http, call->session->agent, call->params);
}

static void on_set_parameter(struct api_asked *call)
{
    desk_look_set(call->desk, call->http, call->session->agent, call->params, call->body);
}

static void on_setting(struct api_asked *call)
{
    desk_look_setting(call->desk, call->http, call->params);
}

static void on_change_setting(struct api_asked *call)
{
    desk_look_change(call->desk, call->http, call->session->agent, call->params, call->body);
}

static void on_try_setting(struct api_asked *call)
{
    desk_look_soon(call->desk, call->http, call->params, call->body, past_soon);
}

static void on_sounds(struct api_asked *call)
{
    prompts_list(call->desk, call->http);
}

static void on_hear_sound(struct api_asked *call)
{
    prompts_hear(call->desk, call->http, call->params);
}

/* All callers hear a sound, so only a person who leads all may change one. False: the request is refused. */
static bool api_sound_may(struct evhttp_request *http, const json_t *params)
{
    char why[WHY];
    if (!json_object_get(params, "acts_on")) return true;
    snprintf(why, sizeof why,
             "%.64s leads only what the directory's tables group_lead and queue_lead say, and all callers hear the "
             "prompts",
             desk_text(params, "asked_by"));
    api_error(http, 403, "role", why);
    return false;
}

static void api_put_sound_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    if (api_sound_may(http, params))
        prompts_put(desk, http, desk_text(params, "asked_by"), params, evhttp_request_get_input_buffer(http));
}

static void on_put_sound(struct api_asked *call)
{
    json_object_set_new(call->params, "asked_by", json_string(call->session->agent));
    desk_look_led(call->desk, call->http, call->session->agent, call->params, api_put_sound_led);
}

static void api_undo_sound_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    if (api_sound_may(http, params))
        prompts_undo(desk, http, desk_text(params, "asked_by"), params, json_object_get(params, "body"));
}

static void on_undo_sound(struct api_asked *call)
{
    json_object_set_new(call->params, "asked_by", json_string(call->session->agent));
    json_object_set(call->params, "body", call->body);
    desk_look_led(call->desk, call->http, call->session->agent, call->params, api_undo_sound_led);
}

static void on_say(struct api_asked *call)
{
    prompts_say(call->desk, call->http, call->body);
}

#define FROM_RECORDS(name)                                                                                             \
    static void on_##name(struct api_asked *call)                                                                      \
    {                                                                                                                  \
        past_ask(call->desk, call->http, PAST_##name, call->params);                                                   \
    }
FROM_RECORDS(reports)

FROM_RECORDS(forecast)

/* The names of one kind that a bounded person leads, one a line; g_free. Of "agent:anna\nqueue:sales\n" the agents are
 * "anna". A team is a group. */
static char *api_led_names(const json_t *params, const char *led, const char *kind)
{
    GString *names = g_string_new("");
    const json_t *groups = strcmp(kind, "team") == 0 ? json_object_get(params, "leads_groups") : NULL;
    gchar **lines = g_strsplit(led, "\n", -1);
    size_t length = strlen(kind);
    for (size_t at = 0; at < json_array_size(groups); at++)
        g_string_append_printf(names, "%s%s", at > 0 ? "\n" : "", json_string_value(json_array_get(groups, at)));
    for (gchar **line = lines; *line; line++)
        if (strncmp(*line, kind, length) == 0 && (*line)[length] == ':')
            g_string_append_printf(names, "%s%s", names->len > 0 ? "\n" : "", *line + length + 1);
    g_strfreev(lines);
    return g_string_free(names, FALSE);
}

/* Asks for a report. Figures of agents, teams and queues, one by one, are theirs who lead them: without `only` they get
 * these alone. */
static void api_report_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    const char *led = json_string_value(json_object_get(params, "within")); /* whom a bounded person leads */
    const char *of = desk_text(params, "of"), *only = desk_text(params, "only");
    if (led && (strcmp(of, "agent") == 0 || strcmp(of, "queue") == 0 || strcmp(of, "team") == 0)) {
        char *names = api_led_names(params, led, of);
        char *lines = g_strdup_printf("\n%s\n", names), *line = g_strdup_printf("\n%s\n", only);
        bool may = *names != '\0' && (!*only || strstr(lines, line));
        if (may && !*only) json_object_set_new(params, "only", json_string(names));
        g_free(names);
        g_free(lines);
        g_free(line);
        if (!may) {
            api_error(http, 403, "role",
                      "Choose an agent, a team or a queue that you lead: you read no figures of others.");
            return;
        }
    }
    json_object_del(params, "within");
    if (json_object_get(params, "seconds")) json_object_set(params, "within", json_object_get(params, "seconds"));
    past_ask(desk, http, PAST_report, params);
}

/* In a report `within` is a number of seconds. */
static void on_report(struct api_asked *call)
{
    json_t *seconds = json_object_get(call->params, "within");
    if (seconds) json_object_set(call->params, "seconds", seconds);
    json_object_del(call->params, "within");
    desk_look_led(call->desk, call->http, call->session->agent, call->params, api_report_led);
}

static void api_way_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    past_ask(desk, http, PAST_way, params);
}

static void on_way(struct api_asked *call)
{
    desk_look_led(call->desk, call->http, call->session->agent, call->params, api_way_led);
}

/* The contact store has said which numbers and interactions are meant: the records are asked for them. */
static void api_find_traced(struct desk *desk, struct desk_job *job)
{
    if (!job->good) {
        answer_job(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    if (http) past_ask(desk, http, PAST_find, job->params);
}

static void on_recordings(struct api_asked *call)
{
    recordings_list(call->desk, call->http, call->params);
}

static void on_recording(struct api_asked *call)
{
    char why[WHY];
    snprintf(why, sizeof why, "recording %lld", (long long)json_integer_value(json_object_get(call->params, "number")));
    desk_look_opens(call->desk, call->http, call->session->agent, why, call->params, recordings_send);
}

static void api_said_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    struct desk_job *job = desk_job_new(desk, json_incref(params));
    text_set(job->agent, sizeof job->agent, desk_text(params, "asked_by"));
    job->work = desk_keep_said;
    job->done = answer_job;
    asker_begin(&job->asker, http);
    desk_job_give(desk, job);
}

/* gcxvm has noted the act in its audit. Now the store is asked. */
static void api_said_noted(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    desk_look_led(desk, http, desk_text(params, "asked_by"), (json_t *)params, api_said_led);
}

static void on_past_transcript(struct api_asked *call)
{
    char *why = g_strdup_printf("transcript of %s %s", desk_text(call->params, "media"),
                                desk_text(call->params, "external_id"));
    why[utf8_cut(why, strlen(why), WHY - 1)] = '\0';
    json_object_set_new(call->params, "asked_by", json_string(call->session->agent));
    desk_look_opens(call->desk, call->http, call->session->agent, why, call->params, api_said_noted);
    g_free(why);
}

static void api_find_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    if (!*desk_text(params, "q")) {
        past_ask(desk, http, PAST_find, params);
        return;
    }
    if (worker_waiting(desk->worker) > JOBS_MAX) {
        api_error(http, HTTP_SERVUNAVAIL, "store", "The contact store is behind; again in a moment.");
        return;
    }
    struct desk_job *job = desk_job_new(desk, json_incref(params));
    job->work = desk_keep_traces;
    job->done = api_find_traced;
    asker_begin(&job->asker, http);
    desk_job_give(desk, job);
}

static void on_find(struct api_asked *call)
{
    desk_look_led(call->desk, call->http, call->session->agent, call->params, api_find_led);
}

/* ---- reviews of how customers were served ---- */

FROM_STORE(reviews)

/* Gives the store a job in the name of the person in the parameter `asked_by`. */
static void api_params_give(struct desk *desk, struct evhttp_request *http, json_t *params,
                            bool (*work)(struct store *, struct desk_job *),
                            void (*done)(struct desk *, struct desk_job *))
{
    if (worker_waiting(desk->worker) > JOBS_MAX) {
        api_error(http, HTTP_SERVUNAVAIL, "store", "The contact store is behind; again in a moment.");
        return;
    }
    struct desk_job *job = desk_job_new(desk, json_incref(params));
    text_set(job->agent, sizeof job->agent, desk_text(params, "asked_by"));
    job->work = work;
    job->done = done;
    asker_begin(&job->asker, http);
    desk_job_give(desk, job);
}

/* Asks whom the person leads, where their reading is bounded, and then the store. */
static void api_ask_led(struct api_asked *call, look_led *led)
{
    json_object_set_new(call->params, "asked_by", json_string(call->session->agent));
    desk_look_led(call->desk, call->http, call->session->agent, call->params, led);
}

#define LED_FROM_STORE(name, answers)                                                                                  \
    static void api_##name##_led(struct desk *desk, struct evhttp_request *http, json_t *params)                       \
    {                                                                                                                  \
        api_params_give(desk, http, params, desk_keep_##name, answers);                                                \
    }                                                                                                                  \
    static void on_##name(struct api_asked *call)                                                                      \
    {                                                                                                                  \
        api_ask_led(call, api_##name##_led);                                                                           \
    }
LED_FROM_STORE(samples, answer_job)
LED_FROM_STORE(sample, answer_job)

/* Tells the agent's page, if the agent may see the review now. */
static void answer_review(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, desk_text(job->params, "tells"));
    if (job->good && agent) agent_notice(agent, "reviewed", "Your work was reviewed: press Reviews to read it.");
    answer_job(desk, job);
}

static void api_review_give(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_review, answer_review);
}

/* The audit has it: the store keeps it. */
static void api_review_noted(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    api_review_give(desk, http, (json_t *)params);
}

/* May who asks act on the agent, as desk_look_led() has found? */
static bool api_acts_on(const json_t *params, const char *agent)
{
    const json_t *all = json_object_get(params, "acts_on");
    return !all || api_list_has(all, agent);
}

/* The review can be kept. gcxvm says whether the person may review this agent's work, and notes a review that is done.
 */
static void api_review_good(struct desk *desk, struct desk_job *job)
{
    if (!job->good) {
        answer_job(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    if (http && json_is_true(json_object_get(job->params, "done"))) {
        char why[WHY];
        snprintf(why, sizeof why, "review of sample %lld by the form %.64s", (long long)desk_job_number(job, "sample"),
                 desk_text(job->out, "form"));
        desk_look_reviews(desk, http, desk_text(job->params, "person"), desk_text(job->out, "agent"), why, job->params,
                          api_review_noted);
    } else if (http && !api_acts_on(job->params, desk_text(job->out, "agent"))) {
        api_error(http, 403, "role", "You do not lead this agent.");
    } else if (http) {
        api_review_give(desk, http, job->params);
    }
}

static void api_review_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_review_good, api_review_good);
}

static void on_review(struct api_asked *call)
{
    json_object_update(call->params, call->body);
    json_object_set_new(call->params, "person", json_string(call->session->agent));
    api_ask_led(call, api_review_led);
}

static void on_answer_review(struct api_asked *call)
{
    json_object_update(call->params, call->body);
    from_store(call, desk_keep_review_answer);
}

static bool api_has_forms(struct api_asked *call)
{
    if (*call->desk->setting.forms) {
        json_object_set_new(call->params, "folder", json_string(call->desk->setting.forms));
        return true;
    }
    return api_error(call->http, HTTP_NOTFOUND, "unknown",
                     "The desk has no forms for reviews: its setting `forms` names their folder.");
}

static void on_forms(struct api_asked *call)
{
    if (api_has_forms(call)) from_store(call, desk_keep_forms);
}

/* gcxrecords has drawn: the store keeps it. */
static void api_drawn(struct desk *desk, struct evhttp_request *http, json_t *params, const char *printed,
                      size_t length)
{
    json_error_t wrong;
    json_object_set_new(params, "drawn", json_loadb(printed, length, 0, &wrong));
    api_params_give(desk, http, params, desk_keep_drawn, answer_job);
}

/* Answers with the draw, if the store has it; else asks gcxrecords for one. */
static void api_draws(struct desk *desk, struct desk_job *job)
{
    if (!job->good || job->out) {
        answer_job(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    if (http) past_ask_then(desk, http, PAST_sample, job->params, api_drawn);
}

static void api_draw_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_draw, api_draws);
}

static void on_draw_samples(struct api_asked *call)
{
    if (!api_has_forms(call)) return;
    json_object_update(call->params, call->body);
    api_ask_led(call, api_draw_led);
}

/* A field of CSV: a text that a table would compute is not one any more. */
static void api_csv_text(GString *out, const char *text)
{
    g_string_append(out, strchr("=+-@", *text) && *text ? "\"'" : "\"");
    for (; *text; text++) g_string_append(out, *text == '"' ? "\"\"" : (char[]){*text, '\0'});
    g_string_append_c(out, '"');
}

/* Answers a report as a table for other programs. */
static void answer_quality_report(struct desk *desk, struct desk_job *job)
{
    bool csv = strcmp(desk_text(job->params, "as"), "csv") == 0;
    struct evhttp_request *http = csv && job->good ? asker_end(&job->asker) : NULL;
    if (!csv || !job->good) {
        answer_job(desk, job);
        return;
    }
    if (!http) return;
    GString *out = g_string_new(NULL);
    json_t *row;
    size_t i;
    g_string_printf(out, "form,%s,reviews,failed,percent,objections\r\n", desk_text(job->params, "by"));
    json_array_foreach(json_object_get(job->out, "rows"), i, row)
    {
        long long hundredths = json_integer_value(json_object_get(row, "hundredths"));
        api_csv_text(out, desk_text(row, "form"));
        g_string_append_c(out, ',');
        api_csv_text(out, desk_text(row, "of"));
        g_string_append_printf(out, ",%lld,%lld,%lld.%02lld,%lld\r\n",
                               (long long)json_integer_value(json_object_get(row, "reviews")),
                               (long long)json_integer_value(json_object_get(row, "failed")), hundredths / 100,
                               hundredths % 100, (long long)json_integer_value(json_object_get(row, "objections")));
    }
    reply_header(http, "Content-Disposition", "attachment; filename=\"quality.csv\"");
    api_bytes(http, HTTP_OK, "text/csv; charset=utf-8", false, out->str, out->len);
    g_string_free(out, TRUE);
}

LED_FROM_STORE(quality_report, answer_quality_report)

/* Ends all sessions of the agent. */
static void api_sessions_end(struct desk *desk, const char *agent)
{
    GList *all = g_hash_table_get_values(desk->sessions);
    for (GList *one = all; one; one = one->next)
        if (strcmp(((struct desk_session *)one->data)->agent, agent) == 0) session_end(desk, one->data);
    g_list_free(all);
}

/* Tells the agent who it was and why, ends all sessions of the agent here, and logs the agent out. */
static bool api_agent_ends(struct desk *desk, const char *name, const char *by, const char *why)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, name);
    bool there = agent != NULL;
    if (agent) shown_logged_out(agent, by, why);
    api_sessions_end(desk, name);
    agent = g_hash_table_lookup(desk->agents, name);
    if (agent) agent_logs_out(agent);
    return there;
}

/* A supervisor makes an agent ready or not ready. */
static void on_set_agent_state(struct api_asked *call)
{
    desk_look_state(call->desk, call->http, call->session->agent, call->params, call->body);
}

/* A supervisor listens to an agent's call. */
static void on_listen(struct api_asked *call)
{
    desk_look_listen(call->desk, call->http, call->session->agent, call->params, call->body);
}

static void on_cancel_callback(struct api_asked *call)
{
    desk_look_cancel(call->desk, call->http, call->session->agent, call->params, call->body);
}

static void on_assign_agents(struct api_asked *call)
{
    desk_look_assign(call->desk, call->http, call->session->agent, call->body);
}

static void on_change_interaction(struct api_asked *call)
{
    desk_look_interaction(call->desk, call->http, call->session->agent, call->params, call->body);
}

/* A supervisor logs out an agent who has gone home and left the page open. */
static void on_log_out_agent(struct api_asked *call)
{
    if (strcmp(json_string_value(json_object_get(call->params, "agent")), call->session->agent) == 0)
        api_error(call->http, HTTP_NOTFOUND, "unknown", "You log yourself out by the button at the head.");
    else
        desk_look_log_out(call->desk, call->http, call->session->agent, call->params, call->body, api_agent_ends);
}

/* All operations of the page Strategies. */
static void on_studio(struct api_asked *call)
{
    strategies_ask(call->desk, call->http, call->session, call->operation, call->params, call->body);
}

static void on_strategies_running(struct api_asked *call)
{
    desk_look_running(call->desk, call->http, call->params);
}

/* A rollout is of an image that build_strategies has made of a published commit, and of no other file. */
static void on_rollout(struct api_asked *call)
{
    const char *commit = json_string_value(json_object_get(call->body, "commit")), *act;
    char *image = commit ? studio_image_path(call->desk->setting.strategies, commit) : NULL;
    act = json_string_value(json_object_get(call->body, "act"));
    if (!image && (strcmp(act, "begin") == 0 || strcmp(act, "plan") == 0))
        api_error(call->http, HTTP_BADREQUEST, "invalid", "commit: say which version, as it was built");
    else
        desk_look_rollout(call->desk, call->http, call->session->agent, image, call->body);
    g_free(image);
}

static void on_chosen(struct api_asked *call)
{
    api_answer(call->http, HTTP_OK, json_pack("{s:o}", "chosen", chosen_of(call->desk, call->session->name)));
}

static void on_choose(struct api_asked *call)
{
    const char *name = json_string_value(json_object_get(call->params, "name"));
    if (chosen_set(call->desk, call->session->name, name, json_object_get(call->body, "value")))
        api_done(call->http);
    else
        api_error(call->http, HTTP_BADREQUEST, "invalid", "This is too much to keep of one person.");
}

static void on_openapi(struct api_asked *call)
{
    const char *text = contract_text();
    api_bytes(call->http, HTTP_OK, "application/json", true, text, strlen(text));
}

static void on_file(struct api_asked *call)
{
    const char *name = json_string_value(json_object_get(call->params, "file"));
    const struct softphone *softphone = &call->desk->softphone;
    const struct web_file *file = web_find(api_letter_policy(name) ? "letter.html" : name);
    if (softphone->library && strcmp(name, "jssip.js") == 0) {
        api_bytes(call->http, HTTP_OK, "text/javascript; charset=utf-8", true, softphone->library,
                  softphone->library_length);
        return;
    }
    if (strcmp(name, "index.html") == 0)
        reply_header(call->http, "Content-Security-Policy", softphone->policy ? softphone->policy : call->desk->policy);
    if (api_letter_policy(name)) {
        reply_header(call->http, "Content-Security-Policy", api_letter_policy(name));
        reply_header(call->http, "X-Frame-Options", "SAMEORIGIN");
    }
    if (file)
        api_bytes(call->http, HTTP_OK, file->type, true, file->bytes, file->length);
    else
        api_error(call->http, HTTP_NOTFOUND, "unknown", "There is no such page.");
}

static void on_console_file(struct api_asked *call)
{
    char *name = g_strconcat("console/", json_string_value(json_object_get(call->params, "file")), NULL);
    const struct web_file *file = web_find(name);
    if (file)
        api_bytes(call->http, HTTP_OK, file->type, true, file->bytes, file->length);
    else
        api_error(call->http, HTTP_NOTFOUND, "unknown", "There is no such page.");
    g_free(name);
}

static void on_language(struct api_asked *call)
{
    const char *name = json_string_value(json_object_get(call->params, "file"));
    const char *text = languages_file(call->desk->languages, name);
    if (text)
        api_bytes(call->http, HTTP_OK, "application/json", true, text, strlen(text));
    else
        api_error(call->http, HTTP_NOTFOUND, "unknown", "There is no such language.");
}

static const struct handler {
    const char *id;
    on_call *on;
} calls[] = {
    {"login", on_login},
    {"logout", on_logout},
    {"me", on_me},
    {"contacts", on_contacts},
    {"contact", on_contact},
    {"history", on_history},
    {"thread", on_thread},
    {"refuse", on_refuse},
    {"edit", on_edit},
    {"merge", on_merge},
    {"link", on_link},
    {"undo", on_undo},
    {"search", on_search},
    {"stored", on_stored},
    {"interaction", on_interaction},
    {"open", on_open},
    {"transcript", on_transcript},
    {"parts", on_parts},
    {"part", on_part},
    {"responses", on_responses},
    {"response", on_response},
    {"calls", on_calls},
    {"wrapup", on_wrapup},
    {"note", on_note},
    {"mentions", on_mentions},
    {"seen", on_seen},
    {"favourites", on_favourites},
    {"favourite", on_favourite},
    {"upload", on_upload},
    {"articles", on_articles},
    {"article", on_article},
    {"help", on_help},
    {"queue", on_queue},
    {"workbin", on_workbin},
    {"view", on_view},
    {"agents", on_agents},
    {"look", api_on_look},
    {"look_why", on_look_why},
    {"set_parameter", on_set_parameter},
    {"setting", on_setting},
    {"change_setting", on_change_setting},
    {"try_setting", on_try_setting},
    {"sounds", on_sounds},
    {"hear_sound", on_hear_sound},
    {"put_sound", on_put_sound},
    {"undo_sound", on_undo_sound},
    {"say", on_say},
    {"set_agent_state", on_set_agent_state},
    {"listen", on_listen},
    {"cancel_callback", on_cancel_callback},
    {"assign_agents", on_assign_agents},
    {"change_interaction", on_change_interaction},
    {"log_out_agent", on_log_out_agent},
    {"strategies_running", on_strategies_running},
    {"rollout", on_rollout},
    {"reports", on_reports},
    {"report", on_report},
    {"forecast", on_forecast},
    {"find", on_find},
    {"way", on_way},
    {"recordings", on_recordings},
    {"recording", on_recording},
    {"said", on_past_transcript},
    {"quality_forms", on_forms},
    {"draw_samples", on_draw_samples},
    {"quality_samples", on_samples},
    {"quality_sample", on_sample},
    {"review_sample", on_review},
    {"quality_report", on_quality_report},
    {"reviews", on_reviews},
    {"answer_review", on_answer_review},
    {"chosen", on_chosen},
    {"choose", on_choose},
    {"openapi", on_openapi},
    {"file", on_file},
    {"console_file", on_console_file},
    {"language", on_language},
};

void api_handlers(GHashTable *operations)
{
    static const struct handler studio = {NULL, on_studio};
    const char *name;
    for (size_t at = 0; (name = studio_operation(at)); at++)
        g_hash_table_insert(operations, (void *)name, (void *)&studio);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        g_hash_table_insert(operations, (void *)calls[i].id, (void *)&calls[i]);
}

/* ---- a request ---- */

#define DESIGNER "designer" /* the role in openapi.json of who may change strategies, besides their own role */

static bool api_has_role(const struct api_asked *call, const char *role)
{
    if (strcmp(role, DESIGNER) == 0) return desk_lets_design(call->desk, call->session->name);
    return strcmp(cti_role_name(call->session->role), role) == 0;
}

/* May the request be made? Reading needs the cookie; a change also needs the page's own origin and the CSRF token. */
static bool api_may(struct api_asked *call, const struct operation *operation, enum evhttp_cmd_type method)
{
    const char *wrong = NULL;
    if (operation->anyone) return true;
    if (!call->session) return api_error(call->http, 401, "session", "No agent is logged in here.");
    if (operation->role && !api_has_role(call, operation->role))
        return api_error(call->http, 403, "role",
                         strcmp(operation->role, DESIGNER) == 0
                             ? "This is for those whom the desk's setting `designers` names, where `strategies` is set."
                             : "This is for supervisors.");
    if (method == EVHTTP_REQ_GET) return true;
    if ((wrong = login_origin_wrong(call->desk, call->http))) return api_error(call->http, 403, "origin", wrong);
    const char *csrf = door_header(call->http, "X-CSRF-Token");
    if (strlen(csrf) == SECRET - 1 && sodium_memcmp(csrf, call->session->csrf, SECRET - 1) == 0) return true;
    return api_error(
        call->http, 403, "csrf",
        "The page is another session's: load it again. A program says the session's `csrf` in X-CSRF-Token.");
}

static bool take_query(struct api_asked *call, const struct operation *operation, char *why)
{
    struct evkeyvalq pairs;
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(call->http));
    bool good = !query || evhttp_parse_query_str(query, &pairs) == 0;
    if (!good) snprintf(why, WHY, "query: it is none");
    if (!good || !query) return good && contract_whole(operation, call->params, why, WHY);
    for (struct evkeyval *one = pairs.tqh_first; one && good; one = one->next.tqe_next)
        good = contract_query(operation, call->params, one->key, one->value, why, WHY);
    evhttp_clear_headers(&pairs);
    return good && contract_whole(operation, call->params, why, WHY);
}

/* Parses the body if the operation has one in JSON. */
static bool api_take_body(struct api_asked *call, const struct operation *operation, char *why)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(call->http);
    size_t length = evbuffer_get_length(in);
    json_error_t wrong;
    if (operation->bytes) return true;
    if (!operation->body) {
        if (length > 0) snprintf(why, WHY, "body: there is none in this request");
        return length == 0;
    }
    if (!g_str_has_prefix(door_header(call->http, "Content-Type"), "application/json"))
        return why_set(why, WHY, "Content-Type: application/json is taken");
    call->body = json_loadb((const char *)evbuffer_pullup(in, -1), length, JSON_REJECT_DUPLICATES, &wrong);
    if (!call->body) snprintf(why, WHY, "body: it is no JSON");
    return call->body && contract_body(operation, call->body, why, WHY);
}

static void api_operate(struct api_asked *call, const struct operation *operation)
{
    char why[WHY] = "";
    const struct handler *handler = g_hash_table_lookup(call->desk->operations, operation->id);
    assert(handler); /* read_contract() has checked that each operation has a handler */
    call->operation = operation->id;
    if (!api_may(call, operation, evhttp_request_get_command(call->http))) return;
    if (take_query(call, operation, why) && api_take_body(call, operation, why))
        handler->on(call);
    else
        api_error(call->http, HTTP_BADREQUEST, "invalid", why);
    json_decref(call->body);
}

static const char *method_of(struct evhttp_request *http)
{
    switch (evhttp_request_get_command(http)) {
    case EVHTTP_REQ_GET:
        return "get";
    case EVHTTP_REQ_POST:
        return "post";
    case EVHTTP_REQ_PUT:
        return "put";
    default:
        return "";
    }
}

static void on_socket(struct desk *desk, struct evhttp_request *http,
                      void (*connects)(struct desk *, struct desk_session *, struct evhttp_request *))
{
    const char *wrong = login_origin_wrong(desk, http);
    struct desk_session *session = session_of(desk, http);
    if (wrong)
        api_error(http, 403, "origin", wrong);
    else if (!session)
        api_error(http, 401, "session", "No agent is logged in here.");
    else
        connects(desk, session, http);
}

void api_request(void *self, struct evhttp_request *http)
{
    struct api_asked call = {.desk = self, .http = http};
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(http));
    bool known;
    if (strcmp(path, "/desk") == 0) {
        on_socket(self, http, agent_connects);
        return;
    }
    if (strcmp(path, "/console/live") == 0) {
        on_socket(self, http, consoles_connects);
        return;
    }
    if (strcmp(path, "/console/language") == 0) {
        on_socket(self, http, strategies_connects);
        return;
    }
    if (strcmp(path, "/console") == 0) {
        reply_header(http, "Location", "console/"); /* the page's own paths begin below */
        api_bytes(http, HTTP_MOVEPERM, "text/plain", true, "", 0);
        return;
    }
    if (strcmp(path, "/") == 0) path = "/index.html";
    if (strcmp(path, "/console/") == 0) path = "/console/index.html";
    const struct operation *operation = contract_find(call.desk->contract, method_of(http), path, &call.params, &known);
    if (!operation) {
        api_error(http, known ? HTTP_BADMETHOD : HTTP_NOTFOUND, "unknown", "There is nothing here.");
        return;
    }
    call.session = session_of(self, http);
    api_operate(&call, operation);
    json_decref(call.params);
}
