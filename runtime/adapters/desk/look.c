/* runtime/adapters/desk/look.c - Views and settings of supervisors: requested from gcxvm's admin socket, as gcxctl
 * does.
 *
 * There is one connection for all requests, made when it is needed; a request waits until its answer comes, the
 * connection ends, or its time is over. The socket accepts the desk as gcxvm's own user; the setting `parameters` names
 * the parameters that may be set. */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

#define SUPERVISORS "supervisor" /* the role that a site names in `edit` for what supervisors change at their page */

enum {
    WHY_SIZE = 801, /* 200 characters */
    LINE_MAX_BYTES = 16 * 1024 * 1024,
    LOOK_WAITING_MAX = 200,
    LATE_US = 15000000,
    ROWS = 500
};

struct desk_look { /* a request that waits for the answer of gcxvm */
    struct desk *desk;
    uint64_t id, since_us;
    struct asker asker;
    bool parameters, sets;
    bool rolls;              /* a word about a rollout: what gcxvm refuses is not possible now */
    bool undoes;             /* asks for the rollouts, of which the last one of a point goes back */
    bool seen;               /* the request says what the person saw */
    bool noted;              /* the change is made already; gcxvm only notes it */
    bool settings, one;      /* asks for settings; `one`: for all about one, which stands first in the answer */
    look_logs_out *logs_out; /* called with the answer; NULL: nobody is logged out */
    char agent[NAME_SIZE], by[NAME_SIZE], why[WHY_SIZE];
    look_then *then;   /* gets the answer; NULL: the browser does */
    look_opens *opens; /* answers the browser once the audit has it; NULL: nothing is opened */
    look_led *led;     /* answers the browser once it is known whom the person leads */
    json_t *params;    /* of `opens` and `led`; of `undoes`: the request that goes back; owned */
};

static const struct {
    const char *what, *command;
} commands[] = {{"status", "status"},
                {"queues", "queues"},
                {"agents", "agents"},
                {"bins", "bins"},
                {"interactions", "interactions"},
                {"statistics", "counters"},
                {"parameters", "settings"},
                {"campaigns", "campaigns"},
                {"settings", "settings"},
                {"routing_points", "routing-points"},
                {"callbacks", "callbacks"},
                {"links", "links"},
                {"prompts", "prompts"},
                {"sources", "sources"}};

/* ---- answers ---- */

static const char look_unanswered[] = "The router does not answer: what is shown is old.";
static const char look_unknown[] =
    "The router does not answer. It may have been done: look, and do it again if it was not.";

void look_free(gpointer data)
{
    struct desk_look *looking = data;
    (void)asker_end(&looking->asker);
    json_decref(looking->params);
    free(looking);
}

static bool may_set(const struct desk *desk, const char *name)
{
    for (char **one = desk->setting.all_parameters; *one; one++)
        if (strcmp(*one, name) == 0) return true;
    return false;
}

/* Returns the parameters of the answer that supervisors may set, by the setting `parameters`. */
static json_t *parameters_of(const struct desk *desk, const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "settings");
    json_t *shown = json_array();
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const char *name = json_string_value(json_object_get(row, "name"));
        if (name && may_set(desk, name)) json_array_append(shown, row);
    }
    return json_pack("{s:o}", "parameters", shown);
}

/* May supervisors see and change the setting? The site says so by `edit supervisor`, or the setting `parameters` names
 * it. gcxvm checks the site's word again when the setting is changed. */
static bool is_supervisors(const struct desk *desk, const json_t *row)
{
    const char *name = json_string_value(json_object_get(row, "name"));
    const char *edit = json_string_value(json_object_get(row, "edit"));
    return name && (may_set(desk, name) || (edit && strcmp(edit, SUPERVISORS) == 0));
}

