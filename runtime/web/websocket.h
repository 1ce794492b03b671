/* runtime/web/websocket.h - One WebSocket connection (RFC 6455, the server's side) as a state machine over bytes,
 * without socket and clock.
 *
 *     head (2 .. 14 bytes) --> payload (`left` bytes) --> control: answered at once
 *          ^                                        \--> text:    kept until the final frame, then told
 *          '------------------------------------------'
 *     anything wrong, or a Close of either side --> over: nothing is read or sent any more
 *
 * The owner passes in what was received, in pieces of any size, and sends what the callback `send` gets. Memory for
 * a message is allocated only after the frame's length was checked against the limit. Only text messages are
 * accepted: a message of bytes ends the connection with 1003. Extensions are not offered. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct websocket;

enum { WEBSOCKET_ACCEPT = 29, WEBSOCKET_FRAMES_MAX = 1000 /* of one message */ };

/* Why a connection ends: the codes of the Close frame. */
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
    /* Called with a complete message: UTF-8, borrowed, followed by a zero byte. The callback may call
     * websocket_text() and websocket_close(), but not websocket_free(). */
    void (*text)(void *self, const char *text, size_t length);
    void (*pong)(void *self, uint32_t number); /* called with the answer to websocket_ping(); may be NULL */
};

/* Makes the answer to the header Sec-WebSocket-Key. False: the header is no valid key. */
bool websocket_accept(const char *key, char answer[WEBSOCKET_ACCEPT]);

/* `message_max`: most bytes of a message. The caller has sent the answer to the handshake already. */
struct websocket *websocket_new(size_t message_max, const struct websocket_calls *);
void websocket_free(struct websocket *); /* NULL is allowed */
void websocket_feed(struct websocket *, const uint8_t *bytes, size_t length);
/* Send a text, a ping, or a Close frame. After websocket_close() these functions do nothing. */
void websocket_text(struct websocket *, const char *text, size_t length);
/* pong() is called when the peer has received all that was sent before */
void websocket_ping(struct websocket *, uint32_t number);
void websocket_close(struct websocket *, enum websocket_code, const char *reason);
/* Was a Close frame sent? If so, the owner closes the connection once all output is sent. */
bool websocket_over(const struct websocket *);
