/* runtime/adapters/sip/g711.h - The two laws of G.711: encodes and decodes samples, and changes codes of one law
 * into the other. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum law { LAW_MU, LAW_A, LAWS };

/* The payload types that RFC 3551 gives the two laws of G.711. */
enum { PAYLOAD_MU = 0, PAYLOAD_A = 8 };

static inline uint8_t law_payload(enum law law)
{
    return law == LAW_A ? PAYLOAD_A : PAYLOAD_MU;
}

/* The code of silence. */
static inline uint8_t law_silence(enum law law)
{
    return law == LAW_A ? 0xd5 : 0xff;
}

uint8_t g711_encode(enum law, int16_t sample);
int16_t g711_decode(enum law, uint8_t code);
/* Changes the codes into those of the other law, in place. */
void g711_convert(enum law from, enum law to, uint8_t *codes, size_t count);
