/* runtime/debugger/dap.c - Serves the requests of an editor while a play is stopped.
 *
 *     initialize, launch     answered by capabilities; the launch is kept until the play stands at its beginning
 *     setBreakpoints ...     until configurationDone, before anything runs
 *     continue, next ...     become commands (requests.def): the call returns into the player, `stopped` comes later
 *     evaluate, variables    answered at once, where it stands
 *     disconnect             ends it; an end of the input does so, too
 *
 * An interaction is a thread for the editor, and the moments at which no strategy runs have a thread of their own
 * (WORLD). Everything that the debugger prints meanwhile is caught and sent as output events (dap_wire.h). */
#include "runtime/debugger/dap.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/commands.h"
#include "runtime/debugger/dap_wire.h"
#include "runtime/debugger/show.h"
#include "runtime/debugger/stops.h"
#include "runtime/debugger/variant.h"
#include "base/memory.h"
#include "runtime/vocabulary/vocabulary.h"

enum {
    WORD_BYTES = 64,
    WHY_BYTES = 512,
    WORLD = INT32_MAX, /* the thread of moments at which no strategy runs */
};

static struct {
    json_t *launch;              /* the launch request, kept until it can be answered */
    bool stop_on_entry, on_end;  /* the play stops at its beginning; it stops at its end */
    bool restarts;               /* the play is to begin again */
    bool configured, terminated; /* the editor has set its breakpoints; it has disconnected */
} dap;

static bool flag_of(const json_t *request, const char *key)
{
    return json_is_true(json_object_get(dap_arguments(request), key));
}

/* ---- breakpoints ---- */

/* Finds the name under which the program was compiled from a source of the editor: a file by its path, a module of the
 * standard library by its reference. False: the program has no such source. */
static bool own_name(const struct debugger *d, const json_t *of, char *name, size_t size)
{
    struct text source;
    const char *path = json_string_value(json_object_get(of, "path"));
    json_int_t reference = json_integer_value(json_object_get(of, "sourceReference"));
    bool same = reference > 0 && reference <= UINT32_MAX && image_source(d->program, (uint32_t)reference - 1, &source);
    if (same) {
        (void)snprintf(name, size, "%.*s", (int)source.length, source.bytes);
        return true;
    }
    char *wanted = path ? realpath(path, NULL) : NULL;
    for (uint32_t i = 0; wanted && !same && image_source(d->program, i, &source); i++) {
        (void)snprintf(name, size, "%.*s", (int)source.length, source.bytes);
        char *real = realpath(name, NULL);
        same = real && strcmp(real, wanted) == 0;
        free(real);
    }
    free(wanted);
    return same;
}

/* Sets a breakpoint of a file and answers for it: the line where it lies, or why there is none. */
static json_t *dap_breakpoint(struct debugger *d, const char *file, const json_t *wanted)
{
    const char *condition = json_string_value(json_object_get(wanted, "condition"));
    const char *log = json_string_value(json_object_get(wanted, "logMessage"));
    const char *hits = json_string_value(json_object_get(wanted, "hitCondition"));
    unsigned long long nth = hits ? strtoull(hits, NULL, 10) : 0; /* the breakpoint stops from the nth time on */
    const struct stop_terms terms = {condition ? condition : "", log ? log : "", nth > 0 ? nth - 1 : 0};
    uint32_t line = (uint32_t)json_integer_value(json_object_get(wanted, "line"));
    char why[WHY_BYTES] = "";
    if (!file) return json_pack("{s:b, s:s}", "verified", 0, "message", "The program has no such file.");
    if (hits && nth == 0) return json_pack("{s:b, s:s}", "verified", 0, "message", "How often is a number from 1 on.");
    if (line == 0) return json_pack("{s:b, s:s}", "verified", 0, "message", "Lines count from 1.");
    if (!stops_add_line(d, file, &line, &terms, why, sizeof why))
        return json_pack("{s:b, s:o}", "verified", 0, "message", json_sprintf("%s.", why));
    return json_pack("{s:b, s:I, s:I}", "verified", 1, "line", (json_int_t)line, "id",
                     (json_int_t)d->breakpoint_number);
}

