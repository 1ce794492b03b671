/* runtime/web/websocket.c - Reads and writes the frames of one WebSocket connection.
 *
 *       0               1               2               3
 *     |F|RSV| opcode |M| length 7 | 16 or 64 bits more of the length | mask, 4 bytes | payload |
 *
 *     client's message    frames: TEXT, MORE, MORE with F set; control frames may stand between them
 *     ours                one frame each, without a mask (RFC 6455, 5.1)
 *
 * Bytes may arrive in pieces of any size: a frame's head is collected byte by byte, and its payload is unmasked as
 * it comes. A message is passed on when it is complete and valid UTF-8. After a protocol fault one Close frame is
 * sent, and no more is read. */
#include "runtime/web/websocket.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { OP_MORE = 0, OP_TEXT = 1, OP_BYTES = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };
enum {
    FINAL = 0x80,
    RESERVED = 0x70,
    MASKED = 0x80,
    CONTROL_MAX = 125, /* most payload bytes of a control frame */
    MASK_BYTES = 4,
    HEAD_MAX = 14,
    KEY_CHARACTERS = 24, /* 16 bytes in base64 */
    KEY_BYTES = 16,
    SHA1_BYTES = 20,
    NUMBER_BYTES = 4, /* payload bytes of the pings that we send */
};
#define ACCEPT_SALT "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

struct websocket {
    struct websocket_calls calls;
    size_t message_max;
    /* State of reading a frame: the bytes of its head so far, then of its payload. */
    uint8_t head[HEAD_MAX];
    unsigned head_length;
    bool in_payload;
    unsigned op;
    bool final;
    uint64_t left; /* bytes of the payload that are still to come */
    uint8_t mask[MASK_BYTES];
    unsigned masked; /* payload bytes received, modulo 4 */
    uint8_t control[CONTROL_MAX];
    unsigned control_length;
    /* The part of the message that has arrived. */
    bool in_message;
    unsigned frames;
    char *text;
    size_t length, capacity;
    bool over;
};

/* Makes the answer to a handshake key, base64(SHA-1(key + a fixed text)); it proves that the server knows the
 * protocol (RFC 6455, 4.2.2). */
bool websocket_accept(const char *key, char answer[WEBSOCKET_ACCEPT])
{
    uint8_t bytes[KEY_BYTES + 2], digest[SHA1_BYTES];
    char both[KEY_CHARACTERS + sizeof ACCEPT_SALT];
    unsigned length;
    if (strlen(key) != KEY_CHARACTERS || memcmp(key + KEY_CHARACTERS - 2, "==", 2) != 0) return false;
    if (EVP_DecodeBlock(bytes, (const uint8_t *)key, KEY_CHARACTERS) != KEY_BYTES + 2) return false;
    memcpy(both, key, KEY_CHARACTERS);
    memcpy(both + KEY_CHARACTERS, ACCEPT_SALT, sizeof ACCEPT_SALT);
    if (EVP_Digest(both, sizeof both - 1, digest, &length, EVP_sha1(), NULL) != 1) return false;
    EVP_EncodeBlock((uint8_t *)answer, digest, SHA1_BYTES);
    return true;
}

/* ---- out ---- */

static void send_frame(struct websocket *websocket, unsigned op, const void *payload, size_t length)
{
    assert(op < OP_CLOSE || length <= CONTROL_MAX);
    assert(!websocket->over); /* nothing is sent after a Close frame */
    uint8_t head[10] = {(uint8_t)(FINAL | op)};
    unsigned bytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
    head[1] = bytes == 0 ? (uint8_t)length : bytes == 2 ? 126 : 127;
    for (unsigned i = 0; i < bytes; i++) head[2 + i] = (uint8_t)((uint64_t)length >> 8 * (bytes - 1 - i));
    websocket->calls.send(websocket->calls.self, head, 2 + bytes);
    if (length > 0) websocket->calls.send(websocket->calls.self, payload, length);
}

void websocket_text(struct websocket *websocket, const char *text, size_t length)
{
    if (!websocket->over) send_frame(websocket, OP_TEXT, text, length);
}

void websocket_ping(struct websocket *websocket, uint32_t number)
{
    const uint8_t payload[NUMBER_BYTES] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                                           (uint8_t)number};
    if (!websocket->over) send_frame(websocket, OP_PING, payload, sizeof payload);
}

