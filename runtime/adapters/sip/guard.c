/* runtime/adapters/sip/guard.c - Checks messages before libre reads them, and limits how many a stranger may send.
 *
 *     bytes --> is it a stranger above its rate? ---- dropped, counted
 *           --> empty lines of a known peer --------- a keep-alive, dropped
 *           --> does it have the form of SIP? ------- no: a peer may get an answer, a stranger none
 *           --> libre
 *
 * A stranger whose message is unreadable gets no answer: the source of a UDP packet can be forged, and the answer
 * would go to somebody else. */
#include "runtime/adapters/sip/guard.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/peer.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/validate.h"

enum { REPLY_MAX = 8192 };

/* --- How often --- */

/* Takes a token from a bucket, which fills by `per_second` and holds twice as many; false: the bucket is empty.
 * `left` is a fraction, so a slow rate does not round to nothing. */
bool bucket_take(struct bucket *bucket, uint64_t per_second, uint64_t now_ms)
{
    double most = 2.0 * (double)per_second;
    if (bucket->at_ms == 0) *bucket = (struct bucket){now_ms, most};
    bucket->left += (double)(now_ms - bucket->at_ms) * (double)per_second / 1000;
    if (bucket->left > most) bucket->left = most;
    bucket->at_ms = now_ms;
    if (bucket->left < 1) return false;
    bucket->left--;
    return true;
}

static void guard_told(struct exchange *exchange, const struct sa *source, enum refused why, const char *phrase)
{
    char from[64] = "";
    (void)re_snprintf(from, sizeof from, "%J", source);
    refused_tell(exchange->cti.link, exchange->cti.services, why, "from %s%s%s", from, *phrase ? ", " : "", phrase);
}

/* May the sender send this message? Strangers share a table of fixed size, so many addresses need no more memory
 * than one. The salt is random, so nobody can choose addresses that share an entry with another stranger. */
static bool guard_lets_in(struct exchange *exchange, const struct sa *source, bool known)
{
    struct sip_guard *guard = &exchange->guard;
    if (known) return true;
    uint32_t place = (sa_hash(source, SA_ADDR) ^ guard->salt) * 2654435761U >> 22;
    assert(place < GUARD_STRANGERS);
    if (bucket_take(&guard->strangers[place], exchange->setting.stranger_rate, loop_ms())) return true;
    guard_told(exchange, source, REFUSED_sip_stranger_rate, "");
    return false;
}

/* --- UDP --- */

/* Refuses a message without libre: no transaction is kept, so a flood of bad requests fills no memory. The answer
 * goes to the port that the request names, if it names one. */
static void guard_refuse(struct exchange *exchange, const struct sa *source, const struct validated *validated)
{
    char text[REPLY_MAX];
    size_t length = validate_reply(validated, text, sizeof text);
    struct sa to = *source;
    unsigned port = validate_reply_port(validated);
    guard_told(exchange, source,
               validated->status == 505   ? REFUSED_sip_version
               : validated->status == 416 ? REFUSED_sip_scheme
                                          : REFUSED_sip_malformed,
               "");
    if (port) sa_set_port(&to, (uint16_t)port);
    if (length == 0) return;
    struct mbuf out = {.buf = (uint8_t *)text, .size = sizeof text, .end = length};
    (void)ua_send(&exchange->ua, &(struct way){SIP_TRANSP_UDP, to}, &out);
}

/* Adds a branch to the request, because libre takes none without one, and requests by RFC 2543 have none. */
static void guard_add_branch(const struct validated *validated, struct mbuf *packet)
{
    char branch[BRANCH_SIZE];
    validate_branch(validated, branch);
    size_t added = strlen(branch), at = validated->branch_at, end = packet->end;
    packet->pos = end;
    if (mbuf_fill(packet, 0, added) == 0) {
        memmove(packet->buf + at + added, packet->buf + at, end - at);
        memcpy(packet->buf + at, branch, added);
    }
    packet->pos = validated->begin;
}

/* Is the packet a keep-alive, by which a telephone keeps its address in the router? A keep-alive contains only empty
 * lines, or zero bytes. */
static bool guard_keeps_alive(const uint8_t *bytes, size_t length)
{
    while (length > 0 && (bytes[length - 1] == '\r' || bytes[length - 1] == '\n' || bytes[length - 1] == '\0'))
        length--;
    return length == 0;
}

/* Copies the message for libre, with room at the end for a branch, so that inserting one need not allocate again. */
static struct mbuf *guard_packet(const uint8_t *bytes, size_t length, const struct validated *validated)
{
    struct mbuf *packet = mbuf_alloc(length + BRANCH_SIZE);
    if (!packet || mbuf_write_mem(packet, bytes, length) != 0) abort();
    packet->end = validated->end;
    packet->pos = validated->begin;
    if (validated->branch_at > 0) guard_add_branch(validated, packet);
    return packet;
}

/* Judges a packet. NULL: the packet is dropped or refused. Else libre gets a copy of the packet that has only the
 * message. */
struct mbuf *guard_judges(void *self, const struct sa *source, const uint8_t *bytes, size_t length)
{
    struct exchange *exchange = self;
    struct validated validated;
    bool known = peer_known(exchange, source);
    if (!guard_lets_in(exchange, source, known)) return NULL;
    if (known && guard_keeps_alive(bytes, length)) return NULL;
    sip_validate((const char *)bytes, length, &validated);
    if (validated.judged == JUDGED_TAKE) return guard_packet(bytes, length, &validated);
    if (validated.judged == JUDGED_REFUSE && known)
        guard_refuse(exchange, source, &validated);
    else
        guard_told(exchange, source, REFUSED_sip_unreadable, validated.phrase);
    return NULL;
}

void guard_begin(struct sip_guard *guard)
{
    guard->salt = randombytes_random();
}

/* --- TCP and TLS --- */

/* Checks a message on a connection, where libre has already found the message's end. False ends the connection,
 * because the place where the next message begins is not known any more. */
bool guard_takes(void *self, const struct sip_msg *message, size_t begin)
{
    struct validated validated;
    const struct mbuf *bytes = message->mb;
    size_t body = pl_isset(&message->clen) ? pl_u32(&message->clen) : 0;
    if (!guard_connects(self, &message->src)) return false;
    sip_validate((const char *)bytes->buf + begin, bytes->pos + body - begin, &validated);
    if (validated.judged == JUDGED_TAKE) return true;
    guard_told(self, &message->src, REFUSED_sip_unreadable, validated.phrase);
    return false;
}

/* May the sender open a connection? A stranger's connection counts as a message. */
bool guard_connects(void *self, const struct sa *source)
{
    return guard_lets_in(self, source, peer_known(self, source));
}

/* --- Messages of all senders --- */

void guard_reads(void *self, struct sip_msg *message)
{
    enum { UNAVAILABLE = 480, INTERNAL_ERROR = 500, CLASSES_END = 700 };
    struct exchange *exchange = self;
    bool unknown = message->scode >= CLASSES_END;
    uint16_t counts_as = unknown ? INTERNAL_ERROR : UNAVAILABLE;
    if (message->req || message->scode < 300 || (message->scode > 399 && !unknown)) return;
    if (bucket_take(&exchange->guard.forwards, 1, loop_ms())) /* a stranger's, too */
        exchange_log(exchange, GCX_LOG_INFO, "sip: the answer %u counts as %u: %s", message->scode, counts_as,
                     unknown ? "there is no such class" : "no address that it names is called");
    message->scode = counts_as;
}
