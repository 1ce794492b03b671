/* compiler/base/report.h - Diagnostics for machines: as JSON, as SARIF 2.1.0, as annotations of GitHub's workflows.
 *
 * Columns count characters (code points) from 1; an end is the column after the last character. A byte that is not
 * UTF-8 (in a path or a quoted line) is shown as U+FFFD. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct diags;

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_SARIF, REPORT_GITHUB };

enum { REPORT_LIMIT = 5000 }; /* the most diagnostics in a report for machines */

/* Returns the format named "text", "json", "sarif" or "github". */
enum report_format report_format_named(const char *);

/* A report on one or several programs. It writes text and annotations as they are added, JSON and SARIF at the end. */
struct report;
struct report *report_begin(FILE *, enum report_format);
/* adds the diagnostics, sorted; returns how many of them are errors */
size_t report_add(struct report *, struct diags *);
void report_end(struct report *);
