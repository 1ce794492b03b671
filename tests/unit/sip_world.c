/* tests/unit/sip_world.c - The network, the clock, and the peers of an exchange under test. */
#include "tests/unit/sip_world.h"

#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/sip/ua/loop.h"
#include "runtime/adapters/sip/redirect.h"
#include "runtime/adapters/sip/sound_fault.h"
#include "runtime/adapters/sip/speech.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_call.h"
#include "base/memory.h"

enum { FIRST_PORT = 20000, PORTS = 65536, BEAT = 20 };

static uint64_t now_ms = 1000000;

/* --- The clock: alarms in the order of their time; the place of each is the next one --- */

static struct alarm *first_alarm;

uint64_t loop_ms(void)
{
    return now_ms;
}

uint64_t world_ms(void)
{
    return now_ms;
}

static struct alarm **alarm_next(struct alarm **at)
{
    return (struct alarm **)&(*at)->place;
}

void alarm_stop(struct alarm *alarm)
{
    struct alarm **at = &first_alarm;
    if (!alarm->rings) return;
    while (*at != alarm) at = alarm_next(at);
    *at = alarm->place;
    *alarm = (struct alarm){0};
}

void alarm_set(struct alarm *alarm, uint64_t after_ms, alarm_rings *rings, void *self)
{
    struct alarm **at = &first_alarm;
    alarm_stop(alarm);
    while (*at && (*at)->at_ms <= now_ms + after_ms) at = alarm_next(at);
    *alarm = (struct alarm){rings, self, now_ms + after_ms, *at};
    *at = alarm;
}

static bool alarm_goes(uint64_t until_ms)
{
    struct alarm *alarm = first_alarm;
    if (!alarm || alarm->at_ms > until_ms) return false;
    if (alarm->at_ms > now_ms) now_ms = alarm->at_ms;
    alarm_rings *rings = alarm->rings;
    void *self = alarm->self;
    alarm_stop(alarm);
    rings(self);
    return true;
}

void loop_watch_file(int file, int flags, file_ready *ready, void *self)
{
    (void)file, (void)flags, (void)ready, (void)self;
}

void loop_leave_file(int file)
{
    (void)file;
}

struct event_base *loop_base(void)
{
    return NULL;
}

/* --- The network: a port is one of the exchange's sockets, or a peer's --- */

struct datagrams {
    struct sa own;
    datagram_comes *comes;
    void *self;
};

struct packet {
    uint16_t to_port;
    struct sa from;
    uint8_t *bytes;
    size_t length;
    struct packet *next;
};

static struct datagrams *sockets[PORTS];
static struct sip_peer *sip_peers[PORTS], *rtp_peers[PORTS];
static struct packet *first_packet, **last_packet = &first_packet;
static struct sip_world *the_world;
static uint16_t next_port = FIRST_PORT;

void loop_datagrams_close(struct datagrams *own)
{
    if (!own) return;
    sockets[sa_port(&own->own)] = NULL;
    free(own);
}

int loop_datagrams_open(struct datagrams **made, struct sa *own, datagram_comes *comes, void *self)
{
    if (sa_port(own) == 0) {
        while (sockets[next_port]) next_port = (uint16_t)(next_port < 60000 ? next_port + 2 : FIRST_PORT);
        sa_set_port(own, next_port);
        next_port = (uint16_t)(next_port < 60000 ? next_port + 2 : FIRST_PORT);
    }
    *made = memory_zeroed(1, sizeof **made);
    **made = (struct datagrams){*own, comes, self};
    sockets[sa_port(own)] = *made;
    return 0;
}

static unsigned late_ms;

void world_late(unsigned ms)
{
    late_ms = ms;
}

void loop_datagrams_queue(struct datagrams *own, int bytes, unsigned turns)
{
    (void)own, (void)bytes, (void)turns;
}

unsigned loop_datagrams_waited_ms(const struct datagrams *own)
{
    (void)own;
    return late_ms;
}

uint32_t loop_datagrams_dropped(const struct datagrams *own)
{
    (void)own;
    return 0;
}

static void packet_add(const struct sa *from, uint16_t to_port, const void *bytes, size_t length)
{
    struct packet *packet = memory_zeroed(1, sizeof *packet);
    *packet = (struct packet){to_port, *from, memory_zeroed(length + 1, 1), length, NULL};
    memcpy(packet->bytes, bytes, length);
    *last_packet = packet;
    last_packet = &packet->next;
}

int loop_datagrams_send(struct datagrams *own, const struct sa *to, const uint8_t *bytes, size_t length)
{
    const struct sip_peer *peer = sip_peers[sa_port(to)];
    if (peer && peer->away) return EHOSTUNREACH;
    packet_add(&own->own, sa_port(to), bytes, length);
    return 0;
}

static void peer_on_sip(struct sip_world *, struct sip_peer *, const char *text);
static void peer_on_sound(struct sip_peer *, const uint8_t *packet, size_t length);

static bool packet_arrives(void)
{
    struct packet *packet = first_packet;
    if (!packet) return false;
    first_packet = packet->next;
    if (!first_packet) last_packet = &first_packet;
    if (sockets[packet->to_port])
        sockets[packet->to_port]->comes(&packet->from, packet->bytes, packet->length, sockets[packet->to_port]->self);
    else if (sip_peers[packet->to_port])
        peer_on_sip(the_world, sip_peers[packet->to_port], (const char *)packet->bytes);
    else if (rtp_peers[packet->to_port])
        peer_on_sound(rtp_peers[packet->to_port], packet->bytes, packet->length);
    free(packet->bytes);
    free(packet);
    return true;
}

