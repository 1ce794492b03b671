/* runtime/ctl/show.h - Answers of the admin socket for people, on standard output: tables and sentences.
 *
 * Owns nothing: JSON is borrowed, but for show_tame()'s copy. Invariant: nothing that an answer quotes reaches a
 * terminal as something that the terminal would obey. Durations and moments are microseconds. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "runtime/daemon/protocol/commands.h"

/* Shows gcxvm's answer to a command, tamed: a caller's number or data may hold bytes that a terminal would obey. */
void ctl_show(enum command_id, const json_t *answer);
/* The member of the answer that is a list of rows, perhaps a page; NULL: there is none. */
const char *show_list(enum command_id);
json_t *show_tame(const json_t *); /* a new reference */
/* Prints JSON on standard output; in ASCII if that is a terminal, so that the terminal obeys nothing in it. */
void show_json(const json_t *, size_t flags);

/* Columns of a table: what stands at `key` of each row, as its kind says. */
enum column_kind {
    COLUMN_TEXT,
    COLUMN_NUMBER,
    COLUMN_MOMENT,
    COLUMN_AGE, /* how long ago a moment was */
    COLUMN_DURATION,
    COLUMN_HASH,
    COLUMN_PAIRS,
    COLUMN_LIST,
};
struct column {
    const char *head, *key; /* head NULL: after the last */
    enum column_kind kind;
};
void show_table(FILE *, const json_t *rows, const struct column *);
/* As show_table(), within a screen of so many characters (0: any): texts of the first column are cut, and marked by
 * `+`; if that is not enough, columns are left out from the right. No number is ever cut. */
void show_table_within(FILE *, const json_t *rows, const struct column *, size_t screen);
/* Prints the text, and spaces up to `width` characters (not bytes). */
void show_padded(FILE *, const char *text, size_t width);
/* "12.3s", "4m05s", "2h10m", "3d04h"; "-" where negative. */
enum { DURATION_TEXT = 24, MOMENT_TEXT = 48 };
void show_duration(long long us, char text[DURATION_TEXT]);
void show_moment(long long us, char text[MOMENT_TEXT]); /* local time; "-": never */
const char *ctl_text_at(const json_t *object, const char *key);
long long ctl_number_at(const json_t *object, const char *key);

/* campaign.c */
void show_campaigns(const json_t *);
/* one.c */
void show_interaction(const json_t *);
void show_trace(const json_t *);
void show_history(const json_t *history);
void show_why(const json_t *);
void ctl_show_data(const json_t *);