/* Replaces the breakpoints of one file by those of the request. */
static bool set_breakpoints(struct debugger *d, const json_t *request)
{
    char file[PATH_MAX];
    bool known = own_name(d, json_object_get(dap_arguments(request), "source"), file, sizeof file);
    json_t *wanted, *list = json_array();
    size_t i;
    if (known) stops_delete_lines(d, file);
    json_array_foreach(json_object_get(dap_arguments(request), "breakpoints"), i, wanted)
        json_array_append_new(list, dap_breakpoint(d, known ? file : NULL, wanted));
    dap_reply(request, json_pack("{s:o}", "breakpoints", list));
    return false;
}

static bool set_function_breakpoints(struct debugger *d, const json_t *request)
{
    json_t *wanted, *list = json_array();
    size_t i;
    stops_delete_kind(d, AT_FUNCTION);
    json_array_foreach(json_object_get(dap_arguments(request), "breakpoints"), i, wanted)
    {
        const char *name = json_string_value(json_object_get(wanted, "name"));
        size_t before = d->breakpoint_count;
        if (name) stops_add(d, name, false);
        json_array_append_new(list, json_pack("{s:b}", "verified", d->breakpoint_count > before));
    }
    dap_reply(request, json_pack("{s:o}", "breakpoints", list));
    return false;
}

/* Answers whether a key or variable can be watched; its id is its name. */
static bool data_breakpoint_info(struct debugger *d, const json_t *request)
{
    const char *name = dap_text(request, "name");
    (void)d;
    dap_reply(request, name
                           ? json_pack("{s:s, s:s, s:[s]}", "dataId", name, "description", name, "accessTypes", "write")
                           : json_pack("{s:n, s:s}", "dataId", "description", "It has no name."));
    return false;
}

static bool set_data_breakpoints(struct debugger *d, const json_t *request)
{
    json_t *wanted, *list = json_array();
    size_t i;
    stops_delete_kind(d, AT_CHANGE);
    json_array_foreach(json_object_get(dap_arguments(request), "breakpoints"), i, wanted)
    {
        const char *name = json_string_value(json_object_get(wanted, "dataId"));
        const char *condition = json_string_value(json_object_get(wanted, "condition"));
        char text[2 * WORD_BYTES + 256];
        size_t before = d->breakpoint_count;
        (void)snprintf(text, sizeof text, "%s%s%s", name ? name : "", condition ? " if " : "",
                       condition ? condition : "");
        stops_watch(d, text, false);
        json_array_append_new(list, json_pack("{s:b}", "verified", d->breakpoint_count > before));
    }
    dap_reply(request, json_pack("{s:o}", "breakpoints", list));
    return false;
}

/* Adds a breakpoint where steps fail, the only kind of exception here. `condition`: the code of an exit, as timeout, or
 * an expression; NULL: none. Returns the editor's breakpoint. */
static json_t *add_exit(struct debugger *d, const char *filter, const char *condition)
{
    const size_t before = d->breakpoint_count;
    const char *given = condition ? condition : "";
    bool code = *given && enum_value_code(given, (uint32_t)strlen(given)) >= 0;
    char *where = memory_format("exit%s%s", !*given ? "" : code ? " " : " if ", given);
    if (filter && strcmp(filter, "exit") == 0) stops_add(d, where, false);
    free(where);
    return json_pack("{s:b}", "verified", d->breakpoint_count > before);
}

