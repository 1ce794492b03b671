/* runtime/adapters/desk/past.c - Asks gcxrecords for what was, and gcxctl for what would be. See past.h.
 *
 * Parameters become options of the same name, --from=2026-11-30; so no text of a browser is taken for an option, or for
 * a word of the command. */
#include "runtime/adapters/desk/past.h"

#include <assert.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/adapter/tool.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/desk.h"
#include "base/memory.h"

enum {
    PAST_WAITING = 20,
    PAST_S = 30,
    PAST_BYTES_MAX = 16 * 1024 * 1024,
    PAST_ARGUMENT_MAX = 64 * 1024,
    GCXRECORDS_USAGE = 2,
    GCXRECORDS_UNKNOWN = 6,
    SOON_WAITING = 3,
    SOON_S = 180,
    SOON_USAGE = 2
};

struct past {
    struct desk *desk;
    struct worker *worker;
    int stop;    /* can be read from the moment on at which the desk ends */
    bool warned; /* it was told that what the desk itself asks has failed, and it does still */
};

struct past_asked {
    struct asker asker;
    GPtrArray *arguments; /* of the program, ended by NULL */
    bool csv, soon;
    bool own;   /* the desk itself asks */
    char *file; /* under which the browser saves a CSV */
    struct out out;
    struct tool_end end;
    bool good;
    past_then *then; /* NULL: what is printed is the answer */
    json_t *params;  /* for `then`; owned */
};

static const struct {
    const char *word;
    const char *names; /* the parameter behind the word; NULL: none */
    bool database;     /* it reads the database */
    const char *options[14];
} past_commands[] = {
    [PAST_reports] = {"reports", NULL, false, {NULL}},
    [PAST_report] = {"report", "report", true, {"from", "to", "by", "of", "only", "within", NULL}},
    [PAST_find] = {"find",
                   NULL,
                   true,
                   {"of", "among", "next", "key", "agent", "queue", "media", "from", "to", "within", NULL}},
    [PAST_way] = {"way", "ixn", true, {"within", NULL}},
    [PAST_sample] = {"sample",
                     NULL,
                     true,
                     {"from", "to", "each", "seed", "media", "queue", "agent", "team", "code", "mark", "least", "most",
                      "within", NULL}},
    [PAST_judged] = {"judged", NULL, true, {"after", NULL}},
    [PAST_forecast] = {"forecast", "queue", true, {"day", "weeks", "staff", "within", NULL}},
};

static void past_asked_free(void *self, void *given)
{
    struct past_asked *asked = given;
    (void)self;
    (void)asker_end(&asked->asker);
    g_ptr_array_free(asked->arguments, TRUE);
    g_free(asked->file);
    json_decref(asked->params);
    out_free(&asked->out);
    free(asked);
}

static void past_work(void *self, void *given)
{
    const struct past *past = self;
    struct past_asked *asked = given;
    const struct tool_order order = {.arguments = (const char *const *)asked->arguments->pdata,
                                     .seconds = asked->soon ? SOON_S : PAST_S,
                                     .most = PAST_BYTES_MAX};
    asked->good = tool_run(&order, past->stop, &asked->out, &asked->end);
    if (asked->soon) asked->good = asked->end.exit >= 0 && asked->end.exit != SOON_USAGE && asked->out.length > 0;
}

/* The desk asks every few seconds: that it cannot is told once. */
static void past_warn(struct past *past, const struct past_asked *asked)
{
    if (past->warned) return;
    past->warned = true;
    char *why = g_utf8_make_valid(asked->end.why, -1);
    past->desk->services->log(past->desk->link, GCX_LOG_WARNING, 0, 0, "records: %s", why);
    g_free(why);
}