static void peers_speak(struct sip_world *);

void world_run(struct sip_world *world, unsigned ms)
{
    static uint64_t beat_ms;
    uint64_t until_ms = now_ms + ms;
    if (beat_ms < now_ms) beat_ms = now_ms;
    for (;;) {
        while (packet_arrives()) {
        }
        if (alarm_goes(beat_ms < until_ms ? beat_ms : until_ms)) continue;
        if (beat_ms > until_ms) break;
        now_ms = beat_ms;
        beat_ms += BEAT;
        peers_speak(world);
        if (now_ms % 100 != 0) continue;
        talks_tick(&world->exchange);
        telephones_tick(&world->exchange);
        keep_tick(&world->exchange);
    }
    now_ms = until_ms;
}

/* --- Sound --- */

static const unsigned short hertz[TONES] = {600, 800, 1000, 1200, 1400, 1600, 1800, 2600, 2000, 2200, 2400, 425};
static uint8_t tone_codes[PEERS][RTP_SAMPLES];

static double tone_at(unsigned tone, size_t sample)
{
    return 4000 * sin(2 * 3.14159265358979323846 * hertz[tone] * (double)sample / 8000);
}

static void tones_make(void)
{
    for (unsigned tone = 0; tone < PEERS; tone++)
        for (size_t i = 0; i < RTP_SAMPLES; i++)
            tone_codes[tone][i] = g711_encode(LAW_A, (int16_t)lrint(tone_at(tone, i)));
}

static unsigned tones_in(const uint8_t *codes, size_t count)
{
    static double turns[TONES];
    unsigned found = 0;
    for (unsigned tone = 0; tone < TONES; tone++) {
        double now = 0, before = 0, *turn = &turns[tone];
        if (*turn == 0) *turn = 2 * cos(2 * 3.14159265358979323846 * hertz[tone] / 8000);
        for (size_t i = 0; i < count; i++) {
            double next = g711_decode(LAW_A, codes[i]) + *turn * now - before;
            before = now;
            now = next;
        }
        double amplitude = sqrt(fabs(now * now + before * before - *turn * now * before)) * 2 / (double)count;
        if (amplitude > 1200) found |= 1U << tone;
    }
    return found;
}

/* "!" is the flash of a hook, event 16. */
#define EVENTS "0123456789*#ABCD!"

static void peer_on_event(struct sip_peer *peer, const struct rtp *rtp)
{
    size_t length = strlen(peer->keys);
    peer->heard_keys++;
    peer->key_ends += rtp->length >= 4 && rtp->bytes[1] >> 7;
    if (rtp->timestamp == peer->key_time || rtp->length < 4 || length + 1 >= sizeof peer->keys) return;
    peer->key_time = rtp->timestamp;
    peer->keys[length] = EVENTS[rtp->bytes[0] % (sizeof EVENTS - 1)];
    peer->keys[length + 1] = '\0';
}

static void peer_on_sound(struct sip_peer *peer, const uint8_t *packet, size_t length)
{
    struct rtp rtp;
    peer->last_length = length < sizeof peer->last ? length : sizeof peer->last;
    memcpy(peer->last, packet, peer->last_length);
    if (!rtp_read(packet, length, &rtp)) return;
    if (peer->streams > 0 && peer->ssrc == rtp.ssrc)
        peer->holes += (uint16_t)(peer->sequence + 1) != rtp.sequence;
    else
        peer->streams++;
    peer->ssrc = rtp.ssrc;
    peer->sequence = rtp.sequence;
    peer->packets++;
    if (rtp.payload == 101) {
        peer_on_event(peer, &rtp);
        return;
    }
    bool same = rtp.length == sizeof peer->heard && memcmp(peer->heard, rtp.bytes, rtp.length) == 0;
    if (!same) peer->tones = tones_in(rtp.bytes, rtp.length);
    if (rtp.length == sizeof peer->heard) memcpy(peer->heard, rtp.bytes, rtp.length);
    peer->frames[peer->at++ % EAR_FRAMES] = peer->tones;
}

unsigned peer_hears(const struct sip_peer *peer, bool any)
{
    unsigned heard = 0;
    for (unsigned tone = 0; tone < TONES; tone++) {
        unsigned frames = 0;
        for (unsigned i = 0; i < EAR_FRAMES; i++) frames += peer->frames[i] >> tone & 1;
        if (frames >= (any ? 1 : EAR_FRAMES / 2 + 1)) heard |= 1U << tone;
    }
    return heard;
}

void peer_says(struct sip_world *world, struct sip_peer *peer, const void *packet, size_t length)
{
    struct sa from;
    (void)world;
    sa_set_str(&from, peer->ip, peer->rtp);
    packet_add(&from, peer->to_port, packet, length);
}

static void peer_speaks(struct sip_world *world, struct sip_peer *peer, uint8_t payload, uint32_t time,
                        const uint8_t *bytes, size_t count)
{
    uint8_t packet[RTP_HEADER + RTP_SAMPLES];
    rtp_write(packet, &(struct rtp){
                          .payload = payload, .sequence = peer->sent++, .timestamp = time, .ssrc = 77 + peer->number});
    memcpy(packet + RTP_HEADER, bytes, count);
    peer_says(world, peer, packet, RTP_HEADER + count);
}