/* Sets the breakpoints where steps fail, in place of the earlier ones. */
static bool set_exception_breakpoints(struct debugger *d, const json_t *request)
{
    json_t *one, *list = json_array();
    size_t i;
    stops_delete_kind(d, AT_EXIT);
    json_array_foreach(json_object_get(dap_arguments(request), "filters"), i, one)
        json_array_append_new(list, add_exit(d, json_string_value(one), NULL));
    json_array_foreach(json_object_get(dap_arguments(request), "filterOptions"), i, one)
        json_array_append_new(list, add_exit(d, json_string_value(json_object_get(one, "filterId")),
                                             json_string_value(json_object_get(one, "condition"))));
    dap_reply(request, json_pack("{s:o}", "breakpoints", list));
    return false;
}

/* Answers which step has failed at the place where the play has stopped. */
static bool exception_info(struct debugger *d, const json_t *request)
{
    if (!d->exit) return dap_refuse(request, "No step has failed here.");
    dap_reply(request, json_pack("{s:s, s:o, s:s, s:{s:s, s:s}}", "exceptionId", d->exit, "description",
                                 json_sprintf("%s fails: %s", d->exit_step, d->exit), "breakMode", "always", "details",
                                 "typeName", d->exit_step, "message", d->exit));
    return false;
}

static bool configuration_done(struct debugger *d, const json_t *request)
{
    (void)d;
    dap.configured = true;
    dap_reply(request, NULL);
    return false;
}

/* ---- looking ---- */

static json_t *dap_thread(uint64_t number, const char *name)
{
    return json_pack("{s:I, s:s}", "id", (json_int_t)number, "name", name);
}

static json_int_t thread_here(const struct debugger *d)
{
    return d->place.interaction == 0 ? (json_int_t)WORLD : (json_int_t)show_number(d->place.interaction);
}

/* Answers with one thread per live interaction, and one for the moments without a strategy. */
static bool dap_threads(struct debugger *d, const json_t *request)
{
    struct interaction_row row;
    uint64_t cursor = 0;
    json_t *list = json_array();
    char name[2 * WORD_BYTES];
    while (d->core && core_interaction(d->core, &cursor, &row)) {
        uint64_t number = show_number(row.ixn);
        if (row.outcome.length > 0 && row.ixn != d->place.interaction) continue;
        (void)snprintf(name, sizeof name, "%llu %.*s", (unsigned long long)number, (int)row.strategy.length,
                       (const char *)row.strategy.bytes);
        json_array_append_new(list, dap_thread(number, name));
    }
    if (d->place.interaction == 0) json_array_append_new(list, dap_thread(WORLD, "world"));
    dap_reply(request, json_pack("{s:o}", "threads", list));
    return false;
}

/* Is the source the standard library's? The text of a module of the standard library is not in a file, and the editor
 * asks for it by the reference: the source's number in the image, from 1 on. */
static json_int_t source_reference(const struct image *image, struct text file)
{
    struct text source;
    if (file.length == 0 || file.bytes[0] != '<') return 0;
    for (uint32_t i = 0; image_source(image, i, &source); i++)
        if (source.length == file.length && memcmp(source.bytes, file.bytes, file.length) == 0)
            return (json_int_t)i + 1;
    return 0;
}

static json_t *dap_source(const struct image *image, struct text file)
{
    char name[PATH_MAX];
    (void)snprintf(name, sizeof name, "%.*s", (int)file.length, file.bytes);
    const json_int_t reference = source_reference(image, file);
    char *path = reference == 0 ? realpath(name, NULL) : NULL;
    const char *slash = strrchr(name, '/');
    json_t *json = json_pack("{s:s, s:s}", "name", slash ? slash + 1 : name, "path", path ? path : name);
    if (reference > 0) json_object_set_new(json, "sourceReference", json_integer(reference));
    if (reference > 0) json_object_set_new(json, "origin", json_string("standard library"));
    free(path);
    return json;
}