static void past_failed(struct past *past, struct past_asked *asked, struct evhttp_request *http)
{
    const int ended = asked->end.exit;
    char *said = tool_sentence(&asked->end, asked->soon ? "gcxtwin" : "gcxrecords"),
         *why = said ? g_utf8_make_valid(said, -1) : NULL;
    if (ended == GCXRECORDS_USAGE && why)
        api_error(http, HTTP_BADREQUEST, "invalid", why);
    else if (ended == GCXRECORDS_UNKNOWN && !asked->soon && why)
        api_error(http, HTTP_NOTFOUND, "unknown", why);
    else if (why && strstr(why, "printed too much"))
        api_error(http, HTTP_BADREQUEST, "invalid",
                  "That is too much for one answer: choose fewer days, or longer periods.");
    else {
        past->desk->services->log(past->desk->link, GCX_LOG_WARNING, 0, 0, "%s: %s", asked->soon ? "soon" : "records",
                                  asked->end.why);
        api_error(http, HTTP_SERVUNAVAIL, "records",
                  asked->soon ? "The change could not be simulated: the log of gcxvm says why."
                              : "The records cannot be read: the log of gcxvm says why.");
    }
    g_free(why);
    free(said);
}

static void past_done(void *self, void *given)
{
    struct past_asked *asked = given;
    struct evhttp_request *http = asker_end(&asked->asker);
    if (http && !asked->good) past_failed(self, asked, http);
    if (asked->good && asked->soon && *asked->end.why) {
        const struct desk *desk = ((struct past *)self)->desk;
        desk->services->log(desk->link, GCX_LOG_WARNING, 0, 0, "soon: %s", asked->end.why);
    }
    if (asked->own) {
        bool good = asked->good && asked->out.bytes;
        if (asked->good)
            ((struct past *)self)->warned = false;
        else
            past_warn(self, asked);
        asked->then(((struct past *)self)->desk, NULL, asked->params, good ? asked->out.bytes : "",
                    good ? asked->out.length : 0);
    } else if (http && asked->good && asked->then) {
        asked->then(((struct past *)self)->desk, http, asked->params, asked->out.bytes ? asked->out.bytes : "",
                    asked->out.length);
    } else if (http && asked->good) {
        const char *bytes = asked->out.bytes ? asked->out.bytes : "";
        if (asked->csv)
            api_sheet(http, asked->file, bytes, asked->out.length);
        else
            api_bytes(http, HTTP_OK, "application/json", false, bytes, asked->out.length);
    }
    past_asked_free(NULL, asked);
}

struct past *past_new(struct desk *desk, struct event_base *base)
{
    struct past *past = memory_zeroed(1, sizeof *past);
    struct worker_calls calls = {past, past_work, past_done, past_asked_free, NULL};
    past->desk = desk;
    past->stop = eventfd(0, EFD_CLOEXEC);
    past->worker = past->stop >= 0 ? worker_new(base, &calls) : NULL;
    if (past->worker) return past;
    past_free(past);
    return NULL;
}

void past_free(struct past *past)
{
    if (!past) return;
    if (past->stop >= 0) eventfd_write(past->stop, 1);
    if (past->worker) worker_free(past->worker);
    if (past->stop >= 0) close(past->stop);
    free(past);
}

/* Adds an option. Linux takes 128 KiB as one argument, so long lists of names are several, cut at the ends of lines. */
static void past_option(GPtrArray *words, const char *option, const char *value)
{
    size_t length = strlen(value);
    do {
        size_t part = length;
        if (length > PAST_ARGUMENT_MAX)
            for (part = PAST_ARGUMENT_MAX; part > 1 && value[part - 1] != '\n';) part--;
        g_ptr_array_add(words, g_strdup_printf("--%s=%.*s", option, (int)part, value));
        value += part;
        length -= part;
    } while (length > 0);
}

/* The words of the program for this request. */
static GPtrArray *past_arguments(const struct desk *desk, enum past_command command, const json_t *params, bool csv)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(words, g_strdup("gcxrecords"));
    g_ptr_array_add(words, g_strdup(past_commands[command].word));
    g_ptr_array_add(words, g_strdup(csv ? "--csv" : "--json"));
    for (const char *const *option = past_commands[command].options; *option; option++) {
        const json_t *value = json_object_get(params, *option);
        if (json_is_string(value)) past_option(words, *option, json_string_value(value));
        if (json_is_integer(value))
            g_ptr_array_add(words, g_strdup_printf("--%s=%lld", *option, (long long)json_integer_value(value)));
    }
    g_ptr_array_add(words, g_strdup("--"));
    if (past_commands[command].names) g_ptr_array_add(words, g_strdup(desk_text(params, past_commands[command].names)));
    if (past_commands[command].database) g_ptr_array_add(words, g_strdup(desk->setting.records));
    g_ptr_array_add(words, NULL);
    return words;
}

