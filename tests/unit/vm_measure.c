/* tests/unit/vm_measure.c - What an image measures: rows that say nothing sensible are refused, and shares are exact.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "vm/image_data.h"
#include "vm/measure.h"
#include "vm/image_writer.h"

TestSuite(vm_measure, .timeout = 20);

/* function f(v: vq): int { return answered of v within 5s since noon } */
static void *made(size_t *length)
{
    const int64_t from = INT64_MIN;
    const int32_t offset = 0;
    struct image_writer *w = image_writer_new();
    struct image_measure row = {.window_us = -(INT64_C(43200000000) + 1),
                                .within_us = 5000000,
                                .measure = MEASURE_ID_answered,
                                .of = MEASURED_VQ,
                                .zone = (uint16_t)writer_zone(w, "UTC", &from, &offset, 1)};
    writer_function_begin(w, "f", FUNCTION_PLAIN, IMAGE_NONE, 1, TYPE_INT);
    uint8_t vq = writer_register(w, TYPE_VQ), result = writer_register(w, TYPE_INT);
    writer_ab_number(w, OP_MEASURE, result, vq, writer_measure(w, &row));
    writer_abc(w, OP_RETURN, result, 0, 0);
    writer_function_end(w);
    struct error error = {0};
    void *bytes = image_writer_finish(w, length, &error);
    cr_assert(bytes, "%s", error.text);
    image_writer_free(w);
    return bytes;
}

static void refused(struct image_measure row, const char *why)
{
    size_t length;
    uint8_t *bytes = made(&length);
    struct image_header *header = (struct image_header *)(void *)bytes;
    struct error error = {0};
    struct image *image = image_load(bytes, length, &error);
    cr_assert(image, "%s", error.text);
    image_free(image);
    memcpy(bytes + header->section[SECTION_MEASURES].offset, &row, sizeof row);
    image_hash_semantic(bytes, header->hash);
    image_hash_apart(bytes, SECTION_DEBUG, header->debug_hash);
    image_hash_apart(bytes, SECTION_SCENARIO, header->scenario_hash);
    image = image_load(bytes, length, &error);
    cr_assert(!image, "%s", why);
    cr_expect(strstr(error.text, why), "%s", error.text);
    free(bytes);
}

Test(vm_measure, rows_that_say_nothing_sensible_are_refused)
{
    const struct image_measure good = {.window_us = -(INT64_C(43200000000) + 1),
                                       .within_us = 5000000,
                                       .measure = MEASURE_ID_answered,
                                       .of = MEASURED_VQ};
#define WITH(field, value, why)                                                                                        \
    {                                                                                                                  \
        struct image_measure row = good;                                                                               \
        row.field = value;                                                                                             \
        refused(row, why);                                                                                             \
    }
    WITH(measure, MEASURES, "there is no such measure")
    WITH(measure, MEASURE_GIVEN_PERCENT + 1, "there is no such measure")
    WITH(of, 0, "not measured of such an object")
    WITH(of, MEASURED_VQ | MEASURED_GROUP, "not measured of such an object")
    WITH(of, MEASURED_ALL + 1, "not measured of such an object")
    WITH(measure, MEASURE_ID_login_time, "not measured of such an object")
    WITH(window_us, 0, "a measure has no window")
    WITH(measure, MEASURE_ID_waiting, "or one too much")
    WITH(window_us, INT64_MIN, "since the login of what is no agent")
    WITH(window_us, INT64_MIN + 1, "begins at no time of day")
    WITH(window_us, -(INT64_C(86400000000) + 1), "begins at no time of day")
    WITH(window_us, 999999, "not of a second to 31 days")
    WITH(window_us, MEASURE_OVER_MAX_US + 1, "not of a second to 31 days")
    WITH(window_us, 1000000, "a measure has no zone, or one too much")
    WITH(zone, 1, "a measure has no zone, or one too much")
    WITH(zone, IMAGE_NONE, "a measure has no zone, or one too much")
    WITH(within_us, -2, "time within which it counts")
    WITH(medium, 256, "a measure's medium")
    WITH(of, MEASURED_GROUP, "an operand is of the wrong type")
#undef WITH
}

Test(vm_measure, a_value_that_a_test_gives_is_of_a_statistic_with_a_name)
{
    const struct image_measure good = {.within_us = 0, .measure = MEASURE_GIVEN, .of = MEASURED_VQ, .zone = IMAGE_NONE};
    struct image_measure row = good;
    row.within_us = -1;
    refused(row, "a statistic that is given has no name");
    row.within_us = UINT16_MAX;
    refused(row, "a statistic that is given has no name");
    row.within_us = 0; /* a virtual queue */
    refused(row, "a statistic that is given has no name");
    row.window_us = 1000000;
    refused(row, "a measure has no window, or one too much");
}

Test(vm_measure, a_candidate_is_measured_in_lines_of_selections_only)
{
    static const struct {
        enum function_kind kind;
        struct image_measure row;
        const char *why;
    } cases[] = {
        {FUNCTION_LEAF, {0, -1, MEASURE_ID_idle_time, MEASURED_AGENT, IMAGE_NONE, 0}, NULL},
        {FUNCTION_PLAIN, {0, -1, MEASURE_ID_idle_time, MEASURED_AGENT, IMAGE_NONE, 0}, "there is no candidate here"},
        {FUNCTION_LEAF, {0, -1, MEASURE_ID_longest_wait, MEASURED_VQ, IMAGE_NONE, 0}, "of the wrong type"},
        {FUNCTION_LEAF, {0, -1, MEASURE_ID_agents_ready, MEASURED_GROUP, IMAGE_NONE, 0}, "of the wrong type"},
    };
    for (unsigned at = 0; at < sizeof cases / sizeof *cases; at++) {
        struct image_writer *w = image_writer_new();
        struct error error = {0};
        size_t length;
        writer_function_begin(w, "f", cases[at].kind, IMAGE_NONE, 0, TYPE_DURATION);
        uint8_t result = writer_register(w, TYPE_DURATION);
        writer_abx(w, OP_IT_MEASURE, result, (int)writer_measure(w, &cases[at].row));
        writer_abc(w, OP_RETURN, result, 0, 0);
        writer_function_end(w);
        void *bytes = image_writer_finish(w, &length, &error);
        cr_assert(bytes, "%s", error.text);
        image_writer_free(w);
        struct image *image = image_load(bytes, length, &error);
        cr_expect_eq(image != NULL, !cases[at].why, "%s", error.text);
        cr_expect(!cases[at].why || strstr(error.text, cases[at].why), "%s", error.text);
        if (image) image_free(image);
        free(bytes);
    }
}
