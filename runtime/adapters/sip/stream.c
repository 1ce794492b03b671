/* runtime/adapters/sip/stream.c - Receives and sends packets, and plays sounds by a clock of 20 ms.
 *
 *     socket --> srtp --> rtp --> known sender? --> taps (recorder, mix, detector, dictation)
 *                                      |----------> the joined stream, with shifted numbers and time
 *                                      '----------> digits --> the leg
 *
 *     each 20 ms: a key's event, or the next part of a sound, or a mixed voice, or silence
 *
 * One clock serves all streams, so only one timer is needed. Sequence numbers and timestamps of sent packets never
 * jump back: when the source changes, their offset is computed anew, and the packet gets the marker. A steady stream
 * sends silence when it has nothing else, so that it does not pause. */
#include "runtime/adapters/sip/stream.h"

#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapters/sip/dtmf.h"
#include "runtime/adapters/sip/sound_fault.h"
#include "base/memory.h"

enum {
    BEAT_MS = 20,
    BEATS_LATE = 3 /* how many missed beats are made up for; further ones are left out */,
    PACKET_MAX = 1500,
    TAG_MAX = 16, /* of an encrypted packet */
    SILENCE_MS = 250,
    KEYS_MOST = 32,
    INFO_KEYS = 8, /* how many keys by INFO are remembered, and for how long, until their telephone events come */
    INFO_MS = 1000,
    /* how long a key is sent; three more packets repeat its end, and are a pause if the key is sent as tones */
    KEY_BEATS = 5,
    KEY_ALL_BEATS = 8,
    HOLE_BEATS = 10 /* how long packets of the joined stream may be missing before silence is sent */
};

struct stream {
    struct stream_clock *clock;
    struct stream_calls calls;
    struct datagrams *socket;
    uint16_t port;
    bool agreed, latched;
    struct sa peer, told; /* the peer's address as its packets show it, and as its description names it */
    struct sa signalled;  /* the address from which the peer's description came */
    enum law laws[LAWS];  /* the laws of the peer; we send by the first */
    uint8_t payloads[LAWS];
    unsigned law_count;
    bool secure;
    uint8_t own_key[SDP_KEY], peer_key[SDP_KEY];
    struct srtp *seals, *opens; /* encrypts packets that are sent; decrypts packets that are received */
    int events;                 /* payload type; -1: none */
    enum sdp_way way;           /* the peer's */
    struct rtp_events digits;
    char info_keys[INFO_KEYS]; /* keys that came by INFO and are counted already, the oldest first; 0: no key */
    uint64_t info_ms;          /* when the last key by INFO came */
    struct dtmf inband;
    struct stream_tap taps[TAPS];
    /* the stream that leaves */
    uint32_t ssrc, timestamp;
    uint16_t sequence;
    uint64_t sent_ms, heard_ms; /* packets, last */
    /* the joined stream; its packets are sent on, their numbers and times shifted by these values */
    struct stream *joined;
    bool muted; /* what the peer says is replaced by silence */
    bool follows;
    uint32_t follows_ssrc, time_shift;
    uint16_t sequence_shift;
    /* what plays: sounds, one after another; at: the next sample of the current sound */
    struct sound **sounds;
    unsigned sound_count, sound_at;
    size_t at;
    bool loop, fresh; /* loop: the sounds are repeated without end; fresh: the next packet is the first after a pause */
    /* keys to be sent; the first one is being sent */
    char keys[KEYS_MOST];
    unsigned key_count, key_beat;
    uint32_t key_time;
    bool steady;
    bool beats;         /* the stream is in the clock's list */
    unsigned hole;      /* beats since the last packet was sent */
    struct sound *left; /* music that was stopped in its middle, to be continued; NULL: none */
    size_t left_at;
    struct stream *next, *previous; /* of the clock */
};

/* --- Sending --- */

static bool peer_hears(const struct stream *stream)
{
    return stream->agreed && (stream->way == WAY_BOTH || stream->way == WAY_IN);
}

