/* runtime/debugger/dap_wire.c - Reads and writes the protocol's messages, and catches what the program prints.
 *
 *     editor --frames--> dap_next()          commands of the debugger print to stdout as at a terminal
 *     stdout, stderr --> memory stream --> dap_said() --> event "output" --> editor
 *
 * Only protocol messages may go to standard output, so both output streams are replaced by one in memory from
 * dap_open() to dap_close(). */
#include "runtime/debugger/dap_wire.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/frame.h"
#include "compiler/base/frame_json.h"
#include "base/memory.h"

enum { PUT_OFF_MAX = 64 };

static struct {
    struct frames frames;
    FILE *out, *errors; /* standard output and error before they were replaced */
    FILE *kept;         /* stands in for both */
    char *text;         /* of `kept` */
    size_t length;
    json_int_t last;              /* number of the last message sent */
    json_t *put_off[PUT_OFF_MAX]; /* owned; the first one is the next; NULL: the client has left */
    unsigned put_off_count;
} wire;

static void dap_keep_output(void)
{
    wire.kept = memory_stream(&wire.text, &wire.length);
    stdout = stderr = wire.kept;
}

void dap_open(void)
{
    wire.out = stdout;
    wire.errors = stderr;
    wire.last = 0;
    wire.frames = (struct frames){.in = fileno(stdin), .out = fileno(stdout), .most = DAP_MESSAGE_MAX};
    fflush(stdout);
    dap_keep_output();
}

void dap_close(void)
{
    char *text = dap_said();
    fclose(wire.kept);
    free(wire.text);
    stdout = wire.out;
    stderr = wire.errors;
    if (*text) fputs(text, stderr);
    free(text);
    while (wire.put_off_count > 0) json_decref(wire.put_off[--wire.put_off_count]);
    frames_free(&wire.frames);
}

/* Returns the text caught so far, malloc'ed; the stream is closed and opened again, because only closing makes its text
 * complete. */
char *dap_said(void)
{
    fclose(wire.kept); /* `text` is whole now */
    char *text = wire.text;
    dap_keep_output();
    return text;
}

/* ---- sending ---- */

/* Numbers the message and sends it; frees the message. */
static void dap_send_message(json_t *message)
{
    json_object_set_new(message, "seq", json_integer(++wire.last));
    char *text = json_dumps(message, JSON_COMPACT);
    if (!text) abort();
    (void)frames_write(&wire.frames, text); /* a client that has left is noticed when reading */
    free(text);
    json_decref(message);
}

void dap_event(const char *event, json_t *body)
{
    json_t *message = json_pack("{s:s, s:s}", "type", "event", "event", event);
    if (body) json_object_set_new(message, "body", body);
    dap_send_message(message);
}

static json_t *dap_answer(const json_t *request, bool good)
{
    json_t *message = json_pack("{s:s, s:b}", "type", "response", "success", good);
    json_object_set(message, "request_seq", json_object_get(request, "seq"));
    json_object_set(message, "command", json_object_get(request, "command"));
    return message;
}

void dap_reply(const json_t *request, json_t *body)
{
    json_t *message = dap_answer(request, true);
    if (body) json_object_set_new(message, "body", body);
    dap_send_message(message);
}

bool dap_refuse(const json_t *request, const char *why)
{
    json_t *message = dap_answer(request, false);
    json_t *text = json_string(why);
    json_object_set_new(message, "message", text ? text : json_string("it cannot be done"));
    dap_send_message(message);
    return false;
}

void dap_tell_said(void)
{
    char *text = dap_said();
    json_t *output = json_string(text); /* NULL: the text caught from the program's output is not UTF-8 */
    if (*text && output) dap_event("output", json_pack("{s:s, s:O}", "category", "console", "output", output));
    json_decref(output);
    free(text);
}

/* ---- reading ---- */

/* Refuses a message that is no JSON. The message's number is looked for in its text, so that no editor waits for the
 * answer for ever; 0: the text has none. */
static void dap_refuse_unread(const char *body, size_t length)
{
    static const char seq[] = "\"seq\":";
    char *text = memory_format("%.*s", (int)length, body);
    const char *at = strstr(text, seq);
    const long long number = at ? strtoll(at + sizeof seq - 1, NULL, 10) : 0;
    json_t *request = json_pack("{s:I, s:s}", "seq", (json_int_t)number, "command", "");
    dap_refuse(request, "This message is no JSON. Send it again as JSON in UTF-8.");
    json_decref(request);
    free(text);
}

/* Returns the next whole message that is JSON; NULL: the input has ended, or the next bytes are no header. */
static json_t *read_message(void)
{
    size_t length;
    for (;;) {
        const char *body = frames_next(&wire.frames, &length);
        json_t *message = body ? frame_json(body, length) : NULL;
        if (message) return message;
        if (body)
            dap_refuse_unread(body, length);
        else if (wire.frames.ended || wire.frames.broken)
            return NULL;
        else
            frames_read(&wire.frames);
    }
}

static bool is_request(const json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "type"));
    return type && strcmp(type, "request") == 0 && json_is_integer(json_object_get(message, "seq")) &&
           json_is_string(json_object_get(message, "command"));
}

/* Has the editor sent something? A play asks this between two steps, to be stoppable. */
bool dap_waits(void)
{
    struct pollfd there = {.fd = wire.frames.in, .events = POLLIN};
    return wire.frames.begin < wire.frames.end || poll(&there, 1, 0) > 0;
}

bool dap_may_put_off(void)
{
    return wire.put_off_count < PUT_OFF_MAX;
}

void dap_put_off(json_t *request)
{
    assert(dap_may_put_off());
    wire.put_off[wire.put_off_count++] = request;
}

json_t *dap_next(void)
{
    if (wire.put_off_count == 0) return dap_next_new();
    json_t *request = wire.put_off[0];
    memmove(wire.put_off, wire.put_off + 1, --wire.put_off_count * sizeof wire.put_off[0]);
    return request;
}

const json_t *dap_arguments(const json_t *request)
{
    return json_object_get(request, "arguments");
}

const char *dap_text(const json_t *request, const char *key)
{
    return json_string_value(json_object_get(dap_arguments(request), key));
}

json_int_t dap_number(const json_t *request, const char *key)
{
    return json_integer_value(json_object_get(dap_arguments(request), key));
}

json_t *dap_next_new(void)
{
    for (;;) {
        json_t *message = read_message();
        if (!message && !wire.frames.ended) {
            puts("The input is no message behind a Content-Length of at most 1 MiB: the session ends.");
            dap_tell_said();
        }
        if (!message || is_request(message)) return message;
        json_decref(message);
    }
}
