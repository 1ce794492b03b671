/* runtime/adapters/chat/hours.h - The hours of a week in which call-backs are made, and the times in them that are
 * offered: "mon..fri 09:00..18:00, sat 10:00..12:00", in a time zone. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOURS_MAX = 32 };

struct hours {
    struct {
        uint8_t first, last; /* days, Monday is 1 */
        uint16_t from, to;   /* minutes of the day */
    } all[HOURS_MAX];
    unsigned count; /* number of spans in `all`; 0: open at any time */
    GTimeZone *zone;
};

/* Reads the hours of a week. False with the reason. The caller calls hours_free() in either case. */
bool hours_read_week(struct hours *, const char *text, const char *zone, char *why, size_t why_size);
void hours_free(struct hours *);
/* Are the hours open at this second? */
bool hours_open(const struct hours *, int64_t at_s);
/* The next time after `after_s` that lies within the hours, at a whole multiple of `every` minutes; 0: none in two
 * weeks. */
int64_t hours_next(const struct hours *, int64_t after_s, uint64_t every);