void stream_set_tap(struct stream *stream, enum tap_place place, const struct stream_tap *tap)
{
    if (!SOUND_HOLDS(place < TAPS)) return;
    stream->taps[place] = tap ? *tap : (struct stream_tap){0};
}

static void stream_tell_taps(const struct stream *stream, bool sent, enum law law, const struct rtp *rtp,
                             const uint8_t *codes, size_t count)
{
    const struct stream_sound sound = {law, codes, count, rtp->ssrc, rtp->timestamp};
    for (unsigned i = 0; i < TAPS; i++)
        if (stream->taps[i].hear) stream->taps[i].hear(stream->taps[i].self, sent, &sound);
}

/* Sends a packet; all packets are sent by this function: it encrypts, sends, remembers the numbers of the last
 * packet and calls the taps. A peer that has put us on hold gets nothing. */
static void stream_send(struct stream *stream, struct rtp *rtp, const uint8_t *bytes, size_t length)
{
    uint8_t packet[PACKET_MAX + TAG_MAX];
    if (!peer_hears(stream) || length > PACKET_MAX - RTP_HEADER) return;
    rtp->ssrc = stream->ssrc;
    rtp_write(packet, rtp);
    memcpy(packet + RTP_HEADER, bytes, length);
    struct mbuf out = {.buf = packet, .size = sizeof packet, .pos = 0, .end = RTP_HEADER + length};
    if (stream->secure && srtp_encrypt(stream->seals, &out) != 0) return;
    (void)loop_datagrams_send(stream->socket, &stream->peer, packet,
                              out.end); /* what cannot be sent is lost, like a packet lost in the network */
    stream->sequence = rtp->sequence;
    stream->timestamp = rtp->timestamp;
    stream->sent_ms = loop_ms();
    stream->hole = 0;
    if (rtp->payload == stream->payloads[0]) stream_tell_taps(stream, true, stream->laws[0], rtp, bytes, length);
}

/* The timestamp for a packet that follows a pause. */
static uint32_t stream_time_now(const struct stream *stream)
{
    uint64_t since_ms = loop_ms() - stream->sent_ms;
    uint32_t more = since_ms > 86400000 ? 0 : (uint32_t)since_ms * 8;
    return stream->timestamp + (more > RTP_SAMPLES ? more : RTP_SAMPLES);
}

/* --- The beat --- */

/* Sends the next 160 samples of the sounds that play, across their ends, so that no gap is heard between two sounds.
 * After the last sound the rest is silence. */
static void stream_beat(struct stream *stream)
{
    uint8_t codes[RTP_SAMPLES];
    memset(codes, law_silence(stream->laws[0]), sizeof codes);
    for (size_t filled = 0; filled < sizeof codes && stream->sound_at < stream->sound_count;) {
        const struct sound *sound = stream->sounds[stream->sound_at];
        size_t count = sound->count - stream->at;
        if (count > sizeof codes - filled) count = sizeof codes - filled;
        memcpy(codes + filled, sound->codes[stream->laws[0]] + stream->at, count);
        filled += count;
        stream->at += count;
        if (stream->at == sound->count) stream->at = 0, stream->sound_at++;
        if (stream->sound_at == stream->sound_count && stream->loop) stream->sound_at = 0;
    }
    struct rtp rtp = {.marker = stream->fresh,
                      .payload = stream->payloads[0],
                      .sequence = (uint16_t)(stream->sequence + 1),
                      .timestamp = stream->fresh ? stream_time_now(stream) : stream->timestamp + RTP_SAMPLES};
    stream->fresh = false;
    stream_send(stream, &rtp, codes, sizeof codes);
}

