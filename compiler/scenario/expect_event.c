/* compiler/scenario/expect_event.c - The events that a line of a test may expect. */
#include <string.h>

#include "compiler/scenario/expect.h"
#include "base/near.h"

static const struct expect_event event_rows[] = {
#define EVENT(word, details) {word, DETAIL_##details},
#include "compiler/language/test_words.def"
};

const struct expect_event *expect_event_row(const char *name)
{
    for (size_t i = 0; i < sizeof event_rows / sizeof *event_rows; i++)
        if (strcmp(event_rows[i].name, name) == 0) return &event_rows[i];
    return NULL;
}

const char *expect_event_near(const char *name, uint32_t *distance)
{
    const char *near = NULL;
    *distance = UINT32_MAX;
    for (size_t i = 0; i < sizeof event_rows / sizeof *event_rows; i++) {
        uint32_t far = near_distance(name, event_rows[i].name);
        if (far < *distance) near = event_rows[i].name, *distance = far;
    }
    return near;
}

const char *expect_events(struct arena *arena)
{
    const char *list = event_rows[0].name;
    for (size_t i = 1; i < sizeof event_rows / sizeof *event_rows; i++)
        list = arena_printf(arena, "%s, %s", list, event_rows[i].name);
    return list;
}
