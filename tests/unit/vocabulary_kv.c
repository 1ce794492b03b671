/* tests/unit/vocabulary_kv.c - Key-value lists keep order and duplicates; hostile ones are refused. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/kv.h"

static bool checks(const void *bytes, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    struct error error = {0};
    bool good = kv_check((struct span){copy, (uint32_t)length}, &error);
    cr_assert(good || error.text[0]);
    free(copy);
    return good;
}

#define CHECKS(...) checks((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

Test(kv, order_and_duplicates_are_kept, .timeout = 10)
{
    struct kv kv;
    kv_init(&kv);
    kv_put_text(&kv, "b", span_of("1"));
    kv_put_int(&kv, "a", -5);
    kv_put_text(&kv, "b", span_of("2"));
    kv_put_time(&kv, "t", INT64_MIN);
    struct kv_value value = {.tag = KV_FLOAT, .number = 0.1};
    kv_put(&kv, span_of("f"), &value);
    cr_assert(kv_check(kv_span(&kv), NULL));

    const char *keys[] = {"b", "a", "b", "t", "f"};
    struct kv_pair pair;
    unsigned count = 0;
    for (uint32_t at = 0; kv_next(kv_span(&kv), &at, &pair); count++) cr_assert(span_is(pair.key, keys[count]));
    cr_assert_eq(count, 5);
    cr_assert(kv_get(kv_span(&kv), "b", &value));
    cr_assert(span_is(value.span, "1"), "the first of that key");
    cr_assert(kv_get(kv_span(&kv), "t", &value));
    cr_assert_eq(value.word, INT64_MIN);
    cr_assert(kv_get(kv_span(&kv), "f", &value));
    cr_assert_eq(value.number, 0.1);
    cr_assert_not(kv_get(kv_span(&kv), "z", &value));
    kv_free(&kv);
}

static bool nested_reads(unsigned depth)
{
    struct kv kv;
    kv_init(&kv);
    for (unsigned i = 0; i < depth; i++) kv_list_begin(&kv, span_of("x"));
    kv_put_int(&kv, "deep", 1);
    for (unsigned i = 0; i < depth; i++) kv_list_end(&kv);
    struct span inner = kv_span(&kv);
    struct kv_value value = {0};
    for (unsigned i = 0; i < depth; i++) {
        cr_assert(kv_get(inner, "x", &value));
        inner = value.span;
    }
    cr_assert(kv_get(inner, "deep", &value));
    struct kv outer;
    kv_init(&outer);
    kv_put(&outer, span_of("one more"), &(struct kv_value){.tag = KV_LIST, .span = kv_span(&kv)});
    bool good = kv_check(kv_span(&kv), NULL);
    cr_assert_eq(kv_check(kv_span(&outer), NULL), depth < KV_DEPTH_MAX);
    kv_free(&outer);
    kv_free(&kv);
    return good;
}

Test(kv, lists_nest_sixteen_deep, .timeout = 10)
{
    cr_assert(nested_reads(1));
    cr_assert(nested_reads(KV_DEPTH_MAX));
}

Test(kv, hostile_lists_are_refused, .timeout = 10)
{
    cr_assert(CHECKS(1, 'k', KV_INT, 2));
    cr_assert_not(CHECKS(1, 'k', KV_INT), "cut short");
    cr_assert_not(CHECKS(1, 'k', KV_INT, 0x82, 0x00), "not the shortest");
    cr_assert_not(CHECKS(1, 'k', 9, 0), "no such tag");
    cr_assert_not(CHECKS(1, 'k', KV_BOOL, 2));
    cr_assert_not(CHECKS(1, 'k', KV_TEXT, 5, 'a'), "longer than what is there");
    cr_assert_not(CHECKS(1, 'k', KV_TEXT, 1, 0xff), "not UTF-8");
    cr_assert(CHECKS(1, 'k', KV_BINARY, 1, 0xff));
    cr_assert_not(CHECKS(1, 0xff, KV_NONE), "key not UTF-8");
    cr_assert_not(CHECKS(0xff, 0xff, 0xff, 0xff, 0x0f, 'k'), "a key of 4 GiB");
    cr_assert_not(CHECKS(1, 'k', KV_LIST, 3, 1, 'x', KV_INT), "malformed inside");
    cr_assert_not(CHECKS(1, 'k', KV_FLOAT, 1, 0, 0, 0, 0, 0, 0xf8, 0x7f), "another NaN");
}

Test(kv, limits_hold, .timeout = 10)
{
    static char text[KV_BYTES_MAX + 1];
    memset(text, 'x', sizeof text);
    for (unsigned extra = 0; extra < 2; extra++) {
        struct kv kv;
        kv_init(&kv);
        uint32_t head = 1 + 1 + 1 + 3; /* key, tag, length */
        kv_put_text(&kv, "k", (struct span){(uint8_t *)text, KV_BYTES_MAX - head + extra});
        cr_assert_eq(kv.length, KV_BYTES_MAX + extra);
        cr_assert_eq(kv_check(kv_span(&kv), NULL), extra == 0);
        kv_free(&kv);
    }
    struct kv many;
    kv_init(&many);
    for (unsigned i = 0; i < 1000; i++) kv_put_none(&many, "k");
    cr_assert(kv_check(kv_span(&many), NULL));
    kv_put_none(&many, "k");
    cr_assert_not(kv_check(kv_span(&many), NULL));
    kv_free(&many);
}

Test(kv, what_is_no_utf8_is_made_readable, .timeout = 10)
{
    static const char *const texts[][2] = {
        {"", ""},
        {"caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80"},
        {"cut \xe2\x82", "cut ??"},
        {"caf\xe9 \xc3\xa9", "caf? \xc3\xa9"},
        {"\xed\xa0\x80\xc0\x80\xff", "??????"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[32];
        strcpy(text, texts[i][0]);
        bytes_clean_utf8(text);
        cr_expect_str_eq(text, texts[i][1]);
        cr_expect(bytes_are_utf8(span_of(text)));
    }
}
