/* tests/fuzz/fuzz_sip_stream.c - Any bytes as what a connection of SIP brings, in one piece and in many: both are cut
 * into the same messages. A message that the guard's judge takes ends where that judge says. No byte is lost, none is
 * taken twice, and what has no end does not grow beyond a bound.
 *
 * The first byte: the sizes of the pieces. The second one: how often the rest is repeated. */
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/ua/framing.h"
#include "runtime/adapters/sip/validate.h"
#include "tests/fuzz/fuzz.h"

enum { PIECES = 40 };

struct heard {
    size_t messages, asked, taken;
    uint64_t digest;
    bool wrong;
};

static void heard_add(struct heard *heard, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) heard->digest = (heard->digest ^ bytes[i]) * 1099511628211U;
    heard->taken += length;
    heard->messages++;
}

/* The exchange judges each message before anything is done with it. */
static bool judge_takes(const struct sip_msg *message)
{
    static struct validated judged;
    const struct mbuf *bytes = message->mb;
    uint8_t *copy = malloc(bytes->end + 1); /* the sanitizer sees who reads behind it */
    MUST(copy);
    memcpy(copy, bytes->buf, bytes->end);
    sip_validate((const char *)copy, bytes->end, &judged);
    free(copy);
    if (judged.judged != JUDGED_TAKE) return false;
    MUST(judged.begin == 0 && judged.end == bytes->end);
    MUST(bytes->pos == judged.raw.body_at && bytes->end - bytes->pos == pl_u32(&message->clen));
    return true;
}

static void stream_reads(struct framing *framing, struct evbuffer *input, struct heard *heard)
{
    enum framed framed;
    do {
        struct sip_msg *message = NULL;
        bool any;
        size_t before = evbuffer_get_length(input);
        heard->asked += framing_skip_lines(framing, input, &any);
        size_t skipped = before - evbuffer_get_length(input);
        MUST(any == (skipped > 0));
        heard->taken += skipped;
        framed = framing_take(framing, input, &message);
        MUST((framed == FRAMED_MESSAGE) == (message != NULL));
        if (framed == FRAMED_MESSAGE) {
            MUST(before - skipped - evbuffer_get_length(input) == message->mb->end);
            heard_add(heard, message->mb->buf, message->mb->end);
            if (!judge_takes(message)) framed = FRAMED_WRONG;
        }
        mem_deref(message);
    } while (framed == FRAMED_MESSAGE);
    heard->wrong = framed == FRAMED_WRONG;
    MUST(heard->wrong || evbuffer_get_length(input) <= FRAMING_MOST);
}

static struct heard stream_brings(const uint8_t *bytes, size_t length, size_t piece, uint8_t more)
{
    struct evbuffer *input = evbuffer_new();
    struct framing framing = {0};
    struct heard heard = {.digest = 14695981039346656037U};
    MUST(input);
    for (size_t at = 0, size = piece; at < length && !heard.wrong; at += size, size = piece + at * more % 7) {
        if (size > length - at) size = length - at;
        MUST(evbuffer_add(input, bytes + at, size) == 0);
        stream_reads(&framing, input, &heard);
    }
    MUST(heard.wrong || heard.taken + evbuffer_get_length(input) == length);
    evbuffer_free(input);
    return heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 3) return 0;
    size_t times = 1 + bytes[1] % 4, one = length - 2, all = one * times;
    uint8_t *stream = malloc(all);
    MUST(stream);
    for (size_t i = 0; i < times; i++) memcpy(stream + i * one, bytes + 2, one);
    struct heard whole = stream_brings(stream, all, all, 0);
    struct heard pieces = stream_brings(stream, all, 1 + all / PIECES, bytes[0]);
    free(stream);
    MUST(whole.messages == pieces.messages && whole.digest == pieces.digest && whole.wrong == pieces.wrong);
    MUST(whole.asked == pieces.asked || whole.wrong);
    return 0;
}
