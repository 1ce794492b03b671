/* tests/unit/sources_body.c - What a server may say, and what it is told: JSON as key-value lists, and back; URLs. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sources/body.h"
#include "runtime/sources/body_xml.h"
#include "vm/request.h"

static const char *read_text(const char *text, struct kv *kv)
{
    kv_init(kv);
    return body_read(BODY_json, "", text, strlen(text), kv);
}

Test(sources_body, what_is_read_is_written_the_same, .timeout = 10)
{
    static const char *const texts[] = {"{\"answer\":{\"a\":1,\"b\":[true,null,1.5],\"c\":\"\xc3\xa9\\\"\"}}",
                                        "{\"answer\":[[1],[2,3]]}", "{\"answer\":-7}", "{\"answer\":{}}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct kv kv;
        size_t length = strlen(texts[i]) - strlen("{\"answer\":}");
        char *inner = strndup(texts[i] + strlen("{\"answer\":"), length);
        cr_expect_null(read_text(inner, &kv), "%s", inner);
        char *again = body_write(kv_span(&kv), 0);
        cr_expect_str_eq(again, texts[i]);
        free(again);
        free(inner);
        kv_free(&kv);
    }
}

Test(sources_body, a_list_and_what_could_be_taken_for_one_are_told_apart, .timeout = 10)
{
    static const struct kv_value mark = {.tag = KV_BINARY};
    struct kv kv;
    kv_init(&kv);
    kv_list_begin(&kv, span_of("empty"));
    kv_put(&kv, span_of("item"), &mark);
    kv_list_end(&kv);
    kv_list_begin(&kv, span_of("map"));
    kv_put(&kv, span_of(""), &mark);
    kv_put_int(&kv, "item", 1);
    kv_list_end(&kv);
    kv_put_time(&kv, "at", INT64_C(1772445600250000));
    char *text = body_write(kv_span(&kv), 0);
    cr_expect_str_eq(text, "{\"empty\":[],\"map\":{\"item\":1},\"at\":\"2026-03-02T10:00:00.250000Z\"}");
    free(text);
    text = body_write(kv_span(&kv), 3);
    cr_expect_str_eq(text, "{\"at\":\"2026-03-02T10:00:00.250000Z\"}", "what stands in the URL is not sent again");
    free(text);
    kv_free(&kv);
}

Test(sources_body, what_no_value_may_be_is_refused_with_a_reason, .timeout = 10)
{
    static const char *const texts[] = {"<html>",
                                        "{",
                                        "{\"a\":1,\"a\":2}",
                                        "\"\\u0000\"",
                                        "99999999999999999999",
                                        "\"\xff\"",
                                        "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
                                        "1 2",
                                        "nul"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct kv kv;
        cr_expect_not_null(read_text(texts[i], &kv), "%s", texts[i]);
        kv_free(&kv);
    }
    size_t length = 400;
    char *key = malloc(length + 8);
    memset(key, 'k', length);
    key[0] = '{', key[1] = '"';
    strcpy(key + length, "\":1}");
    struct kv kv;
    cr_expect_not_null(read_text(key, &kv), "a key that is too long");
    kv_free(&kv);
    free(key);
}

Test(sources_body, nothing_is_none_and_too_much_is_seen_by_its_length, .timeout = 10)
{
    struct kv kv;
    struct kv_value value;
    cr_expect_null(read_text(" \r\n", &kv));
    cr_expect(kv_get(kv_span(&kv), "answer", &value) && value.tag == KV_NONE);
    kv_free(&kv);
    char *text = malloc(60003);
    memset(text, 'x', 60002);
    text[0] = text[60001] = '"', text[60002] = '\0';
    cr_expect_null(read_text(text, &kv));
    cr_expect_gt(kv.length, KV_BYTES_MAX);
    kv_free(&kv);
    free(text);
}

static const char *request(const char *text, uint32_t arguments, bool body)
{
    struct http_request made;
    return request_read((struct request_text){text, (uint32_t)strlen(text)}, arguments, body, &made);
}

Test(sources_body, a_request_is_what_it_says_or_is_refused, .timeout = 10)
{
    struct http_request made;
    const char *good = "https://host:8443/a/{1}?b={2}\none\ntwo\nthree";
    cr_expect_null(request_read((struct request_text){good, (uint32_t)strlen(good)}, 3, true, &made));
    cr_expect_eq(made.in_url, 3);
    cr_expect_eq(made.in_path, 1);
    cr_expect_eq(request_root(made.url), strlen("https://host:8443"));
    cr_expect_not_null(request(good, 3, false), "the third goes nowhere");
    cr_expect_not_null(request(good, 2, true), "it goes on behind its arguments");
    cr_expect_not_null(request("https://host/{2}\none", 1, true));
    cr_expect_not_null(request("https://host/{0}\none", 1, true));
    cr_expect_not_null(request("https://host/{1\none", 1, true));
    cr_expect_not_null(request("https://host/{99999999999999}\none", 1, true));
    cr_expect_not_null(request("https://{1}/\none", 1, true));
    cr_expect_not_null(request("https://host/\none\none", 2, true));
    cr_expect_not_null(request("https://a@host/", 0, true));
    cr_expect_not_null(request("file:///etc/passwd", 0, true));
    cr_expect_not_null(request("https://host/\r", 0, true));
    cr_expect_not_null(request("", 0, true));
    cr_expect_null(request("/", 0, false));
}

Test(sources_body, a_key_with_a_nul_is_not_cut, .timeout = 10)
{
    struct kv kv;
    kv_init(&kv);
    kv_put(&kv, (struct span){(const uint8_t *)"a\0b", 3}, &(struct kv_value){.tag = KV_INT, .word = 1});
    kv_put(&kv, (struct span){(const uint8_t *)"a\0c", 3}, &(struct kv_value){.tag = KV_INT, .word = 2});
    char *text = body_write(kv_span(&kv), 0);
    cr_expect_str_eq(text, "{\"a\\u0000b\":1,\"a\\u0000c\":2}");
    free(text);
    kv_free(&kv);
}

/* The answer as JSON, or the reason why there is none. */
static char *xml_as_json(const char *at, const char *xml)
{
    struct kv kv;
    kv_init(&kv);
    const char *wrong = body_read(BODY_xml, at, xml, strlen(xml), &kv);
    char *text = wrong ? strdup(wrong) : body_write(kv_span(&kv), 0);
    kv_free(&kv);
    return text;
}

