/* runtime/adapters/sip/sdp.c - Reads and writes session descriptions.
 *
 *     v=0
 *     c=IN IP4 192.0.2.1              address of all media, unless a medium has its own
 *     m=audio 40000 RTP/AVP 8 0 101   the first audio line that we can take; the order is the preference
 *     a=rtpmap:101 telephone-event/8000
 *     a=sendrecv                      before the first m= it holds for all media
 *     m=video 0 RTP/AVP 31            each line is answered, a refused one with port 0
 *
 * Nothing is allocated. A text, a number or a list that is too long for its field makes the line unreadable; it is
 * not cut off. */
#include "runtime/adapters/sip/sdp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- Reading --- */

struct sdp_text { /* a line, or the rest of it that is not read yet */
    const char *at;
    size_t length;
};

static bool sdp_next_line(struct sdp_text *all, struct sdp_text *line)
{
    if (all->length == 0) return false;
    const char *end = memchr(all->at, '\n', all->length);
    size_t length = end ? (size_t)(end - all->at) : all->length, taken = end ? length + 1 : length;
    *line = (struct sdp_text){all->at, length > 0 && all->at[length - 1] == '\r' ? length - 1 : length};
    all->at += taken;
    all->length -= taken;
    return true;
}

/* Takes the next word of the line; false: there is none, it does not fit into `size`, or it has unusual characters. */
static bool sdp_word(struct sdp_text *line, char *word, size_t size)
{
    size_t length = 0;
    while (line->length > 0 && *line->at == ' ') line->at++, line->length--;
    while (length < line->length && line->at[length] != ' ') length++;
    if (length == 0 || length >= size) return false;
    for (size_t i = 0; i < length; i++)
        if (line->at[i] < '!' || line->at[i] > '~') return false;
    memcpy(word, line->at, length);
    word[length] = '\0';
    line->at += length;
    line->length -= length;
    return true;
}

/* Reads a number from 0 to `most`; -1: the word is no such number. */
static int sdp_number(const char *word, int most)
{
    char *end;
    if (*word < '0' || *word > '9' || strlen(word) > 9) return -1;
    long number = strtol(word, &end, 10);
    return *end == '\0' && number <= most ? (int)number : -1;
}

static bool sdp_begins(struct sdp_text *line, const char *with)
{
    size_t length = strlen(with);
    if (line->length < length || memcmp(line->at, with, length) != 0) return false;
    line->at += length;
    line->length -= length;
    return true;
}

/* Reads the address of a line such as `c=IN IP4 192.0.2.1`; a host name is not looked up, and gives "". */
static void sdp_connection(struct sdp_text line, char address[SDP_ADDRESS])
{
    char net[8], kind[8], host[SDP_ADDRESS];
    uint8_t binary[16];
    address[0] = '\0';
    if (!sdp_word(&line, net, sizeof net) || !sdp_word(&line, kind, sizeof kind) ||
        !sdp_word(&line, host, sizeof host) || strcmp(net, "IN") != 0)
        return;
    int family = strcmp(kind, "IP4") == 0 ? AF_INET : strcmp(kind, "IP6") == 0 ? AF_INET6 : AF_UNSPEC;
    if (family != AF_UNSPEC && inet_pton(family, host, binary) == 1) memcpy(address, host, sizeof host);
}

/* What a payload type of the audio line means. */
enum sdp_codec { CODEC_OTHER, CODEC_MU, CODEC_A, CODEC_EVENTS };

struct sdp_reading {
    struct sdp *sdp;
    /* in_audio: the current line belongs to the audio line that was chosen; seen: an audio line was chosen */
    bool in_audio, seen;
    uint8_t order[64]; /* payload types, in the order that the peer prefers */
    unsigned count;
    uint8_t codecs[128]; /* enum sdp_codec */
    bool named[128];
};

/* Reads a line `m=`. The number of such lines is bounded, since the answer must repeat each of them. True also for a
 * line that is not the audio line: that line is passed over. */
