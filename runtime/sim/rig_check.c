/* runtime/sim/rig_check.c - Judges the expectations of a test over the wire. The admin socket answers where only the
 * core knows. */
#include "runtime/sim/rig_state.h"

#include <string.h>

#include "runtime/sim/expect.h"

enum { GRACE_US = 500000 };

static json_t *rig_final_data(void *self, uint32_t arrival)
{
    struct rig *rig = self;
    json_t *answer = rig->conns[arrival][0] == '\0' ? NULL : rig_ask_until_ended(rig, rig->conns[arrival]);
    json_t *data = json_incref(json_object_get(answer, "data"));
    json_decref(answer);
    return data;
}

static json_t *rig_vq_measure(void *self, const char *vq, const char *name)
{
    struct rig *rig = self;
    json_t *answer = rig_ask_core(rig, "queues", NULL), *row, *found = NULL;
    size_t index;
    json_array_foreach(json_object_get(answer, "queues"), index, row)
    {
        const char *is = json_string_value(json_object_get(row, "name"));
        if (is && strcmp(is, vq) == 0) found = json_incref(json_object_get(row, expect_measure_name(name)));
    }
    json_decref(answer);
    return found;
}

static json_t *rig_counted(void *self, const char *name, const char *key)
{
    json_t *answer = rig_ask_core(self, "counters", NULL), *row, *found = NULL;
    size_t index;
    json_array_foreach(json_object_get(answer, "counters"), index, row)
    {
        const char *is = json_string_value(json_object_get(row, "name")),
                   *of = json_string_value(json_object_get(row, "key"));
        if (is && strcmp(is, name) == 0 && strcmp(!of ? "" : of, key) == 0)
            found = json_incref(json_object_get(row, "count"));
    }
    json_t *none = !answer || found ? NULL : json_integer(0);
    json_decref(answer);
    return found ? found : none;
}

unsigned rig_check(struct rig *rig, void (*failure)(void *self, uint32_t line, const char *text), void *self)
{
    uint64_t grace_us = rig->options.grace_us == 0 ? GRACE_US : rig->options.grace_us;
    struct expect_view view = {rig->trace,
                               world_expected(rig->world),
                               world_arrivals(rig->world),
                               rig,
                               rig_final_data,
                               rig_vq_measure,
                               rig_counted,
                               rig->test,
                               rig_play_us(rig),
                               grace_us,
                               NULL};
    rig_told_by_core(rig);
    return world_judge(rig->world, &view, failure, self);
}