/* Sends a packet with these samples, 20 ms; after a pause it gets the marker and a new timestamp. */
static void stream_send_samples(struct stream *stream, const int16_t *samples)
{
    uint8_t codes[RTP_SAMPLES];
    bool anew = loop_ms() - stream->sent_ms > (uint64_t)BEAT_MS * BEATS_LATE;
    for (size_t i = 0; i < sizeof codes; i++) codes[i] = g711_encode(stream->laws[0], samples[i]);
    struct rtp rtp = {.marker = anew,
                      .payload = stream->payloads[0],
                      .sequence = (uint16_t)(stream->sequence + 1),
                      .timestamp = anew ? stream_time_now(stream) : stream->timestamp + RTP_SAMPLES};
    stream_send(stream, &rtp, codes, sizeof codes);
}

/* Sends silence on a steady stream if nothing was sent in this beat; on a stream that passes on packets of another,
 * only after some beats without any. */
static void stream_fill_hole(struct stream *stream)
{
    static const int16_t silence[RTP_SAMPLES];
    if (!stream->steady || stream->hole < (stream->joined && stream->follows ? HOLE_BEATS : 1)) return;
    stream->follows = false;
    stream_send_samples(stream, silence);
}

/* --- Keys that are sent --- */

static const char key_letters[] = "0123456789*#ABCD";

/* Makes 20 ms of the two tones of a key; `beat`: how many such parts were before. */
static void key_samples(char key, unsigned beat, int16_t samples[RTP_SAMPLES])
{
    static const unsigned short lows[] = {697, 770, 852, 941}, highs[] = {1209, 1336, 1477, 1633};
    static const char rows[] = "123A456B789C*0#D";
    size_t at = (size_t)(strchr(rows, key) - rows);
    for (unsigned i = 0; i < RTP_SAMPLES; i++) {
        double turn = 2 * 3.14159265358979323846 * (beat * RTP_SAMPLES + i) / 8000;
        double sum = sin(turn * lows[at / 4]) + sin(turn * highs[at % 4]);
        samples[i] = (int16_t)(beat < KEY_BEATS ? 5000 * sum : 0);
    }
}

static void key_event(struct stream *stream, uint8_t event)
{
    bool ends = stream->key_beat >= KEY_BEATS;
    unsigned duration = RTP_SAMPLES * (ends ? (unsigned)KEY_BEATS : stream->key_beat + 1);
    const uint8_t bytes[4] = {event, ends ? 0x8a : 0x0a, (uint8_t)(duration >> 8), (uint8_t)duration};
    struct rtp rtp = {.marker = stream->key_beat == 0,
                      .payload = (uint8_t)stream->events,
                      .sequence = (uint16_t)(stream->sequence + 1),
                      .timestamp = stream->key_time};
    stream_send(stream, &rtp, bytes, sizeof bytes);
}

/* Sends the current key, as an event or as tones; sound waits until the key is sent, and goes on after it. The
 * timestamp of an event stays that of the event's beginning (RFC 4733, 2.5.1.2). */
static void stream_beat_key(struct stream *stream)
{
    const char key = stream->keys[0];
    int16_t samples[RTP_SAMPLES];
    if (stream->key_beat == 0) stream->key_time = stream_time_now(stream);
    if (stream->events >= 0) {
        key_event(stream, (uint8_t)(strchr(key_letters, key) - key_letters));
    } else {
        key_samples(key, stream->key_beat, samples);
        stream_send_samples(stream, samples);
    }
    stream->timestamp = stream->key_time + stream->key_beat * RTP_SAMPLES;
    if (++stream->key_beat < KEY_ALL_BEATS) return;
    stream->key_beat = 0;
    stream->follows = false;
    stream->fresh = true;
    memmove(stream->keys, stream->keys + 1, --stream->key_count);
}

void stream_press(struct stream *stream, char digit)
{
    if (stream_key_room(stream) > 0) stream->keys[stream->key_count++] = digit;
}

size_t stream_key_room(const struct stream *stream)
{
    return stream->steady ? KEYS_MOST - stream->key_count : 0;
}

/* Does a key by INFO count? Gateways may send one key both by INFO and as a telephone event. So keys by INFO are
 * remembered for a moment, and their events are not counted again. Once a telephone event has come on this stream,
 * keys by INFO are ignored. */
