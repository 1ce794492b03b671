/* runtime/sim/recording.c - References of what the simulated switch records. */
#include "runtime/sim/recording.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { BYTES_PER_MS = 8, CHUNK = 4096, SILENCE = 0xff }; /* G.711, mu-law */

static void hash_silence(uint64_t length, uint8_t hash[RECORDING_HASH])
{
    uint8_t silence[CHUNK];
    crypto_hash_sha256_state state;
    memset(silence, SILENCE, sizeof silence);
    crypto_hash_sha256_init(&state);
    for (; length > CHUNK; length -= CHUNK) crypto_hash_sha256_update(&state, silence, CHUNK);
    crypto_hash_sha256_update(&state, silence, length);
    crypto_hash_sha256_final(&state, hash);
}

struct sim_recording recording_of(const struct switch_report *r)
{
    struct sim_recording recording = {.store = "recordings", .media_type = "audio/basic"};
    recording.length = r->recording == 0 ? 0 : r->spoken_us / 1000 * BYTES_PER_MS;
    if (recording.length != 0) {
        (void)snprintf(recording.key, sizeof recording.key, "%u", r->recording);
        hash_silence(recording.length, recording.sha256);
    }
    return recording;
}
