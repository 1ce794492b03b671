/* tests/fuzz/fuzz_websocket.c - Any bytes as what a browser sends over a WebSocket, in any pieces: every message is
 * text within the limit, what is answered are whole frames without a mask, and behind a Close comes nothing.
 *
 * The first byte says how large the pieces are. */
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/web/websocket.h"
#include "tests/fuzz/fuzz.h"

enum { MESSAGE_MAX = 500, SENT_MAX = 1 << 20 };

struct peer {
    struct websocket *websocket;
    uint8_t sent[SENT_MAX];
    size_t length;
};

static void on_send(void *self, const uint8_t *bytes, size_t length)
{
    struct peer *peer = self;
    MUST(!websocket_over(peer->websocket));
    if (length > SENT_MAX - peer->length) return;
    memcpy(peer->sent + peer->length, bytes, length);
    peer->length += length;
}

static void on_text(void *self, const char *text, size_t length)
{
    struct peer *peer = self;
    MUST(length <= MESSAGE_MAX && text[length] == 0);
    MUST(bytes_are_utf8((struct span){(const uint8_t *)text, (uint32_t)length}));
    if (length > 0 && *text == 'x') websocket_close(peer->websocket, WEBSOCKET_POLICY, "x");
}

static void look(const struct peer *peer)
{
    for (size_t at = 0; at < peer->length;) {
        unsigned op = peer->sent[at] & 15;
        MUST(at + 2 <= peer->length && peer->sent[at] & 0x80 && (op == 8 || op == 10) && peer->sent[at + 1] <= 125);
        at += 2u + peer->sent[at + 1];
        MUST(at <= peer->length && (op != 8 || at == peer->length));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct peer peer;
    struct websocket_calls calls = {&peer, on_send, on_text, NULL};
    if (length < 1) return 0;
    peer.length = 0;
    peer.websocket = websocket_new(MESSAGE_MAX, &calls);
    size_t piece = bytes[0] + 1u;
    for (size_t at = 1; at < length; at += piece)
        websocket_feed(peer.websocket, bytes + at, length - at < piece ? length - at : piece);
    if (peer.length < SENT_MAX / 2) look(&peer);
    websocket_free(peer.websocket);
    return 0;
}
