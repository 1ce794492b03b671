/* runtime/adapters/sip/sdp.h - Session descriptions (RFC 8866, 3264): what a peer offers or answers, and what we say.
 *
 * Audio by G.711 and telephone events, over RTP/AVP, or RTP/SAVP with a key (SDES, RFC 4568), and both with
 * feedback, AVPF and SAVPF, of which we send none. A reader of bytes from
 * outside: whatever is not understood is passed over, or refused with a sentence; nothing of it is kept beyond the
 * struct, which owns its texts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sip/g711.h"

/* AES_CM_128_HMAC_SHA1_80 and _32 (RFC 3711): a key and its salt. */
enum sdp_suite { SUITE_80, SUITE_32 };

enum { SDP_KEY = 30, SDP_LINES = 8, SDP_ADDRESS = 46, SDP_TOKEN = 32, SDP_SIZE = 2048, EVENT_PAYLOAD = 101 };

enum sdp_way { WAY_BOTH, WAY_OUT, WAY_IN, WAY_NONE };

/* A line `m=`: an answer has as many as the offer, in its order. */
struct sdp_line {
    char kind[SDP_TOKEN], protocol[SDP_TOKEN], format[SDP_TOKEN];
};

struct sdp {
    char address[SDP_ADDRESS]; /* numeric */
    uint16_t port;
    enum law laws[LAWS];    /* those that it knows, in the order that it prefers */
    uint8_t payloads[LAWS]; /* their payload types */
    unsigned law_count;
    int events;       /* payload type of telephone events; -1: none */
    enum sdp_way way; /* as the peer says it */
    bool secure;      /* the sound is encrypted, by this key of the peer: */
    enum sdp_suite suite;
    int key_tag; /* of its line a=crypto; 0: there is none yet */
    uint8_t key[SDP_KEY];
    struct sdp_line lines[SDP_LINES];
    unsigned line_count, audio; /* which of the lines it is */
};

/* False with the reason: no audio that we could take is in it, or it is no session description. */
bool sdp_read(const char *text, size_t length, struct sdp *, char *why, size_t why_size);

/* Our side of it. */
struct sdp_own {
    const char *address;
    uint16_t port;
    uint64_t session; /* number of the session, and how often it was described */
    unsigned version;
    const uint8_t *key; /* SDP_KEY bytes: the sound is encrypted; NULL: it is not */
};

/* Offers both laws, the preferred first, and telephone events. Returns its length, less than `size`. */
size_t sdp_offer(const struct sdp_own *, enum law preferred, char *text, size_t size);
/* Answers an offer, which our side has a key for if it is secure: its first law, its telephone events, its direction
 * turned round. */
size_t sdp_answer(const struct sdp_own *, const struct sdp *offer, char *text, size_t size);
