/* runtime/daemon/site/freeze.h - Freezes: the windows of the configuration in which no version of a strategy changes.
 *
 *     freeze = "fri 16:00-mon 06:00, dec 23-jan 2, 22:00-05:00"
 *
 * A window is weekly, yearly or daily, by the clock of `freeze_zone`. A value of `struct freeze` owns nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { FREEZE_WINDOWS_MAX = 32, FREEZE_ZONE = 64 };

/* One end of a window. */
struct freeze_edge {
    int weekday;       /* 0: Sunday; -1: none is named */
    int month, day;    /* from 1; month 0: none is named */
    int64_t in_day_us; /* the time of day, up to 24:00 */
};

struct freeze {
    struct freeze_window {
        struct freeze_edge from, until;
    } windows[FREEZE_WINDOWS_MAX];
    unsigned count;
    char zone[FREEZE_ZONE]; /* "": the zone of this machine */
};

/* Reads the windows, which commas separate. `zone`: a name such as "Europe/Berlin", or "". False with the word that is
 * wrong and with what is expected. */
bool freeze_read(const char *text, const char *zone, struct freeze *, struct error *);
/* Finds the window that is on at `now_us`, or else the next one, as moments in microseconds of the wall clock in UTC:
 * `*from` is in it and `*until` is not. Windows that touch each other are one. False: there is no window. */
bool freeze_window(const struct freeze *, int64_t now_us, int64_t *from, int64_t *until);
enum { FREEZE_TEXT = 32 };
/* True: a window is on at `now_us`; `ends` has its end for people, by the clock of this machine. */
bool freeze_now(const struct freeze *, int64_t now_us, char ends[FREEZE_TEXT]);