/* Vowels of a pitch and a strength that change, as voices have them. */
static int16_t voice_at(double second)
{
    const double full = 2 * 3.14159265358979323846;
    double phase = full * 150 * second + 8 * sin(full * 2.5 * second), sum = 0;
    for (int harmonic = 1; harmonic <= 8; harmonic++) sum += sin(phase * harmonic) / (1 + abs(harmonic - 4));
    return (int16_t)lrint(sum * 2500 * (0.6 + 0.4 * sin(full * 4 * second)));
}

static const uint8_t *peer_sound(const struct sip_peer *peer, const uint8_t *tone)
{
    static uint8_t codes[RTP_SAMPLES];
    bool sounds = peer->busy_tone && now_ms % 1000 < 500;
    if (!peer->busy_tone && !peer->quiet && !peer->voice) return tone;
    for (size_t i = 0; i < RTP_SAMPLES; i++) {
        double turn = 2 * 3.14159265358979323846 * 425 * (double)((now_ms % 1000) * 8 + i) / 8000;
        double second = (double)(now_ms % 100000) / 1000 + (double)i / 8000;
        int16_t sample = (int16_t)(sounds ? lrint(4000 * sin(turn)) : 0);
        codes[i] = g711_encode(LAW_A, peer->voice && !peer->quiet ? voice_at(second) : sample);
    }
    return codes;
}

static void peers_speak(struct sip_world *world)
{
    for (unsigned i = 0; i < PEERS; i++) {
        struct sip_peer *peer = &world->peers[i];
        bool speaks = peer->state == PEER_UP || peer->state == PEER_EARLY;
        if (speaks && peer->to_port != 0 && !peer->mute)
            peer_speaks(world, peer, 8, (uint32_t)now_ms * 8, peer_sound(peer, tone_codes[i]), RTP_SAMPLES);
    }
}

void peer_key(struct sip_world *world, struct sip_peer *peer, char key)
{
    const uint8_t event = (uint8_t)(strchr(EVENTS, key) - EVENTS);
    const uint32_t time = (uint32_t)now_ms * 8 + 1;
    for (uint16_t i = 1; i <= 5; i++)
        peer_speaks(world, peer, 101, time,
                    (uint8_t[]){event, i < 4 ? 10 : 0x8a, (uint8_t)(160 * i >> 8), (uint8_t)(160 * i)}, 4);
}

/* --- SIP of the peers --- */

/* The value of the first header of that name. */
static bool sip_header(const char *text, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = text; (line = strstr(line, "\r\n")) && strncmp(line, "\r\n\r\n", 4) != 0;) {
        line += 2;
        if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
        line += length + 1;
        line += strspn(line, " ");
        size_t count = strcspn(line, "\r");
        snprintf(value, size, "%.*s", (int)count, line);
        return true;
    }
    *value = '\0';
    return false;
}

void peer_sends(const struct sip_peer *peer, const char *text)
{
    struct sa from;
    sa_set_str(&from, peer->ip, peer->sip);
    packet_add(&from, sa_port(&the_world->exchange.setting.own), text, strlen(text));
}

static void peer_describes(struct sip_peer *peer, char *text, size_t size)
{
    const char *kind = strchr(peer->ip, ':') ? "IP6" : "IP4";
    int length = snprintf(
        text, size, "v=0\r\no=- %u %u IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\nm=audio %u %s 8%s\r\n%s%sa=%s\r\n",
        peer->number + 1, ++peer->sessions, kind, peer->ip, kind, peer->ip, peer->rtp, peer->protocol,
        peer->events ? " 101" : "", peer->events ? "a=rtpmap:101 telephone-event/8000\r\n" : "", peer->more, peer->way);
    assert(length > 0 && (size_t)length < size);
}

static void peer_agrees(struct sip_peer *peer, const char *message)
{
    const char *body = strstr(message, "\r\n\r\n"), *line = body ? strstr(body, "\nm=audio ") : NULL;
    if (!line) return;
    snprintf(peer->answer, sizeof peer->answer, "%s", body + 4);
    peer->to_port = (uint16_t)strtoul(line + 9, NULL, 10);
}

static void peer_names_itself(const struct sip_peer *peer, char *own, size_t size)
{
    if (peer->contact && !*peer->contact)
        *own = '\0';
    else if (peer->contact)
        snprintf(own, size, strchr("*<", *peer->contact) ? "Contact: %s\r\n" : "Contact: <sip:%s>\r\n", peer->contact);
    else
        snprintf(own, size, "Contact: <sip:%s@%s:%u>\r\n", peer->user, peer->host, peer->sip);
}

static void peer_replies(struct sip_peer *peer, const char *request, unsigned status, const char *sdp)
{
    char via[512], from[256], to[256], call_id[128], cseq[64], text[4096], own[128];
    peer_names_itself(peer, own, sizeof own);
    sip_header(request, "Via", via, sizeof via);
    sip_header(request, "From", from, sizeof from);
    sip_header(request, "To", to, sizeof to);
    sip_header(request, "Call-ID", call_id, sizeof call_id);
    sip_header(request, "CSeq", cseq, sizeof cseq);
    bool tagged = strstr(to, ";tag=") != NULL, grants = peer->granted && strstr(cseq, "REGISTER");
    snprintf(text, sizeof text,
             "SIP/2.0 %u Whatever\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
             "%s%s%s%s%sContent-Length: %zu\r\n\r\n%s",
             status, via, from, to, tagged ? "" : ";tag=", tagged ? "" : peer->tag, call_id, cseq, own,
             grants ? peer->granted : "", status >= 300 && peer->grounds ? peer->grounds : "",
             status == 407 ? "Proxy-Authenticate: Digest realm=\"out\", nonce=\"n\"\r\n" : "",
             *sdp ? "Content-Type: application/sdp\r\n" : "", strlen(sdp), sdp);
    peer_sends(peer, text);
}

