/* runtime/adapters/desk/marks.c - How customers said they were served stands in their history: the marks are in the
 * records, whose interaction may have ended long before, and are copied into the contact store.
 *
 *     each MARKS_S    gcxrecords judged --after=LAST  -->  the store: a line of the interaction, for agents
 *
 * A line has one name, so a mark that comes twice is kept once. A partition's records may be written late: each time
 * the last minute is copied again, each half hour the last hour, and after a restart the last day. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/past.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"

enum { MARKS_S = 15, MARK_NAME = 96, MARK_BEST = 5 };
enum { MARKS_AGAIN_S = 60, MARKS_LATE_S = 3600, MARKS_LOOKS_LATE_S = 1800 };

/* Returns the interaction's name in the contact store. A call is named by its ConnID and its journal. */
static struct span mark_name(const json_t *row, char own[MARK_NAME])
{
    const char *external = desk_text(row, "external"), *conn = desk_text(row, "conn");
    bool call = strcmp(desk_text(row, "media"), "voice") == 0;
    if (!call) return span_of(external);
    snprintf(own, MARK_NAME, "%.60s#%08x", conn,
             (unsigned)(uint32_t)json_integer_value(json_object_get(row, "journal")));
    return span_of(own);
}

static bool mark_keep(struct store *store, struct desk_job *job, const json_t *row)
{
    char own[MARK_NAME], text[16];
    int64_t n, mark = json_integer_value(json_object_get(row, "mark"));
    struct store_key key = {0};
    struct span name = mark_name(row, own);
    snprintf(text, sizeof text, "%d of %d", (int)mark, MARK_BEST);
    struct store_message message = {.msg_id = span_of(STORE_MARK),
                                    .at = job->wall_us,
                                    .role = "system",
                                    .visible = "agents",
                                    .text = span_of(text)};
    if (name.length == 0 || mark < 1 || mark > MARK_BEST) return true;
    if (!store_by_external(store, "", desk_text(row, "media"), name, &key, &job->error)) return false;
    return key.interaction == 0 || store_say(store, key.interaction, &message, &n, &job->error);
}

/* The store may refuse a mark for good, as where its interaction has as many lines as it may: the others are kept all
 * the same. The log has it once, and `told` is what it had last. */
bool desk_keep_marks(struct store *store, struct desk_job *job)
{
    const json_t *rows = json_object_get(job->params, "judged"), *row;
    struct error refused = {0};
    size_t i;
    json_array_foreach(rows, i, row)
    {
        if (mark_keep(store, job, row)) continue;
        if (store_again(&job->error)) return false;
        refused = job->error;
        job->error = (struct error){0};
    }
    if (strcmp(refused.text, desk_text(job->params, "told")) != 0) job->error = refused;
    return true;
}

/* The marks go on `back_s` before the last one; where that is no time, a day ago. */
static void marks_go_on(struct desk *desk, const char *at, int back_s)
{
    GDateTime *last = g_date_time_new_from_iso8601(at, NULL);
    GDateTime *from = last ? g_date_time_add_seconds(last, -back_s) : NULL;
    char *text = from ? g_date_time_format(from, "%Y-%m-%dT%H:%M:%S") : NULL;
    g_clear_pointer(&last, g_date_time_unref);
    g_clear_pointer(&from, g_date_time_unref);
    snprintf(desk->marks_until, sizeof desk->marks_until, "%s%s", text ? text : "", text ? "Z" : "");
    g_free(text);
}

/* A full page goes on behind its last mark, and at once. */
static void marks_kept(struct desk *desk, struct desk_job *job)
{
    const json_t *rows = json_object_get(job->params, "judged");
    size_t count = json_array_size(rows);
    desk->marks_asked = false;
    if (!job->good || count == 0) return;
    const char *last = desk_text(json_array_get(rows, count - 1), "at");
    if (*job->error.text) text_set(desk->marks_refused, sizeof desk->marks_refused, job->error.text);
    if (json_is_true(json_object_get(job->params, "more"))) {
        text_set(desk->marks_until, sizeof desk->marks_until, last);
        desk->marks_wait_s = 0;
        return;
    }
    bool late = desk->marks_late_s >= MARKS_LOOKS_LATE_S;
    if (late) desk->marks_late_s = 0;
    marks_go_on(desk, last, late ? MARKS_LATE_S : MARKS_AGAIN_S);
}

static void marks_printed(struct desk *desk, struct evhttp_request *nobody, json_t *params, const char *printed,
                          size_t length)
{
    json_t *answer = json_loadb(printed, length, 0, NULL);
    (void)nobody, (void)params;
    if (json_array_size(json_object_get(answer, "judged")) > 0) {
        struct desk_job *job = desk_job_new(desk, answer);
        json_object_set_new(answer, "told", json_string(desk->marks_refused));
        job->work = desk_keep_marks;
        job->done = marks_kept;
        desk_job_give(desk, job);
        return;
    }
    json_decref(answer);
    desk->marks_asked = false;
}

void marks_tick(struct desk *desk)
{
    desk->marks_late_s++;
    if (!desk->past || desk->marks_asked || desk->marks_wait_s-- > 0) return;
    json_t *params = *desk->marks_until ? json_pack("{s:s}", "after", desk->marks_until) : json_object();
    desk->marks_wait_s = MARKS_S;
    desk->marks_asked = past_ask_own(desk, PAST_judged, params, marks_printed);
    json_decref(params);
}