/* Answers with the text of a source that is in no file. */
static bool dap_source_text(struct debugger *d, const json_t *request)
{
    const json_t *of = json_object_get(dap_arguments(request), "source");
    json_int_t reference = dap_number(request, "sourceReference");
    char path[PATH_MAX];
    struct text source;
    size_t length;
    if (reference == 0) reference = json_integer_value(json_object_get(of, "sourceReference"));
    if (reference < 1 || reference > UINT32_MAX || !image_source(d->program, (uint32_t)reference - 1, &source))
        return dap_refuse(request, "The program has no such source.");
    (void)snprintf(path, sizeof path, "%.*s", (int)source.length, source.bytes);
    char *text = variant_read(path, &length);
    json_t *content = text ? json_string(text) : NULL;
    free(text);
    if (!content) return dap_refuse(request, "The source cannot be read, or is no UTF-8.");
    dap_reply(request, json_pack("{s:o, s:s}", "content", content, "mimeType", "text/x-gcx"));
    return false;
}

static bool loaded_sources(struct debugger *d, const json_t *request)
{
    struct text source;
    json_t *list = json_array();
    for (uint32_t i = 0; image_source(d->program, i, &source); i++)
        json_array_append_new(list, dap_source(d->program, source));
    dap_reply(request, json_pack("{s:o}", "sources", list));
    return false;
}

/* Selects the frame of that index, 0 being the innermost, and returns it; NULL: there is none. */
static json_t *dap_frame(struct debugger *d, uint32_t index)
{
    uint32_t function, pc;
    struct image_place at;
    d->frame = index;
    if (!debugger_frame(d, &function, &pc, &at)) return NULL;
    struct text name = image_text(d->look.image, image_function(d->look.image, function)->name);
    return json_pack("{s:I, s:s%, s:o, s:I, s:I}", "id", (json_int_t)index + 1, "name", name.bytes, (size_t)name.length,
                     "source", dap_source(d->look.image, at.file), "line", (json_int_t)at.line, "column",
                     (json_int_t)at.column);
}

static bool stack_trace(struct debugger *d, const json_t *request)
{
    json_t *list = json_array();
    bool here = d->place.interaction != 0 && dap_number(request, "threadId") == thread_here(d);
    const json_int_t count = here ? (json_int_t)d->look.frames : 0;
    json_int_t first = dap_number(request, "startFrame"), levels = dap_number(request, "levels");
    if (first < 0) first = 0;
    for (json_int_t i = first; i < count && (levels <= 0 || i - first < levels); i++) {
        json_t *one = dap_frame(d, (uint32_t)i);
        if (one) json_array_append_new(list, one);
    }
    d->frame = 0;
    dap_reply(request, json_pack("{s:o, s:I}", "stackFrames", list, "totalFrames", count));
    return false;
}

/* ---- asking ---- */

/* Is the line of the debug console a command of gcxdb? Any other line is an expression. */
static bool dap_is_command(const char *line)
{
    char word[WORD_BYTES];
    (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " \t"), line);
    return commands_has(word);
}

static bool do_command(struct debugger *d, const json_t *request, const char *line)
{
    bool goes = commands_do(d, line);
    char *text = dap_said();
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '\n') text[length - 1] = '\0';
    json_t *result = json_string(text);
    dap_reply(request, json_pack("{s:o, s:i}", "result", result ? result : json_string(""), "variablesReference", 0));
    free(text);
    return goes;
}

static bool dap_evaluate(struct debugger *d, const json_t *request)
{
    const char *expression = dap_text(request, "expression"), *context = dap_text(request, "context");
    if (!expression || !d->core) return dap_refuse(request, "There is nothing to compute here.");
    if (context && strcmp(context, "repl") == 0 && dap_is_command(expression)) {
        dap_use_frame(d, dap_number(request, "frameId"));
        return do_command(d, request, expression);
    }
    return dap_evaluate_value(d, request, expression);
}

