/* runtime/reports/show.h - Writes an answer as a table for people, as CSV for sheets, or as JSON. */
#pragma once

#include <stdio.h>

#include "runtime/reports/report.h"

enum show_form { SHOW_table, SHOW_csv, SHOW_json };

void report_show(FILE *, const struct report_answer *, enum show_form);
/* Writes the answer as an e-mail for `sendmail -t`: the table, and the CSV as a file. The address is a good one. */
void report_letter(FILE *, const struct report_answer *, const char *address);
/* Can the address stand in a head as it is? */
bool report_address_good(const char *address);
/* Writes the names of all reports, the columns by which they can be divided, and their figures, as JSON. */
void report_list_show(FILE *);
/* Days since 1970 as 2026-11-30. */
void report_day(int64_t day, char text[PERIOD_LABEL]);
/* Seconds since 1970 as 2026-11-30T23:00:00Z. */
void report_utc(int64_t at, char text[PERIOD_LABEL]);