/* Within its dialog, or the INVITE that begins it. `remote` and our own name are as the dialog has them. */
static void peer_requests(struct sip_peer *peer, const char *method, unsigned cseq, const char *type, const char *body)
{
    char text[4096], own[128], from[128];
    peer_names_itself(peer, own, sizeof own);
    snprintf(from, sizeof from, "sip:peer%u@%s", peer->number, peer->host);
    bool invites = strcmp(method, "INVITE") == 0 || strcmp(method, "ACK") == 0 || strcmp(method, "CANCEL") == 0;
    snprintf(text, sizeof text,
             "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bK%s%u%s;rport\r\nMax-Forwards: %u\r\n"
             "From: <%s>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n%s"
             "%s%s%s%s%sContent-Length: %zu\r\n\r\n%s",
             method, peer->target, peer->host, peer->sip, peer->tag, cseq, invites ? "" : method,
             peer->hops > 0 ? peer->hops : 70, peer->from ? peer->from : from, peer->tag, peer->remote, peer->call_id,
             cseq, method, own, peer->headers, peer->lines, *type ? "Content-Type: " : "", type, *type ? "\r\n" : "",
             strlen(body), body);
    *peer->headers = '\0';
    peer_sends(peer, text);
}

/* A request that may be asked for a proof. */
static void peer_asks(struct sip_peer *peer, const char *method, const char *type, const char *body)
{
    snprintf(peer->method, sizeof peer->method, "%s", method);
    snprintf(peer->type, sizeof peer->type, "%s", type);
    snprintf(peer->body, sizeof peer->body, "%s", body);
    peer_requests(peer, method, peer->cseq, type, body);
}

static void hash_print(const uint8_t hash[MD5_SIZE], char text[2 * MD5_SIZE + 1])
{
    sodium_bin2hex(text, 2 * MD5_SIZE + 1, hash, MD5_SIZE);
}

static void peer_proves(struct sip_peer *peer, const char *challenge)
{
    const char *nonce = strstr(challenge, "nonce=\"");
    uint8_t hash[MD5_SIZE];
    char who[2 * MD5_SIZE + 1], what[2 * MD5_SIZE + 1], all[2 * MD5_SIZE + 1];
    assert(nonce);
    nonce += 7;
    int length = (int)strcspn(nonce, "\"");
    md5_printf(hash, "%s:gcx:%s", peer->user, peer->guess ? peer->guess : "secret");
    hash_print(hash, who);
    md5_printf(hash, "%s:%s", peer->method, peer->target);
    hash_print(hash, what);
    md5_printf(hash, "%s:%b:%s", who, nonce, (size_t)length, what);
    hash_print(hash, all);
    snprintf(peer->headers, sizeof peer->headers,
             "Authorization: Digest username=\"%s\", realm=\"gcx\", nonce=\"%.*s\", uri=\"%s\", response=\"%s\"\r\n",
             peer->user, length, nonce, peer->target, all);
    peer->cseq++;
    peer_requests(peer, peer->method, peer->cseq, peer->type, peer->body);
}

static void peer_begins(struct sip_peer *peer)
{
    static unsigned dialogs;
    snprintf(peer->tag, sizeof peer->tag, "t%u", ++dialogs);
    peer->cseq = 1;
    peer->way = "sendrecv";
    peer->to_port = 0;
    peer->status = 0;
    peer->streams = peer->holes = 0;
    *peer->answer = '\0';
}

void peer_calls(struct sip_world *world, struct sip_peer *peer, const char *number)
{
    char sdp[1024];
    peer_begins(peer);
    snprintf(peer->call_id, sizeof peer->call_id, "call-%s", peer->tag);
    if (strchr(number, ':'))
        snprintf(peer->target, sizeof peer->target, "%s", number);
    else
        (void)re_snprintf(peer->target, sizeof peer->target, "sip:%s@%J", number, &world->exchange.setting.own);

    snprintf(peer->remote, sizeof peer->remote, "<%s>", peer->target);
    peer_describes(peer, sdp, sizeof sdp);
    peer->state = PEER_CALLS;
    peer_asks(peer, "INVITE", "application/sdp", sdp);
}

/* To the exchange itself. */
static void peer_asks_it(struct sip_world *world, struct sip_peer *peer, const char *method)
{
    peer_begins(peer);
    snprintf(peer->call_id, sizeof peer->call_id, "%s-%s", method, peer->device ? peer->device : peer->tag);
    (void)re_snprintf(peer->target, sizeof peer->target, "sip:%J", &world->exchange.setting.own);
    (void)re_snprintf(peer->remote, sizeof peer->remote, "<sip:%s@%J>", peer->user, &world->exchange.setting.own);
    peer_asks(peer, method, "", "");
}

void peer_registers(struct sip_world *world, struct sip_peer *peer)
{
    peer_asks_it(world, peer, "REGISTER");
}

void peer_asks_options(struct sip_world *world, struct sip_peer *peer)
{
    peer_asks_it(world, peer, "OPTIONS");
}

void peer_proves_late(struct sip_peer *peer)
{
    peer_proves(peer, peer->said);
}

