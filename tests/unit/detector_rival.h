/* tests/unit/detector_rival.h - What libspandsp hears: its detectors of supervisory tones, told of the rows of
 * cadences.def and sit.def, and of fax tones. It has none for voices. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/detector/detector.h"

/* Its first final verdict on a whole sound, else ringing where it rang, else nothing; after how many samples. */
enum detector_sound rival_hears(const char *country, const int16_t *samples, size_t count, size_t *taken);
