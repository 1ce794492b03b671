/* tests/unit/web_websocket.c - WebSocket frames in and out: masks, fragments, control frames, limits, the end. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/web/websocket.h"

enum { SIZE = 70000, MESSAGE_MAX = 66000 };

struct peer {
    struct websocket *websocket;
    uint8_t sent[SIZE * 2];
    size_t length;
    char heard[SIZE];
    size_t messages, pongs, pieces;
};

static void on_send(void *self, const uint8_t *bytes, size_t length)
{
    struct peer *peer = self;
    cr_assert_leq(peer->length + length, sizeof peer->sent);
    memcpy(peer->sent + peer->length, bytes, length);
    peer->length += length;
}

static void on_text(void *self, const char *text, size_t length)
{
    struct peer *peer = self;
    cr_assert_eq(strlen(text), length);
    peer->messages++;
    strcpy(peer->heard, text);
}

static void on_pong(void *self, uint32_t number)
{
    cr_expect_eq(number, 0x01020304);
    ((struct peer *)self)->pongs++;
}

static void peer_open(struct peer *peer, size_t pieces)
{
    struct websocket_calls calls = {peer, on_send, on_text, on_pong};
    memset(peer, 0, sizeof *peer);
    peer->pieces = pieces;
    peer->websocket = websocket_new(MESSAGE_MAX, &calls);
}

static void feed(struct peer *peer, const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length; at += peer->pieces)
        websocket_feed(peer->websocket, bytes + at, length - at < peer->pieces ? length - at : peer->pieces);
}

/* A client's frame; `first` is FIN and opcode. */
static void frame(struct peer *peer, unsigned first, const char *payload, size_t length)
{
    static uint8_t bytes[SIZE + 14];
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    size_t at = 2;
    bytes[0] = (uint8_t)first;
    bytes[1] = 0x80 | (uint8_t)(length < 126 ? length : length < 65536 ? 126 : 127);
    for (unsigned left = length < 126 ? 0 : length < 65536 ? 2 : 8; left > 0; left--)
        bytes[at++] = (uint8_t)((uint64_t)length >> 8 * (left - 1));
    memcpy(bytes + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < length; i++) bytes[at++] = (uint8_t)payload[i] ^ mask[i % 4];
    feed(peer, bytes, at);
}

static void words(struct peer *peer, unsigned first, const char *text)
{
    frame(peer, first, text, strlen(text));
}

static void expect_close(const struct peer *peer, unsigned code)
{
    cr_assert(websocket_over(peer->websocket));
    cr_assert_geq(peer->length, 4);
    cr_expect_eq(peer->sent[0], 0x88);
    cr_expect_eq(peer->sent[2] << 8 | peer->sent[3], (int)code, "%d", peer->sent[2] << 8 | peer->sent[3]);
}