void peer_poses(struct sip_peer *peer, const struct sip_peer *as)
{
    memcpy(peer->call_id, as->call_id, sizeof peer->call_id);
    memcpy(peer->tag, as->tag, sizeof peer->tag);
    memcpy(peer->remote, as->remote, sizeof peer->remote);
    memcpy(peer->target, as->target, sizeof peer->target);
    memcpy(peer->invite, as->invite, sizeof peer->invite);
    peer->cseq = as->cseq;
    peer->state = as->state;
    peer->to_port = 0;
    peer->status = 0;
}

static void peer_acknowledges(struct sip_peer *peer, unsigned cseq)
{
    char sdp[1024] = "";
    if (peer->describes_late) peer_describes(peer, sdp, sizeof sdp);
    peer->describes_late = false;
    peer_requests(peer, "ACK", cseq, *sdp ? "application/sdp" : "", sdp);
}

static void peer_on_response(struct sip_peer *peer, const char *text)
{
    char cseq[64], contact[256], call_id[128];
    unsigned status = (unsigned)strtoul(text + 8, NULL, 10);
    sip_header(text, "CSeq", cseq, sizeof cseq);
    sip_header(text, "Call-ID", call_id, sizeof call_id);
    if (strcmp(call_id, peer->call_id) != 0 || status < 101) return;
    snprintf(peer->said, sizeof peer->said, "%s", text);
    if (status == 401) {
        if (strstr(cseq, "INVITE")) peer_requests(peer, "ACK", peer->cseq, "", "");
        if (!peer->thinks) peer_proves(peer, text);
        return;
    }
    if (!strstr(cseq, "INVITE")) peer->status = (uint16_t)status;
    if (!strstr(cseq, "INVITE")) return;
    peer_agrees(peer, text);
    sip_header(text, "To", peer->remote, sizeof peer->remote);
    if (status < 200) {
        if (peer->to_port != 0 && peer->state == PEER_CALLS) peer->state = PEER_EARLY;
        return;
    }
    peer->status = (uint16_t)status;
    if (sip_header(text, "Contact", contact, sizeof contact) && status < 300)
        snprintf(peer->target, sizeof peer->target, "%.*s", (int)strcspn(contact + 1, ">"), contact + 1);
    peer_acknowledges(peer, (unsigned)strtoul(cseq, NULL, 10));
    if (peer->state == PEER_CALLS || peer->state == PEER_EARLY) peer->state = status < 300 ? PEER_UP : PEER_IDLE;
}

static void peer_rings(struct sip_peer *peer)
{
    char sdp[1024] = "";
    if (peer->progress) {
        peer_agrees(peer, peer->invite);
        peer_describes(peer, sdp, sizeof sdp);
    }
    peer->state = peer->progress ? PEER_EARLY : PEER_RINGS;
    peer_replies(peer, peer->invite, peer->progress ? 183 : 180, sdp);
}

static bool proves(const char *invite)
{
    return strstr(invite, "\r\nProxy-Authorization: Digest ") != NULL;
}

static void peer_on_invite(struct sip_peer *peer, const char *text)
{
    char contact[256];
    peer->invited++;
    if (peer->state != PEER_IDLE) {
        peer_replies(peer, text, 486, "");
        return;
    }
    peer_begins(peer);
    sip_header(text, "Call-ID", peer->call_id, sizeof peer->call_id);
    sip_header(text, "From", peer->remote, sizeof peer->remote);
    sip_header(text, "Contact", contact, sizeof contact);
    snprintf(peer->target, sizeof peer->target, "%.*s", (int)strcspn(contact + 1, ">"), contact + 1);
    snprintf(peer->invite, sizeof peer->invite, "%s", text);
    peer->state = PEER_RINGS;
    if (peer->refused > 0 && !(peer->refused == 407 && proves(text)))
        peer_refuses(the_world, peer, peer->refused);
    else
        peer_rings(peer);
}

static void peer_is_refreshed(struct sip_peer *peer, const char *text)
{
    char sdp[1024];
    if (peer->glares > 0) {
        peer->glares--;
        peer_replies(peer, text, 491, "");
        return;
    }
    peer->refreshed++;
    snprintf(peer->refresh, sizeof peer->refresh, "%s", text);
    peer_agrees(peer, text);
    peer_describes(peer, sdp, sizeof sdp);
    peer_replies(peer, text, 200, sdp);
}

static void peer_on_sip(struct sip_world *world, struct sip_peer *peer, const char *text)
{
    char call_id[128];
    (void)world;
    peer->ended += strncmp(text, "BYE", 3) == 0;
    if (peer->notes && strncmp(text, peer->notes, strlen(peer->notes)) == 0 &&
        peer->noted < sizeof peer->noted_ms / sizeof *peer->noted_ms)
        peer->noted_ms[peer->noted++] = now_ms;
    if (peer->deaf) return;
    peer->asked += strncmp(text, "OPTIONS", 7) == 0;
    sip_header(text, "Call-ID", call_id, sizeof call_id);
    bool own = strcmp(call_id, peer->call_id) == 0;
    if (strncmp(text, "SIP/2.0", 7) == 0) {
        peer_on_response(peer, text);
    } else if (strncmp(text, "INVITE", 6) == 0 && (!own || (peer->state == PEER_IDLE && proves(text)))) {
        peer_on_invite(peer, text);
    } else if (strncmp(text, "INVITE", 6) == 0 && peer->state == PEER_UP) {
        peer_is_refreshed(peer, text);
    } else if (strncmp(text, "CANCEL", 6) == 0) {
        peer_replies(peer, text, 200, "");
        if (own && (peer->state == PEER_RINGS || peer->state == PEER_EARLY)) peer_refuses(world, peer, 487);
    } else if (strncmp(text, "BYE", 3) == 0) {
        bool ends = own && (peer->refused != 407 || proves(text));
        peer_replies(peer, text, own && !ends ? 407 : 200, "");
        if (ends) peer->state = PEER_IDLE;
    } else if (strncmp(text, "ACK", 3) != 0) {
        peer_replies(peer, text, own || peer->granted ? 200 : 481, "");
    }
}