/* Answers with the words that Tab would give at the prompt; they replace the last word. */
static bool dap_completions(struct debugger *d, const json_t *request)
{
    const char *text = dap_text(request, "text"), *name;
    const char *space = text ? strrchr(text, ' ') : NULL, *word = space ? space + 1 : text;
    json_t *list = json_array();
    for (unsigned i = 0; text && (name = names_complete(d, text, word, i)); i++)
        json_array_append_new(list, json_pack("{s:s, s:i, s:i}", "label", name, "start", (int)(word - text), "length",
                                              (int)strlen(word)));
    dap_reply(request, json_pack("{s:o}", "targets", list));
    return false;
}

/* Answers a request to pause. The play has stopped already, which the editor knows. */
static bool dap_pause(struct debugger *d, const json_t *request)
{
    (void)d;
    dap_reply(request, NULL);
    return false;
}

/* Begins the play again; if the editor did not want to stop at the beginning, the play goes on from there. */
static bool dap_restart(struct debugger *d, const json_t *request)
{
    if (d->live) return dap_refuse(request, "What runs in gcxvm cannot begin again.");
    dap.restarts = d->moment > 0;
    dap_reply(request, NULL);
    if (d->moment > 0) return commands_do(d, "restart");
    if (dap.stop_on_entry || d->acts) return false;
    return commands_do(d, "continue");
}

static bool dap_disconnect(struct debugger *d, const json_t *request)
{
    dap.terminated = true;
    dap_reply(request, NULL);
    return commands_do(d, "quit");
}

/* ---- the table ---- */

static const struct dap_row {
    const char *command;
    bool (*run)(struct debugger *, const json_t *request);
    const char *line; /* where `run` is NULL */
} requests[] = {
#define REQUEST(command, function) {#command, function, NULL},
#define GOES(command, line)        {#command, NULL, line},
#include "runtime/debugger/requests.def"
};

static const struct dap_row *dap_row(const json_t *request)
{
    const char *command = json_string_value(json_object_get(request, "command"));
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (strcmp(requests[i].command, command) == 0) return &requests[i];
    return NULL;
}

/* Executes a command that lets the play continue; if it does not, what the command printed is the answer. */
static bool dap_go(struct debugger *d, const json_t *request, const char *line)
{
    bool goes = commands_do(d, line);
    char *why = goes ? NULL : dap_said();
    if (goes)
        dap_reply(request, json_pack("{s:b}", "allThreadsContinued", 1));
    else
        dap_refuse(request, why);
    free(why);
    return goes;
}

/* Serves requests until one lets the play continue, or the editor has finished its configuration before the play. */
static bool dap_serve_requests(struct debugger *d, bool until_configured)
{
    bool goes = false;
    while (!goes && !(until_configured && dap.configured)) {
        json_t *request = dap_next();
        if (!request) {
            dap.terminated = true;
            return commands_do(d, "quit");
        }
        const struct dap_row *row = dap_row(request);
        if (!row)
            dap_refuse(request, "gcxdb does not do that.");
        else
            goes = row->run ? row->run(d, request) : dap_go(d, request, row->line);
        json_decref(request);
        if (!goes) dap_tell_said();
    }
    return goes;
}

/* ---- standing ---- */

static void tell_stopped(struct debugger *d, const char *why)
{
    bool hit = why && strncmp(why, "Breakpoint ", sizeof "Breakpoint " - 1) == 0;
    const char *reason = !why             ? (d->moment == 0 ? "entry" : "pause")
                         : hit && d->exit ? "exception"
                         : hit            ? "breakpoint"
                         : *why           ? "pause"
                                          : "step";
    json_t *body = json_pack("{s:s, s:I, s:b}", "reason", reason, "threadId", thread_here(d), "allThreadsStopped", 1);
    json_t *hits = json_array();
    for (const char *line = hit ? why : NULL; line; line = strstr(line, "\nBreakpoint ")) {
        unsigned number;
        line += *line == '\n';
        if (sscanf(line, "Breakpoint %u", &number) == 1) json_array_append_new(hits, json_integer(number));
    }
    if (hit) json_object_set(body, "hitBreakpointIds", hits);
    json_decref(hits);
    json_t *text = why && *why ? json_string(why) : NULL;
    if (text) json_object_set_new(body, "text", text);
    dap_event("stopped", body);
}

