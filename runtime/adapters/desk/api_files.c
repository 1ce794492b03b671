/* runtime/adapters/desk/api_files.c - Files of customers and agents: the parts of messages in the contact store, and
 * files that agents bring for what they write: /api/parts, /api/uploads. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <strings.h>

#include "runtime/adapters/desk/api.h"

static bool api_has_word(const char *const *words, const char *type)
{
    for (; *words; words++)
        if (strcasecmp(type, *words) == 0) return true;
    return false;
}

static bool api_is_picture(const char *type)
{
    static const char *const pictures[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};
    return api_has_word(pictures, type);
}

/* Is it sound or video, which a page may play without risk? */
static bool api_is_played(const char *type)
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
        api_answer_job(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    const char *type = json_string_value(json_object_get(job->out, "type"));
    const char *name = json_string_value(json_object_get(job->out, "name"));
    char *escaped = g_uri_escape_string(name ? name : "part", NULL, FALSE);
    char *place =
        g_strdup_printf("%s; filename*=UTF-8''%s", type && api_is_picture(type) ? "inline" : "attachment", escaped);
    reply_header(http, "Content-Disposition", place);
    bool typed = type && (api_is_picture(type) || api_is_played(type));
    api_bytes(http, HTTP_OK, typed ? type : "application/octet-stream", false, job->bytes->data, job->bytes->len);
    g_free(escaped);
    g_free(place);
}

static void on_part(struct api_asked *call)
{
    int64_t part = json_integer_value(json_object_get(call->params, "part"));
    json_object_set_new(call->params, "own", json_boolean(session_has_brought(call->session, part)));
    api_from_store(call, desk_keep_part, answer_part);
}

static void answer_upload(struct desk *desk, struct desk_job *job)
{
    struct desk_session *session = job->good && job->asker.http ? session_of(desk, job->asker.http) : NULL;
    if (session) session_brought(session, json_integer_value(json_object_get(job->out, "upload")));
    if (session) remember_session(session, desk);
    api_answer_job(desk, job);
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

const struct api_call api_file_calls[] = {
    {"part", .on = on_part},
    {"upload", .on = on_upload},
    {.id = NULL},
};