/* Answers with the settings that supervisors may change; with one of them, everything about it. */
static void settings_answer(const struct desk_look *looking, struct evhttp_request *http, json_t *line)
{
    const struct desk *desk = looking->desk;
    json_t *all = json_object_get(line, "settings"), *row, *shown = json_array();
    size_t i;
    bool good = is_supervisors(desk, json_array_get(all, 0));
    json_array_foreach(all, i, row) if (looking->one || (json_is_null(json_object_get(row, "key")) &&
                                                         is_supervisors(desk, row))) json_array_append(shown, row);
    json_object_set_new(line, "settings", shown);
    json_object_del(line, "id");
    json_object_del(line, "ok");
    if (looking->one && !good)
        api_error(http, HTTP_NOTFOUND, "unknown", "Supervisors may not change this setting.");
    else if (looking->opens)
        looking->opens(looking->desk, http, looking->params);
    else
        api_answer(http, HTTP_OK, json_incref(line));
}

/* Puts whom a person leads as `within` of gcxrecords, if their reading is bounded; `acts_on` and
 * `leads_groups`: the agents on whom the person may act, and the groups, if these are not all. */
static void look_put_within(json_t *params, const json_t *line)
{
    const json_t *agents = json_object_get(line, "agents"), *leads = json_object_get(line, "leads");
    if (json_is_array(agents)) {
        json_t *groups = json_array();
        for (size_t at = 0; at < json_array_size(leads); at++) {
            json_t *group = json_object_get(json_array_get(leads, at), "group");
            if (json_is_string(group)) json_array_append(groups, group);
        }
        json_object_set(params, "acts_on", json_object_get(line, "agents"));
        json_object_set_new(params, "leads_groups", groups);
    }
    if (!json_is_true(json_object_get(line, "reads_bounded"))) return;
    GString *text = g_string_new("");
    for (size_t at = 0; at < json_array_size(agents); at++)
        g_string_append_printf(text, "agent:%s\n", json_string_value(json_array_get(agents, at)));
    for (size_t at = 0; at < json_array_size(leads); at++) {
        const char *queue = json_string_value(json_object_get(json_array_get(leads, at), "queue"));
        if (queue) g_string_append_printf(text, "queue:%s\n", queue);
    }
    json_object_set_new(params, "within", json_string(text->str));
    g_string_free(text, TRUE);
}

static bool code_is(const json_t *line, const char *code)
{
    const char *told = json_string_value(json_object_get(line, "code"));
    return told && strcmp(told, code) == 0;
}

/* Ends the sessions at this desk of an agent whom a supervisor logs out, if gcxvm has logged the agent out. It also
 * ends them if gcxvm says that the agent is not logged in: an agent can be at the desk without any medium. True: the
 * agent was here. */
static bool looking_logs_out(struct desk_look *looking, const json_t *line)
{
    bool out = json_is_true(json_object_get(line, "ok")) || code_is(line, "gone") || code_is(line, "not_logged_in");
    return looking->logs_out && out && looking->logs_out(looking->desk, looking->agent, looking->by, looking->why);
}

/* Says why gcxvm refuses a request. */
static void looking_refuse(const struct desk_look *looking, struct evhttp_request *http, const json_t *line)
{
    const char *wrong = json_string_value(json_object_get(line, "error"));
    if (!wrong) wrong = "gcxvm refuses it.";
    if (code_is(line, "gone") || code_is(line, "unknown") || code_is(line, "unknown_conn_id"))
        api_error(http, HTTP_NOTFOUND, "unknown", wrong);
    else if (code_is(line, "denied"))
        api_error(http, 403, "role", wrong);
    else if (code_is(line, "exists"))
        api_error(http, 409, "exists", wrong);
    else if (((looking->settings || looking->seen) && code_is(line, "failed")) ||
             (looking->rolls && !code_is(line, "invalid")))
        api_error(http, 409, "changed", wrong);
    else if (code_is(line, "not_logged_in") || code_is(line, "invalid_state"))
        api_error(http, 409, "away", wrong);
    else
        api_error(http, HTTP_BADREQUEST, "invalid", wrong);
}

