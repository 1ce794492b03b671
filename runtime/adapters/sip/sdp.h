/* runtime/adapters/sip/sdp.h - Session descriptions (RFC 8866, 3264): reads those of a peer, and writes our offers
 * and answers.
 *
 * The descriptions are of audio by G.711 and telephone events, over RTP/AVP, or over RTP/SAVP with a key (SDES, RFC
 * 4568); the profiles with feedback, AVPF and SAVPF, are accepted, too, though we send no feedback. The bytes come from
 * outside: what is not understood is passed over, or refused with a reason; the struct has copies of all its texts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sip/g711.h"

/* AES_CM_128_HMAC_SHA1_80 and _32 (RFC 3711), each with a key and a salt. */
enum sdp_suite { SUITE_80, SUITE_32 };

enum { SDP_KEY = 30, SDP_LINES = 8, SDP_ADDRESS = 46, SDP_TOKEN = 32, SDP_SIZE = 2048, EVENT_PAYLOAD = 101 };

enum sdp_way { WAY_BOTH, WAY_OUT, WAY_IN, WAY_NONE };

/* A line `m=` of an offer: the answer needs the same lines in the same order. */
struct sdp_line {
    char kind[SDP_TOKEN], protocol[SDP_TOKEN], format[SDP_TOKEN];
};

struct sdp {
    char address[SDP_ADDRESS]; /* numeric */
    uint16_t port;
    enum law laws[LAWS];    /* the laws that the peer knows, in the order that it prefers */
    uint8_t payloads[LAWS]; /* their payload types */
    unsigned law_count;
    int events;       /* the payload type of telephone events; -1: none */
    enum sdp_way way; /* the direction as the peer sees it */
    bool secure;      /* the sound is encrypted, by this key of the peer: */
    enum sdp_suite suite;
    int key_tag; /* the tag of the line a=crypto with the key; 0: no key was found */
    uint8_t key[SDP_KEY];
    struct sdp_line lines[SDP_LINES];
    unsigned line_count, audio; /* the number of lines `m=`, and which of them is the audio line */
};

/* False with the reason: the text is no session description, or has no audio that we support. */
bool sdp_read(const char *text, size_t length, struct sdp *, char *why, size_t why_size);

/* Our side of it. */
struct sdp_own {
    const char *address;
    uint16_t port;
    uint64_t session; /* the number of the session, and the version of its description */
    unsigned version;
    const uint8_t *key; /* SDP_KEY bytes: our key; NULL: our sound is not encrypted */
};

/* Writes an offer of both laws, the preferred first, and telephone events. Returns the length of the text, which is
 * less than `size`. */
size_t sdp_offer(const struct sdp_own *, enum law preferred, char *text, size_t size);
/* Writes the answer to an offer: the offer's first law, its telephone events, the reverse direction; if the offer is
 * secure, our side must have a key. */
size_t sdp_answer(const struct sdp_own *, const struct sdp *offer, char *text, size_t size);