void peer_answers(struct sip_world *world, struct sip_peer *peer)
{
    char sdp[1024];
    (void)world;
    assert(peer->state == PEER_RINGS || peer->state == PEER_EARLY);
    peer_agrees(peer, peer->invite);
    peer_describes(peer, sdp, sizeof sdp);
    peer->state = PEER_UP;
    peer_replies(peer, peer->invite, 200, sdp);
}

void peer_refuses(struct sip_world *world, struct sip_peer *peer, unsigned status)
{
    (void)world;
    peer->state = PEER_IDLE;
    peer_replies(peer, peer->invite, status, "");
}

void peer_hangs_up(struct sip_world *world, struct sip_peer *peer)
{
    (void)world;
    if (peer->state == PEER_UP) {
        peer->cseq++;
        peer_asks(peer, "BYE", "", "");
    } else if (peer->state != PEER_IDLE && strstr(peer->invite, peer->call_id)) {
        peer_refuses(world, peer, 603);
    } else if (peer->state != PEER_IDLE) { /* its own INVITE: the To of the CANCEL is that of the INVITE */
        char *tag = strstr(peer->remote, ";tag=");
        if (tag) *tag = '\0';
        peer_requests(peer, "CANCEL", peer->cseq, "", "");
    }
    peer->state = PEER_IDLE;
}

void peer_offers(struct sip_world *world, struct sip_peer *peer, const char *way)
{
    char sdp[1024];
    (void)world;
    peer->way = way;
    peer_describes(peer, sdp, sizeof sdp);
    peer_requests(peer, "INVITE", ++peer->cseq, "application/sdp", sdp);
}

void peer_refreshes(struct sip_world *world, struct sip_peer *peer, enum peer_refresh how)
{
    if (how == PEER_BY_INVITE) {
        peer_offers(world, peer, peer->way);
        return;
    }
    peer->describes_late = how == PEER_BY_ACK;
    peer_requests(peer, how == PEER_BY_ACK ? "INVITE" : "UPDATE", ++peer->cseq, "", "");
}

void peer_info(struct sip_world *world, struct sip_peer *peer, char key)
{
    char body[64];
    snprintf(body, sizeof body, "Signal=%c\r\nDuration=160\r\n", key);
    peer_informs(world, peer, "application/dtmf-relay", body);
}

void peer_informs(struct sip_world *world, struct sip_peer *peer, const char *type, const char *body)
{
    (void)world;
    peer_requests(peer, "INFO", ++peer->cseq, type, body);
}

void peer_refers(struct sip_world *world, struct sip_peer *peer, const char *to)
{
    (void)world;
    snprintf(peer->headers, sizeof peer->headers, "Refer-To: <sip:%s@127.0.0.1>\r\n", to);
    peer->cseq++;
    peer_asks(peer, "REFER", "", "");
}

/* --- The core --- */

struct gcx_link {
    struct sip_world *world;
    uint64_t conns;
};

static struct gcx_link the_link;

static void world_tell(struct sip_world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void world_tell(struct sip_world *world, const char *format, ...)
{
    size_t length = strlen(world->told);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->told + length, sizeof world->told - length, format, arguments);
    va_end(arguments);
}

static void world_note(struct sip_world *world, const struct message *event)
{
    struct span dn, to;
    uint64_t cause = cause_other;
    if (event->kind == KIND_EventParty) {
        dn = message_text(event, EventParty_dn), to = message_text(event, EventParty_to);
        cause = message_u(event, EventParty_cause);
        world_tell(world, "%s %.*s", enum_name_party_change(message_u(event, EventParty_change)), (int)dn.length,
                   (const char *)dn.bytes);
        if (to.length > 0) world_tell(world, " to %.*s", (int)to.length, (const char *)to.bytes);
    } else if (event->kind == KIND_EventRouteRequest) {
        dn = message_text(event, EventRouteRequest_dn);
        world_tell(world, "at %.*s", (int)dn.length, (const char *)dn.bytes);
    } else if (event->kind == KIND_EventRouteUsed) {
        to = message_text(event, EventRouteUsed_to);
        world_tell(world, "routed %.*s", (int)to.length, (const char *)to.bytes);
    } else if (event->kind == KIND_EventTreatment) {
        struct span digits = message_text(event, EventTreatment_digits);
        cause = message_u(event, EventTreatment_cause);
        world_tell(world, "%s", enum_name_treatment_change(message_u(event, EventTreatment_change)));
        if (digits.length > 0) world_tell(world, " %.*s", (int)digits.length, (const char *)digits.bytes);
    } else if (event->kind == KIND_EventPartyChanged) {
        world_tell(world, "%s", enum_name_party_how(message_u(event, EventPartyChanged_how)));
    } else if (event->kind == KIND_EventCallProgress) {
        cause = message_u(event, EventCallProgress_result);
        world_tell(world, "result");
    } else if (event->kind == KIND_EventCallDeleted) {
        cause = message_u(event, EventCallDeleted_cause);
        world_tell(world, "gone");
    } else {
        return;
    }
    world_tell(world, cause == cause_other ? "; " : " %s; ", enum_name_cause(cause));
}