/* What is done stays done, and would be done twice if the person were told otherwise: the log has what the audit lacks.
 */
static void look_unnoted(struct desk *desk, struct evhttp_request *http, const char *why)
{
    desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "the audit lacks a change of a prompt: %s", why);
    if (http) api_done(http);
}

static struct desk_look *looking_ask(struct desk *, struct evhttp_request *, json_t *request);

/* The last rollout of the point goes back: an open one by its own word; one that is done by the activation of the image
 * of before, where its version is still in force. The request's `rollout` is the one that the person saw. */
static void looking_undo(const struct desk_look *looking, struct evhttp_request *http, const json_t *line)
{
    const json_t *rows = json_object_get(line, "rollouts"), *last = NULL;
    json_t *request = looking->params;
    for (size_t at = json_array_size(rows); at > 0 && !last; at--) {
        const json_t *row = json_array_get(rows, at - 1);
        if (strcmp(desk_text(row, "point"), desk_text(request, "point")) == 0) last = row;
    }
    bool done = last && strcmp(desk_text(last, "state"), "done") == 0;
    json_t *seen = json_object_get(request, "rollout");
    if (seen && !json_equal(seen, json_object_get(last, "id"))) {
        api_error(http, 409, "changed", "Another rollout has begun at this routing point meanwhile. Look again.");
        return;
    }
    json_t *image = json_object_get(last, "control_image");
    if (done && !json_is_true(json_object_get(last, "in_force"))) {
        api_error(http, 409, "changed", "The version of the last rollout does not run at this routing point any more.");
        return;
    }
    if (done && json_is_string(image)) {
        json_object_set_new(request, "command", json_string("activate"));
        json_object_del(request, "rollout");
        json_object_set(request, "image", image);
    }
    struct desk_look *asked = looking_ask(looking->desk, http, json_incref(request));
    if (asked) asked->rolls = true;
}

/* Sends the browser gcxvm's answer, without the fields that only this connection needs. */
static void looking_answer(struct desk_look *looking, json_t *line)
{
    if (looking->then) {
        looking->then(looking->desk, line);
        return;
    }
    struct evhttp_request *http = asker_end(&looking->asker);
    bool done = looking_logs_out(looking, line) || json_is_true(json_object_get(line, "ok"));
    if (!done && looking->noted) look_unnoted(looking->desk, http, desk_text(line, "error"));
    if (!http || (!done && looking->noted)) return;
    if (!done)
        looking_refuse(looking, http, line);
    else if (looking->led) {
        look_put_within(looking->params, line);
        looking->led(looking->desk, http, looking->params);
    } else if (looking->undoes)
        looking_undo(looking, http, line);
    else if (looking->opens && !looking->settings)
        looking->opens(looking->desk, http, looking->params);
    else if (looking->sets)
        api_done(http);
    else if (looking->parameters)
        api_answer(http, HTTP_OK, parameters_of(looking->desk, line));
    else if (looking->settings)
        settings_answer(looking, http, line);
    else {
        json_object_del(line, "id");
        json_object_del(line, "ok");
        api_answer(http, HTTP_OK, json_incref(line));
    }
}

static void looking_fail(struct desk_look *looking)
{
    if (looking->then) looking->then(looking->desk, NULL);
    struct evhttp_request *http = asker_end(&looking->asker);
    if (looking->noted) look_unnoted(looking->desk, http, look_unanswered);
    if (!http || looking->noted) return;
    if (looking->sets)
        api_error(http, HTTP_SERVUNAVAIL, "lost", look_unknown);
    else
        api_error(http, HTTP_SERVUNAVAIL, "core", look_unanswered);
}

static void looking_lost(struct desk *desk)
{
    GList *all = g_hash_table_get_values(desk->lookings);
    if (desk->admin) bufferevent_free(desk->admin);
    desk->admin = NULL;
    for (GList *one = all; one; one = one->next) looking_fail(one->data);
    g_list_free(all);
    g_hash_table_remove_all(desk->lookings);
}

