/* runtime/adapters/sip/mix.c - The matrix of who hears whom, and the sums of their sound.
 *
 *     each 20 ms, for every seat:      what it hears = the sum of those who speak and whom it may hear
 *
 *                        hears[A]  hears[B]  hears[C]
 *     seat A (caller)       -         yes       no       C is a supervisor who only listens
 *     seat B (agent)        yes       -         no
 *     seat C                yes       yes       -
 *
 * In each beat of 20 ms first the sound of all seats is taken, then the sums of all seats are made: a sum never
 * mixes two beats. Sums are made with 32 bits and clipped once at the end, so two loud voices do not wrap around. */
#include "runtime/adapters/sip/mix.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/sound_fault.h"
#include "base/memory.h"

/* Two packets must wait before a speaker is heard, so that a late packet leaves no hole; at most five packets wait. */
enum { MIX_BEGINS = 2 * MIX_SAMPLES, MIX_WAITS = 5 * MIX_SAMPLES };

struct seat {
    bool taken, speaks;
    bool hears[MIX_SEATS];
    int16_t waiting[MIX_WAITS]; /* sound that is not mixed yet, the oldest first */
    size_t waiting_count;
    int16_t now[MIX_SAMPLES]; /* the seat's own sound in this beat; `heard`: the sum that it hears */
    int16_t heard[MIX_SAMPLES];
};

struct mix {
    struct seat seats[MIX_SEATS];
};

/* Finds a seat. A wrong number is a fault of gcx: it is counted, and a seat that nobody hears is returned, so that a
 * fault in one call does not end all calls. */
static struct seat *mix_seat(struct mix *mix, int seat)
{
    static struct seat nobody;
    return SOUND_HOLDS(seat >= 0 && seat < MIX_SEATS && mix->seats[seat].taken) ? &mix->seats[seat] : &nobody;
}

struct mix *mix_new(void)
{
    return memory_zeroed(1, sizeof(struct mix));
}

void mix_free(struct mix *mix)
{
    free(mix);
}

int mix_enter(struct mix *mix)
{
    int seat = 0;
    while (seat < MIX_SEATS && mix->seats[seat].taken) seat++;
    if (seat == MIX_SEATS) return -1;
    mix->seats[seat] = (struct seat){.taken = true};
    return seat;
}

void mix_leave(struct mix *mix, int seat)
{
    struct seat *leaver = mix_seat(mix, seat);
    if (!leaver->taken) return;
    leaver->taken = false;
    for (int other = 0; other < MIX_SEATS; other++) mix->seats[other].hears[seat] = false;
}

void mix_let(struct mix *mix, int speaker, int listener, bool hears)
{
    if (!SOUND_HOLDS(speaker != listener) || !mix_seat(mix, speaker)->taken) return;
    mix_seat(mix, listener)->hears[speaker] = hears;
}

/* Adds the sound of that seat. If more than MIX_WAITS samples wait, the oldest are dropped: otherwise a delay that
 * has grown once would stay for the whole call. */
void mix_say(struct mix *mix, int seat, enum law law, const uint8_t *codes, size_t count)
{
    struct seat *speaker = mix_seat(mix, seat);
    if (count > MIX_WAITS) {
        codes += count - MIX_WAITS;
        count = MIX_WAITS;
    }
    size_t over = speaker->waiting_count + count > MIX_WAITS ? speaker->waiting_count + count - MIX_WAITS : 0;
    speaker->waiting_count -= over;
    memmove(speaker->waiting, speaker->waiting + over, speaker->waiting_count * sizeof *speaker->waiting);
    for (size_t i = 0; i < count; i++) speaker->waiting[speaker->waiting_count++] = g711_decode(law, codes[i]);
}

/* Takes the seat's sound for the current beat. After a beat of silence, two packets must wait again before the seat
 * is heard. */
static void seat_take(struct seat *seat)
{
    memset(seat->now, 0, sizeof seat->now);
    seat->speaks = seat->waiting_count >= (seat->speaks ? 1 : MIX_BEGINS);
    if (!seat->speaks) return;
    size_t count = seat->waiting_count < MIX_SAMPLES ? seat->waiting_count : MIX_SAMPLES;
    memcpy(seat->now, seat->waiting, count * sizeof *seat->now);
    seat->waiting_count -= count;
    memmove(seat->waiting, seat->waiting + count, seat->waiting_count * sizeof *seat->waiting);
}

static int16_t mix_clip(int32_t sum)
{
    return (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
}

static void seat_hear(const struct mix *mix, struct seat *listener)
{
    int32_t sums[MIX_SAMPLES] = {0};
    for (int other = 0; other < MIX_SEATS; other++) {
        const struct seat *speaker = &mix->seats[other];
        if (!listener->hears[other] || !speaker->speaks) continue;
        for (size_t i = 0; i < MIX_SAMPLES; i++) sums[i] += speaker->now[i];
    }
    for (size_t i = 0; i < MIX_SAMPLES; i++) listener->heard[i] = mix_clip(sums[i]);
}

void mix_beat(struct mix *mix)
{
    for (int seat = 0; seat < MIX_SEATS; seat++)
        if (mix->seats[seat].taken) seat_take(&mix->seats[seat]);
    for (int seat = 0; seat < MIX_SEATS; seat++)
        if (mix->seats[seat].taken) seat_hear(mix, &mix->seats[seat]);
}

const int16_t *mix_heard(const struct mix *mix, int seat)
{
    static const int16_t silence[MIX_SAMPLES];
    return SOUND_HOLDS(seat >= 0 && seat < MIX_SEATS && mix->seats[seat].taken) ? mix->seats[seat].heard : silence;
}
