/* runtime/ctl/follow.c - Shows an interaction as it goes on, until it has ended.
 *
 * gcxvm does not push anything: each request says from where the history is wanted (`from`), each answer where the
 * next request begins (`next`) and whether there is more already (`more`). A gcxctl that hangs costs gcxvm nothing,
 * and one that lost its connection goes on without a gap. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"

/* Prints the lines of the history in this answer. */
static void follow_lines_print(const json_t *answer, bool json)
{
    json_t *line, *tame = show_tame(answer);
    size_t i;
    if (!json) show_history(json_object_get(tame, "history"));
    json_array_foreach(json_object_get(answer, "history"), i, line)
    {
        if (!json) break;
        show_json(line, JSON_COMPACT); /* each line is one object, for tools that read while it is written */
    }
    json_decref(tame);
}

enum ctl_exit ctl_follow(struct ctl *ctl, const struct ctl_line *line)
{
    assert(ctl && line && line->request);
    static const struct timespec pause = {.tv_nsec = 300000000};
    json_int_t from = json_integer_value(json_object_get(line->request, "from"));
    bool ended = false;
    enum ctl_exit result = CTL_good;
    while (!ended && result == CTL_good) {
        json_t *request = json_deep_copy(line->request), *answer;
        if (!request) abort();
        if (from > 0) json_object_set_new(request, "from", json_integer(from));
        answer = ctl_ask(ctl, request, &result);
        if (!answer) break;
        follow_lines_print(answer, line->json);
        from = json_integer_value(json_object_get(answer, "next"));
        ended = strcmp(ctl_text_at(json_object_get(answer, "interaction"), "state"), "ended") == 0 &&
                !json_is_true(json_object_get(answer, "more"));
        if (!ended && !json_is_true(json_object_get(answer, "more"))) nanosleep(&pause, NULL);
        json_decref(answer);
        if (fflush(stdout) != 0) result = CTL_refused;
    }
    return result;
}
