/* tests/unit/vm_native.c - Natives: what they are given, what they may give back, and what a verifier lets in. */
#include <math.h>

#include "vm/gcx_native.h"
#include "vm/image_data.h"
#include "vm/native.h"
#include "vm/steps.h"
#include "base/written.h"
#include "vm_sample.h"

static const uint8_t hash[IMAGE_HASH] = {1, 2, 3};

/* A strategy that stops with the text of what a native makes of `count` constants. */
struct given {
    uint16_t type, constant;
};

static struct image *image_calling(uint16_t result, const struct given *given, uint32_t count, struct image_writer *w)
{
    uint16_t types[NATIVE_ARGUMENTS_MAX] = {0};
    for (uint32_t n = 0; n < count; n++) types[n] = given[n].type;
    uint16_t native = writer_native(w, "checks", "f", hash, result, types, count);
    uint16_t strategy = writer_strategy(w, "s", MEDIUM_ALL, SECOND);
    uint16_t body = writer_function_begin(w, "s", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t first = 0, is = writer_register(w, result), text = writer_register(w, TYPE_STR);
    for (uint32_t n = 0; n < count; n++) {
        uint8_t reg = writer_register(w, types[n]);
        if (n == 0) first = reg;
        writer_abx(w, OP_LOAD, reg, given[n].constant);
    }
    writer_abcd(w, OP_NATIVE, is, native & 0xff, native >> 8, first);
    writer_abc(w, OP_TEXT, text, is, 0);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, text);
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    size_t length;
    struct error error = {0};
    void *bytes = image_writer_finish(w, &length, &error);
    image_writer_free(w);
    cr_assert(bytes, "%s", error.text);
    struct image *image = image_load(bytes, length, &error);
    free(bytes);
    cr_assert(image, "%s", error.text);
    return image;
}

#define FUNCTION(f) ((void (*)(void))(f))

/* Of a native without parameters. */
static struct vm_result run_plain(uint16_t result, void (*function)(void), bool twice, char text[NATIVE_TEXT_MAX])
{
    struct image *image = image_calling(result, NULL, 0, image_writer_new());
    if (function) native_bind(image, 0, function, twice);
    struct machine m = machine_new(image);
    struct vm_result r = vm_start(m.vm, m.block);
    text[0] = '\0';
    if (r.status == VM_WAIT) snprintf(text, NATIVE_TEXT_MAX, "%s", machine_stop(&m, r));
    machine_free(&m);
    return r;
}

static void joined(struct gcx_native *result, int64_t i, double f, bool b, const char *s, size_t length, int64_t d,
                   int64_t p)
{
    char text[200];
    int size = snprintf(text, sizeof text, "%lld %.2f %d %.*s(%zu) %lld %lld", (long long)i, f, b, (int)length, s,
                        length, (long long)d, (long long)p);
    gcx_native_return(result, text, (size_t)size);
}

Test(vm_native, is_given_each_type_and_returns_text)
{
    struct image_writer *w = image_writer_new();
    struct given given[] = {
        {TYPE_INT, writer_constant(w, TYPE_INT, (uint64_t)-7)},
        {TYPE_FLOAT, writer_constant(w, TYPE_FLOAT, value_from_float(1.25))},
        {TYPE_BOOL, writer_constant(w, TYPE_BOOL, 1)},
        {TYPE_STR, writer_constant_text(w, "a text of the image", 19)},
        {TYPE_DATE, writer_constant(w, TYPE_DATE, 20000)},
        {TYPE_PERCENT, writer_constant(w, TYPE_PERCENT, 250000)},
    };
    struct image *image = image_calling(TYPE_STR, given, 6, w);
    char signature[NATIVE_SIGNATURE_MAX];
    native_signature(image_native(image, 0), signature);
    cr_assert_str_eq(signature, "str(int, float, bool, str, date, percent)");
    cr_assert_not(native_all_bound(image));
    native_bind(image, 0, FUNCTION(joined), true);
    cr_assert(native_all_bound(image));
    struct machine m = machine_new(image);
    cr_assert_str_eq(machine_stop(&m, vm_start(m.vm, m.block)), "-7 1.25 1 a text of the image(19) 20000 250000");
    machine_free(&m);
}

Test(vm_native, is_a_fault_where_nobody_has_bound_it)
{
    char text[NATIVE_TEXT_MAX];
    struct vm_result r = run_plain(TYPE_INT, NULL, false, text);
    cr_assert(r.status == VM_FAULT && r.fault == FAULT_NATIVE);
}

