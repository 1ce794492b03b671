/* runtime/web/websocket.h - One WebSocket connection (RFC 6455, the server's side) as a state machine over bytes,
 * without socket and clock.
 *
 *     head (2 .. 14 bytes) --> payload (`left` bytes) --> control: answered at once
 *          ^                                        \--> text:    kept until the final frame, then told
 *          '------------------------------------------'
 *     anything wrong, or a Close of either side --> over: nothing is read or sent any more
 *
 * The owner feeds what came, in pieces of any size, and sends what the call `send` gives. Room for a message is made
 * when its frame's head has passed the limit, never before. Only text is taken: a message of bytes ends the connection
 * with 1003. Extensions are not offered. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct websocket;

enum { WEBSOCKET_ACCEPT = 29, WEBSOCKET_FRAMES_MAX = 1000 /* of one message */ };

/* Why a connection ends, as the frame Close says it. */
enum websocket_code {
    WEBSOCKET_NORMAL = 1000,
    WEBSOCKET_AWAY = 1001,
    WEBSOCKET_PROTOCOL = 1002,
    WEBSOCKET_UNSUPPORTED = 1003,
    WEBSOCKET_NOT_TEXT = 1007,
    WEBSOCKET_POLICY = 1008,
    WEBSOCKET_TOO_LARGE = 1009,
};

struct websocket_calls {
    void *self;
    void (*send)(void *self, const uint8_t *bytes, size_t length);
    /* A whole message: UTF-8, borrowed, a zero behind it. It may call websocket_text() and websocket_close(), not
     * websocket_free(). */
    void (*text)(void *self, const char *text, size_t length);
    void (*pong)(void *self, uint32_t number); /* the answer to websocket_ping(); may be NULL */
};

/* The answer to the header Sec-WebSocket-Key. False: that is no key. */
bool websocket_accept(const char *key, char answer[WEBSOCKET_ACCEPT]);

/* `message_max`: bytes of a message that is taken. The answer to the handshake has been sent already. */
struct websocket *websocket_new(size_t message_max, const struct websocket_calls *);
void websocket_free(struct websocket *); /* NULL is allowed */
void websocket_feed(struct websocket *, const uint8_t *bytes, size_t length);
/* Send a text, a ping, or the end. After websocket_close() they do nothing. */
void websocket_text(struct websocket *, const char *text, size_t length);
void websocket_ping(struct websocket *, uint32_t number); /* pong() follows when the peer has all sent before */
void websocket_close(struct websocket *, enum websocket_code, const char *reason);
/* Was a Close sent? Then the owner closes the connection when all output is sent. */
bool websocket_over(const struct websocket *);