bool stream_takes_key(struct stream *stream, char key)
{
    if (stream->digits.any) return false;
    if (loop_ms() - stream->info_ms > INFO_MS) memset(stream->info_keys, 0, INFO_KEYS);
    size_t count = strnlen(stream->info_keys, INFO_KEYS);
    if (count < INFO_KEYS) stream->info_keys[count] = key;
    stream->info_ms = loop_ms();
    return true;
}

/* Has this key come by INFO just before, so that its event must not count again? Keys that came by INFO before that
 * key are forgotten: their events did not arrive. */
static bool stream_took_key(struct stream *stream, char key)
{
    size_t count = strnlen(stream->info_keys, INFO_KEYS);
    const char *at = memchr(stream->info_keys, key, count);
    if (!at || loop_ms() - stream->info_ms > INFO_MS) return false;
    size_t done = (size_t)(at - stream->info_keys) + 1;
    memmove(stream->info_keys, stream->info_keys + done, INFO_KEYS - done);
    memset(stream->info_keys + INFO_KEYS - done, 0, done);
    return true;
}

void stream_pass_key(struct stream *stream, char digit)
{
    if (stream->joined) stream_press(stream->joined, digit);
}

/* Does one beat of all streams. The order matters: first the mixers give their sound, then each stream sends, and at
 * last the ends of sounds are reported. A report may begin or end any stream, so after each one the list is gone
 * through from its beginning again. */
static void clock_beat(struct stream_clock *clock)
{
    for (struct stream *stream = clock->first; stream; stream = stream->next) stream->hole++;
    for (const struct stream_mixer *mixer = clock->mixers; mixer; mixer = mixer->next) mixer->beat(mixer->self);
    for (struct stream *stream = clock->first; stream; stream = stream->next)
        if (stream->key_count > 0)
            stream_beat_key(stream);
        else if (stream->sound_count > 0)
            stream_beat(stream);
        else
            stream_fill_hole(stream);
    for (struct stream *stream = clock->first; stream;) {
        if (stream->sound_count == 0 || stream->sound_at < stream->sound_count) {
            stream = stream->next;
            continue;
        }
        stream_stop(stream);
        /* the report may play another sound, and begin or end other streams */
        stream->calls.played(stream->calls.self);
        stream = clock->first;
    }
}

static bool clock_runs(const struct stream_clock *clock)
{
    return clock->first || clock->mixers;
}

/* Does the beats of the clock, one each 20 ms, that are due. A few missed beats are made up for. After a longer
 * stall the other missed beats are left out, so that no burst of packets is sent. */
static void clock_on_beat(void *self)
{
    struct stream_clock *clock = self;
    uint64_t now_ms = loop_ms();
    for (unsigned beats = 0; clock_runs(clock) && clock->next_ms <= now_ms && beats < BEATS_LATE; beats++) {
        clock->next_ms += BEAT_MS;
        clock_beat(clock);
    }
    if (!clock_runs(clock)) return;
    if (clock->next_ms <= now_ms) clock->next_ms = now_ms + BEAT_MS;
    alarm_set(&clock->beat, clock->next_ms - now_ms, clock_on_beat, clock);
}

static void clock_begin(struct stream_clock *clock)
{
    clock->next_ms = loop_ms();
    alarm_set(&clock->beat, 0, clock_on_beat, clock);
}

void stream_mixer_begin(struct stream_clock *clock, struct stream_mixer *mixer)
{
    bool stands = !clock_runs(clock);
    mixer->next = clock->mixers;
    clock->mixers = mixer;
    if (stands) clock_begin(clock);
}

void stream_mixer_end(struct stream_clock *clock, struct stream_mixer *mixer)
{
    struct stream_mixer **at = &clock->mixers;
    while (*at != mixer) at = &(*at)->next;
    *at = mixer->next;
}

void stream_clock_init(struct stream_clock *clock)
{
    *clock = (struct stream_clock){0};
}

void stream_clock_end(struct stream_clock *clock)
{
    assert(!clock_runs(clock));
    alarm_stop(&clock->beat);
}