static void looking_take(struct desk *desk, const char *text, size_t length)
{
    json_error_t wrong;
    json_t *line = json_loadb(text, length, 0, &wrong);
    uint64_t id = (uint64_t)json_integer_value(json_object_get(line, "id"));
    struct desk_look *looking = g_hash_table_lookup(desk->lookings, &id);
    if (looking) {
        looking_answer(looking, line);
        g_hash_table_remove(desk->lookings, &id);
    }
    json_decref(line);
}

/* ---- the connection ---- */

static void looking_on_read(struct bufferevent *stream, void *self)
{
    struct desk *desk = self;
    struct evbuffer *in = bufferevent_get_input(stream);
    size_t length;
    char *line;
    while ((line = evbuffer_readln(in, &length, EVBUFFER_EOL_LF))) {
        looking_take(desk, line, length);
        free(line);
    }
    if (evbuffer_get_length(in) > LINE_MAX_BYTES) looking_lost(desk);
}

static void looking_on_event(struct bufferevent *stream, short what, void *self)
{
    (void)stream;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) looking_lost(self);
}

static bool looking_connected(struct desk *desk)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (desk->admin) return true;
    if (!text_set(address.sun_path, sizeof address.sun_path, desk->setting.admin)) return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return false;
    }
    desk->admin = bufferevent_socket_new(desk->services->base(desk->link), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(desk->admin, looking_on_read, NULL, looking_on_event, desk);
    bufferevent_enable(desk->admin, EV_READ | EV_WRITE);
    return true;
}

/* Takes the reference to `request`, which is NULL where one of its texts is no UTF-8. `http`: the browser that gets the
 * answer; NULL: none. Returns NULL, and has answered the browser, if gcxvm is not asked. */
static struct desk_look *looking_ask(struct desk *desk, struct evhttp_request *http, json_t *request)
{
    if (!request) { /* gcxvm would get no line, and the connection would end with all requests that wait */
        if (http) api_error(http, HTTP_BADREQUEST, "invalid", "This is no text.");
        return NULL;
    }
    if (!*desk->setting.admin || g_hash_table_size(desk->lookings) >= LOOK_WAITING_MAX || !looking_connected(desk)) {
        json_decref(request);
        if (http)
            api_error(http, HTTP_SERVUNAVAIL, "core",
                      *desk->setting.admin ? look_unanswered
                                           : "The desk's setting `admin` is not set: the router cannot be asked.");
        return NULL;
    }
    assert(desk->admin);
    struct desk_look *looking = memory_zeroed(1, sizeof *looking);
    looking->desk = desk;
    looking->id = ++desk->requests;
    looking->since_us = desk_now_us(desk);
    if (http) asker_begin(&looking->asker, http);
    g_hash_table_insert(desk->lookings, &looking->id, looking);
    json_object_set_new(request, "id", json_integer((json_int_t)looking->id));
    char *text = json_dumps(request, JSON_COMPACT);
    if (text) evbuffer_add_printf(bufferevent_get_output(desk->admin), "%s\n", text);
    free(text);
    json_decref(request);
    return looking;
}

bool look_ask(struct desk *desk, json_t *request, look_then *then)
{
    struct desk_look *looking = looking_ask(desk, NULL, request);
    if (looking) looking->then = then;
    return looking != NULL;
}

/* Ends the connection if one answer is too late, and with it all requests that wait. */
void look_tick(struct desk *desk)
{
    GHashTableIter at;
    gpointer value;
    bool late = false;
    g_hash_table_iter_init(&at, desk->lookings);
    while (g_hash_table_iter_next(&at, NULL, &value))
        late |= desk_now_us(desk) - ((struct desk_look *)value)->since_us > LATE_US;
    if (late) looking_lost(desk);
}

/* ---- requests to gcxvm ---- */

