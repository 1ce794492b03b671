/* runtime/adapters/tserver/swlink.c - The protocol of the link to the switch.
 *
 * The states of the link, which only go forward:
 *
 *     DOWN --swlink_connected()--> REGISTERING --result--> SNAPSHOT --result--> UP
 *       '------------------------------ swlink_lost() --------------------------'
 *
 * SystemRegister and Snapshot are services like others (SERVICE_OPENING); the events between Snapshot and its result
 * are the snapshot. When the link is up SystemStatus is requested each second: the time until its answer shows how
 * far the switch is behind, and no answer for STATUS_DEAD_US ends the link.
 *
 * Open services are in an array in the order of their requests, with free room before and after them, so that one
 * near the beginning is cheap to remove. */
#include "runtime/adapters/tserver/swlink.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/mend.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum {
    OPENING_US = 30000000,
    STATUS_US = 1000000,
    STATUS_OFTEN_US = 250000, /* interval of status requests while the answers are that slow */
    STATUS_DEAD_US = 15000000,
    FORGOTTEN_US = 60000000, /* a service is forgotten after so long without an answer; its asker was told before */
    SERVICES_MAX = 100000,
};

void swlink_init(struct swlink *link, const char *name, const struct swlink_calls *calls)
{
    *link = (struct swlink){.calls = *calls, .lines.cuts = true};
    text_set(link->name, sizeof link->name, name);
}

void swlink_free(struct swlink *link)
{
    cti_lines_free(&link->lines);
    free(link->services);
    *link = (struct swlink){0};
}

static struct service *services_of(const struct swlink *link)
{
    return link->services + link->service_first;
}

/* Adds an open service; if there is no room all are moved to the front, or the array is doubled. */
static void swlink_remember(struct swlink *link, const struct service *service)
{
    assert(link->service_first + link->service_count <= link->service_capacity);
    if (link->service_first + link->service_count == link->service_capacity) {
        if (link->service_first <= link->service_capacity / 2) {
            link->service_capacity = link->service_capacity == 0 ? 64 : link->service_capacity * 2;
            link->services = memory_grown(link->services, link->service_capacity, sizeof *link->services);
        }
        memmove(link->services, services_of(link), link->service_count * sizeof *service);
        link->service_first = 0;
    }
    assert(link->service_first + link->service_count < link->service_capacity);
    services_of(link)[link->service_count++] = *service;
}

/* Finds and removes an open service; answers come roughly in the order of the requests, so the search begins at the
 * oldest. */
static bool take_service(struct swlink *link, uint64_t id, struct service *service)
{
    struct service *open = services_of(link);
    for (unsigned i = 0; i < link->service_count; i++) {
        if (open[i].invoke_id == id) {
            *service = open[i];
            memmove(open + 1, open, i * sizeof *service); /* moves the older services up into the gap */
            link->service_first++;
            link->service_count--;
            return true;
        }
    }
    return false;
}

static void send_json(struct swlink *link, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (text) {
        size_t length = strlen(text);
        text[length] = '\n';
        link->calls.send(link->calls.self, text, length + 1);
        free(text);
    }
}

static void swlink_ask_service(struct swlink *link, const char *name, json_t *arguments, const struct service *given)
{
    assert(link->state != SWLINK_DOWN);
    struct service service = *given;
    service.invoke_id = ++link->next_id;
    service.asked_us = link->now_us;
    json_t *object = json_pack("{s:s,s:I}", "service", name, "invokeId", (json_int_t)service.invoke_id);
    if (arguments) {
        json_object_update(object, arguments);
        json_decref(arguments);
    }
    swlink_remember(link, &service);
    send_json(link, object);
}

void swlink_ask(struct swlink *link, const char *name, json_t *arguments, const struct service *service)
{
    if ((link->state == SWLINK_UP || link->state == SWLINK_SNAPSHOT) && link->service_count < SERVICES_MAX) {
        swlink_ask_service(link, name, arguments, service);
        return;
    }
    bool down = link->service_count < SERVICES_MAX;
    json_decref(arguments);
    link->calls.refused(link->calls.self, service, down ? code_link_down : code_overload,
                        down ? "the link to the switch is down" : "the switch does not answer");
}

