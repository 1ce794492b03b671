/* runtime/reports/report.h - The reports of reports.def as data, and what a database answers to one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/reports/period.h"
#include "base/error.h"

enum report_name {
#define REPORT(name, doc, sql) REPORT_##name,
#include "runtime/reports/reports.def"
    REPORTS
};

enum figure_kind {
    FIGURE_COUNT,
    FIGURE_MS,
    FIGURE_MOST,
    FIGURE_PART, /* milliseconds that no table for people shows */
    FIGURE_PERCENT,
    FIGURE_MEAN,
    FIGURE_AVERAGE, /* in hundredths */
    FIGURE_KINDS
};

struct report_figure {
    const char *name, *doc;
    enum figure_kind kind;
    unsigned over, under; /* of a rate: the figures that it is computed from */
};

enum { REPORT_FIGURES_MAX = 16, REPORT_PER_MAX = 8 };

struct report_def {
    const char *name, *doc, *view;
    const char *thing;                   /* each row is about one of these; NULL: there is none */
    const char *per[REPORT_PER_MAX + 1]; /* ended by NULL */
    /* `counted` figures are columns of the view; the rates follow. */
    unsigned counted, figure_count;
    struct report_figure figures[REPORT_FIGURES_MAX];
};

extern const struct report_def reports[REPORTS];

/* NULL: there is no such report. */
const struct report_def *report_find(const char *name);
/* The report's own word of a column by which its figures can be divided; NULL: they cannot. */
const char *report_per(const struct report_def *, const char *column);

/* One thing, or pair of things, with its figures in each period. */
struct report_row {
    char *thing, *of; /* "": none was known, or none was asked for */
    int64_t *values;  /* [period][figure], of the counted figures */
};

/* Where the records begin and end: days of the zone since 1970. */
struct report_span {
    bool any; /* false: there are none */
    int64_t first_day, last_day;
};

struct report_answer {
    const struct report_def *report;
    const char *of;   /* the column by which the figures are divided; NULL: by none */
    const char *only; /* with `of`: only rows that have this in that column, one of several lines; NULL: all */
    const struct periods *periods;
    struct report_span span;
    struct report_row *rows; /* in the order of their texts */
    uint32_t count;
};

/* False with the reason. */
bool report_span_ask(const char *target, struct report_span *, struct error *);

/* Asks the database for the report over the periods. False with the reason. The caller frees the answer in both
 * cases. */
bool report_ask(const char *target, struct report_answer *, struct error *);
void report_free(struct report_answer *);

/* Makes of the report service_level one that also counts who was answered within so many seconds, as within_45s and
 * level_45s. False: that bound is among its figures already. `made` is freed by report_within_free(). */
bool report_within(uint32_t seconds, struct report_def *made);
void report_within_free(struct report_def *);

/* Adds figures to those of the same kind. */
void report_figures_add(const struct report_def *, int64_t *to, const int64_t *values);
/* A figure or rate of the values; false: the rate has no value, since nothing is beneath its line. Percents are in
 * tenths. */
bool report_value(const struct report_def *, unsigned figure, const int64_t *values, int64_t *value);