/* Puts the filters of the browser's request into that to gcxvm. */
static void looking_filters(json_t *request, const json_t *params)
{
    static const char *const filters[] = {"queue", "bin", "bin_of", "number", "from"}, *const flags[] = {"live",
                                                                                                         "promised"};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        json_t *value = json_object_get(params, filters[i]);
        if (value) json_object_set(request, filters[i], value);
    }
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (json_object_get(params, flags[i])) json_object_set_new(request, flags[i], json_true());
    json_object_set_new(request, "limit", json_integer(ROWS));
}

void look_at(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params)
{
    const char *what = json_string_value(json_object_get(params, "what"));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].what, what) != 0) continue;
        json_t *request = json_pack("{s:s, s:s}", "command", commands[i].command, "person", who);
        if (strcmp(what, "interactions") == 0) looking_filters(request, params);
        if (strcmp(what, "interactions") != 0 && json_object_get(params, "from"))
            json_object_set_new(request, "from",
                                json_integer(atoi(json_string_value(json_object_get(params, "from")))));
        struct desk_look *looking = looking_ask(desk, http, request);
        if (looking) looking->parameters = strcmp(what, "parameters") == 0;
        if (looking) looking->settings = strcmp(what, "settings") == 0;
        return;
    }
}

void look_why(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params)
{
    json_t *request =
        json_pack("{s:s, s:O, s:s}", "command", "why", "ixn", json_object_get(params, "ixn"), "person", who);
    if (json_object_get(params, "from")) json_object_set(request, "from", json_object_get(params, "from"));
    (void)looking_ask(desk, http, request);
}

/* Sets a parameter, if the setting allows it; the log and gcxvm both note who has set it. */
void desk_look_set(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                   const json_t *body)
{
    const char *name = json_string_value(json_object_get(params, "name"));
    if (!may_set(desk, name)) {
        api_error(http, HTTP_NOTFOUND, "unknown", "This is none of the desk's `parameters`.");
        return;
    }
    char *what = g_strdup_printf("%s=%s", name, json_string_value(json_object_get(body, "value")));
    const char *why = json_string_value(json_object_get(body, "why"));
    struct desk_look *looking = looking_ask(
        desk, http, json_pack("{s:s, s:[s], s:s, s:s}", "command", "set", "what", what, "why", why, "person", who));
    if (looking) looking->sets = true;
    desk->services->log(desk->link, GCX_LOG_INFO, 0, 0, "%s sets a parameter: %s", who, what);
    g_free(what);
}

void desk_look_setting(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    json_t *from = json_object_get(params, "from");
    json_t *request =
        json_pack("{s:s, s:O, s:b}", "command", "settings", "name", json_object_get(params, "name"), "whole", 1);
    if (from) json_object_set(request, "from", from);
    struct desk_look *looking = looking_ask(desk, http, request);
    if (looking) looking->settings = looking->one = true;
}

/* The words of `gcxctl set`: NAME=VALUE, or TABLE KEY FIELD=VALUE ...; of the other two NAME, or TABLE KEY. */
static json_t *change_words(const char *name, const json_t *body)
{
    const char *value = json_string_value(json_object_get(body, "value"));
    json_t *key = json_object_get(body, "key"), *row = json_object_get(body, "row"), *words = json_array();
    json_array_append_new(words, value ? json_sprintf("%s=%s", name, value) : json_string(name));
    if (key) json_array_append(words, key);
    if (row) json_array_extend(words, row);
    return words;
}

/* Does the body say one thing: a value, a row of a table, or that a change is taken back? Else it is refused. */
static bool change_is_one(struct evhttp_request *http, const json_t *body)
{
    bool undo = json_is_true(json_object_get(body, "undo")), remove = json_is_true(json_object_get(body, "remove"));
    bool value = json_object_get(body, "value"), key = json_object_get(body, "key"), row = json_object_get(body, "row");
    bool good = undo ? !value && !remove && (key || !row) : value ? !key && !row && !remove : key && row != remove;
    if (!good)
        api_error(http, HTTP_BADREQUEST, "invalid",
                  "Say one of these: `value`; `key` with `row` or `remove`; `undo`, perhaps with `key`.");
    return good;
}

