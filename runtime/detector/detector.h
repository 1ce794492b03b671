/* runtime/detector/detector.h - Call progress by ear: the result of a call that was dialled, from its sound alone. It
 * knows busy, ringing, special information tones, fax, an answering machine or a person, and silence.
 *
 * A detector belongs to one call and one thread. Its owner provides the memory; it allocates none and needs no end. It
 * takes 8000 samples a second, linear, 16 bits, in pieces of any size, and counts time by them, so that the same sound
 * comes to the same verdict however it was cut. Times are milliseconds since the first sample.
 *
 * Tones are known by the share of their frequencies in the sound and by the lengths of bursts and pauses (cadences.def,
 * sit.def: ITU-T E.180/Q.35, the North American table of special information tones; fax: ITU-T T.30). Voices count from
 * the answer on. A voice is louder than the noise, mostly periodic and not steady; the length of its greeting until a
 * pause tells a machine from a person (parameters.def). */
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

/* The parameters, in the units of their rows. */
struct detector_rules {
#define PARAMETER(name, value, least, most, unit, doc) int32_t name;
#include "runtime/detector/parameters.def"
};
extern const struct detector_rules detector_rules_usual;
/* Sets a parameter by its name. False: there is none of that name, or the value is out of its row's bounds. */
bool detector_rule_set(struct detector_rules *, const char *name, int64_t value);

/* The index of a country, by the name of its block in cadences.def, for detector_begin(); -1: there is none. */
int detector_country(const char *name);

struct detector_verdict {
    enum detector_sound sound; /* nothing: no verdict */
    enum cause cause;          /* the call's result; other: it is open */
    bool final;                /* the detector hears nothing more */
    uint32_t sure_ms;          /* when the detector was sure, since the first sample */
};

struct detector;
#include "runtime/detector/state.h"

/* `rules` are copied and taken as they are; see detector_rule_set(). */
void detector_begin(struct detector *, const struct detector_rules *rules, int country);
/* The call was answered: voices and silence count from here on. Tones count at any time. */
void detector_answered(struct detector *);
/* Hears samples until there is a verdict or all are heard; returns how many it has taken. With a verdict, give the
 * others in the next call; after a final one all are taken and nothing is heard. */
size_t detector_hear(struct detector *, const int16_t *samples, size_t count, struct detector_verdict *);
