/* runtime/adapters/sip/stream.h - The sound of one leg: a socket for RTP, what it plays, with whom it is joined.
 *
 *     peer of the leg --- RTP --> stream --- joined --> stream --- RTP --> peer of the other leg
 *                                   ^--- a sound (prompt, music, tone), 20 ms at each beat of the clock
 *
 * The stream that leaves is one, whatever it carries: its source, numbers and time go on over all sounds and joins. It
 * has one source at a time: to play, to be joined or to be cleared ends what was before. Once it is to be steady,
 * silence fills it wherever nothing else does, since telephones and trunks take a stream that stops for a call that is
 * dead. Packets are taken from the address that was agreed on, or from the one that its description came from, and from
 * the port where the first one came from; others are passed over. Encrypted sound (SRTP, RFC 3711) is agreed on by keys
 * in both descriptions. A stream owns its socket and holds its sound; the clock knows all that play or are steady, and
 * beats only then. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"
#include "runtime/adapters/sip/rtp.h"
#include "runtime/adapters/sip/sdp.h"
#include "runtime/adapters/sip/sound.h"

struct stream;

struct stream_clock {
    struct alarm beat;
    uint64_t next_ms;
    struct stream *first; /* the streams that play, or are steady */
    struct stream_mixer *mixers;
    uint64_t packets, strangers;               /* packets received in all; those of them that were passed over */
    uint16_t first_port, last_port, next_port; /* ports for sound; 0: whichever the kernel has */
    unsigned used;                             /* ports that streams have */
    bool inband;                               /* keys are heard as sound where a peer knows no telephone events */
};

struct stream_calls {
    void *self;
    void (*digit)(void *self, char digit);
    void (*played)(void *self); /* the sound that does not loop has ended */
};

/* A tap hears what the peer says, and what is sent to it. Telephone events are no sound. */
struct stream_sound {
    enum law law;
    const uint8_t *codes;
    size_t count;
    uint32_t source, timestamp;
};

/* Is called at each beat of the clock: a conference, which fills its members' streams. */
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

/* Counts the range's ports that no stream has; UINT_MAX if there is no range. */
unsigned stream_ports_left(const struct stream_clock *);
/* NULL: no socket can be had. */
struct stream *stream_begin(struct stream_clock *, const struct sa *own, const struct stream_calls *);
void stream_free(struct stream *);
uint16_t stream_port(const struct stream *);

/* Says where the peer's next description comes from: sound from that address is the peer's, too. */
void stream_signalled(struct stream *, const struct sa *source);
/* Takes what the peer has offered or answered. False: we cannot agree to that, and nothing has changed. */
bool stream_agree(struct stream *, const struct sdp *);
bool stream_could_agree(const struct sdp *); /* could a stream of ours agree to that, the keys aside? */
/* Our key, for what we say in an offer or answer of encrypted sound: SDP_KEY bytes. */
const uint8_t *stream_key(const struct stream *);
bool stream_secure(const struct stream *); /* is it encrypted? That is not given up again */
bool stream_agreed(const struct stream *);
/* Has a peer that ought to send said nothing for so long? */
bool stream_silent(const struct stream *, uint64_t for_ms);
enum law stream_law(const struct stream *);

/* From now on its peer gets a packet at each beat, as long as it wants to hear. */
void stream_steady(struct stream *);
/* Plays in place of what it carries: from the beginning; what loops, from where this stream left it. */
void stream_play(struct stream *, struct sound *, bool loop);
/* Plays the sounds one after another, without a gap. */
void stream_play_all(struct stream *, struct sound *const *, unsigned count, bool loop);
void stream_stop(struct stream *);
/* Has the stream `to` play on what this one plays, from where that is. */
void stream_move(struct stream *, struct stream *to);
bool stream_plays(const struct stream *);
/* Joins two streams: from now on each peer hears the other, and nothing plays. A stream is not joined with itself. */
void stream_join(struct stream *, struct stream *);
void stream_part(struct stream *); /* ends the join with the other stream, if any */
bool stream_joined(const struct stream *);
/* Its peer has pressed a key and says so by INFO: does that count? Not where its sound has telephone events: the same
 * key comes by them, or has come. */
bool stream_takes_key(struct stream *, char key);
/* Passes a key that its peer has pressed by INFO to the stream that it is joined with: as a telephone event, or as
 * tones if that peer knows no events. */
void stream_pass_key(struct stream *, char digit);
void stream_mute(struct stream *, bool); /* others hear silence in place of the peer */
bool stream_muted(const struct stream *);
/* Ends what it plays and its join, so that a mixer can fill it. */
void stream_clear(struct stream *);
/* Sends these RTP_SAMPLES samples, the next 20 ms; does nothing if the stream plays or is joined. */
void stream_fill(struct stream *, const int16_t *samples);
/* Have the mixer called at each beat, or no longer. The owner keeps it until stream_mixer_end(); neither may be called
 * in its beat. */
void stream_mixer_begin(struct stream_clock *, struct stream_mixer *);
void stream_mixer_end(struct stream_clock *, struct stream_mixer *);
/* Sets who hears the stream at that place; NULL: nobody any more. */
void stream_set_tap(struct stream *, enum tap_place, const struct stream_tap *);