/* Asked between two steps of a play: does the editor want the play to stop? The editor's other requests wait until the
 * play has stopped. */
static bool dap_wants_pause(void)
{
    bool pause = false;
    while (!pause && dap_waits() && dap_may_put_off()) {
        json_t *request = dap_next_new();
        const char *command = json_string_value(json_object_get(request, "command"));
        bool leaves = !request || strcmp(command, "disconnect") == 0 || strcmp(command, "terminate") == 0;
        pause = leaves || strcmp(command, "pause") == 0;
        if (pause && !leaves) {
            dap_reply(request, NULL);
            json_decref(request);
        } else {
            dap_put_off(request);
        }
    }
    return pause;
}

void dap_front(struct debugger *d, const char *why)
{
    dap_tell_said();
    dap_variables_forget();
    if (dap.launch) {
        dap_reply(dap.launch, NULL);
        json_decref(dap.launch);
        dap.launch = NULL;
        dap_event("initialized", NULL);
        if (dap_serve_requests(d, true)) return;
        if (!dap.stop_on_entry && !d->acts && commands_do(d, "continue")) return;
    }
    if (dap.restarts && d->moment == 0) {
        dap.restarts = false;
        if (!dap.stop_on_entry && !d->acts && commands_do(d, "continue")) return;
    }
    if (d->over && !dap.on_end) {
        (void)commands_do(d, "quit");
        return;
    }
    tell_stopped(d, why);
    (void)dap_serve_requests(d, false);
}

/* ---- while the interaction of a running gcxvm continues ---- */

/* Serves a request that comes while the interaction continues: the editor may set breakpoints, which apply from the
 * next stop on, and look at the present state. */
static enum live_wish listen_to(struct debugger *d, const json_t *request)
{
    const char *command = json_string_value(json_object_get(request, "command"));
    const struct dap_row *row = dap_row(request);
    if (strcmp(command, "pause") == 0) {
        dap_reply(request, NULL);
        return LIVE_WISH_PAUSE;
    }
    if (row && row->run == dap_disconnect) {
        dap.terminated = true;
        dap_reply(request, NULL);
        return LIVE_WISH_LEAVE;
    }
    if (!d)
        dap_refuse(request, "The interaction has not come yet.");
    else if (!row || !row->run)
        dap_refuse(request, "It runs; pause stops it.");
    else
        (void)row->run(d, request);
    return LIVE_WISH_NOTHING;
}

enum live_wish dap_listen(struct debugger *d)
{
    enum live_wish wish = LIVE_WISH_NOTHING;
    dap_tell_said();
    while (wish == LIVE_WISH_NOTHING && dap_waits()) {
        json_t *request = dap_next();
        if (!request) {
            dap.terminated = true;
            return LIVE_WISH_LEAVE;
        }
        wish = listen_to(d, request);
        json_decref(request);
    }
    return wish;
}

/* ---- a session ---- */

static json_t *dap_capabilities(void)
{
    json_t *exits = json_pack("[{s:s, s:s, s:b, s:b, s:s}]", "filter", "exit", "label", "Steps that fail", "default", 0,
                              "supportsCondition", 1, "conditionDescription", "the exit, as timeout, or an expression");
    return json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:o}",
                     "supportsConfigurationDoneRequest", 1, "supportsConditionalBreakpoints", 1,
                     "supportsHitConditionalBreakpoints", 1, "supportsLogPoints", 1, "supportsFunctionBreakpoints", 1,
                     "supportsStepBack", 1, "supportsEvaluateForHovers", 1, "supportsCompletionsRequest", 1,
                     "supportsTerminateRequest", 1, "supportsSetVariable", 1, "supportsDataBreakpoints", 1,
                     "supportsRestartRequest", 1, "supportsSetExpression", 1, "supportsExceptionInfoRequest", 1,
                     "supportsExceptionFilterOptions", 1, "supportsLoadedSourcesRequest", 1,
                     "supportsDelayedStackTraceLoading", 1, "exceptionBreakpointFilters", exits);
}

