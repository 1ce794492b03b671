/* runtime/adapters/sip/dtmf.h - Keys as sound (ITU-T Q.23, Q.24): heard where a peer knows no telephone events.
 *
 * A key is a tone of four low ones with one of four high ones. Blocks of 102 samples are compared with all eight
 * (Goertzel); a key is told once two blocks agree, and again only after a pause. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { DTMF_BLOCK = 102, DTMF_TONES = 8 };

struct dtmf { /* zero: nothing has been heard */
    double now[DTMF_TONES], before[DTMF_TONES], energy;
    unsigned filled;
    char last, told; /* of the block before; the key that is pressed */
    unsigned pause;  /* blocks without that key */
};

/* The keys that begin within these samples, at most `size` - 1, and a zero. */
void dtmf_hear(struct dtmf *, const int16_t *samples, size_t count, char *keys, size_t size);
