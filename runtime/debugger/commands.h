/* runtime/debugger/commands.h - The table of commands (commands.def), and reading them. */
#pragma once

#include "runtime/debugger/debugger.h"

/* Tab completes a line by these. */
struct completion {
    /* The `index`th word that may stand at the end of the line, whose last word begins so; NULL: no more. */
    const char *(*word)(struct debugger *, const char *line, const char *begins, unsigned index);
    bool (*wants_file)(const char *line); /* a file stands behind this command */
};

/* The front of a terminal: shows where the play stands, and reads and does commands until one lets it go on or leaves
 * it. */
void commands_read(struct debugger *, const char *why);
/* Carries out one command. True: the play goes on or is left. */
bool commands_do(struct debugger *, const char *line);
bool commands_has(const char *word); /* is there a command of exactly this name? */
/* The place where they come from: a terminal with history and completion, or anything else, whose commands are shown as
 * read. */
void lines_open(const struct completion *);
void lines_close(void);
/* A line without its end, valid until the next; NULL: there is none any more. */
const char *lines_next(struct debugger *, const char *prompt);
bool lines_source(const char *file); /* reads the next lines from the file; false: it cannot be read */
bool lines_record(const char *file); /* lines are written into it from now on; "": no more. False: it cannot be made */
bool lines_write(const char *file, const char *text, size_t length); /* a picture; false: it cannot be written */
/* The `index`th command whose name begins so; the `index`th thing that the command info shows. NULL: no more. */
const char *commands_named(const char *begins, unsigned index);
const char *commands_subject(unsigned index);

/* Reads a duration, such as 1m30s or 500ms, in microseconds; 0: the text is none. */
uint64_t commands_duration(const char *text);

/* names.c. Returns the `index`th word that may stand at the end of `line`, whose last word begins so; it is valid until
 * the next call. NULL: no more. */
const char *names_complete(struct debugger *, const char *line, const char *begins, unsigned index);
extern const struct completion names_completion;