static bool dap_initialize(const json_t *request)
{
    static const char *const from_one[] = {"linesStartAt1", "columnsStartAt1"};
    for (size_t i = 0; i < 2; i++)
        if (json_is_false(json_object_get(dap_arguments(request), from_one[i])))
            return dap_refuse(request, "gcxdb counts lines and columns from 1.");
    dap_reply(request, dap_capabilities());
    return true;
}

/* Waits for the launch request and keeps it until it can be answered. False: there is none. */
static bool await_launch(void)
{
    bool initialized = false;
    for (json_t *request; (request = dap_next()); json_decref(request)) {
        const char *command = json_string_value(json_object_get(request, "command"));
        if (strcmp(command, "initialize") == 0) {
            initialized = dap_initialize(request);
        } else if ((strcmp(command, "launch") == 0 || strcmp(command, "attach") == 0) && initialized) {
            dap.launch = request;
            dap.stop_on_entry = strcmp(command, "attach") == 0; /* attaching stops the play at once */
            return true;
        } else if (strcmp(command, "disconnect") == 0) {
            dap_reply(request, NULL);
            json_decref(request);
            return false;
        } else {
            dap_refuse(request, initialized ? "A launch or an attach comes first." : "An initialize comes first.");
        }
    }
    return false;
}

/* Waits for the disconnect request after the end. */
static void await_disconnect(void)
{
    bool over = false;
    for (json_t *request; !over && (request = dap_next()); json_decref(request)) {
        over = strcmp(json_string_value(json_object_get(request, "command")), "disconnect") == 0;
        if (over)
            dap_reply(request, NULL);
        else
            dap_refuse(request, "The session is over.");
    }
}

/* Serves one session: `play` plays what the launch request names, and dap_front is called wherever the play stops. */
bool dap_serve(bool (*play)(const struct dap_launch *))
{
    bool good = false;
    memset(&dap, 0, sizeof dap);
    dap_open();
    debugger_asks_pause(dap_wants_pause);
    if (await_launch()) {
        json_t *launch = json_incref(dap.launch);
        const struct dap_launch arguments = {.program = dap_text(launch, "program"),
                                             .test = dap_text(launch, "test"),
                                             .site = dap_text(launch, "site"),
                                             .native = dap_text(launch, "native"),
                                             .journal = dap_text(launch, "journal"),
                                             .from = dap_text(launch, "from"),
                                             .socket = dap_text(launch, "socket"),
                                             .interaction = dap_text(launch, "interaction"),
                                             .at = dap_text(launch, "at"),
                                             .when = dap_text(launch, "when"),
                                             .bound = dap_text(launch, "bound"),
                                             .one_in = (uint64_t)dap_number(launch, "oneIn"),
                                             .seed = (uint64_t)dap_number(launch, "seed")};
        dap.stop_on_entry = dap.stop_on_entry || flag_of(launch, "stopOnEntry");
        dap.on_end = flag_of(launch, "stopOnEnd");
        good = play(&arguments);
        if (dap.launch) { /* nothing was played, and the reason was printed */
            char *why = dap_said();
            dap_refuse(dap.launch, *why ? why : "It cannot be played.");
            free(why);
            json_decref(dap.launch);
        }
        json_decref(launch);
        dap_tell_said();
        dap_event("terminated", NULL);
        dap_event("exited", json_pack("{s:i}", "exitCode", good ? 0 : 1));
        if (!dap.terminated) await_disconnect();
    }
    debugger_asks_pause(NULL);
    dap_variables_forget();
    dap_close();
    return good;
}
