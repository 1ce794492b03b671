/* runtime/adapters/mms/smil.h - The presentation of a multimedia message (SMIL), as an ordered list of slides: which
 * parts are shown together, and for how long. The presentation is only read, and never shown to anybody itself. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slide {
    uint64_t ms;      /* how long the slide is shown, in milliseconds; 0: not given */
    GPtrArray *items; /* of char: the references to the slide's parts, as written in the presentation */
};

/* Appends the presentation's slides to `slides`, an array of struct slide with smil_slide_clear(). False with the
 * reason: the presentation cannot be read to its end, or shows nothing. `*cut`: the presentation has more slides
 * than are read. */
bool smil_read(GArray *slides, const char *bytes, size_t length, bool *cut, char *why, size_t why_size);
GArray *smil_slides(void);
/* The milliseconds of a clock value, such as 5s, 1500ms, 00:05, 0.5min; 0: the text is no clock value, or has no
 * end. */
uint64_t smil_clock(const char *);
