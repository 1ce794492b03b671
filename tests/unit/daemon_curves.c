/* tests/unit/daemon_curves.c - The curves of guards: when a point is due, how many are kept, what a file brings back.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/daemon/service/rollout_curves.h"

enum { SECOND = 1000000 };

static size_t points_of(const struct rollout_curves *curves, uint32_t id)
{
    return json_array_size(json_object_get(rollout_curves_of(curves, id), "points"));
}

static int64_t moment_of(const struct rollout_curves *curves, uint32_t id, size_t at)
{
    const json_t *points = json_object_get(rollout_curves_of(curves, id), "points");
    return json_integer_value(json_array_get(json_array_get(points, at), 0)) / SECOND;
}

/* Looks each second, as the daemon does. */
static void look(struct rollout_curves *curves, uint32_t id, bool open, int64_t from_s, int64_t until_s)
{
    for (int64_t now = from_s; now < until_s; now++) {
        struct curve_look row = {.id = id, .guards = 1, .open = open, .count = {{7, 8}}, .value = {{1, 2}}};
        if (rollout_curves_due(curves, id, open, now * SECOND)) rollout_curves_add(curves, &row, now * SECOND);
    }
}

Test(daemon_curves, a_long_rollout_has_all_its_time_in_few_points, .timeout = 60)
{
    struct rollout_curves *curves = rollout_curves_new(NULL);
    look(curves, 1, false, 0, 10);
    cr_assert_eq(points_of(curves, 1), 0, "one that was over before has no curve");
    look(curves, 1, true, 0, 595);
    cr_assert_eq(points_of(curves, 1), 119);
    look(curves, 1, true, 595, 601);
    cr_assert_eq(moment_of(curves, 1, points_of(curves, 1) - 2), 595, "the newest stays where every second one goes");
    look(curves, 1, true, 601, 100000);
    cr_assert(points_of(curves, 1) <= CURVE_POINTS && points_of(curves, 1) >= CURVE_POINTS / 2);
    cr_assert_eq(moment_of(curves, 1, 0), 0, "it begins at the beginning");
    for (size_t at = 1; at < points_of(curves, 1); at++)
        cr_assert_lt(moment_of(curves, 1, at - 1), moment_of(curves, 1, at));
    size_t before = points_of(curves, 1);
    look(curves, 1, false, 100001, 100100);
    cr_assert_eq(points_of(curves, 1), before == CURVE_POINTS ? CURVE_POINTS / 2 + 1 : before + 1,
                 "the end is one point");
    cr_assert_eq(moment_of(curves, 1, points_of(curves, 1) - 1), 100001);
    rollout_curves_free(curves);
}

Test(daemon_curves, the_clock_may_be_set_back, .timeout = 60)
{
    struct rollout_curves *curves = rollout_curves_new(NULL);
    look(curves, 1, true, 100, 101);
    rollout_curves_save(curves); /* there is no file */
    cr_assert(rollout_curves_due(curves, 1, true, 50 * SECOND));
    cr_assert_not(rollout_curves_due(curves, 1, true, 104 * SECOND));
    rollout_curves_free(curves);
}

Test(daemon_curves, one_that_is_over_makes_room_for_one_that_is_open, .timeout = 60)
{
    struct rollout_curves *curves = rollout_curves_new(NULL);
    for (uint32_t id = 2; id <= CURVES_KEPT + 1; id++) look(curves, id, true, id, id + 1);
    look(curves, 5, false, 10, 11);
    look(curves, 1, true, 20, 21);
    cr_assert_eq(points_of(curves, 1), 1, "the oldest of all is still open");
    cr_assert_null(rollout_curves_of(curves, 5));
    cr_assert_eq(points_of(curves, 2), 1);
    rollout_curves_free(curves);
}

Test(daemon_curves, the_newest_are_kept_and_a_file_brings_them_back, .timeout = 60)
{
    char path[] = "/tmp/curves-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
    struct rollout_curves *curves = rollout_curves_new(path);
    for (uint32_t id = 1; id <= CURVES_KEPT + 3; id++) look(curves, id, true, id, id + 1);
    cr_assert_null(rollout_curves_of(curves, 3));
    cr_assert_eq(points_of(curves, 4), 1);
    rollout_curves_save(curves);
    rollout_curves_free(curves);
    curves = rollout_curves_new(path);
    cr_assert_null(rollout_curves_of(curves, 3));
    cr_assert_eq(moment_of(curves, CURVES_KEPT + 3, 0), CURVES_KEPT + 3);
    json_t *row = json_array_get(json_object_get(rollout_curves_of(curves, 4), "points"), 0),
           *guard = json_array_get(row, 1);
    cr_assert_eq(json_integer_value(json_array_get(guard, 0)), 7);
    cr_assert_eq(json_integer_value(json_array_get(guard, 3)), 2);
    rollout_curves_free(curves);
    static const char damaged[] = "{\"1\": {\"every_us\": 1, \"points\": []}, \"2\": 7, \"3\": {\"every_us\": 5000000, "
                                  "\"points\": [[\"x\"]]}, \"5\": {\"every_us\": 5000000, \"points\": [[9]]}}";
    cr_assert(file_replace(path, damaged, sizeof damaged - 1));
    curves = rollout_curves_new(path);
    cr_assert(!rollout_curves_of(curves, 1) && !rollout_curves_of(curves, 2) && !rollout_curves_of(curves, 3));
    cr_assert_eq(points_of(curves, 5), 1);
    rollout_curves_free(curves);
    unlink(path);
}