/* Remembers the position of music that is stopped, so that it continues there when it is next played. */
static void stream_leave(struct stream *stream)
{
    struct sound *sound = stream->sounds[stream->sound_at];
    sound_hold(sound);
    sound_release(stream->left);
    stream->left = sound;
    stream->left_at = stream->at;
}

/* Puts the stream into the clock's list, or takes it out: it is in the list while it plays or is steady. */
static void stream_beats(struct stream *stream)
{
    struct stream_clock *clock = stream->clock;
    bool beats = stream->steady || stream->sound_count > 0;
    if (beats == stream->beats) return;
    stream->beats = beats;
    if (!beats) {
        *(stream->previous ? &stream->previous->next : &clock->first) = stream->next;
        if (stream->next) stream->next->previous = stream->previous;
        stream->next = stream->previous = NULL;
        return;
    }
    bool stands = !clock_runs(clock);
    stream->next = clock->first;
    if (stream->next) stream->next->previous = stream;
    clock->first = stream;
    if (stands) clock_begin(clock);
}

void stream_steady(struct stream *stream)
{
    stream->steady = true;
    stream_beats(stream);
}

void stream_stop(struct stream *stream)
{
    if (stream->sound_count == 0) return;
    bool left = stream->loop && stream->sound_at < stream->sound_count;
    if (left && !stream->sounds[stream->sound_at]->tone) stream_leave(stream);
    for (unsigned i = 0; i < stream->sound_count; i++) sound_release(stream->sounds[i]);
    free(stream->sounds);
    stream->sounds = NULL;
    stream->sound_count = 0;
    stream_beats(stream);
}

/* Plays the sounds. The new sounds are held before the old ones are released, because both may be the same sounds.
 * Music that was stopped in its middle continues there. */
void stream_play_all(struct stream *stream, struct sound *const *sounds, unsigned count, bool loop)
{
    if (!SOUND_HOLDS(count > 0)) return;
    size_t samples = 0;
    struct sound **held = memory_zeroed(count, sizeof *held);
    for (unsigned i = 0; i < count; i++) {
        sound_hold(held[i] = sounds[i]);
        samples += sounds[i]->count;
    }
    stream_part(stream);
    stream_stop(stream);
    stream->sounds = held;
    stream->sound_count = count;
    stream->sound_at = 0;
    stream->at = 0;
    for (unsigned i = 0; loop && i < count; i++) {
        if (held[i] != stream->left) continue;
        stream->sound_at = i;
        stream->at = stream->left_at;
        break;
    }
    stream->loop = loop && samples > 0; /* empty sounds would be repeated in an endless loop */
    stream->fresh = true;
    stream_beats(stream);
}

void stream_play(struct stream *stream, struct sound *sound, bool loop)
{
    stream_play_all(stream, &sound, 1, loop);
}

void stream_move(struct stream *from, struct stream *to)
{
    if (from->sound_count == 0) return;
    stream_play_all(to, from->sounds, from->sound_count, from->loop);
    to->sound_at = from->sound_at;
    to->at = from->at;
    stream_stop(from);
}

bool stream_plays(const struct stream *stream)
{
    return stream->sound_count > 0;
}

/* --- Joined --- */

/* The law of the peer's packets with this payload type; LAWS: the type is not a law's. */
static enum law stream_law_of(const struct stream *stream, uint8_t payload)
{
    for (unsigned i = 0; i < stream->law_count; i++)
        if (stream->payloads[i] == payload) return stream->laws[i];
    return LAWS;
}

/* Sends a packet of the joined stream to the peer of this stream, as a part of this stream. The packet keeps its
 * distance in time and number from the packets before it, so the receiver can see losses and gaps of the sender. */
