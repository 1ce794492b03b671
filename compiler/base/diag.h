/* compiler/base/diag.h - Diagnostics: collected during a compilation, shown at its end.
 *
 * A pass reports what it finds, in any order; diags_print() sorts by place, drops repeated reports of one place, and
 * quotes the line. All diagnostics are in the arena with which the set was made. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "compiler/base/source.h"

enum diag_severity { ERROR, WARNING, NOTE };

enum diag_code {
#define DIAG(NAME, code, severity, text) DIAG_##NAME,
#include "compiler/base/diag.def"
#undef DIAG
    DIAG_CODES
};

/* The formats as constants, so that the C compiler checks the arguments of each report. */
#define DIAG(NAME, code, severity, text) static const char diag_text_##NAME[] = text;
#include "compiler/base/diag.def"
#undef DIAG

enum { DIAGS_SHOWN = 20 };

struct diag_note { /* a second place of a diagnostic, quoted with its own remark */
    struct source_span span;
    const char *text;
    struct diag_note *next;
};

struct diag_edit {           /* an edit: a change of the text that would mend the fault */
    struct source_span span; /* the text that replaces the span; empty: the edit only inserts */
    const char *text;        /* the new text */
    struct diag_edit *next;
};

struct diag_own {                   /* a rule that the site itself declares */
    const char *name, *title, *doc; /* title: what it says; doc: its documentation, perhaps NULL */
};

/* One diagnostic. Passes make a diagnostic by diag_report() and add hints, notes and edits; the printers and lsp/ read
 * it. */
struct diag {
    struct diags *owner;
    enum diag_code code;
    const struct diag_own *own;  /* the site's rule that found it, or NULL */
    enum diag_severity severity; /* at first the severity of the code; diag_level() changes it */
    struct source_span span;
    const char *text;
    const char *hint;  /* perhaps NULL */
    const char *meant; /* the word that was perhaps meant where `span` is, or NULL */
    /* The key, function or name that the diagnostic is about: those with one code, text and subject are printed as one,
     * with the lines of the others. NULL: only those of unknown names are. */
    const void *about;
    struct diag_note *first_note, *last_note;
    struct diag_edit *first_edit, *last_edit;
    size_t number; /* the order of reporting */
    bool dropped;  /* the diagnostic is not shown: a remark allows it, or another program has shown it */
    bool shown;    /* the diagnostic was printed, perhaps in one report with others */
    struct diag *next;
};
struct diags;

struct diags *diags_new(struct arena *, const struct source_set *);

/* diag_report(diags, UNKNOWN_SKILL, node->span, name): after the span come the arguments of the format of that code.
 * Never NULL. */
#define diag_report(diags, NAME, span, ...) diag_add((diags), DIAG_##NAME, (span), diag_text_##NAME, ##__VA_ARGS__)

struct diag *diag_add(struct diags *, enum diag_code, struct source_span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Moves a diagnostic to another list, as if it had been reported there. The diagnostic's `next` is then a link of the
 * new list: a loop over the old list reads `next` before the call. */
void diags_take(struct diags *, struct diag *);

/* Returns how many arguments there are in words: "no arguments", "1 argument", "only 2 arguments" where `before` is
 * "only ". */
const char *diag_count(struct diags *, const char *before, size_t count, const char *what);

/* Sets the text that is printed after the caret; the last call counts. */
void diag_hint(struct diag *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds the hint that `name` was perhaps meant, with the place `where` of its declaration; an empty `where` is not
 * shown. A NULL name adds nothing. */
void diag_did_you_mean(struct diag *, const char *name, struct source_span where);

/* Adds a second place to the diagnostic; it is quoted below the first with a remark of its own: "declared here", or
 * a step of a path. */
void diag_note(struct diag *, struct source_span, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds an edit that mends the fault; the edits of one diagnostic are in the order of the text and do not overlap. */
void diag_edit(struct diag *, struct source_span, const char *text);

/* Sets how severe a diagnostic is, as the site or the command line wants it. */
void diag_level(struct diag *, enum diag_severity);

/* Returns the number of errors; an error that was reported twice counts twice. */
size_t diags_errors(const struct diags *);

/* Drops the diagnostics that `told` has already printed for the same place in a file of the same path; the dropped
 * ones do not count. */
void diags_leave_out(struct diags *, const struct diags *told);

/* Prints the diagnostics in the order of the files and places, at most `limit` of them, and how many more there are;
 * where not all fit, errors come before warnings. Returns how many errors there are in all. */
size_t diags_print(struct diags *, FILE *, size_t limit);

/* Prints a source line with its number; a long line is cut to the part around `place`. */
void diags_quote_line(FILE *, uint32_t number, const char *line, size_t length, size_t place);

/* Returns the diagnostics in the order of the files and places, without repeated ones; the array is in the arena. */
struct diag **diags_sorted(struct diags *, size_t *count);
struct diag *diags_last(const struct diags *);  /* the diagnostic reported last, or NULL */
struct diag *diags_first(const struct diags *); /* the diagnostic reported first; `next` links to the later ones */
const struct source_set *diags_sources(const struct diags *);
struct arena *diags_arena(const struct diags *);

const char *diag_code_text(enum diag_code);   /* "E0412" */
const char *diag_called(const struct diag *); /* the code's text, or the name of the site's rule that found the fault */
/* Does the text name the code of the diagnostic, its rule, or the site's rule that found it? */
bool diag_is_called(const struct diag *, const char *text, size_t length);
const char *diag_code_name(enum diag_code); /* "UNKNOWN_SKILL" */
/* the text of a code as a format, with %s for the arguments of a report */
const char *diag_code_format(enum diag_code);
enum diag_severity diag_code_severity(enum diag_code);
const char *diag_severity_text(enum diag_severity);       /* "error", "warning", "note" */
bool diag_code_named(const char *text, enum diag_code *); /* "E0412" */
/* Does the text name the code, as "W0913" or by its name, "label-unused"? Letters' sizes and '-' for '_' do not matter.
 */
bool diag_code_is(enum diag_code, const char *text, size_t length);
/* Do both texts name the same rule? Letters' sizes and '-' for '_' do not matter. */
bool diag_same_rule(const char *name, const char *text, size_t length);
/* Finds the code of that name or number; false: *code is the one with the nearest name, or DIAG_CODES. */
bool diag_code_called(const char *text, enum diag_code *code);
/* Writes the code's name as people type it, "label-unused", into `name`, which has room for DIAG_NAME_MAX. */
enum { DIAG_NAME_MAX = 64 };
void diag_code_write(enum diag_code, char *name);