static int64_t none(void)
{
    return INT64_MIN;
}
static double not_a_number(void)
{
    return NAN;
}
static bool yes(void)
{
    return true;
}
static void long_text(struct gcx_native *result)
{
    static char bytes[NATIVE_TEXT_MAX + 1];
    memset(bytes, 'x', sizeof bytes);
    gcx_native_return(result, bytes, sizeof bytes);
}
static void endless_text(struct gcx_native *result)
{
    result->length = SIZE_MAX;
}
static void broken_text(struct gcx_native *result)
{
    gcx_native_return(result, "\xc3(", 2);
}
static void zero_text(struct gcx_native *result)
{
    gcx_native_return(result, "a\0b", 3);
}
static void nothing(struct gcx_native *result)
{
    (void)result;
}
static void whole_text(struct gcx_native *result)
{
    memset(result->text, 'y', result->size);
    result->length = result->size;
}
static int64_t calls;
static int64_t impure(void)
{
    return ++calls;
}
static void impure_text(struct gcx_native *result)
{
    gcx_native_return(result, ++calls % 2 ? "odd one" : "another", 7);
}
static void impure_length(struct gcx_native *result)
{
    gcx_native_return(result, "more", ++calls % 2 ? 3 : 4);
}

#define DAY_US INT64_C(86400000000)
static int64_t first_day(void)
{
    return written_days(1, 1, 1);
}
static int64_t last_day(void)
{
    return written_days(9999, 12, 31);
}
static int64_t day_before(void)
{
    return first_day() - 1;
}
static int64_t day_after(void)
{
    return last_day() + 1;
}
static int64_t first_moment(void)
{
    return first_day() * DAY_US;
}
static int64_t last_moment(void)
{
    return day_after() * DAY_US - 1;
}
static int64_t moment_before(void)
{
    return first_moment() - 1;
}
static int64_t moment_after(void)
{
    return last_moment() + 1;
}
static int64_t largest(void)
{
    return INT64_MAX;
}

Test(vm_native, dates_and_times_are_of_years_1_to_9999)
{
    static int64_t (*const wrong_dates[])(void) = {day_before, day_after, largest, first_moment};
    static int64_t (*const wrong_times[])(void) = {moment_before, moment_after, largest};
    char text[NATIVE_TEXT_MAX];
    run_plain(TYPE_DATE, FUNCTION(first_day), true, text);
    cr_assert_str_eq(text, "0001-01-01");
    run_plain(TYPE_DATE, FUNCTION(last_day), true, text);
    cr_assert_str_eq(text, "9999-12-31");
    cr_assert_eq(run_plain(TYPE_TIME, FUNCTION(first_moment), true, text).status, VM_WAIT);
    cr_assert_eq(run_plain(TYPE_TIME, FUNCTION(last_moment), true, text).status, VM_WAIT);
    for (size_t i = 0; i < sizeof wrong_dates / sizeof *wrong_dates; i++)
        cr_assert_eq(run_plain(TYPE_DATE, FUNCTION(wrong_dates[i]), true, text).fault, FAULT_NATIVE_DATE, "%zu", i);
    for (size_t i = 0; i < sizeof wrong_times / sizeof *wrong_times; i++)
        cr_assert_eq(run_plain(TYPE_TIME, FUNCTION(wrong_times[i]), true, text).fault, FAULT_NATIVE_DATE, "%zu", i);
    cr_assert_eq(run_plain(TYPE_TIME, FUNCTION(none), true, text).fault, FAULT_OVERFLOW);
    cr_assert_eq(run_plain(TYPE_DURATION, FUNCTION(largest), true, text).status, VM_WAIT);
}

Test(vm_native, what_it_returns_is_looked_at)
{
    char text[NATIVE_TEXT_MAX];
    cr_assert_eq(run_plain(TYPE_INT, FUNCTION(none), false, text).fault, FAULT_OVERFLOW);
    cr_assert_eq(run_plain(TYPE_FLOAT, FUNCTION(not_a_number), false, text).fault, FAULT_NOT_A_NUMBER);
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(long_text), false, text).fault, FAULT_NATIVE_LONG);
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(endless_text), false, text).fault, FAULT_NATIVE_LONG);
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(endless_text), true, text).fault, FAULT_NATIVE_LONG);
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(broken_text), false, text).fault, FAULT_NATIVE_TEXT);
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(zero_text), false, text).fault, FAULT_NATIVE_TEXT);
    cr_assert_eq(run_plain(TYPE_INT, FUNCTION(impure), true, text).fault, FAULT_NATIVE_TWICE);
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(impure_text), true, text).fault, FAULT_NATIVE_TWICE);
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(impure_length), true, text).fault, FAULT_NATIVE_TWICE);
    run_plain(TYPE_BOOL, FUNCTION(yes), true, text);
    cr_assert_str_eq(text, "true");
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(nothing), true, text).status, VM_WAIT);
    cr_assert_str_eq(text, "");
    cr_assert_eq(run_plain(TYPE_STR, FUNCTION(whole_text), true, text).status, VM_WAIT);
    cr_assert_eq(strlen(text), (size_t)NATIVE_TEXT_MAX - 1);
}

