/* runtime/ctl/ask.c - The connection to gcxvm: sends a line, waits for a line with a time limit, and joins pages.
 *
 * One connection serves all requests of a command; it is made when it is first needed. A command that may take long
 * (`patient`) waits as long as gcxvm answers on another connection, unless --timeout limits the time. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/ctl/ctl.h"
#include "runtime/daemon/protocol/socket.h"
#include "base/shown.h"

enum { OTHERS_S = 3 };

/* Closes the connection; may be called without one. */
void ctl_close(struct ctl *ctl)
{
    if (ctl->stream) fclose(ctl->stream);
    ctl->stream = NULL;
}

/* Writes the fault and its cure to standard error, unless `quiet` is set. */
static void ctl_say(const struct ctl *ctl, const char *text, const char *cure)
{
    if (ctl->quiet) return;
    fputs("gcxctl: ", stderr);
    shown_write(stderr, text); /* gcxvm may quote anything */
    putc('\n', stderr);
    if (cure) fprintf(stderr, "        %s\n", cure);
}

/* Connects unless it is. False: told why. */
static bool ctl_connected(struct ctl *ctl)
{
    assert(ctl->path && ctl->timeout_s > 0);
    struct error error = {0};
    char text[400];
    int fd;
    if (ctl->stream) return true;
    fd = socket_connect_within(ctl->path, ctl->timeout_s, &error);
    if (fd < 0) {
        snprintf(text, sizeof text, "no gcxvm answers at %s", error.text);
        ctl_say(
            ctl, text,
            error.code == ERROR_DENIED
                ? "you may not go there: ask as root or as gcxvm's own user, or have its configuration name you in "
                  "monitors, operators or admins"
                : "is gcxvm running? its socket is `admin` of its configuration, else admin.sock in its state folder: "
                  "give it by --socket PATH or GCX_ADMIN=PATH");
        return false;
    }
    ctl->stream = fdopen(fd, "r");
    if (!ctl->stream) abort();
    return true;
}

/* Sends a request. False: the connection is broken. */
static bool ask_sent(const struct ctl *ctl, const json_t *request)
{
    assert(ctl->stream);
    char *text = json_dumps(request, JSON_COMPACT);
    if (!text) abort();
    bool sent = socket_send_line(fileno(ctl->stream), text);
    free(text);
    return sent;
}

/* Does gcxvm answer another request at once? If so, gcxvm is alive and still works on our request. */
static bool answers_others(const struct ctl *ctl)
{
    enum ctl_exit result;
    struct ctl other = {.path = ctl->path, .timeout_s = OTHERS_S, .quiet = true};
    json_decref(ctl_ask(&other, json_pack("{s:i,s:s}", "id", 1, "command", "version"), &result));
    ctl_close(&other);
    return result == CTL_good;
}

/* Waits for the answer; false: gcxvm hangs, so no answer can be expected. */
static bool ask_waited(const struct ctl *ctl)
{
    struct pollfd there = {.fd = fileno(ctl->stream), .events = POLLIN};
    for (unsigned since_s = ctl->timeout_s; ctl->patient && !ctl->strict; since_s += ctl->timeout_s) {
        if (poll(&there, 1, (int)ctl->timeout_s * 1000) != 0) return true;
        if (!answers_others(ctl)) return false;
        fprintf(stderr, "gcxctl: at work for %u s\n", since_s);
    }
    return true;
}

/* Sends a request and reads its answer; NULL: there is none, and the reason was written. */
static json_t *ask_exchange(struct ctl *ctl, const json_t *request)
{
    assert(ctl->stream);
    json_error_t why;
    json_t *answer = NULL;
    char *line = NULL, text[400];
    size_t size = 0;
    bool whole = ask_sent(ctl, request), late = whole && !ask_waited(ctl);
    errno = 0;
    /* A user who is not let in is told so before sending a request, and the connection may then be closed already. */
    if (!late && getline(&line, &size, ctl->stream) > 0) answer = json_loads(line, 0, &why);
    late = late || (whole && !answer && (errno == EAGAIN || errno == EWOULDBLOCK));
    if (!answer && late)
        snprintf(text, sizeof text, "gcxvm at %s has not answered within %u s", ctl->path, ctl->timeout_s);
    else if (!answer)
        snprintf(text, sizeof text, "gcxvm at %s has closed the connection before it answered", ctl->path);
    if (!answer)
        ctl_say(ctl, text,
                late ? "it hangs, or its disk does: its log and `top` say more; --timeout SECONDS waits longer. The "
                       "change may have been made"
                     : "it ended or was restarted meanwhile; the change may have been made: look before you repeat");
    free(line);
    return answer;
}

json_t *ctl_ask(struct ctl *ctl, json_t *request, enum ctl_exit *result)
{
    assert(ctl && request && result);
    json_t *answer = NULL;
    const char *text;
    *result = CTL_unreachable;
    if (ctl_connected(ctl)) answer = ask_exchange(ctl, request);
    json_decref(request);
    if (!answer) {
        ctl_close(ctl);
        return NULL;
    }
    if (json_is_true(json_object_get(answer, "ok"))) {
        *result = CTL_good;
        json_object_del(answer, "id");
        return answer;
    }
    text = json_string_value(json_object_get(answer, "error"));
    ctl_say(ctl, text ? text : "refused without a reason", NULL);
    *result = CTL_refused;
    json_decref(answer);
    return NULL;
}

/* Asks for further pages until there are enough rows, and joins them into the first page. */
json_t *ctl_ask_all(struct ctl *ctl, json_t *request, const char *list, unsigned long limit, enum ctl_exit *result)
{
    assert(ctl && request && list && result);
    json_t *whole = NULL, *rows = NULL, *next = NULL;
    do {
        json_t *page, *asked = json_deep_copy(request);
        if (!asked) abort();
        if (next) json_object_set(asked, "from", next);
        if (limit > 0) json_object_set_new(asked, "limit", json_integer((json_int_t)(limit - json_array_size(rows))));
        page = ctl_ask(ctl, asked, result);
        if (!page) break;
        if (!whole) {
            whole = page;
            rows = json_object_get(whole, list);
        } else {
            json_array_extend(rows, json_object_get(page, list));
            json_object_set(whole, "next", json_object_get(page, "next"));
            json_decref(page);
        }
        next = json_object_get(whole, "next");
    } while (next && !json_is_null(next) && (limit == 0 || json_array_size(rows) < limit));
    json_decref(request);
    if (*result == CTL_good) return whole;
    json_decref(whole);
    return NULL;
}