/* What a change would do is told only of settings that supervisors may change. */
void desk_look_soon(struct desk *desk, struct evhttp_request *http, const json_t *params, const json_t *body,
                    look_opens *opens)
{
    json_t *name = json_object_get(params, "name");
    if (!change_is_one(http, body)) return;
    struct desk_look *looking = looking_ask(desk, http, json_pack("{s:s, s:O}", "command", "settings", "name", name));
    if (!looking) return;
    looking->settings = looking->one = true;
    looking->opens = opens;
    looking->params = json_copy((json_t *)(uintptr_t)body);
    json_object_set_new(looking->params, "words", change_words(json_string_value(name), body));
}

/* Passes on what the person saw: a moment of gcxvm's clock, which may be absent. */
static void look_put_seen(json_t *request, const json_t *body)
{
    const json_t *seen = json_object_get(body, "seen");
    if (seen) json_object_set_new(request, "seen", json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(seen)));
}

/* Changes a setting as the person, by the command of gcxctl. A setting that `parameters` does not name is changed only
 * by the role that the site names for it. */
void desk_look_change(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                      const json_t *body)
{
    static const char *const passed[] = {"why", "for", "until", "new"};
    const char *name = json_string_value(json_object_get(params, "name"));
    const char *command = json_is_true(json_object_get(body, "undo"))     ? "unset"
                          : json_is_true(json_object_get(body, "remove")) ? "remove"
                                                                          : "set";
    if (!change_is_one(http, body)) return;
    json_t *request = json_pack("{s:s, s:o, s:s}", "command", command, "what", change_words(name, body), "person", who);
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
        json_t *member = json_object_get(body, passed[i]);
        if (member) json_object_set(request, passed[i], member);
    }
    look_put_seen(request, body);
    if (!may_set(desk, name)) json_object_set_new(request, "role", json_string(SUPERVISORS));
    struct desk_look *looking = looking_ask(desk, http, request);
    if (looking) looking->settings = looking->sets = true;
}

/* Asks for an act on an agent, as the person: gcxvm's audit has who it was, and why. */
static struct desk_look *look_agent(struct desk *desk, struct evhttp_request *http, const char *who,
                                    const json_t *params, const json_t *body, json_t *request)
{
    const char *agent = json_string_value(json_object_get(params, "agent"));
    const char *why = json_string_value(json_object_get(body, "why"));
    json_object_set_new(request, "agent", json_string(agent));
    json_object_set_new(request, "why", json_string(why));
    json_object_set_new(request, "person", json_string(who));
    look_put_seen(request, body);
    struct desk_look *looking = looking_ask(desk, http, request);
    if (looking) looking->sets = true;
    if (looking) looking->seen = json_object_get(body, "seen");
    return looking;
}

void desk_look_state(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                     const json_t *body)
{
    json_t *request = json_pack("{s:s, s:O}", "command", "state", "state", json_object_get(body, "state"));
    json_t *reason = json_object_get(body, "reason");
    if (reason) json_object_set(request, "reason", reason);
    (void)look_agent(desk, http, who, params, body, request);
}

void desk_look_listen(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                      const json_t *body)
{
    json_t *request = json_pack("{s:s}", "command", "listen"), *at = json_object_get(body, "at");
    const char *how = desk_text(body, "how");
    bool stop = strcmp(how, "stop") == 0;
    if (at) json_object_set(request, "at", at);
    if (stop) json_object_set_new(request, "stop", json_true());
    if (!stop) json_object_set_new(request, "how", json_string(how));
    (void)look_agent(desk, http, who, params, body, request);
}

