/* runtime/adapters/sip/dtmf.h - Keys as sound (ITU-T Q.23, Q.24), for a peer that does not send keys as telephone
 * events.
 *
 * A key is one of four low tones together with one of four high tones. Blocks of 102 samples are searched for all
 * eight tones (Goertzel); a key is reported once two blocks agree, and again only after a pause. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { DTMF_BLOCK = 102, DTMF_TONES = 8 };

struct dtmf { /* all zero: nothing has been heard */
    double now[DTMF_TONES], before[DTMF_TONES], energy;
    unsigned filled;
    char last, told; /* the key in the block before; the key that is held, reported already */
    unsigned pause;  /* blocks without that key */
};

/* Writes the keys that begin within these samples, at most `size` - 1, and a zero after them. */
void dtmf_hear(struct dtmf *, const int16_t *samples, size_t count, char *keys, size_t size);
