/* base/written.h - Durations, shares, times of day and dates as the language writes them, moments as the wire does: in
 * sources, tables, settings, and in what comes from outside. One reader, so that all of them understand the same. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each reads the whole text, without a sign, and sets its value; false: the text has another form, or its value does
 * not fit. */
bool written_integer(const char *text, size_t length, int64_t *value);
/* 1h30m: units from large to small, each once. */
bool written_duration(const char *text, size_t length, int64_t *us);
bool written_percent(const char *text, size_t length, int64_t *millionths); /* 0.25%: four digits behind the point */
bool written_clock(const char *text, size_t length, int64_t *us);           /* 08:00, 08:00:30: since midnight */
bool written_date(const char *text, size_t length, int64_t *days);          /* 2026-03-02: since 1970 */

/* 2026-03-02T10:00:00.25+01:00, or with Z, as RFC 3339 (5.6) has it: since 1970, cut to the microsecond. A leap second
 * counts as the second after it. */
bool written_moment(const char *text, size_t length, int64_t *us);

/* Days since 1970-01-01 of the proleptic Gregorian calendar, for years from 1 on. */
int64_t written_days(int64_t year, int64_t month, int64_t day);
