/* runtime/detector/detector.h - The detector of call progress: finds the result of a dialled call from its sound alone.
 * The detector knows busy, ringing, special information tones, fax, an answering machine or a person, and silence.
 *
 * A detector belongs to one call and one thread. Its owner provides the memory of the struct; the detector allocates
 * nothing, and needs no function at its end. A detector takes samples of 16 bits, linear, 8000 a second, in pieces of
 * any size, and measures time by the samples, so that the same sound gives the same verdict however it was divided.
 * Times are in milliseconds since the first sample.
 *
 * Tones are recognised by the share of their frequencies in the sound and by the lengths of bursts and pauses
 * (cadences.def, sit.def: ITU-T E.180/Q.35, the North American table of special information tones; fax: ITU-T T.30).
 * Voices count only after the call was answered. A voice is louder than the noise, mostly periodic and not steady;
 * the length of its greeting until a pause distinguishes a machine from a person (parameters.def). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

enum { DETECTOR_RATE = 8000 }; /* samples a second */

/* DETECTOR_nothing, DETECTOR_ringing ... */
enum detector_sound {
    DETECTOR_nothing,
#define SOUND(name, cause, final, doc) DETECTOR_##name,
#include "runtime/detector/sounds.def"
};
const char *detector_sound_name(enum detector_sound); /* "busy"; "nothing" */

/* The parameters, in the units of their rows in parameters.def. */
struct detector_rules {
#define PARAMETER(name, value, least, most, unit, doc) int32_t name;
#include "runtime/detector/parameters.def"
};
extern const struct detector_rules detector_rules_usual;
/* Sets a parameter by its name. False: no parameter has that name, or the value is outside the limits in its row. */
bool detector_rule_set(struct detector_rules *, const char *name, int64_t value);

/* The index of a country in cadences.def, by the country's name there, for detector_begin(); -1: there is none. */
int detector_country(const char *name);

struct detector_verdict {
    enum detector_sound sound; /* nothing: no verdict */
    enum cause cause;          /* the result of the call; other: not known yet */
    bool final;                /* the detector does not listen any more */
    uint32_t sure_ms;          /* when the verdict was certain, in ms since the first sample */
};

struct detector;
#include "runtime/detector/state.h"

/* Begins a detector; `rules` are copied without a check; see detector_rule_set(). */
void detector_begin(struct detector *, const struct detector_rules *rules, int country);
/* Tells the detector that the call was answered: voices and silence count from now on. Tones count also before. */
void detector_answered(struct detector *);
/* Takes samples until there is a verdict or all are used; returns how many it has taken. After a verdict, give the
 * samples that are left in the next call; after a final verdict all samples are taken and ignored. */
size_t detector_hear(struct detector *, const int16_t *samples, size_t count, struct detector_verdict *);