Test(sources_body, xml_is_read_by_names_without_prefix, .timeout = 10)
{
    static const char *const rows[][3] = {
        {"", "<a>1</a>", "{\"answer\":\"1\"}"},
        {"", "<?xml version='1.0'?>\n<x:a><x:b> lost\n</x:b><c/></x:a>", "{\"answer\":{\"b\":\"lost\",\"c\":\"\"}}"},
        {"Envelope/Body/R", "<s:Envelope xmlns:s='u'><s:Header/><s:Body><R><t>1</t><t>2</t></R></s:Body></s:Envelope>",
         "{\"answer\":{\"t\":[\"1\",\"2\"]}}"},
        {"a/b", "<a><b>1</b><b>2</b></a>", "{\"answer\":[\"1\",\"2\"]}"},
        {"a/b/c", "<a><b><c>1</c></b><b><c>2</c></b></a>", "{\"answer\":\"1\"}"},
        {"", "<a xmlns:i='u'><b i:nil='true'/><c i:type='x'>y &amp; <![CDATA[<z>]]></c></a>",
         "{\"answer\":{\"b\":null,\"c\":\"y & <z>\"}}"},
        {"", "<price currency='EUR'>12</price>", "{\"answer\":{\"currency\":\"EUR\",\"text\":\"12\"}}"},
        {"a/x", "<a><b/></a>", "it does not have the element of `at`"},
        {"a/b/c", "<a><b>1</b></a>", "it does not have the element of `at`"},
        {"", "<a><b></a>", "it is no XML"},
        {"", "{}", "it is no XML"},
        {"", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "it has a document type"},
        {"", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "it has a document type"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *read = xml_as_json(rows[i][0], rows[i][1]);
        cr_expect_str_eq(read, rows[i][2], "%s: %s", rows[i][1], read);
        free(read);
    }
}

Test(sources_body, xml_that_is_too_deep_is_refused, .timeout = 10)
{
    char deep[8 * 64 + 1] = "";
    for (unsigned i = 0; i < 40; i++) strcat(deep, "<a>");
    char *read = xml_as_json("", deep);
    cr_expect_str_eq(read, "its elements nest too deep");
    free(read);
}

Test(sources_body, a_text_is_an_answer, .timeout = 10)
{
    struct kv kv;
    kv_init(&kv);
    cr_expect_null(body_read(BODY_text, "", "12 & more", 9, &kv));
    char *text = body_write(kv_span(&kv), 0);
    cr_expect_str_eq(text, "{\"answer\":\"12 & more\"}");
    free(text);
    kv_clear(&kv);
    cr_expect_not_null(body_read(BODY_text, "", "\xff", 1, &kv));
    kv_free(&kv);
}

Test(sources_body, a_request_is_filled_into_its_form, .timeout = 10)
{
    static const struct kv_value none = {.tag = KV_NONE};
    struct kv kv;
    const char *wrong;
    kv_init(&kv);
    kv_put_text(&kv, "who", span_of("<An\x01na> & \"co\"'s"));
    kv_put_int(&kv, "n", 3);
    kv_put(&kv, span_of("no"), &none);
    kv_list_begin(&kv, span_of("all"));
    kv_list_end(&kv);
    char *text = body_xml_fill("<a n=\"{n}\">{who}{no}</a>{{}}", kv_span(&kv), &wrong);
    cr_assert_not_null(text, "%s", wrong);
    cr_expect_str_eq(text, "<a n=\"3\">&lt;An na&gt; &amp; &quot;co&quot;&apos;s</a>{}");
    free(text);
    static const char *const bad[] = {"{nobody}", "{all}", "{n", "}", "{n{n}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_null(body_xml_fill(bad[i], kv_span(&kv), &wrong), "%s", bad[i]);
        cr_expect(wrong && *wrong);
    }
    kv_free(&kv);
}
