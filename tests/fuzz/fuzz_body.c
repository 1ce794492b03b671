/* tests/fuzz/fuzz_body.c - Any bytes as what a server answers, JSON or XML, as the form of a request in XML, and as
 * what an endpoint is asked: an answer is refused with a reason, or is a value that is written and read again the same;
 * a request's text is refused, or its URL has only pieces of it, and no argument in scheme or host.
 *
 * The first byte: 0 an answer, 64 one of XML, 128 a form, else a request, of as many arguments as its lower bits say,
 * with a body or without. */
#include <stdlib.h>
#include <string.h>

#include "runtime/sources/body.h"
#include "runtime/sources/body_xml.h"
#include "tests/fuzz/fuzz.h"
#include "vm/request.h"

enum { BODY = 32, ARGUMENTS = 31, XML = 64, REQUEST_FORM = 128 };

static bool spans_same(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* A walk through all of it, as who decodes it takes: no deeper than it may be. */
static void walk(struct span list, unsigned depth)
{
    char room[BODY_VALUE_ROOM];
    uint32_t at = 0;
    struct kv_pair pair;
    struct span text;
    MUST(depth < KV_DEPTH_MAX);
    while (kv_next(list, &at, &pair)) {
        if (pair.value.tag == KV_LIST) walk(pair.value.span, depth + 1);
        MUST(body_plain(&pair.value, room, &text) ==
             (pair.value.tag != KV_LIST && pair.value.tag != KV_NONE && pair.value.tag != KV_BINARY));
    }
}

static void answer(enum body_form form, const char *text, size_t length)
{
    struct kv kv, again;
    kv_init(&kv);
    kv_init(&again);
    char *copy = malloc(length + 1);
    if (!copy) abort();
    if (length > 0) memcpy(copy, text, length);
    copy[length] = '\0'; /* as libcurl's buffer is ended */
    const char *wrong = body_read(form, "", copy, length, &kv);
    free(copy);
    if (!wrong && kv.length <= KV_BYTES_MAX) {
        walk(kv_span(&kv), 0);
        char *written = body_write(kv_span(&kv), 0);
        /* {"answer": ...}: what stands in it. */
        const char *inner = strchr(written, ':') + 1;
        MUST(!strncmp(written, "{\"answer\":", 10));
        MUST(!body_read(BODY_json, "", inner, strlen(inner) - 1, &again));
        char *twice = body_write(kv_span(&again), 0);
        MUST(strcmp(written, twice) == 0);
        free(twice);
        free(written);
    }
    kv_free(&kv);
    kv_free(&again);
}

static void request_form(const char *text, size_t length)
{
    struct kv args;
    const char *wrong;
    char *form = strndup(text, length);
    kv_init(&args);
    kv_put_text(&args, "a", span_of("<&\">"));
    kv_put_int(&args, "b", 1);
    char *filled = body_xml_fill(form, kv_span(&args), &wrong);
    MUST(!filled == (wrong != NULL));
    free(filled);
    kv_free(&args);
    free(form);
}

static void request(unsigned how, const char *text, size_t length)
{
    unsigned arguments = how & ARGUMENTS;
    struct http_request read;
    struct span all = {(const uint8_t *)text, (uint32_t)length};
    const char *wrong = request_read((struct request_text){text, (uint32_t)length}, arguments, how & BODY, &read);
    if (wrong) {
        MUST(*wrong);
        return;
    }
    uint32_t at = 0, argument, seen = 0, root = request_root(read.url), walked = 0;
    struct request_text piece;
    MUST(read.count == arguments && read.url.length <= REQUEST_URL_MAX && (read.in_path & ~read.in_url) == 0);
    MUST(spans_same((struct span){(const uint8_t *)read.url.bytes, read.url.length},
                    (struct span){all.bytes, read.url.length}));
    while (request_piece(read.url, &at, &piece, &argument)) {
        MUST(piece.bytes >= read.url.bytes && piece.bytes + piece.length <= read.url.bytes + read.url.length);
        MUST(at <= read.url.length && at > walked);
        walked = at;
        if (argument == UINT32_MAX) continue;
        MUST(argument < arguments && piece.bytes + piece.length >= read.url.bytes + root);
        seen |= UINT32_C(1) << argument;
    }
    MUST(seen == read.in_url);
    MUST((how & BODY) || arguments == 0 ||
         seen == (UINT32_C(1) << (arguments - 1) | ((UINT32_C(1) << (arguments - 1)) - 1)));
    for (unsigned i = 0; i < arguments; i++) {
        MUST(read.names[i].length > 0);
        for (unsigned other = 0; other < i; other++)
            MUST(read.names[i].length != read.names[other].length ||
                 memcmp(read.names[i].bytes, read.names[other].bytes, read.names[i].length) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0) return 0;
    if (bytes[0] == 0)
        answer(BODY_json, (const char *)bytes + 1, length - 1);
    else if (bytes[0] == XML)
        answer(BODY_xml, (const char *)bytes + 1, length - 1);
    else if (bytes[0] == REQUEST_FORM)
        request_form((const char *)bytes + 1, length - 1);
    else
        request(bytes[0], (const char *)bytes + 1, length - 1);
    return 0;
}