static bool sdp_media(struct sdp_reading *reading, struct sdp_text line)
{
    struct sdp *sdp = reading->sdp;
    char port_word[SDP_TOKEN], word[SDP_TOKEN];
    reading->in_audio = false;
    if (sdp->line_count == SDP_LINES) return false;
    struct sdp_line *own = &sdp->lines[sdp->line_count];
    if (!sdp_word(&line, own->kind, sizeof own->kind) || !sdp_word(&line, port_word, sizeof port_word) ||
        !sdp_word(&line, own->protocol, sizeof own->protocol))
        return false;
    struct sdp_text formats = line;
    if (!sdp_word(&formats, own->format, sizeof own->format)) return false;
    sdp->line_count++;
    port_word[strcspn(port_word, "/")] = '\0';
    int port = sdp_number(port_word, 65535);
    /* The profiles with feedback (RFC 4585, 5124) carry the same sound, and no feedback has to be sent. */
    bool secure = strcmp(own->protocol, "RTP/SAVP") == 0 || strcmp(own->protocol, "RTP/SAVPF") == 0;
    bool known = secure || strcmp(own->protocol, "RTP/AVP") == 0 || strcmp(own->protocol, "RTP/AVPF") == 0;
    if (reading->seen || strcmp(own->kind, "audio") != 0 || !known || port <= 0) return port >= 0;
    sdp->secure = secure;
    reading->seen = reading->in_audio = true;
    sdp->audio = sdp->line_count - 1;
    sdp->port = (uint16_t)port;
    while (reading->count < sizeof reading->order && sdp_word(&line, word, sizeof word)) {
        int payload = sdp_number(word, 127);
        if (payload >= 0) reading->order[reading->count++] = (uint8_t)payload;
    }
    return true;
}

static void sdp_codec_named(struct sdp_reading *reading, struct sdp_text line)
{
    char number[8], name[SDP_TOKEN];
    if (!sdp_word(&line, number, sizeof number) || !sdp_word(&line, name, sizeof name)) return;
    int payload = sdp_number(number, 127);
    if (payload < 0) return;
    reading->named[payload] = true;
    reading->codecs[payload] = strcasecmp(name, "PCMU/8000") == 0 || strcasecmp(name, "PCMU/8000/1") == 0   ? CODEC_MU
                               : strcasecmp(name, "PCMA/8000") == 0 || strcasecmp(name, "PCMA/8000/1") == 0 ? CODEC_A
                               : strcasecmp(name, "telephone-event/8000") == 0 ? CODEC_EVENTS
                                                                               : CODEC_OTHER;
}

/* Reads the key of a line such as `1 AES_CM_128_HMAC_SHA1_80 inline:KEY|LIFETIME`; the first line with a suite that
 * we support counts. A line with a key's name (MKI) or with session parameters is passed over, as RFC 4568 wants it
 * if they are not supported. */
