/* runtime/adapters/desk/api.c - An HTTP request: who asks, and whether the request matches openapi.json. See api.h.
 *
 * The steps: api_request() finds the operation in the contract by method and path; api_may() checks session, role,
 * origin and CSRF token; the query and the body are checked against the contract; the operation's row (api_handlers())
 * says who answers. */
#include "runtime/adapters/desk/api.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <sodium.h>
#include <string.h>

#include "base/why.h"
#include "runtime/adapters/desk/strategies.h"
#include "runtime/studio/studio.h"

/* ---- the operations ---- */

static const struct api_call *const subjects[] = {
    api_session_calls,   api_contact_calls,  api_interaction_calls, api_file_calls,   api_call_calls,
    api_text_calls,      api_queue_calls,    api_quality_calls,     api_record_calls, api_sound_calls,
    api_supervise_calls, api_strategy_calls, api_page_calls,
};

void api_handlers(GHashTable *operations)
{
    const char *name;
    for (size_t at = 0; (name = studio_operation(at)); at++)
        g_hash_table_insert(operations, (void *)name, (void *)&api_studio_call);
    for (size_t at = 0; at < sizeof subjects / sizeof *subjects; at++)
        for (const struct api_call *row = subjects[at]; row->id; row++)
            g_hash_table_insert(operations, (void *)row->id, (void *)row);
}

/* ---- what a request must have ---- */

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
    if (!good) snprintf(why, API_WHY, "query: it is none");
    if (!good || !query) return good && contract_whole(operation, call->params, why, API_WHY);
    for (struct evkeyval *one = pairs.tqh_first; one && good; one = one->next.tqe_next)
        good = contract_query(operation, call->params, one->key, one->value, why, API_WHY);
    evhttp_clear_headers(&pairs);
    return good && contract_whole(operation, call->params, why, API_WHY);
}

/* Parses the body if the operation has one in JSON. */
static bool api_take_body(struct api_asked *call, const struct operation *operation, char *why)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(call->http);
    size_t length = evbuffer_get_length(in);
    json_error_t wrong;
    if (operation->bytes) return true;
    if (!operation->body) {
        if (length > 0) snprintf(why, API_WHY, "body: there is none in this request");
        return length == 0;
    }
    if (!g_str_has_prefix(door_header(call->http, "Content-Type"), "application/json"))
        return why_set(why, API_WHY, "Content-Type: application/json is taken");
    call->body = json_loadb((const char *)evbuffer_pullup(in, -1), length, JSON_REJECT_DUPLICATES, &wrong);
    if (!call->body) snprintf(why, API_WHY, "body: it is no JSON");
    return call->body && contract_body(operation, call->body, why, API_WHY);
}

static void api_do(struct api_asked *call, const struct api_call *row)
{
    assert((row->on != NULL) + (row->keep != NULL) + (row->acts != NULL) + (row->led != NULL) == 1);
    if (row->on)
        row->on(call);
    else if (row->keep)
        api_from_store(call, row->keep, api_answer_job);
    else if (row->acts)
        row->acts(call->desk, call->http, call->session->agent, call->params, call->body);
    else
        api_ask_led(call, row->led);
}

static void api_operate(struct api_asked *call, const struct operation *operation)
{
    char why[API_WHY] = "";
    const struct api_call *row = g_hash_table_lookup(call->desk->operations, operation->id);
    assert(row); /* read_contract() has checked that each operation has one */
    call->operation = operation->id;
    if (!api_may(call, operation, evhttp_request_get_command(call->http))) return;
    if (take_query(call, operation, why) && api_take_body(call, operation, why))
        api_do(call, row);
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

/* ---- WebSockets ---- */

typedef void api_connects(struct desk *, struct desk_session *, struct evhttp_request *);
static const struct {
    const char *path;
    api_connects *connects;
} sockets[] = {
    {"/desk", agent_connects},
    {"/console/live", consoles_connects},
    {"/console/language", strategies_connects},
};

static void on_socket(struct desk *desk, struct evhttp_request *http, api_connects *connects)
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

/* ---- a request ---- */

void api_request(void *self, struct evhttp_request *http)
{
    struct api_asked call = {.desk = self, .http = http};
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(http));
    bool known;
    for (size_t at = 0; at < sizeof sockets / sizeof *sockets; at++)
        if (strcmp(path, sockets[at].path) == 0) {
            on_socket(self, http, sockets[at].connects);
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
