/* tests/unit/vm_latch.c - The latches of an image: rows that say nothing sensible are refused. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/image_data.h"
#include "vm/image_writer.h"

TestSuite(vm_latch, .timeout = 20);

enum { GOOD, TALLIES, NUMBER, NO_PARAMETER, WALKS, CALLS, FUNCTIONS };

static uint16_t function(struct image_writer *w, unsigned parameters, uint16_t type, enum opcode op)
{
    uint16_t number = writer_function_begin(w, "f", FUNCTION_PLAIN, IMAGE_NONE, parameters, type);
    uint8_t reg = writer_register(w, type), key = writer_register(w, TYPE_STR);
    uint8_t window = writer_register(w, TYPE_DURATION);
    if (op == OP_TALLY) writer_abc(w, OP_TALLY, key, key, window);
    if (op == OP_LATCH) writer_abx(w, OP_LATCH, reg, 0);
    if (op == OP_SETTING_WALK) writer_abx(w, OP_SETTING_WALK, writer_register(w, TYPE_INT), 0);
    if (op == OP_CALL) writer_call(w, WALKS, reg, 0);
    writer_abc(w, OP_RETURN, reg, 0, 0);
    writer_function_end(w);
    return number;
}

static uint8_t *made(size_t *length)
{
    struct image_writer *w = image_writer_new();
    const struct writer_field why = {"why", 3, TYPE_STR, false};
    uint16_t map = writer_map(w, writer_record(w, "Blocked", &why, 1));
    uint16_t none = writer_constant(w, map, writer_object(w, map, NULL, 0));
    writer_setting(w, SETTING_TABLE, "blocked", map, none, IMAGE_NONE, IMAGE_NONE, NULL);
    function(w, 1, TYPE_BOOL, OP_LATCH);
    function(w, 1, TYPE_BOOL, OP_TALLY);
    function(w, 1, TYPE_INT, OP_RETURN);
    function(w, 0, TYPE_BOOL, OP_RETURN);
    function(w, 1, TYPE_BOOL, OP_SETTING_WALK);
    function(w, 1, TYPE_BOOL, OP_CALL);
    writer_latch(w, "a", GOOD, false);
    writer_latch(w, "b", GOOD, true);
    struct error error = {0};
    uint8_t *bytes = image_writer_finish(w, length, &error);
    cr_assert(bytes, "%s", error.text);
    image_writer_free(w);
    return bytes;
}

static void refused(void (*change)(struct image_latch *), const char *why)
{
    size_t length;
    uint8_t *bytes = made(&length);
    struct image_header *header = (struct image_header *)(void *)bytes;
    struct error error = {0};
    if (change) change((struct image_latch *)(void *)(bytes + header->section[SECTION_LATCHES].offset));
    image_hash_semantic(bytes, header->hash);
    image_hash_apart(bytes, SECTION_DEBUG, header->debug_hash);
    image_hash_apart(bytes, SECTION_SCENARIO, header->scenario_hash);
    struct image *image = image_load(bytes, length, &error);
    cr_assert_eq(!image, !!change, "%s", error.text);
    if (change) cr_expect(strstr(error.text, why), "%s", error.text);
    image_free(image);
    free(bytes);
}

static void no_function(struct image_latch *row)
{
    row->function = FUNCTIONS;
}
static void tallies(struct image_latch *row)
{
    row->function = TALLIES;
}
static void walks(struct image_latch *row)
{
    row->function = WALKS;
}
static void calls(struct image_latch *row)
{
    row->function = CALLS;
}
static void number(struct image_latch *row)
{
    row->function = NUMBER;
}
static void no_parameter(struct image_latch *row)
{
    row->function = NO_PARAMETER;
}
static void twice(struct image_latch *row)
{
    row[1].name = row[0].name;
}
static void ticks(struct image_latch *row)
{
    row->ticks = 2;
}
static void bits(struct image_latch *row)
{
    row->zero = 1;
}
static void outside(struct image_latch *row)
{
    row->name.length = 1 << 30;
}

Test(vm_latch, rows_that_say_nothing_sensible_are_refused)
{
    refused(NULL, "");
    refused(no_function, "a latch has not its function");
    refused(tallies, "a latch's function changes something");
    refused(walks, "a latch's function walks through a table");
    refused(calls, "a latch's function walks through a table");
    refused(number, "a latch's function is no condition");
    refused(no_parameter, "a latch's function is no condition");
    refused(twice, "two latches have the same name");
    refused(ticks, "unused bits are set");
    refused(bits, "unused bits are set");
    refused(outside, "text");
}

Test(vm_latch, an_image_has_at_most_1024)
{
    for (unsigned count = IMAGE_LATCHES_MAX; count <= IMAGE_LATCHES_MAX + 1; count++) {
        struct image_writer *w = image_writer_new();
        struct error error = {0};
        size_t length;
        char name[16];
        function(w, 1, TYPE_BOOL, OP_RETURN);
        for (unsigned at = 0; at < count; at++) {
            snprintf(name, sizeof name, "l%u", at);
            writer_latch(w, name, 0, false);
        }
        uint8_t *bytes = image_writer_finish(w, &length, &error);
        image_writer_free(w);
        cr_assert_eq(bytes != NULL, count == IMAGE_LATCHES_MAX, "%s", error.text);
        if (!bytes) cr_expect(strstr(error.text, "more than 1,024 latches"), "%s", error.text);
        struct image *image = bytes ? image_load(bytes, length, &error) : NULL;
        cr_assert_eq(image != NULL, bytes != NULL, "%s", error.text);
        image_free(image);
        free(bytes);
    }
}
