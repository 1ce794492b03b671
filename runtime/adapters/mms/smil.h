/* runtime/adapters/mms/smil.h - The presentation of a multimedia message (SMIL), as an ordered list of slides: which
 * parts are shown together, and for how long. It is only read; nobody is shown it as it stands. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slide {
    uint64_t ms;      /* 0: it does not say for how long */
    GPtrArray *items; /* of texts: what names the parts, as it is written */
};

/* Appends to `slides`, an array of struct slide with smil_slide_clear(). False with the reason: it cannot be read to
 * its end, or shows nothing. `*cut`: there were more slides than are read. */
bool smil_read(GArray *slides, const char *bytes, size_t length, bool *cut, char *why, size_t why_size);
GArray *smil_slides(void);
/* A clock value, such as 5s, 1500ms, 00:05, 0.5min, in milliseconds; 0: it is none, or has no end. */
uint64_t smil_clock(const char *);