void desk_look_log_out(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                       const json_t *body, look_logs_out *logs_out)
{
    struct desk_look *looking = look_agent(desk, http, who, params, body, json_pack("{s:s}", "command", "log-out"));
    if (!looking) return;
    looking->logs_out = logs_out;
    text_set(looking->agent, sizeof looking->agent, desk_text(params, "agent"));
    text_set(looking->by, sizeof looking->by, who);
    text_set(looking->why, sizeof looking->why, desk_text(body, "why"));
}

void desk_look_cancel(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                      const json_t *body)
{
    json_t *request = json_pack("{s:s, s:O, s:O, s:s}", "command", "cancel-callback", "number",
                                json_object_get(params, "number"), "why", json_object_get(body, "why"), "person", who);
    struct desk_look *looking = looking_ask(desk, http, request);
    if (looking) looking->sets = true;
}

/* Copies the list of names, as another member of the request. */
static void assign_put_names(json_t *request, const char *member, const json_t *names)
{
    if (names) json_object_set_new(request, member, json_deep_copy(names));
}

void desk_look_assign(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *body)
{
    static const char *const same[] = {"agents", "join", "leave", "undo", "for", "until", "why"};
    json_t *request = json_pack("{s:s, s:s}", "command", "assign", "person", who), *skills = json_array(), *level;
    const char *skill;
    for (size_t at = 0; at < sizeof same / sizeof *same; at++)
        assign_put_names(request, same[at], json_object_get(body, same[at]));
    json_object_foreach(json_object_get(body, "skills"), skill, level)
        json_array_append_new(skills, json_sprintf("%s=%" JSON_INTEGER_FORMAT, skill, json_integer_value(level)));
    if (json_array_size(skills) > 0) json_object_set(request, "skill", skills);
    json_decref(skills);
    look_put_seen(request, body);
    struct desk_look *looking = looking_ask(desk, http, request);
    if (looking) looking->sets = true;
    if (looking) looking->seen = json_object_get(body, "seen");
}

/* Asks for an act on an interaction, as the person. The body says one: another queue, another priority, a call-back, or
 * that it is done with. */
void desk_look_interaction(struct desk *desk, struct evhttp_request *http, const char *who, const json_t *params,
                           const json_t *body)
{
    json_t *queue = json_object_get(body, "queue"), *priority = json_object_get(body, "priority");
    json_t *point = json_object_get(body, "call_back"), *at = json_object_get(body, "at");
    bool finish = json_is_true(json_object_get(body, "finish"));
    if ((queue != NULL) + (priority != NULL) + (point != NULL) + finish != 1 || (at && !point)) {
        api_error(http, HTTP_BADREQUEST, "invalid",
                  "Say one of these: `queue`; `priority`; `finish`; `call_back`, perhaps with `at`.");
        return;
    }
    const char *command = queue ? "move" : priority ? "change" : point ? "call-back" : "end";
    json_t *request = json_pack("{s:s, s:O, s:s, s:O}", "command", command, "ixn", json_object_get(params, "ixn"),
                                "person", who, "why", json_object_get(body, "why"));
    if (queue) json_object_set(request, "queue", queue);
    if (point) json_object_set(request, "point", point);
    if (at) json_object_set(request, "at", at);
    if (priority)
        json_object_set_new(
            request, "brings",
            json_pack("[o]", json_sprintf("priority=%" JSON_INTEGER_FORMAT, json_integer_value(priority))));
    look_put_seen(request, body);
    struct desk_look *looking = looking_ask(desk, http, request);
    if (looking) looking->sets = true;
    if (looking) looking->seen = json_object_get(body, "seen");
}

/* What runs, for those who publish strategies. */
void desk_look_running(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    const char *what = json_string_value(json_object_get(params, "what"));
    json_t *request = json_pack("{s:s}", "command", strcmp(what, "points") == 0 ? "routing-points" : what);
    json_t *rollout = json_object_get(params, "rollout");
    if (rollout && strcmp(what, "rollouts") == 0) json_object_set(request, "rollout", rollout);
    (void)looking_ask(desk, http, request);
}

