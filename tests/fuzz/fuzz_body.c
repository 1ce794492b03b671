/* tests/fuzz/fuzz_body.c - Any bytes as what a server answers, and as what an endpoint is asked: an answer is refused
 * with a reason, or is a value that is written and read again the same; a request's text is refused, or its URL has
 * only pieces of it, and no argument in scheme or host.
 *
 * The first byte: 0 an answer, else a request, of as many arguments as its lower bits say, with a body or without. */
#include <stdlib.h>
#include <string.h>

#include "runtime/sources/body.h"
#include "tests/fuzz/fuzz.h"
#include "vm/request.h"

enum { BODY = 32, ARGUMENTS = 31 };

static bool same(struct span a, struct span b)
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

static void answer(const char *text, size_t length)
{
    struct kv kv, again;
    kv_init(&kv);
    kv_init(&again);
    char *copy = malloc(length + 1);
    if (!copy) abort();
    if (length > 0) memcpy(copy, text, length);
    copy[length] = '\0'; /* as libcurl's buffer is ended */
    const char *wrong = body_read(copy, length, &kv);
    free(copy);
    if (!wrong && kv.length <= KV_BYTES_MAX) {
        walk(kv_span(&kv), 0);
        char *written = body_write(kv_span(&kv), 0);
        /* {"answer": ...}: what stands in it. */
        const char *inner = strchr(written, ':') + 1;
        MUST(!strncmp(written, "{\"answer\":", 10));
        MUST(!body_read(inner, strlen(inner) - 1, &again));
        char *twice = body_write(kv_span(&again), 0);
        MUST(strcmp(written, twice) == 0);
        free(twice);
        free(written);
    }
    kv_free(&kv);
    kv_free(&again);
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
    MUST(same((struct span){(const uint8_t *)read.url.bytes, read.url.length},
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
        answer((const char *)bytes + 1, length - 1);
    else
        request(bytes[0], (const char *)bytes + 1, length - 1);
    return 0;
}