static void stream_pass_on(struct stream *stream, const struct rtp *in, const struct stream *from)
{
    uint8_t codes[PACKET_MAX];
    bool event = in->payload == from->events;
    enum law law = stream_law_of(from, in->payload);
    if (in->length > sizeof codes || stream->key_count > 0 || (event && stream->events < 0) || (!event && law == LAWS))
        return;
    struct rtp rtp = {.marker = in->marker, .payload = event ? (uint8_t)stream->events : stream->payloads[0]};
    if (!stream->follows || stream->follows_ssrc != in->ssrc) {
        stream->follows = rtp.marker = true;
        stream->follows_ssrc = in->ssrc;
        stream->sequence_shift = (uint16_t)(stream->sequence + 1 - in->sequence);
        stream->time_shift = stream_time_now(stream) - in->timestamp;
    }
    rtp.sequence = (uint16_t)(in->sequence + stream->sequence_shift);
    rtp.timestamp = in->timestamp + stream->time_shift;
    memcpy(codes, in->bytes, in->length);
    if (!event) g711_convert(law, stream->laws[0], codes, in->length);
    stream_send(stream, &rtp, codes, in->length);
}

void stream_mute(struct stream *stream, bool muted)
{
    stream->muted = muted;
}

bool stream_muted(const struct stream *stream)
{
    return stream->muted;
}

/* Ends the join of two streams, in both directions at once. Keys that were still to be sent are dropped, because
 * they were meant for the peer of that join. */
void stream_part(struct stream *stream)
{
    struct stream *other = stream->joined;
    if (!other) return;
    stream->joined = NULL;
    if (!SOUND_HOLDS(other->joined == stream)) return;
    other->joined = NULL;
    stream->key_count = other->key_count = stream->key_beat = other->key_beat = 0;
}

void stream_join(struct stream *stream, struct stream *other)
{
    stream_clear(stream);
    stream_clear(other);
    if (stream == other) return;
    stream->joined = other;
    other->joined = stream;
    stream->follows = other->follows = false;
    stream->heard_ms = other->heard_ms =
        loop_ms(); /* a peer on hold need not have sent: its silence is counted from now */
}

void stream_clear(struct stream *stream)
{
    stream_part(stream);
    stream_stop(stream);
    stream->heard_ms = loop_ms();
}

void stream_fill(struct stream *stream, const int16_t *samples)
{
    if (!stream->joined && stream->sound_count == 0 && stream->key_count == 0) stream_send_samples(stream, samples);
}

bool stream_joined(const struct stream *stream)
{
    return stream->joined != NULL;
}

/* --- Receiving --- */

/* Is it an address from which the peer may send? A peer behind a router names an address of its own network, so the
 * address from which its description came counts, too. */
static bool stream_near(const struct stream *stream, const struct sa *source)
{
    return sa_cmp(&stream->peer, source, SA_ADDR) || sa_cmp(&stream->signalled, source, SA_ADDR);
}

void stream_signalled(struct stream *stream, const struct sa *source)
{
    stream->signalled = *source;
}

/* Is it the peer? The first packet from an address at which the peer may be sets the port; then only that port is
 * accepted, until it is silent for a while, or packets come from the port that the description names. */
static bool stream_knows(struct stream *stream, const struct sa *source)
{
    if (!stream->agreed || !stream_near(stream, source)) return false;
    uint64_t now_ms = loop_ms();
    if (!stream->latched || now_ms - stream->heard_ms > SILENCE_MS || sa_cmp(&stream->told, source, SA_ALL)) {
        stream->peer = *source;
        stream->latched = true;
    }
    if (!sa_cmp(&stream->peer, source, SA_ALL)) return false;
    stream->heard_ms = now_ms;
    return true;
}

/* Finds keys in the sound of a peer that sends them as sound alone. */
static void stream_hear_keys(struct stream *stream, enum law law, const struct rtp *rtp)
{
    int16_t samples[PACKET_MAX];
    char keys[DTMF_TONES * 2];
    if (rtp->length > PACKET_MAX) return;
    for (size_t i = 0; i < rtp->length; i++) samples[i] = g711_decode(law, rtp->bytes[i]);
    dtmf_hear(&stream->inband, samples, rtp->length, keys, sizeof keys);
    for (const char *key = keys; *key; key++) stream->calls.digit(stream->calls.self, *key);
}