/* Begins or plans a rollout of an image, or says a word about the one at a point, as gcxctl does. One that is done
 * goes back by `activate`. `image` is borrowed. */
void desk_look_rollout(struct desk *desk, struct evhttp_request *http, const char *who, const char *image,
                       const json_t *body)
{
    static const char *const passed[] = {"point", "steps",  "hold",           "guard", "site",   "by",
                                         "ask",   "slices", "needs_approval", "at",    "expires"};
    const char *act = json_string_value(json_object_get(body, "act"));
    bool plan = strcmp(act, "plan") == 0, begin = plan || strcmp(act, "begin") == 0;
    json_t *request =
        json_pack("{s:s, s:O, s:s}", "command", "rollout", "why", json_object_get(body, "why"), "person", who);
    if (!begin) json_object_set_new(request, "command", json_sprintf("rollout-%s", act));
    for (size_t at = 0; at < (begin ? sizeof passed / sizeof *passed : 1); at++) {
        json_t *member = json_object_get(body, passed[at]);
        if (member) json_object_set(request, passed[at], member);
    }
    json_t *seen = json_object_get(body, "rollout");
    if (seen && !begin) json_object_set(request, "rollout", seen);
    if (begin) json_object_set_new(request, "image", json_string(image));
    if (plan) json_object_set_new(request, "plan", json_true());
    bool back = strcmp(act, "back") == 0;
    struct desk_look *looking = looking_ask(desk, http, back ? json_pack("{s:s}", "command", "rollouts") : request);
    if (looking) looking->rolls = !back;
    if (looking) looking->undoes = back;
    if (looking && back)
        looking->params = request;
    else if (back)
        json_decref(request);
}

void desk_look_reviews(struct desk *desk, struct evhttp_request *http, const char *who, const char *agent,
                       const char *why, json_t *params, look_opens *then)
{
    json_t *request =
        json_pack("{s:s, s:s, s:s, s:s}", "command", "reviewed", "agent", agent, "person", who, "why", why);
    struct desk_look *looking = looking_ask(desk, http, request);
    if (!looking) return;
    looking->opens = then;
    looking->params = json_incref(params);
}

void desk_look_prompt(struct desk *desk, struct evhttp_request *http, const char *who, const char *prompt,
                      const char *now, int64_t lasts_s, const char *why)
{
    json_t *request = json_pack("{s:s, s:s, s:s, s:s, s:s}", "command", "prompt-changed", "prompt", prompt, "now", now,
                                "person", who, "why", why);
    if (lasts_s > 0) json_object_set_new(request, "for", json_sprintf("%llds", (long long)lasts_s));
    struct desk_look *looking = looking_ask(desk, NULL, request);
    if (!looking) {
        look_unnoted(desk, http, look_unanswered);
        return;
    }
    looking->sets = looking->noted = true;
    if (http) asker_begin(&looking->asker, http);
}

void desk_look_opens(struct desk *desk, struct evhttp_request *http, const char *who, const char *why,
                     const json_t *params, look_opens *opens)
{
    const char *conn = json_object_get(params, "conn") ? "conn" : "ixn";
    json_t *request = json_pack("{s:s, s:O, s:s, s:s*}", "command", "opened", conn, json_object_get(params, conn),
                                "person", who, "why", why);
    if (!why) json_object_set_new(request, "plan", json_true());
    struct desk_look *looking = looking_ask(desk, http, request);
    if (!looking) return;
    looking->opens = opens;
    looking->params = json_incref((json_t *)params);
}

void desk_look_led(struct desk *desk, struct evhttp_request *http, const char *who, json_t *params, look_led *led)
{
    struct desk_look *looking =
        looking_ask(desk, http, json_pack("{s:s, s:s, s:i}", "command", "leads", "name", who, "limit", 0));
    if (!looking) return;
    looking->led = led;
    looking->params = json_incref(params);
}