static bool world_post(struct gcx_link *link, struct span frame)
{
    struct message message;
    struct error error;
    bool good = message_read(&message, frame.bytes, frame.length, &error);
    assert(good);
    if (message.kind == KIND_EventDN) link->world->devices++;
    world_note(link->world, &message);
    return good;
}

static bool world_up(const struct gcx_link *link)
{
    return link != NULL;
}

static unsigned world_link(const struct gcx_link *link)
{
    return link ? 7 : 0;
}

static uint64_t world_conn(struct gcx_link *link)
{
    return UINT64_C(7) << 48 | ++link->conns;
}

static uint64_t world_us(const struct gcx_link *link)
{
    return link ? now_ms * 1000 : 0;
}

static struct event_base *world_base(struct gcx_link *link)
{
    (void)link;
    return NULL;
}

static const char *world_setting(const struct gcx_link *link, const char *key)
{
    (void)link, (void)key;
    return NULL;
}

static void world_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void world_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    (void)ixn, (void)conn;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (getenv("RIG_LOG")) fprintf(stderr, "%llu %d %s\n", (unsigned long long)now_ms, level, text);
    if (level == GCX_LOG_INFO && strncmp(text, "sip: ", 5) == 0)
        snprintf(link->world->noticed, sizeof link->world->noticed, "%.500s", text);
    if (level < GCX_LOG_WARNING || (link->world->errors > 0 && level < GCX_LOG_ERROR)) return;
    link->world->errors += level == GCX_LOG_ERROR;
    snprintf(link->world->logged, sizeof link->world->logged, "%.500s", text);
}

static void world_peer_link(struct gcx_link *link, const char *name, bool up)
{
    (void)link, (void)name, (void)up;
}

static void world_busy(struct gcx_link *link, bool busy)
{
    (void)link, (void)busy;
}

static void world_defaulted(struct gcx_link *link)
{
    (void)link;
}

static void world_neighbour(struct gcx_link *link, const char *name, bool up, const char *why)
{
    (void)name, (void)why;
    link->world->neighbour_up = up;
}

static void world_figure(struct gcx_link *link, const char *name, int64_t value)
{
    (void)link, (void)name, (void)value;
}

static void world_refused(struct gcx_link *link, const char *reason, const char *whom)
{
    link->world->refused++;
    snprintf(link->world->whom, sizeof link->world->whom, "%s", whom);
    snprintf(link->world->reason, sizeof link->world->reason, "%s", reason);
    size_t length = strlen(link->world->reasons);
    snprintf(link->world->reasons + length, sizeof link->world->reasons - length, "%s ", reason);
}

static void world_count(struct gcx_link *link, const char *name, int64_t more)
{
    if (strcmp(name, "faults") == 0) link->world->figures_faults += (unsigned)more;
}

static void world_holds(struct gcx_link *link, unsigned conversations)
{
    link->world->held = conversations;
}

static bool world_no(const struct gcx_link *link)
{
    (void)link;
    return false;
}

static uint64_t world_journal(const struct gcx_link *link)
{
    return link ? 1 : 0;
}

/* All that the library has, but for reads of the core. */
static const struct gcx_services world_services = {
    .post = world_post,
    .up = world_up,
    .link = world_link,
    .new_conn = world_conn,
    .now_us = world_us,
    .wall_us = world_us,
    .base = world_base,
    .setting = world_setting,
    .log = world_log,
    .peer = world_peer_link,
    .busy = world_busy,
    .defaulted = world_defaulted,
    .neighbour = world_neighbour,
    .figure = world_figure,
    .count = world_count,
    .refused = world_refused,
    .journal = world_journal,
    .aside = world_no,
    .holds = world_holds,
    .ends = world_no,
};

struct talk *world_talk(struct sip_world *world, const struct talk *but)
{
    struct talk *talk = world->exchange.first;
    return talk && talk == but ? talk->next : talk;
}

void world_route(struct sip_world *world, const struct talk *talk, const char *to)
{
    exchange_ops.route(&world->exchange, 0, talk_call(talk), to);
}

void world_ask(struct sip_world *world, const struct talk *talk, enum treatment type, const struct kv *params)
{
    static uint64_t ref;
    struct treatment_ask ask = {
        .ref = ++ref, .type = type, .dn = talk->point, .language = "", .params = kv_span(params)};
    exchange_ops.treat(&world->exchange, talk_call(talk), &ask);
}

void world_treat(struct sip_world *world, const struct talk *talk, enum treatment type, const char *prompt)
{
    struct kv params;
    kv_init(&params);
    if (*prompt) kv_put_text(&params, "prompt", span_of(prompt));
    world_ask(world, talk, type, &params);
    kv_free(&params);
}

void world_stop(struct sip_world *world, const struct talk *talk)
{
    exchange_ops.stop_treatment(&world->exchange, talk_call(talk), 0);
}

void world_party(struct sip_world *world, const struct talk *talk, const char *dn, enum party_ask what, const char *to)
{
    exchange_ops.party(&world->exchange, 0, talk_call(talk), dn, what, to);
}

/* --- Life --- */

static const char *world_setting_of(void *self, const char *key)
{
    static const char *const usual[][2] = {{"address", "127.0.0.1:0"},
                                           {"trunks", "127.0.0.2, 127.0.0.4"},
                                           {"numbers", "1800, 1801"},
                                           {"dialable", "+49*"},
                                           {"outbound", "one=127.0.0.4:5084, two=127.0.0.4:5085"},
                                           {"ring", "3600"}};
    const char *const(*given)[2] = self;
    for (; given && (*given)[0]; given++)
        if (strcmp((*given)[0], key) == 0) return (*given)[1];
    for (unsigned i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strcmp(usual[i][0], key) == 0) return usual[i][1];
    return NULL;
}