void swlink_connected(struct swlink *link, int64_t now_us)
{
    assert(link->state == SWLINK_DOWN);
    static const struct service opening = {.kind = SERVICE_OPENING};
    link->state = SWLINK_REGISTERING;
    link->now_us = link->opened_us = link->status_us = now_us;
    link->lines.length = 0;
    link->lines.cut = false;
    link->service_first = link->service_count = 0;
    link->next_id = 0;
    link->took_us = 0;
    json_t *greeting = json_pack("{s:s,s:i}", "name", link->name, "protocol", 1);
    const char *term =
        getenv("GCX_TERM"); /* the term of the gcxvm that has started this process, if standbys follow it */
    if (term) json_object_set_new(greeting, "term", json_integer((json_int_t)strtoull(term, NULL, 10)));
    swlink_ask_service(link, "SystemRegister", greeting, &opening);
}

/* Refuses each open service. The list is emptied first, because a refusal may request new services. */
void swlink_lost(struct swlink *link)
{
    link->state = SWLINK_DOWN;
    struct service *services = link->services;
    unsigned first = link->service_first, count = link->service_count;
    link->services = NULL;
    link->service_first = link->service_count = link->service_capacity = 0;
    for (unsigned i = 0; i < count; i++)
        link->calls.refused(link->calls.self, &services[first + i], code_link_down, "the link to the switch is down");
    free(services);
}

/* --- Lines from the switch --- */

static void swlink_opened(struct swlink *link, const json_t *line)
{
    assert(link->state == SWLINK_REGISTERING || link->state == SWLINK_SNAPSHOT);
    static const struct service opening = {.kind = SERVICE_OPENING};
    if (link->state == SWLINK_REGISTERING) {
        link->predictive = json_is_true(json_object_get(line, "predictive"));
        link->state = SWLINK_SNAPSHOT;
        link->calls.snapshot(link->calls.self, true);
        swlink_ask_service(link, "Snapshot", NULL, &opening);
    } else {
        link->state = SWLINK_UP;
        link->calls.snapshot(link->calls.self, false);
    }
}

static void on_result(struct swlink *link, uint64_t id, const json_t *line)
{
    struct service service;
    if (!take_service(link, id, &service)) return;
    if (service.kind == SERVICE_OPENING)
        swlink_opened(link, line);
    else if (service.kind == SERVICE_RESULT)
        link->calls.answered(link->calls.self, &service);
    else if (service.kind == SERVICE_STATUS)
        link->took_us = link->now_us - service.asked_us;
}

static enum code swlink_code_of(const json_t *line)
{
    const char *word = json_string_value(json_object_get(line, "code"));
    if (!word) return code_other;
    if (strcmp(word, "unknown_call") == 0) return code_unknown_conn_id;
    int code = enum_value_code(word, (uint32_t)strlen(word));
    return code < 0 ? code_other : (enum code)code;
}

static bool on_error(struct swlink *link, uint64_t id, const json_t *line)
{
    struct service service;
    const char *text = json_string_value(json_object_get(line, "text"));
    if (!take_service(link, id, &service)) return true;
    if (service.kind == SERVICE_OPENING) {
        link->calls.drop(link->calls.self, !text ? "the switch will not have us" : text);
        return false;
    }
    link->calls.refused(link->calls.self, &service, swlink_code_of(line), !text ? "refused by the switch" : text);
    return link->state != SWLINK_DOWN;
}

/* Writes the text in quotes after "callID" of a line that is not JSON, so that the log can name the call. "": the
 * CallID is missing, is not plain text, has no end, or is there twice. The rest of the line is not used, as it may
 * contain digits that a caller keyed. */
static void call_id_in(const char *text, char id[NAME_SIZE])
{
    static const char key[] = "\"callID\"";
    const char *at = strstr(text, key);
    id[0] = 0;
    if (!at || strstr(at + 1, key)) return;
    at += strlen(key);
    at += strspn(at, " \t");
    at += *at == ':';
    at += strspn(at, " \t");
    size_t length = *at == '"' ? strcspn(at + 1, "\"\\") : 0;
    if (length > 0 && length < NAME_SIZE && at[1 + length] == '"') snprintf(id, NAME_SIZE, "%.*s", (int)length, at + 1);
}

/* Skips a line that cannot be read; before the link is open it ends the link after this one line, as the peer is no
 * switch. The line is not logged, as it may contain digits that a caller keyed. */
static bool pass_over(struct swlink *link, const char *text, size_t length, const char *why)
{
    char id[NAME_SIZE], what[128];
    if (link->state == SWLINK_REGISTERING) {
        link->calls.drop(link->calls.self, "the switch sent a line that is neither a result, an error nor an event");
        return false;
    }
    call_id_in(text, id);
    snprintf(what, sizeof what, "a line of %zu bytes was passed over: %s", length, why);
    link->calls.odd(link->calls.self, id, what);
    if (link->state == SWLINK_SNAPSHOT) link->calls.unread(link->calls.self, id);
    return true;
}