/* Decrypts a packet in place if the stream is encrypted; false: it is not from the peer's address, is forged, or is
 * old. */
static bool stream_opens(const struct stream *stream, const struct sa *source, struct mbuf *packet)
{
    if (!stream->secure) return true;
    return stream_near(stream, source) && srtp_decrypt(stream->opens, packet) == 0;
}

/* Takes a packet; the order matters: decrypt, read, check the sender. The sound of a muted peer is replaced by
 * silence before anything else gets it, so recordings have the silence, too. */
static void stream_on_packet(const struct sa *source, uint8_t *bytes, size_t length, void *self)
{
    struct stream *stream = self;
    struct rtp rtp;
    struct mbuf packet = {.buf = bytes, .size = length, .end = length};
    stream->clock->packets++;
    if (length > PACKET_MAX || !stream_opens(stream, source, &packet) || !rtp_read(bytes, packet.end, &rtp) ||
        !stream_knows(stream, source)) {
        stream->clock->strangers++;
        return;
    }
    enum law law = stream_law_of(stream, rtp.payload);
    uint8_t silence[PACKET_MAX];
    if (stream->muted && law != LAWS && rtp.length <= sizeof silence) {
        memset(silence, g711_encode(law, 0), rtp.length);
        rtp.bytes = silence;
    }
    bool event = rtp.payload == stream->events;
    char digit = event ? rtp_digit(&stream->digits, &rtp, (int64_t)loop_ms()) : 0;
    if (digit) stream->digits.skipped = stream_took_key(stream, digit);
    if (event && stream->digits.skipped) return;
    if (stream->joined) stream_pass_on(stream->joined, &rtp, stream);
    if (law != LAWS) stream_tell_taps(stream, false, law, &rtp, rtp.bytes, rtp.length);
    if (law != LAWS && stream->clock->inband && stream->events < 0) stream_hear_keys(stream, law, &rtp);
    if (digit && stream->joined && stream->joined->events < 0)
        stream_pass_key(stream, digit);                        /* the joined peer knows no events, so the event's
                                                                * packet could not be passed on */
    if (digit) stream->calls.digit(stream->calls.self, digit); /* the treatment may end */
}

/* --- Life --- */

static unsigned stream_ports(const struct stream_clock *clock)
{
    return rtp_ports(clock->first_port, clock->last_port);
}

unsigned stream_ports_left(const struct stream_clock *clock)
{
    if (clock->first_port == 0) return UINT_MAX;
    return stream_ports(clock) > clock->used ? stream_ports(clock) - clock->used : 0;
}

/* Binds a port: of the range each even port in turn, as RTP has even ones; without a range the kernel chooses. */
static bool stream_bind(struct stream *stream, const struct sa *own)
{
    struct stream_clock *clock = stream->clock;
    struct sa local = *own;
    unsigned tries = clock->first_port ? stream_ports(clock) : 1;
    for (; tries > 0; tries--) {
        if (clock->next_port < clock->first_port || clock->next_port > clock->last_port)
            clock->next_port = (uint16_t)(clock->first_port + clock->first_port % 2);
        sa_set_port(&local, clock->first_port ? clock->next_port : 0);
        clock->next_port = (uint16_t)(clock->next_port + 2);
        if (loop_datagrams_open(&stream->socket, &local, stream_on_packet, stream) == 0) break;
    }
    if (tries == 0) return false;
    stream->port = sa_port(&local);
    clock->used++;
    return true;
}

struct stream *stream_begin(struct stream_clock *clock, const struct sa *own, const struct stream_calls *calls)
{
    struct stream *stream = memory_zeroed(1, sizeof *stream);
    stream->clock = clock;
    stream->calls = *calls;
    stream->events = -1;
    if (!stream_bind(stream, own)) {
        free(stream);
        return NULL;
    }
    randombytes_buf(stream->own_key, sizeof stream->own_key);
    stream->ssrc = randombytes_random();
    stream->sequence = randombytes_random() & 0x7fff;
    stream->timestamp = randombytes_random();
    stream->sent_ms = loop_ms();
    return stream;
}

