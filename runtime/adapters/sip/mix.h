/* runtime/adapters/sip/mix.h - Mixes the sound of several people: who hears whom, and what each of them hears now.
 *
 *              hears:  customer  Marie  Paul        a seat per person; a row is what that one says
 *     customer            .        x      x         what is said waits in the seat, some hundredths of a second
 *     Marie               x        .      x         at each beat of 20 ms every listener gets the sum of those
 *     Paul                x        x      .         whom it hears; nobody hears themselves
 *
 * The mixer knows neither calls nor packets. The owner beats. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapters/sip/g711.h"

enum { MIX_SEATS = 8, MIX_SAMPLES = 160 };

struct mix;

struct mix *mix_new(void);
void mix_free(struct mix *);

/* Takes a free seat, which nobody hears yet; -1: all are taken. */
int mix_enter(struct mix *);
void mix_leave(struct mix *, int seat);
/* Sets whether the listener hears the speaker from now on. */
void mix_let(struct mix *, int speaker, int listener, bool hears);

/* Adds sound of that seat as it comes: early sound waits, and the oldest is dropped if too much waits. */
void mix_say(struct mix *, int seat, enum law, const uint8_t *codes, size_t count);
/* Mixes the next 20 ms for all seats. */
void mix_beat(struct mix *);
/* The MIX_SAMPLES samples that the seat hears in the current beat. */
const int16_t *mix_heard(const struct mix *, int seat);
