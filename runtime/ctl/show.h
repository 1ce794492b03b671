/* runtime/ctl/show.h - Answers of the admin socket for people, on standard output: tables and sentences.
 *
 * Owns nothing: the JSON belongs to the caller, except the copy that show_tame() makes. Invariant: no text in an
 * answer can control the terminal on which it is printed. Durations and moments are in microseconds. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "runtime/daemon/protocol/commands.h"

/* Shows gcxvm's answer to a command, with control characters replaced: a caller's number or user data may contain
 * some that would control the terminal. */
void ctl_show(enum command_id, const json_t *answer);
/* The member of a command's answer that is a list of rows, which may come in pages; NULL: there is none. */
const char *show_list(enum command_id);
json_t *show_tame(const json_t *); /* a new reference */
/* Prints JSON on standard output; in ASCII if that is a terminal, so that no text can control the terminal. */
void show_json(const json_t *, size_t flags);

/* The columns of a table: the value at `key` of each row, in the form of that kind. */
enum column_kind {
    COLUMN_TEXT,
    COLUMN_NUMBER,
    COLUMN_MOMENT,
    COLUMN_AGE, /* the time since a moment */
    COLUMN_DURATION,
    COLUMN_HASH,
    COLUMN_PAIRS,
    COLUMN_LIST,
};
struct column {
    const char *head, *key; /* head NULL: the end of the columns */
    enum column_kind kind;
};
void show_table(FILE *, const json_t *rows, const struct column *);
/* Prints a table as show_table() does, on a screen of that many characters in a line (0: any): texts of the first
 * column are cut, and marked by `+`; if that is not enough, the last columns are left out. No number is ever cut. */
void show_table_within(FILE *, const json_t *rows, const struct column *, size_t screen);
/* Prints the text, and spaces up to `width` characters (not bytes). */
void show_padded(FILE *, const char *text, size_t width);
/* Writes a duration: "12.3s", "4m05s", "2h10m", "3d04h"; "-" if it is negative. */
enum { DURATION_TEXT = 24, MOMENT_TEXT = 48 };
void show_duration(long long us, char text[DURATION_TEXT]);
void show_moment(long long us, char text[MOMENT_TEXT]); /* local time; "-": never */
const char *ctl_text_at(const json_t *object, const char *key);
long long ctl_number_at(const json_t *object, const char *key);

/* rollout.c */
void show_rollouts(const json_t *);
void show_rollout(const json_t *);
/* campaign.c */
void show_campaigns(const json_t *);
/* one.c */
void show_interaction(const json_t *);
void show_trace(const json_t *);
void show_history(const json_t *history);
void show_why(const json_t *);
void ctl_show_data(const json_t *);