void past_ask(struct desk *desk, struct evhttp_request *http, enum past_command command, const json_t *params)
{
    past_ask_then(desk, http, command, (json_t *)params, NULL);
}

void past_ask_then(struct desk *desk, struct evhttp_request *http, enum past_command command, json_t *params,
                   past_then *then)
{
    if (!desk->past) {
        api_error(http, HTTP_NOTFOUND, "unknown",
                  "The desk knows no records: its setting `records` names their database.");
        return;
    }
    if (worker_waiting(desk->past->worker) >= PAST_WAITING) {
        api_error(http, HTTP_SERVUNAVAIL, "records", "Very much is asked of the records just now: again in a moment.");
        return;
    }
    struct past_asked *asked = memory_zeroed(1, sizeof *asked);
    asked->then = then;
    asked->params = json_incref(params);
    asked->csv = !then && strcmp(desk_text(params, "form"), "csv") == 0;
    asked->file = g_strdup(past_commands[command].names ? desk_text(params, past_commands[command].names) : "");
    asked->arguments = past_arguments(desk, command, params, asked->csv);
    g_strcanon(asked->file, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", '_');
    asker_begin(&asked->asker, http);
    worker_give(desk->past->worker, asked);
}

bool past_ask_own(struct desk *desk, enum past_command command, json_t *params, past_then *then)
{
    if (!desk->past || worker_waiting(desk->past->worker) >= PAST_WAITING) return false;
    struct past_asked *asked = memory_zeroed(1, sizeof *asked);
    asked->own = true;
    asked->then = then;
    asked->params = json_incref(params);
    asked->file = g_strdup("");
    asked->arguments = past_arguments(desk, command, params, false);
    worker_give(desk->past->worker, asked);
    return true;
}

void past_soon(struct desk *desk, struct evhttp_request *http, const json_t *change)
{
    const json_t *words = json_object_get(change, "words"), *word;
    const char *lasts = json_string_value(json_object_get(change, "for"));
    size_t i;
    if (!desk->soon) {
        api_error(http, HTTP_NOTFOUND, "unknown", "The desk's setting `admin` is not set: the router cannot be asked.");
        return;
    }
    if (worker_waiting(desk->soon->worker) >= SOON_WAITING) {
        api_error(http, HTTP_SERVUNAVAIL, "records", "Others simulate just now: again in a minute.");
        return;
    }
    struct past_asked *asked = memory_zeroed(1, sizeof *asked);
    GPtrArray *arguments = asked->arguments = g_ptr_array_new_with_free_func(g_free);
    const char *const always[] = {"gcxctl", "--socket", desk->setting.admin, "soon", "--json"};
    asked->soon = true;
    asked->file = g_strdup("");
    for (i = 0; i < G_N_ELEMENTS(always); i++) g_ptr_array_add(arguments, g_strdup(always[i]));
    if (*desk->setting.records) g_ptr_array_add(arguments, g_strdup_printf("--records=%s", desk->setting.records));
    if (lasts) g_ptr_array_add(arguments, g_strdup_printf("--for=%s", lasts));
    if (json_is_true(json_object_get(change, "remove"))) g_ptr_array_add(arguments, g_strdup("--remove"));
    if (json_is_true(json_object_get(change, "undo"))) g_ptr_array_add(arguments, g_strdup("--unset"));
    if (json_is_true(json_object_get(change, "new"))) g_ptr_array_add(arguments, g_strdup("--new"));
    for (char **test = desk->setting.all_simulated; *test; test++)
        g_ptr_array_add(arguments, g_strdup_printf("--answers=%s", *test));
    g_ptr_array_add(arguments, g_strdup("--"));
    json_array_foreach(words, i, word) g_ptr_array_add(arguments, g_strdup(json_string_value(word)));
    g_ptr_array_add(arguments, NULL);
    asker_begin(&asked->asker, http);
    worker_give(desk->soon->worker, asked);
}
