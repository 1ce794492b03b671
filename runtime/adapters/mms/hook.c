/* runtime/adapters/mms/hook.c - MM7: HTTP requests of providers, and their answers.
 *
 * The provider's name and password are checked before anything else of a request is read. A message that was taken
 * is answered 200 with the status 1000; one that may be taken later 503, so that the provider sends it again; one
 * that never can be taken, with a status of the standard. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <sodium.h>
#include <stdlib.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapters/mms/mms.h"
#include "base/memory.h"
#include "runtime/web/authorization.h"
#include "runtime/web/door.h"
#include "runtime/web/opening.h"
#include "runtime/web/reply.h"

enum { MESSAGE_BYTES = 1024, STRANGER_BYTES = 4096 };
#define RETRY_S "30"

static void hook_say(struct evhttp_request *http, int code, const char *text)
{
    if (code == HTTP_SERVUNAVAIL) reply_header(http, "Retry-After", RETRY_S);
    if (code == 401) reply_header(http, "WWW-Authenticate", "Basic realm=\"mms\"");
    reply_text(http, code, text);
}

/* ---- answers ---- */

static enum mm7_status hook_status(const struct mms_message *message, enum mms_verdict verdict)
{
    if (verdict == MMS_TAKEN) return MM7_SUCCESS;
    if (verdict == MMS_LATER || message->what == MMS_MESSAGE) return MM7_SERVER_ERROR;
    return message->what == MMS_UNKNOWN    ? MM7_ADDRESS_ERROR
           : message->what == MMS_UNWANTED ? MM7_UNSUPPORTED
                                           : MM7_CORRUPT;
}

void mms_hook_answer(struct mms_job *job, enum mms_verdict verdict)
{
    static const struct mm7 nothing = {0};
    const struct mms_message *message = job->message;
    struct evhttp_request *http = asker_over(job->asker);
    enum mm7_status status = hook_status(message, verdict);
    bool response = message->what == MMS_MESSAGE || message->what == MMS_PASSED || message->what == MMS_UNKNOWN;
    job->asker = NULL;
    if (!http) return;
    GString *answer = g_string_new(NULL);
    mm7_answer(answer, message->what >= MMS_TOO_MUCH ? &nothing : &message->envelope, status,
               verdict == MMS_TAKEN   ? "Success"
               : verdict == MMS_LATER ? "It is not taken now; send it again"
               : *message->why        ? message->why
                                      : "It cannot be taken");
    if (verdict == MMS_LATER) reply_header(http, "Retry-After", RETRY_S);
    reply_bytes(http,
                verdict == MMS_LATER            ? HTTP_SERVUNAVAIL
                : response                      ? HTTP_OK
                : message->what == MMS_TOO_MUCH ? HTTP_ENTITYTOOLARGE
                                                : HTTP_BADREQUEST,
                "text/xml; charset=utf-8", answer->str, answer->len);
    g_string_free(answer, TRUE);
}

/* ---- requests ---- */

static bool hook_is_known(void *self, const char *value)
{
    const char *wanted = secret_text(&((const struct mms *)self)->setting.credentials);
    return !wanted || authorization_is(value, "Basic", wanted);
}

static void hook_on_request(void *self, struct evhttp_request *http)
{
    struct mms *mms = self;
    struct evbuffer *in = evhttp_request_get_input_buffer(http);
    size_t length = evbuffer_get_length(in);
    if (!hook_is_known(mms, door_header(http, "Authorization"))) {
        mms->services->count(mms->link, "strangers_refused", 1);
        hook_say(http, 401, "The name or the password is missing or wrong.\n");
    } else if (evhttp_request_get_command(http) != EVHTTP_REQ_POST)
        hook_say(http, HTTP_BADMETHOD, "Messages are posted here, by MM7.\n");
    else if (length == 0)
        hook_say(http, HTTP_BADREQUEST, "There is no message in it.\n");
    else if (!mms_may_come(mms, length)) {
        mms->services->count(mms->link, "messages_put_off", 1);
        hook_say(http, HTTP_SERVUNAVAIL, "It is not taken now; send it again.\n");
    } else {
        struct mms_job *job = mms_job_new(mms);
        job->asker = asker_new(http);
        job->type = g_strdup(door_header(http, "Content-Type"));
        job->bytes = memory_zeroed(length + 1, 1);
        job->length = length;
        evbuffer_remove(in, job->bytes, length);
        mms_take(job);
    }
}

/* ---- a life ---- */

#define HOOK_OPENING(setting) OPENING(setting, mm7, port_file, certificate, key)

bool mms_hook_check(const struct mms_setting *setting, char *why, size_t why_size)
{
    struct opening opening = HOOK_OPENING(setting);
    return !*setting->mm7 || opening_good(&opening, why, why_size);
}

bool mms_hook_open(struct mms *mms, char *why, size_t why_size)
{
    const struct mms_setting *setting = &mms->setting;
    struct opening opening = HOOK_OPENING(setting);
    if (!*setting->mm7) return true;
    struct door_calls calls = {
        .self = mms, .request = hook_on_request, .known = secret_text(&setting->credentials) ? hook_is_known : NULL};
    struct door_options options = {.message_max = MESSAGE_BYTES,
                                   .body_max = setting->size,
                                   .unknown_max = secret_text(&setting->credentials) ? STRANGER_BYTES : setting->size,
                                   .bodies_max = setting->held,
                                   .known_by = "Authorization",
                                   .connections = setting->connections,
                                   .per_address = setting->connections};
    mms->door = opening_door(&opening, &options, &calls, mms->link, mms->services, why, why_size);
    return mms->door != NULL;
}

void mms_hook_tick(struct mms *mms)
{
    if (mms->door) door_tick(mms->door);
}

void mms_hook_close(struct mms *mms)
{
    door_free(mms->door);
}