static void world_write_prompt(const struct sip_world *world, const char *name, unsigned tone)
{
    char path[128];
    uint8_t head[44] = "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\100\37\0\0\200\76\0\0\2\0\20\0data\200\76";
    snprintf(path, sizeof path, "%s/%s.wav", world->folder, name);
    FILE *out = fopen(path, "w");
    assert(out);
    fwrite(head, 1, sizeof head, out);
    for (size_t i = 0; i < 8000; i++) {
        int16_t sample = (int16_t)lrint(tone_at(tone, i));
        fwrite(&sample, 2, 1, out);
    }
    fclose(out);
}

static void world_write_telephones(const struct sip_world *world, char path[128])
{
    snprintf(path, 128, "%s/telephones", world->folder);
    mode_t mask = umask(077);
    FILE *out = fopen(path, "w");
    umask(mask);
    assert(out);
    for (unsigned dn = 7001; dn <= 7006; dn++) fprintf(out, "%u secret\n", dn);
    fclose(out);
}

struct sip_world *world_new(const char *const (*settings)[2])
{
    struct sip_world *world = memory_zeroed(1, sizeof *world);
    struct exchange *exchange = &world->exchange;
    char why[256] = "", path[128];
    assert(!the_world && sodium_init() >= 0);
    the_world = the_link.world = world;
    tones_make();
    strcpy(world->folder, "/tmp/gcx-sip-world-XXXXXX");
    if (!mkdtemp(world->folder)) abort();
    world_write_prompt(world, "prompt", TONE_OF_PROMPT);
    world_write_prompt(world, "hold", TONE_OF_HOLD);
    world_write_prompt(world, "music", TONE_OF_MUSIC);
    world_write_telephones(world, path);
    bool good = sip_setting_read(&exchange->setting, world_setting_of, (void *)(uintptr_t)settings, why, sizeof why) &&
                telephones_read(&exchange->telephones, path, "gcx", why, sizeof why);
    exchange->born = 1;
    exchange->redirects = redirects_new();
    exchange->sounds = sounds_new(world->folder);
    exchange->speeches = speeches_new("", 1000, &(struct speeches_tell){0}); /* it speaks nothing */
    stream_clock_init(&exchange->clock);
    exchange->clock.first_port = exchange->setting.first_rtp;
    exchange->clock.last_port = exchange->setting.last_rtp;
    exchange->clock.inband = true;
    cti_init(&exchange->cti, &the_link, &world_services, &exchange_ops, exchange,
             &(struct cti_settings){.name = "sip"});
    cti_core_up(&exchange->cti, true);
    good = good && front_open(exchange, why, sizeof why);
    if (!good) fprintf(stderr, "%s\n", why);
    assert(good);
    cti_snapshot_begin(&exchange->cti);
    cti_device(&exchange->cti, "1800", dn_type_routing_point, dn_state_in);
    cti_device(&exchange->cti, "1801", dn_type_routing_point, dn_state_in);
    cti_snapshot_end(&exchange->cti);
    return world;
}

struct sip_peer *world_peer(struct sip_world *world, const char *ip, const char *user)
{
    unsigned number = 0;
    while (world->peers[number].ip) number++;
    struct sip_peer *peer = &world->peers[number];
    struct telephone *telephone = telephones_find(&world->exchange.telephones, user);
    assert(number < PEERS);
    *peer = (struct sip_peer){.ip = ip,
                              .user = user,
                              .sip = (uint16_t)(5080 + number),
                              .rtp = (uint16_t)(6000 + 2 * number),
                              .number = number,
                              .events = true,
                              .way = "sendrecv",
                              .more = "",
                              .lines = "",
                              .protocol = "RTP/AVP"};
    snprintf(peer->host, sizeof peer->host, strchr(ip, ':') ? "[%s]" : "%s", ip);
    sip_peers[peer->sip] = peer;
    rtp_peers[peer->rtp] = peer;
    if (!telephone) return peer;
    sa_set_str(&telephone->at, ip, peer->sip);
    text_set(telephone->user, sizeof telephone->user, user);
    telephone->until_ms = UINT64_MAX;
    telephone->transport = SIP_TRANSP_UDP;
    telephone->registered = true;
    telephone_is(&world->exchange, telephone, true);
    return peer;
}

void world_free(struct sip_world *world)
{
    struct exchange *exchange = &world->exchange;
    char command[128];
    orders_forget(exchange);
    talks_end(exchange);
    recorders_close(exchange);
    stream_clock_end(&exchange->clock);
    redirects_free(exchange->redirects);
    front_close(exchange);
    speeches_free(exchange->speeches);
    sounds_free(exchange->sounds);
    telephones_free(&exchange->telephones);
    cti_free(&exchange->cti);
    sip_setting_free(&exchange->setting);
    while (first_packet) {
        struct packet *packet = first_packet;
        first_packet = packet->next;
        free(packet->bytes);
        free(packet);
    }
    last_packet = &first_packet;
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    if (system(command) != 0) abort();
    memset(sip_peers, 0, sizeof sip_peers);
    memset(rtp_peers, 0, sizeof rtp_peers);
    free(world);
    the_world = NULL;
    unsigned faults;
    const char *fault = sound_fault_take(&faults);
    if (fault) fprintf(stderr, "%u times what must hold for sound did not: %s\n", faults, fault);
    assert(!fault);
}
