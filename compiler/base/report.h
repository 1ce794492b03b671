/* compiler/base/report.h - Diagnostics for machines: as JSON, as SARIF 2.1.0, as annotations of GitHub's workflows, as
 * GitLab's report of code quality, as JUnit's XML.
 *
 * Columns count characters (code points) from 1; an end is the column after the last character. A byte that is not
 * UTF-8 (in a path or a quoted line) is shown as U+FFFD. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct diags;

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_SARIF, REPORT_GITHUB, REPORT_GITLAB, REPORT_JUNIT };

enum { REPORT_LIMIT = 5000 }; /* the most diagnostics in a report for machines */

/* Returns the format of that name: "text", "json", "sarif", "github", "gitlab" or "junit". */
enum report_format report_format_named(const char *);

/* A report on one or several programs. A report writes text and annotations as they are added, the other formats at the
 * end. `help`: what stands before a rule's code in the address of its explanation, for SARIF, or NULL. */
struct report;
struct report *report_begin(FILE *, enum report_format, const char *help);
/* adds the diagnostics, sorted; returns how many of them are errors */
size_t report_add(struct report *, struct diags *);
void report_end(struct report *);