static void sdp_crypto(struct sdp *sdp, struct sdp_text line)
{
    char tag[8], suite[SDP_TOKEN], key[160], more[SDP_TOKEN];
    size_t length = 0;
    if (sdp->key_tag != 0 || !sdp_word(&line, tag, sizeof tag) || !sdp_word(&line, suite, sizeof suite) ||
        !sdp_word(&line, key, sizeof key) || sdp_word(&line, more, sizeof more))
        return;
    bool is_80 = strcmp(suite, "AES_CM_128_HMAC_SHA1_80") == 0, is_32 = strcmp(suite, "AES_CM_128_HMAC_SHA1_32") == 0;
    if ((!is_80 && !is_32) || strncmp(key, "inline:", 7) != 0 || strchr(key + 7, ':') || sdp_number(tag, 9999999) < 1)
        return;
    size_t coded = strcspn(key + 7, "|");
    if (sodium_base642bin(sdp->key, sizeof sdp->key, key + 7, coded, NULL, &length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        length != SDP_KEY)
        return;
    sdp->suite = is_80 ? SUITE_80 : SUITE_32;
    sdp->key_tag = sdp_number(tag, 9999999);
}

static bool sdp_way_of(struct sdp_text line, enum sdp_way *way)
{
    static const char *const ways[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (line.length == strlen(ways[i]) && memcmp(line.at, ways[i], line.length) == 0) {
            *way = (enum sdp_way)i;
            return true;
        }
    }
    return false;
}

static void sdp_attribute(struct sdp_reading *reading, struct sdp_text line)
{
    struct sdp *sdp = reading->sdp;
    enum sdp_way way;
    if (sdp->line_count > 0 && !reading->in_audio) return; /* of another medium */
    if (sdp_way_of(line, &way))
        sdp->way = way;
    else if (reading->in_audio && sdp_begins(&line, "rtpmap:"))
        sdp_codec_named(reading, line);
    else if (reading->in_audio && sdp->secure && sdp_begins(&line, "crypto:"))
        sdp_crypto(sdp, line);
}

/* Finds the laws that the peer knows: payload types 0 and 8 mean the two laws even without rtpmap (RFC 3551). Each
 * law is taken once, in the order of the peer. */
static void sdp_settle(struct sdp_reading *reading)
{
    struct sdp *sdp = reading->sdp;
    bool known[LAWS] = {false};
    for (unsigned i = 0; i < reading->count; i++) {
        uint8_t payload = reading->order[i];
        unsigned codec = reading->codecs[payload];
        if (!reading->named[payload] && payload == PAYLOAD_MU) codec = CODEC_MU;
        if (!reading->named[payload] && payload == PAYLOAD_A) codec = CODEC_A;
        if (codec == CODEC_EVENTS && sdp->events < 0) sdp->events = payload;
        if (codec != CODEC_MU && codec != CODEC_A) continue;
        enum law law = codec == CODEC_A ? LAW_A : LAW_MU;
        if (known[law]) continue;
        known[law] = true;
        sdp->laws[sdp->law_count] = law;
        sdp->payloads[sdp->law_count++] = payload;
    }
    assert(sdp->law_count <= LAWS);
}

static bool sdp_refuse(char *why, size_t why_size, const char *text)
{
    snprintf(why, why_size, "%s", text);
    return false;
}

/* Reads a session description. The address of the audio line counts before that of the whole description. The checks
 * at the end name the first thing that is missing. */
bool sdp_read(const char *text, size_t length, struct sdp *sdp, char *why, size_t why_size)
{
    struct sdp_text all = {text, length}, line;
    struct sdp_reading reading = {.sdp = sdp};
    char of_all[SDP_ADDRESS] = "", of_audio[SDP_ADDRESS] = "";
    bool own = false;
    *sdp = (struct sdp){.events = -1};
    if (length > SDP_SIZE * 4) return sdp_refuse(why, why_size, "the session description is too long");
    for (unsigned number = 0; sdp_next_line(&all, &line); number++) {
        if (number == 0 && !(line.length >= 3 && memcmp(line.at, "v=0", 3) == 0))
            return sdp_refuse(why, why_size, "it is no session description");
        if (sdp_begins(&line, "m=")) {
            if (!sdp_media(&reading, line)) return sdp_refuse(why, why_size, "a line m= cannot be read");
        } else if (sdp_begins(&line, "c=")) {
            if (sdp->line_count == 0)
                sdp_connection(line, of_all);
            else if (reading.in_audio)
                sdp_connection(line, of_audio), own = true;
        } else if (sdp_begins(&line, "a=")) {
            sdp_attribute(&reading, line);
        }
    }
    memcpy(sdp->address, own ? of_audio : of_all, sizeof sdp->address);
    sdp_settle(&reading);
    if (!reading.seen)
        return sdp_refuse(why, why_size, "no audio over RTP/AVP or RTP/SAVP, with F or without, is in it");
    if (sdp->secure && sdp->key_tag == 0)
        return sdp_refuse(why, why_size, "its sound is encrypted, and no key that we can use is in it");
    if (sdp->law_count == 0) return sdp_refuse(why, why_size, "neither law of G.711 is in it");
    if (sdp->address[0] == '\0') return sdp_refuse(why, why_size, "it has no numeric address");
    /* An address of zeros meant hold before RFC 3264. */
    if (strcmp(sdp->address, "0.0.0.0") == 0) sdp->way = sdp->way == WAY_IN ? WAY_NONE : WAY_OUT;
    return true;
}

/* --- Writing --- */

struct sdp_out {
    char *text;
    size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void sdp_put(struct sdp_out *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(out->text + out->length, out->size - out->length, format, arguments);
    va_end(arguments);
    assert(length >= 0 && (size_t)length < out->size - out->length); /* SDP_SIZE is large enough for all lines */
    out->length += (size_t)length;
}

static void sdp_put_head(struct sdp_out *out, const struct sdp_own *own)
{
    const char *kind = strchr(own->address, ':') ? "IP6" : "IP4";
    sdp_put(out, "v=0\r\no=- %llu %u IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n", (unsigned long long)own->session,
            own->version, kind, own->address, kind, own->address);
}

static void sdp_put_events(struct sdp_out *out, int payload)
{
    if (payload >= 0) sdp_put(out, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", payload, payload);
}

static void sdp_put_key(struct sdp_out *out, int tag, enum sdp_suite suite, const uint8_t *key)
{
    char coded[sodium_base64_ENCODED_LEN(SDP_KEY, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(coded, sizeof coded, key, SDP_KEY, sodium_base64_VARIANT_ORIGINAL);
    sdp_put(out, "a=crypto:%d AES_CM_128_HMAC_SHA1_%s inline:%s\r\n", tag, suite == SUITE_80 ? "80" : "32", coded);
}

static const char *law_name(enum law law)
{
    return law == LAW_A ? "PCMA" : "PCMU";
}

/* Writes our offer. Both laws are offered even if one is preferred: a peer that knows only the other one can still
 * answer. */
size_t sdp_offer(const struct sdp_own *own, enum law preferred, char *text, size_t size)
{
    struct sdp_out out = {text, size, 0};
    enum law other = preferred == LAW_A ? LAW_MU : LAW_A;
    assert(size >= SDP_SIZE);
    sdp_put_head(&out, own);
    sdp_put(&out, "m=audio %u %s %u %u %u\r\n", own->port, own->key ? "RTP/SAVP" : "RTP/AVP", law_payload(preferred),
            law_payload(other), (unsigned)EVENT_PAYLOAD);
    sdp_put(&out, "a=rtpmap:%u %s/8000\r\na=rtpmap:%u %s/8000\r\n", law_payload(preferred), law_name(preferred),
            law_payload(other), law_name(other));
    sdp_put_events(&out, EVENT_PAYLOAD);
    if (own->key) sdp_put_key(&out, 1, SUITE_80, own->key);
    sdp_put(&out, "a=ptime:20\r\na=sendrecv\r\n");
    return out.length;
}

/* Writes our answer, which has the lines of the offer in the same order (RFC 3264, 6). The direction is reversed: if
 * the peer only sends, we only receive. */
size_t sdp_answer(const struct sdp_own *own, const struct sdp *offer, char *text, size_t size)
{
    static const char *const turned[] = {"sendrecv", "recvonly", "sendonly", "inactive"};
    struct sdp_out out = {text, size, 0};
    assert(size >= SDP_SIZE && offer->law_count > 0 && offer->audio < offer->line_count);
    assert(!offer->secure || own->key);
    sdp_put_head(&out, own);
    for (unsigned i = 0; i < offer->line_count; i++) {
        const struct sdp_line *line = &offer->lines[i];
        if (i != offer->audio) {
            sdp_put(&out, "m=%s 0 %s %s\r\n", line->kind, line->protocol, line->format);
            continue;
        }
        sdp_put(&out, "m=audio %u %s %u", own->port, line->protocol, offer->payloads[0]);
        if (offer->events >= 0) sdp_put(&out, " %d", offer->events);
        sdp_put(&out, "\r\na=rtpmap:%u %s/8000\r\n", offer->payloads[0], law_name(offer->laws[0]));
        sdp_put_events(&out, offer->events);
        if (offer->secure) sdp_put_key(&out, offer->key_tag, offer->suite, own->key);
        sdp_put(&out, "a=ptime:20\r\na=%s\r\n", turned[offer->way]);
    }
    return out.length;
}