/* The keys are overwritten. */
void stream_free(struct stream *stream)
{
    if (!stream) return;
    stream->steady = false;
    stream_clear(stream);
    stream_beats(stream);
    sound_release(stream->left);
    mem_deref(stream->seals);
    mem_deref(stream->opens);
    sodium_memzero(stream->own_key, sizeof stream->own_key);
    sodium_memzero(stream->peer_key, sizeof stream->peer_key);
    loop_datagrams_close(stream->socket);
    stream->clock->used--;
    free(stream);
}

uint16_t stream_port(const struct stream *stream)
{
    return stream->port;
}

/* Takes over the peer's key. If the key is the same as before, nothing changes: a repeated description does not begin a
 * new stream. */
static bool stream_agree_keys(struct stream *stream, const struct sdp *sdp)
{
    enum srtp_suite suite = sdp->suite == SUITE_80 ? SRTP_AES_CM_128_HMAC_SHA1_80 : SRTP_AES_CM_128_HMAC_SHA1_32;
    if (!sdp->secure) return !stream->secure;
    if (stream->secure && sodium_memcmp(stream->peer_key, sdp->key, SDP_KEY) == 0) return true;
    struct srtp *seals = NULL, *opens = NULL;
    if (srtp_alloc(&opens, suite, sdp->key, SDP_KEY, 0) != 0 ||
        (!stream->seals && srtp_alloc(&seals, suite, stream->own_key, SDP_KEY, 0) != 0)) {
        mem_deref(opens);
        return false;
    }
    if (seals) stream->seals = seals;
    mem_deref(stream->opens);
    stream->opens = opens;
    memcpy(stream->peer_key, sdp->key, SDP_KEY);
    stream->secure = true;
    return true;
}

const uint8_t *stream_key(const struct stream *stream)
{
    return stream->own_key;
}

bool stream_secure(const struct stream *stream)
{
    return stream->secure;
}

/* Does the peer put us on hold in the way of RFC 2543, by the address 0.0.0.0 in its description? */
static bool stream_is_held(const struct sdp *sdp)
{
    return strcmp(sdp->address, "0.0.0.0") == 0;
}

bool stream_could_agree(const struct sdp *sdp)
{
    struct sa told;
    if (sdp->law_count == 0) return false;
    return stream_is_held(sdp) || (sa_set_str(&told, sdp->address, sdp->port) == 0 && !sa_is_any(&told));
}

/* Takes over the peer's description; if it must be refused, nothing changes. If the peer names the same address as
 * before, the sender that was found stays; for a new address the sender is found anew. */
bool stream_agree(struct stream *stream, const struct sdp *sdp)
{
    struct sa told;
    if (!stream_could_agree(sdp)) return false;
    bool held = stream_is_held(sdp);
    sa_set_str(&told, sdp->address, sdp->port);
    if (!stream_agree_keys(stream, sdp)) return false; /* refused: nothing has been changed so far */
    if (!held && !(stream->agreed && sa_cmp(&stream->told, &told, SA_ALL))) {
        stream->told = stream->peer = told;
        stream->latched = false;
        stream->agreed = true;
    }
    memcpy(stream->laws, sdp->laws, sizeof stream->laws);
    memcpy(stream->payloads, sdp->payloads, sizeof stream->payloads);
    stream->law_count = sdp->law_count;
    stream->heard_ms = loop_ms();
    stream->events = sdp->events;
    stream->way = sdp->way;
    return true;
}

bool stream_silent(const struct stream *stream, uint64_t for_ms)
{
    bool talks =
        stream->way == WAY_BOTH; /* a peer that only sends has put us on hold, and many telephones send nothing then */
    return stream->agreed && talks && loop_ms() - stream->heard_ms > for_ms;
}

bool stream_agreed(const struct stream *stream)
{
    return stream->agreed;
}

enum law stream_law(const struct stream *stream)
{
    return stream->laws[0];
}
