/* runtime/adapters/sip/stream.h - The sound of one leg: its socket for RTP, what it plays, and the stream it is
 * joined with.
 *
 *     peer of the leg --- RTP --> stream --- joined --> stream --- RTP --> peer of the other leg
 *                                   ^--- a sound (prompt, music, tone), 20 ms at each beat of the clock
 *
 * The packets that a leg's stream sends look like one stream, whatever they carry: source, numbers and time continue
 * over all sounds and joins. A stream sends from one source at a time: playing, joining or clearing ends the source
 * before. Once a stream is made steady, it sends silence when it has nothing else, since telephones and trunks think
 * that a call without packets is dead. Packets are accepted from the address in the peer's description, or from the one
 * from which the description came, and only from the port of the first such packet; others are dropped. Encrypted sound
 * (SRTP, RFC 3711) is agreed on by a key in each of the two descriptions. A stream owns its socket and holds its sound;
 * the clock has a list of all streams that play or are steady, and runs only while there are any. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"
#include "runtime/adapters/sip/rtp.h"
#include "runtime/adapters/sip/sdp.h"
#include "runtime/adapters/sip/sound.h"

struct stream;

struct stream_clock {
    struct alarm beat;
    uint64_t next_ms;
    struct stream *first; /* the streams that play or are steady */
    struct stream_mixer *mixers;
    uint64_t packets, strangers;               /* packets received; those of them that were dropped */
    uint16_t first_port, last_port, next_port; /* the range of ports for sound; 0: the kernel chooses */
    unsigned used;                             /* ports that streams have */
    bool inband;                               /* keys are also heard as sound if a peer has no telephone events */
};

struct stream_calls {
    void *self;
    void (*digit)(void *self, char digit);
    void (*played)(void *self); /* a sound that is played once has ended */
};

/* A tap gets the sound that the peer sends, and the sound that is sent to it. Telephone events are not sound, and
 * the tap does not get them. */
struct stream_sound {
    enum law law;
    const uint8_t *codes;
    size_t count;
    uint32_t source, timestamp;
};

/* A function that is called at each beat of the clock: that of a conference fills its members' streams. */
struct stream_mixer {
    void *self;
    void (*beat)(void *self);
    struct stream_mixer *next;
};

enum tap_place { TAP_RECORDER, TAP_DICTATION, TAP_DETECTOR, TAP_MIX, TAP_EARLY, TAPS };

struct stream_tap {
    void *self;
    void (*hear)(void *self, bool sent, const struct stream_sound *);
};

void stream_clock_init(struct stream_clock *);
void stream_clock_end(struct stream_clock *);

/* Counts the ports of the range that no stream has; UINT_MAX: there is no range. */
unsigned stream_ports_left(const struct stream_clock *);
/* Makes a stream with a port of its own; NULL: no port is free. */
struct stream *stream_begin(struct stream_clock *, const struct sa *own, const struct stream_calls *);
void stream_free(struct stream *);
uint16_t stream_port(const struct stream *);

/* Sets the address from which the peer's description comes: sound from that address is accepted, too. */
void stream_signalled(struct stream *, const struct sa *source);
/* Takes over the peer's offer or answer. False: we cannot agree to it, and nothing has changed. */
bool stream_agree(struct stream *, const struct sdp *);
/* could a stream of ours agree to the description, if keys are left aside? */
bool stream_could_agree(const struct sdp *);
/* Our key of SDP_KEY bytes, for an offer or answer of encrypted sound. */
const uint8_t *stream_key(const struct stream *);
bool stream_secure(const struct stream *); /* is it encrypted? Once encrypted, a stream stays so */
bool stream_agreed(const struct stream *);
/* Has a peer that should send been silent for that time? */
bool stream_silent(const struct stream *, uint64_t for_ms);
enum law stream_law(const struct stream *);

/* Sends the peer a packet at each beat from now on, unless the peer has put us on hold. */
void stream_steady(struct stream *);
/* Plays a sound instead of what the stream sends now, from the sound's beginning; one that loops continues where
 * this stream stopped it. */
void stream_play(struct stream *, struct sound *, bool loop);
/* Plays the sounds one after another, without a gap. */
void stream_play_all(struct stream *, struct sound *const *, unsigned count, bool loop);
void stream_stop(struct stream *);
/* Moves what this stream plays to the stream `to`, which plays on from the same position. */
void stream_move(struct stream *, struct stream *to);
bool stream_plays(const struct stream *);
/* Joins two streams: from now on each peer hears the other, and neither stream plays anything. A stream is not
 * joined with itself. */
void stream_join(struct stream *, struct stream *);
void stream_part(struct stream *); /* ends the join with the other stream, if any */
bool stream_joined(const struct stream *);
/* The peer has pressed a key, as an INFO says: does the key count? False if the peer sends telephone events: the same
 * key then comes as an event, or has come. */
bool stream_takes_key(struct stream *, char key);
/* Passes a key of the peer to the joined stream, which sends it as a telephone event, or as tones if the peer there
 * knows no events. */
void stream_pass_key(struct stream *, char digit);
/* Sends the peer a key, likewise: 0 to 9, *, #, A to D. It is lost where stream_key_room() is 0. */
void stream_press(struct stream *, char digit);
/* How many keys may be pressed now: thirty-two less those that still wait to be sent. */
size_t stream_key_room(const struct stream *);
void stream_mute(struct stream *, bool); /* others hear silence instead of the peer */
bool stream_muted(const struct stream *);
/* Ends the stream's sound and its join, so that a mixer can fill the stream. */
void stream_clear(struct stream *);
/* Sends these RTP_SAMPLES samples as the next 20 ms; does nothing if the stream plays or is joined. */
void stream_fill(struct stream *, const int16_t *samples);
/* Let the mixer be called at each beat, or end that. The owner keeps the mixer until stream_mixer_end(); neither
 * function may be called during a beat. */
void stream_mixer_begin(struct stream_clock *, struct stream_mixer *);
void stream_mixer_end(struct stream_clock *, struct stream_mixer *);
/* Sets the function that gets the stream's sound at that place; NULL: none from now on. */
void stream_set_tap(struct stream *, enum tap_place, const struct stream_tap *);