Test(web_websocket, the_key_of_the_rfc_has_its_answer)
{
    char answer[WEBSOCKET_ACCEPT];
    cr_assert(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==", answer));
    cr_expect_str_eq(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    cr_expect_not(websocket_accept("", answer));
    cr_expect_not(websocket_accept("dGhlIHNhbXBsZSBub25jZTEy", answer));
    cr_expect_not(websocket_accept("dGhlIHN!bXBsZSBub25jZQ==", answer));
}

Test(web_websocket, texts_come_in_any_pieces)
{
    static char large[65536 + 1];
    static struct peer peer;
    memset(large, 'x', sizeof large - 1);
    for (size_t pieces = 1; pieces < 300; pieces += 7) {
        peer_open(&peer, pieces);
        words(&peer, 0x81, "Grüß Gott");
        cr_expect_str_eq(peer.heard, "Grüß Gott");
        words(&peer, 0x81, "");
        cr_expect_str_eq(peer.heard, "");
        large[300] = 0;
        words(&peer, 0x81, large);
        cr_expect_str_eq(peer.heard, large);
        large[300] = 'x';
        if (pieces > 250) words(&peer, 0x81, large);
        cr_expect_eq(strlen(peer.heard), pieces > 250 ? 65536 : 300);
        cr_expect_eq(peer.length, 0);
        websocket_free(peer.websocket);
    }
}

Test(web_websocket, a_message_of_several_frames_is_one_and_a_ping_between_them_is_answered)
{
    static struct peer peer;
    peer_open(&peer, 3);
    words(&peer, 0x01, "one \xc3"); /* a character in two frames */
    words(&peer, 0x89, "are you there");
    words(&peer, 0x00, "\xa9 two ");
    words(&peer, 0x8a, ""); /* answers no Ping of ours */
    words(&peer, 0x8a, "\1\2\3\4");
    words(&peer, 0x80, "three");
    cr_expect_eq(peer.messages, 1);
    cr_expect_eq(peer.pongs, 1);
    cr_expect_str_eq(peer.heard, "one é two three");
    cr_expect_eq(peer.length, 15);
    cr_expect_eq(memcmp(peer.sent,
                        "\x8a\x0d"
                        "are you there",
                        15),
                 0);
    websocket_free(peer.websocket);
}

Test(web_websocket, what_is_sent_has_the_shortest_head)
{
    static struct peer peer;
    static char text[65536];
    peer_open(&peer, 1);
    websocket_text(peer.websocket, text, 125);
    cr_expect_eq(memcmp(peer.sent, "\x81\x7d", 2), 0);
    peer.length = 0;
    websocket_text(peer.websocket, text, 126);
    cr_expect_eq(memcmp(peer.sent, "\x81\x7e\0\x7e", 4), 0);
    peer.length = 0;
    websocket_text(peer.websocket, text, 65536);
    cr_expect_eq(memcmp(peer.sent, "\x81\x7f\0\0\0\0\0\1\0\0", 10), 0);
    peer.length = 0;
    websocket_ping(peer.websocket, 0x01020304);
    cr_expect_eq(memcmp(peer.sent, "\x89\4\1\2\3\4", 6), 0);
    peer.length = 0;
    websocket_close(peer.websocket, WEBSOCKET_AWAY, "bye");
    websocket_text(peer.websocket, text, 5);
    websocket_ping(peer.websocket, 1);
    cr_expect_eq(peer.length, 7);
    expect_close(&peer, 1001);
    websocket_free(peer.websocket);
}

Test(web_websocket, what_is_wrong_ends_the_connection_with_its_code)
{
    static const struct {
        const char *bytes;
        size_t length;
        unsigned code;
    } rows[] = {
        {"\x81\x02hi", 4, 1002},                        /* not masked */
        {"\xc1\x80\0\0\0\0", 6, 1002},                  /* a reserved bit */
        {"\x83\x80\0\0\0\0", 6, 1002},                  /* opcode 3 */
        {"\x8b\x80\0\0\0\0", 6, 1002},                  /* opcode 11 */
        {"\x80\x80\0\0\0\0", 6, 1002},                  /* goes on with nothing */
        {"\x01\x80\0\0\0\0\x81\x80\0\0\0\0", 12, 1002}, /* begins again */
        {"\x09\x80\0\0\0\0", 6, 1002},                  /* a ping in parts */
        {"\x89\xfe\0\x7e\0\0\0\0", 8, 1002},            /* a long ping */
        {"\x82\x80\0\0\0\0", 6, 1003},                  /* bytes */
        {"\x81\x82\0\0\0\0\xc3\x28", 8, 1007},          /* not UTF-8 */
        {"\x81\x81\0\0\0\0\xc3", 7, 1007},              /* half a character */
        {"\x81\xff\0\0\0\0\0\2\0\0\0\0\0\0", 14, 1009}, /* more than is taken */
        {"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14, 1009},
        {"\x88\x80\0\0\0\0", 6, 1000},             /* Close without a code */
        {"\x88\x82\0\0\0\0\x03\xe9", 8, 1001},     /* is answered by its own */
        {"\x88\x82\0\0\0\0\x03\xed", 8, 1002},     /* 1005 may not be sent */
        {"\x88\x81\0\0\0\0\x03", 7, 1002},         /* half a code */
        {"\x88\x83\0\0\0\0\x03\xe8\xff", 9, 1007}, /* a reason that is not UTF-8 */
    };
    static struct peer peer;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t pieces = 1; pieces < 20; pieces += 9) {
            peer_open(&peer, pieces);
            feed(&peer, (const uint8_t *)rows[i].bytes, rows[i].length);
            expect_close(&peer, rows[i].code);
            size_t length = peer.length;
            words(&peer, 0x81, "nobody listens");
            cr_expect_eq(peer.length, length);
            cr_expect_eq(peer.messages, 0);
            websocket_free(peer.websocket);
        }
}

Test(web_websocket, parts_together_are_bounded_in_bytes_and_number)
{
    static struct peer peer;
    static char text[MESSAGE_MAX];
    memset(text, 'x', sizeof text);
    peer_open(&peer, 1000);
    frame(&peer, 0x01, text, MESSAGE_MAX - 10);
    frame(&peer, 0x00, text, 10);
    cr_expect_not(websocket_over(peer.websocket));
    frame(&peer, 0x80, text, 1);
    expect_close(&peer, 1009);
    websocket_free(peer.websocket);
    peer_open(&peer, 1000);
    words(&peer, 0x01, "");
    for (unsigned i = 1; i < WEBSOCKET_FRAMES_MAX; i++) words(&peer, 0x00, "");
    cr_expect_not(websocket_over(peer.websocket));
    words(&peer, 0x00, "");
    expect_close(&peer, 1009);
    websocket_free(peer.websocket);
}
