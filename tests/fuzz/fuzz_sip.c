/* tests/fuzz/fuzz_sip.c - Any bytes as what a telephone says, by the first one: a session description, or packets of
 * sound; a value that is to be said; a WAVE file that a command has written; keys as sound. What is taken of an offer
 * can be answered, and the answer is a description, too; of a packet nothing beyond its end is read, and a digit is
 * told at most once per packet. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/dtmf.h"
#include "runtime/adapters/sip/rtp.h"
#include "runtime/adapters/sip/say.h"
#include "runtime/adapters/sip/sdp.h"
#include "runtime/adapters/sip/speech.h"
#include "tests/fuzz/fuzz.h"

static void take_description(const uint8_t *bytes, size_t length)
{
    struct sdp offer, again;
    char why[128] = "", text[SDP_SIZE], *copy = malloc(length + 1); /* the sanitizer sees who reads behind it */
    MUST(copy);
    memcpy(copy, bytes, length);
    bool good = sdp_read(copy, length, &offer, why, sizeof why);
    free(copy);
    MUST(good == !*why);
    if (!good) return;
    MUST(offer.law_count >= 1 && offer.law_count <= LAWS && offer.audio < offer.line_count && offer.port > 0);
    struct sdp_own own = {"192.0.2.9", 4000, 1, 1, (const uint8_t *)"thirty bytes, a key and a salt"};
    size_t answered = sdp_answer(&own, &offer, text, sizeof text);
    MUST(answered == strlen(text) && sdp_read(text, answered, &again, why, sizeof why));
    MUST(again.line_count == offer.line_count && again.audio == offer.audio && again.law_count == 1);
    MUST(again.laws[0] == offer.laws[0] && again.payloads[0] == offer.payloads[0]);
}

static void take_packets(struct input *input)
{
    struct rtp_events events = {0};
    int64_t now_ms = 0;
    while (!input_ended(input)) {
        size_t wanted = input_byte(input), length;
        const uint8_t *packet = input_take(input, wanted, &length);
        uint8_t *copy = malloc(length + 1);
        struct rtp rtp;
        MUST(copy);
        memcpy(copy, packet, length);
        now_ms += input_byte(input);
        if (rtp_read(copy, length, &rtp)) {
            MUST(rtp.bytes >= copy + RTP_HEADER && rtp.bytes + rtp.length <= copy + length);
            char digit = rtp_digit(&events, &rtp, now_ms);
            MUST(!digit || strchr("0123456789*#ABCD", digit));
            MUST(rtp_digit(&events, &rtp, now_ms) == 0);
        }
        free(copy);
    }
}

static void take_value(const uint8_t *bytes, size_t length)
{
    static const char *const languages[] = {"en", "fr-CA", "de", "es", "", "xx"};
    char *text = calloc(length + 1, 1), why[128] = "";
    MUST(text);
    memcpy(text, bytes, length);
    for (unsigned i = 0; i < sizeof languages / sizeof *languages; i++) {
        struct pieces pieces = {.count = 0};
        *why = '\0';
        bool good = say_add_value(languages[i], text, &pieces, why, sizeof why);
        MUST(good == !*why && pieces.count <= PIECES_MAX);
        for (unsigned at = 0; good && at < pieces.count; at++)
            MUST(*pieces.names[at] && !strpbrk(pieces.names[at], "/."));
    }
    free(text);
}

static void take_wave(const uint8_t *bytes, size_t length)
{
    size_t count = 0;
    const char *reason = NULL;
    uint8_t *copy = malloc(length + 1);
    MUST(copy);
    memcpy(copy, bytes, length);
    int16_t *samples = wave8k_samples(copy, length, &count, &reason);
    MUST(samples ? count > 0 && count <= length : reason != NULL);
    free(samples);
    free(copy);
}

static void take_keys(const uint8_t *bytes, size_t length)
{
    struct dtmf dtmf = {0};
    int16_t samples[160];
    char keys[8];
    for (size_t at = 0; at + sizeof samples <= length; at += sizeof samples) {
        memcpy(samples, bytes + at, sizeof samples);
        dtmf_hear(&dtmf, samples, 160, keys, sizeof keys);
        MUST(strlen(keys) <= 1 && (!*keys || strchr("0123456789*#ABCD", *keys)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0) return 0;
    struct input input = {bytes + 1, length - 1, 0};
    if (bytes[0] == 'v' + 128)
        take_value(bytes + 1, length - 1);
    else if (bytes[0] == 'w' + 128)
        take_wave(bytes + 1, length - 1);
    else if (bytes[0] == 'k' + 128)
        take_keys(bytes + 1, length - 1);
    else if (bytes[0] % 2)
        take_packets(&input);
    else
        take_description(bytes + 1, length - 1);
    return 0;
}
