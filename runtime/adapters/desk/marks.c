/* runtime/adapters/desk/marks.c - How customers said they were served stands in their history: the marks are in the
 * records, whose interaction may have ended long before, and are copied into the contact store.
 *
 *     each MARKS_S    gcxrecords judged --after=LAST  -->  the store: a line of the interaction, for agents
 *
 * A line has one name, so a mark that comes twice is kept once. After a restart the last day is copied again. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/past.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"

enum { MARKS_S = 15, MARK_NAME = 96, MARK_BEST = 5 };

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

bool desk_keep_marks(struct store *store, struct desk_job *job)
{
    const json_t *rows = json_object_get(job->params, "judged"), *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        if (!mark_keep(store, job, row)) return false;
    }
    return true;
}

/* The marks up to the last one are kept: from there it goes on. */
static void marks_kept(struct desk *desk, struct desk_job *job)
{
    const json_t *rows = json_object_get(job->params, "judged");
    size_t count = json_array_size(rows);
    desk->marks_asked = false;
    if (job->good && count > 0)
        text_set(desk->marks_until, sizeof desk->marks_until, desk_text(json_array_get(rows, count - 1), "at"));
}

static void marks_printed(struct desk *desk, struct evhttp_request *nobody, json_t *params, const char *printed,
                          size_t length)
{
    json_t *answer = json_loadb(printed, length, 0, NULL);
    (void)nobody, (void)params;
    if (json_array_size(json_object_get(answer, "judged")) > 0) {
        struct desk_job *job = desk_job_new(desk, answer);
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
    if (!desk->past || desk->marks_asked || desk->marks_wait_s-- > 0) return;
    json_t *params = *desk->marks_until ? json_pack("{s:s}", "after", desk->marks_until) : json_object();
    desk->marks_wait_s = MARKS_S;
    desk->marks_asked = past_ask_own(desk, PAST_judged, params, marks_printed);
    json_decref(params);
}