static void tell_mended(struct swlink *link, const json_t *line, const struct mended *mended, bool doubled)
{
    char what[MENDED_SHOWN + 64];
    const char *id = json_string_value(json_object_get(line, "callID"));
    if (mended->count > 0) {
        snprintf(what, sizeof what, "U+FFFD stands for what is no text: %s", mended->shown);
        link->calls.odd(link->calls.self, !id ? "" : id, what);
    }
    if (mended->numbers > 0) {
        link->calls.odd(link->calls.self, !id ? "" : id,
                        "a number of more than 64 bits is taken as text in user data, as absent elsewhere");
    }
    if (doubled) link->calls.odd(link->calls.self, !id ? "" : id, "an object has a key twice: the last counts");
}

static bool swlink_take_line(struct swlink *link, const char *text, size_t length, const json_t *line, const char *why)
{
    const json_t *result = json_object_get(line, "result"), *error = json_object_get(line, "error");
    const char *event = json_string_value(json_object_get(line, "event"));
    if (json_is_integer(result))
        on_result(link, (uint64_t)json_integer_value(result), line);
    else if (json_is_integer(error))
        return on_error(link, (uint64_t)json_integer_value(error), line);
    else if (event)
        link->calls.event(link->calls.self, event, line);
    else
        return pass_over(link, text, length, !line ? why : "it is neither a result, an error nor an event");
    return true;
}

/* Reads a line, repaired if needed, and hands it to the function for its kind. False: the link is over. */
static bool on_line(void *self, char *text, size_t length)
{
    struct swlink *link = self;
    json_error_t why = {0};
    struct mended mended;
    if (link->lines.cut) return pass_over(link, text, length, "it is longer than a line may be");
    json_t *line = mend_read_line(text, length, JSON_REJECT_DUPLICATES, &mended, &why);
    bool doubled = !line && json_error_code(&why) == json_error_duplicate_key;
    if (doubled) line = mend_read_line(text, length, 0, &mended, &why);
    if (line) tell_mended(link, line, &mended, doubled);
    char reason[64]; /* gives the position only: jansson's own text quotes a piece of the line */
    snprintf(reason, sizeof reason, "it is no JSON, at byte %d", why.position);
    bool goes_on = swlink_take_line(link, text, length, line, reason);
    json_decref(line);
    return goes_on && link->state != SWLINK_DOWN;
}

void swlink_feed(struct swlink *link, const char *bytes, size_t length, int64_t now_us)
{
    link->now_us = now_us;
    if (link->state != SWLINK_DOWN) lines_feed(&link->lines, bytes, length, on_line, link);
}

int64_t swlink_lag(const struct swlink *link)
{
    int64_t lag_us = link->took_us;
    for (unsigned i = 0; i < link->service_count; i++) {
        const struct service *service = &services_of(link)[i];
        if (service->kind == SERVICE_STATUS && link->now_us - service->asked_us > lag_us)
            lag_us = link->now_us - service->asked_us;
    }
    return lag_us;
}

/* Checks times: an opening that takes too long, the status, and services that got no answer. */
void swlink_tick(struct swlink *link, int64_t now_us)
{
    static const struct service status = {.kind = SERVICE_STATUS};
    link->now_us = now_us;
    if (link->state == SWLINK_REGISTERING || link->state == SWLINK_SNAPSHOT) {
        if (now_us - link->opened_us >= OPENING_US)
            link->calls.drop(link->calls.self, "the switch did not open the link in time");
        return;
    }
    int64_t lag_us = swlink_lag(link), period_us = lag_us >= STATUS_OFTEN_US ? STATUS_OFTEN_US : STATUS_US;
    if (link->state == SWLINK_UP && now_us - link->status_us >= period_us) {
        if (lag_us >= STATUS_DEAD_US) {
            link->calls.drop(link->calls.self, "the switch does not answer");
            return;
        }
        link->status_us = now_us;
        swlink_ask_service(link, "SystemStatus", NULL, &status);
    }
    while (link->service_count > 0 && services_of(link)->kind != SERVICE_STATUS &&
           now_us - services_of(link)->asked_us >= FORGOTTEN_US) {
        struct service forgotten;
        take_service(link, services_of(link)->invoke_id, &forgotten);
    }
}