Test(vm_native, only_the_same_native_is_bound_as_in_another_image)
{
    struct image_writer *w = image_writer_new();
    struct given given[] = {{TYPE_INT, writer_constant(w, TYPE_INT, 1)}};
    struct image *bound = image_calling(TYPE_INT, NULL, 0, image_writer_new());
    struct image *same = image_calling(TYPE_INT, NULL, 0, image_writer_new());
    struct image *takes_more = image_calling(TYPE_INT, given, 1, w);
    struct image *returns_other = image_calling(TYPE_DURATION, NULL, 0, image_writer_new());
    native_bind_alike(same, bound);
    cr_expect_not(native_all_bound(same), "the other image has no native bound");
    native_bind(bound, 0, FUNCTION(none), false);
    native_bind_alike(same, bound);
    native_bind_alike(takes_more, bound);
    native_bind_alike(returns_other, bound);
    cr_expect(native_all_bound(same));
    cr_expect_not(native_all_bound(takes_more));
    cr_expect_not(native_all_bound(returns_other));
    image_free(returns_other);
    image_free(takes_more);
    image_free(same);
    image_free(bound);
}

/* A row of SECTION_NATIVES changed, the hash made good again. */
static void change(void (*how)(struct image_native *row), const char *why)
{
    struct image_writer *w = image_writer_new();
    struct given given[] = {{TYPE_INT, writer_constant(w, TYPE_INT, 1)}};
    struct image *image = image_calling(TYPE_INT, given, 1, w);
    size_t length;
    const void *bytes = image_bytes(image, &length);
    uint8_t *copy = malloc(length);
    memcpy(copy, bytes, length);
    struct image_header *header = (struct image_header *)(void *)copy;
    how((struct image_native *)(void *)(copy + header->section[SECTION_NATIVES].offset));
    image_hash_semantic(copy, header->hash);
    image_hash_apart(copy, SECTION_DEBUG, header->debug_hash);
    image_hash_apart(copy, SECTION_SCENARIO, header->scenario_hash);
    struct error error = {0};
    struct image *changed = image_load(copy, length, &error);
    cr_assert(!changed, "%s", why);
    cr_assert(strstr(error.text, why), "%s", error.text);
    free(copy);
    image_free(image);
}

static void has_seven(struct image_native *row)
{
    row->parameter_count = 7;
}
static void has_one_more(struct image_native *row)
{
    row->parameter_count = 2;
}
static void hides_one(struct image_native *row)
{
    row->parameters[5] = TYPE_INT;
}
static void takes_a_value(struct image_native *row)
{
    row->parameters[0] = TYPE_VALUE;
}
static void takes_a_text(struct image_native *row)
{
    row->parameters[0] = TYPE_STR;
}
static void takes_an_option(struct image_native *row)
{
    row->parameters[0] |= TYPE_OPTIONAL;
}
static void returns_nothing(struct image_native *row)
{
    row->result = TYPE_VOID;
}
static void returns_a_text(struct image_native *row)
{
    row->result = TYPE_STR;
}
static void has_no_name(struct image_native *row)
{
    row->name.length = 0;
}
static void is_out_of_the_strings(struct image_native *row)
{
    row->library.offset = 0x7fffffff;
}

Test(vm_native, a_hostile_row_is_refused)
{
    change(has_seven, "more than six");
    change(has_one_more, "takes or returns no such type");
    change(hides_one, "takes or returns no such type");
    change(takes_a_value, "takes or returns no such type");
    change(takes_a_text, "an argument is of the wrong type");
    change(takes_an_option, "takes or returns no such type");
    change(returns_nothing, "takes or returns no such type");
    change(returns_a_text, "an operand is of the wrong type");
    change(has_no_name, "no good name");
    change(is_out_of_the_strings, "outside the strings");
}

static void refused(const char *library, const char *name, const char *other, const char *why)
{
    struct image_writer *w = image_writer_new();
    const uint8_t another[IMAGE_HASH] = {9};
    writer_native(w, library, name, hash, TYPE_INT, NULL, 0);
    if (other) writer_native(w, library, other, another, TYPE_INT, NULL, 0);
    size_t length;
    struct error error = {0};
    void *bytes = image_writer_finish(w, &length, &error);
    image_writer_free(w);
    cr_assert(!image_load(bytes, length, &error), "%s", why);
    cr_assert(strstr(error.text, why), "%s", error.text);
    free(bytes);
}

Test(vm_native, names_cannot_lead_elsewhere)
{
    refused("../../tmp/x", "f", NULL, "no good name");
    refused("checks", "f-g", NULL, "no good name");
    refused("1checks", "f", NULL, "no good name");
    refused("checks", "f", "f", "there twice");
    refused("checks", "f", "g", "two hashes");
}
