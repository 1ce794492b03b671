/* base/written.h - Reads durations, percentages, times of day and dates as the language writes them, and moments as
 * the wire does: in sources, tables, settings and data from outside. There is one parser, so that all users read
 * these texts alike. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each function reads the whole text, without a sign, and sets its value; false: the text has another form, or its
 * value does not fit. */
bool written_integer(const char *text, size_t length, int64_t *value);
/* Reads a duration such as 1h30m: units from large to small, each at most once. */
bool written_duration(const char *text, size_t length, int64_t *us);
/* reads a percentage such as 0.25%; at most four digits after the point */
bool written_percent(const char *text, size_t length, int64_t *millionths);
bool written_clock(const char *text, size_t length, int64_t *us);  /* 08:00, 08:00:30: since midnight */
bool written_date(const char *text, size_t length, int64_t *days); /* 2026-03-02: since 1970 */

/* Reads 2026-03-02T10:00:00.25+01:00, or with Z, as RFC 3339 (5.6) defines it, as microseconds since 1970; finer
 * digits are dropped. A leap second counts as the second that follows it. */
bool written_moment(const char *text, size_t length, int64_t *us);

/* Returns the days since 1970-01-01 in the proleptic Gregorian calendar, for years from 1 on. */
int64_t written_days(int64_t year, int64_t month, int64_t day);