void websocket_close(struct websocket *websocket, enum websocket_code code, const char *reason)
{
    uint8_t payload[CONTROL_MAX] = {(uint8_t)(code >> 8), (uint8_t)code};
    size_t length = strnlen(reason, CONTROL_MAX - 2);
    if (websocket->over) return;
    memcpy(payload + 2, reason, length);
    send_frame(websocket, OP_CLOSE, payload, length + 2);
    websocket->over = true;
}

bool websocket_over(const struct websocket *websocket)
{
    return websocket->over;
}

/* ---- received: control frames ---- */

static bool code_good(unsigned code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

/* Answers the peer's Close frame with the same code. A code that must not be sent over the wire, such as 1005, is
 * itself a protocol fault. */
static void peer_closes(struct websocket *websocket)
{
    assert(websocket->control_length <= CONTROL_MAX);
    const uint8_t *payload = websocket->control;
    unsigned length = websocket->control_length, code = WEBSOCKET_NORMAL;
    if (length >= 2) code = (unsigned)payload[0] << 8 | payload[1];
    if (length == 1 || !code_good(code))
        websocket_close(websocket, WEBSOCKET_PROTOCOL, "this is no code of a Close");
    else if (length > 2 && !bytes_are_utf8((struct span){payload + 2, length - 2}))
        websocket_close(websocket, WEBSOCKET_NOT_TEXT, "the reason is not UTF-8");
    else
        websocket_close(websocket, (enum websocket_code)code, "");
}

static uint32_t websocket_number(const uint8_t bytes[NUMBER_BYTES])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void websocket_control(struct websocket *websocket)
{
    if (websocket->op == OP_PING)
        send_frame(websocket, OP_PONG, websocket->control, websocket->control_length);
    else if (websocket->op == OP_CLOSE)
        peer_closes(websocket);
    else if (websocket->calls.pong && websocket->control_length == NUMBER_BYTES)
        websocket->calls.pong(websocket->calls.self, websocket_number(websocket->control));
}

/* ---- in: messages ---- */

static void websocket_message(struct websocket *websocket)
{
    /* there is room for the zero at its end */
    assert(websocket->in_message && websocket->length < websocket->capacity);
    struct span text = {(const uint8_t *)websocket->text, (uint32_t)websocket->length};
    websocket->in_message = false;
    if (!bytes_are_utf8(text)) {
        websocket_close(websocket, WEBSOCKET_NOT_TEXT, "the text is not UTF-8");
        return;
    }
    websocket->text[websocket->length] = 0;
    websocket->calls.text(websocket->calls.self, websocket->text, websocket->length);
}

/* Takes a piece of the payload; the mask continues from piece to piece: `masked` is the place within its four bytes. */
static void take_payload(struct websocket *websocket, const uint8_t *bytes, size_t length)
{
    uint8_t *to;
    assert(length <= websocket->left);
    if (websocket->op >= OP_CLOSE) {
        assert(websocket->control_length + length <= CONTROL_MAX); /* websocket_head_wrong() has checked the length */
        to = websocket->control + websocket->control_length;
        websocket->control_length += (unsigned)length;
    } else {
        assert(websocket->length + length < websocket->capacity); /* message_goes_on() has made room */
        to = (uint8_t *)websocket->text + websocket->length;
        websocket->length += length;
    }
    for (size_t i = 0; i < length; i++) to[i] = bytes[i] ^ websocket->mask[(websocket->masked + i) % MASK_BYTES];
    websocket->masked = (unsigned)((websocket->masked + length) % MASK_BYTES);
    websocket->left -= length;
}

static void frame_ends(struct websocket *websocket)
{
    assert(websocket->left == 0);
    websocket->in_payload = false;
    websocket->head_length = 0;
    if (websocket->op >= OP_CLOSE)
        websocket_control(websocket);
    else if (websocket->final)
        websocket_message(websocket);
}

/* ---- received: the head of a frame ---- */

/* Returns how many bytes the head has, as far as the bytes received show. */
static unsigned head_wanted(const struct websocket *websocket)
{
    if (websocket->head_length < 2) return 2;
    unsigned length = websocket->head[1] & ~(unsigned)MASKED;
    return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + MASK_BYTES;
}

/* Returns the fault of the head's first two bytes; NULL: they are good. Called after two bytes, before the length is
 * used. */
static const char *websocket_head_wrong(const struct websocket *websocket)
{
    unsigned op = websocket->head[0] & 15, length = websocket->head[1] & ~(unsigned)MASKED;
    bool is_final = websocket->head[0] & FINAL;
    if (websocket->head[0] & RESERVED) return "a reserved bit is set, and no extension was agreed on";
    if (!(websocket->head[1] & MASKED)) return "a client's frame must be masked";
    if (op > OP_PONG || (op > OP_BYTES && op < OP_CLOSE)) return "this is no opcode";
    if (op >= OP_CLOSE && (!is_final || length > CONTROL_MAX)) return "a control frame is whole, and short";
    if (op == OP_MORE && !websocket->in_message) return "there is no message that could go on";
    if ((op == OP_TEXT || op == OP_BYTES) && websocket->in_message) return "the message before has not ended";
    return NULL;
}

static void websocket_make_room(struct websocket *websocket)
{
    size_t wanted = websocket->length + (size_t)websocket->left + 1;
    if (wanted <= websocket->capacity) return;
    websocket->text = memory_grown(websocket->text, wanted, 1);
    websocket->capacity = wanted;
}

/* Begins or continues a message; false: it is too large. The frame's length is compared with what the limit leaves,
 * so that no sum can overflow. */
static bool message_goes_on(struct websocket *websocket)
{
    assert(websocket->op < OP_CLOSE);
    if (websocket->op != OP_MORE) {
        websocket->in_message = true;
        websocket->length = 0;
        websocket->frames = 0;
    }
    if (++websocket->frames > WEBSOCKET_FRAMES_MAX || websocket->left > websocket->message_max - websocket->length) {
        websocket_close(websocket, WEBSOCKET_TOO_LARGE, "the message is too large");
        return false;
    }
    websocket_make_room(websocket);
    return true;
}

static void head_ends(struct websocket *websocket)
{
    assert(websocket->head_length == head_wanted(websocket));
    const uint8_t *at = websocket->head + 2;
    unsigned wanted = websocket->head_length - 2 - MASK_BYTES;
    websocket->op = websocket->head[0] & 15;
    websocket->final = websocket->head[0] & FINAL;
    websocket->left = wanted > 0 ? 0 : websocket->head[1] & ~(unsigned)MASKED;
    for (; wanted > 0; wanted--) websocket->left = websocket->left << 8 | *at++;
    memcpy(websocket->mask, at, MASK_BYTES);
    websocket->masked = websocket->control_length = 0;
    if (websocket->op < OP_CLOSE && !message_goes_on(websocket)) return;
    websocket->in_payload = true;
    if (websocket->left == 0) frame_ends(websocket);
}

static void take_head(struct websocket *websocket, uint8_t byte)
{
    assert(websocket->head_length < HEAD_MAX);
    websocket->head[websocket->head_length++] = byte;
    if (websocket->head_length == 2) {
        const char *wrong = websocket_head_wrong(websocket);
        if (wrong)
            websocket_close(websocket, WEBSOCKET_PROTOCOL, wrong);
        else if ((websocket->head[0] & 15) == OP_BYTES)
            websocket_close(websocket, WEBSOCKET_UNSUPPORTED, "messages are text");
    } else if (websocket->head_length == head_wanted(websocket))
        head_ends(websocket);
}

/* Takes received bytes; a callback may close the connection during this call, but must not free the websocket. */
void websocket_feed(struct websocket *websocket, const uint8_t *bytes, size_t length)
{
    while (length > 0 && !websocket->over) {
        size_t some = 1;
        if (websocket->in_payload) {
            some = length < websocket->left ? length : (size_t)websocket->left;
            take_payload(websocket, bytes, some);
            if (websocket->left == 0) frame_ends(websocket);
        } else
            take_head(websocket, *bytes);
        bytes += some;
        length -= some;
    }
}

/* ---- */

struct websocket *websocket_new(size_t message_max, const struct websocket_calls *calls)
{
    assert(calls->send && calls->text);
    struct websocket *websocket = memory_zeroed(1, sizeof *websocket);
    websocket->calls = *calls;
    websocket->message_max = message_max;
    return websocket;
}

void websocket_free(struct websocket *websocket)
{
    if (!websocket) return;
    free(websocket->text);
    free(websocket);
}
