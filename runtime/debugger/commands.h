/* runtime/debugger/commands.h - The table of commands (commands.def), and reading commands from the user. */
#pragma once

#include "runtime/debugger/debugger.h"

/* The functions that complete a line when Tab is pressed. */
struct completion {
    /* Returns the `index`th word that may complete the line, whose last word so far is `begins`; NULL: no more. */
    const char *(*word)(struct debugger *, const char *line, const char *begins, unsigned index);
    bool (*wants_file)(const char *line); /* is the argument of this command a file name? */
};

/* The front end of a terminal: shows where the play is, then reads and executes commands until one lets the play
 * continue or leaves it. */
void commands_read(struct debugger *, const char *why);
/* Carries out one command. True: the play continues or is left. */
bool commands_do(struct debugger *, const char *line);
bool commands_has(const char *word); /* is there a command of exactly this name? */
/* Opens the source of commands: a terminal with history and completion, or any other input, whose commands are
 * echoed as they are read. */
void lines_open(const struct completion *);
void lines_close(void);
/* Returns the next line without its end, valid until the next call; NULL: the input has ended. */
const char *lines_next(struct debugger *, const char *prompt);
bool lines_source(const char *file);    /* reads the next lines from the file; false: it cannot be read */
bool lines_given(const char *commands); /* `commands` become the next lines; false: too many files are open already */
/* Called before lines_open(): the lines of this file come before all other input. Several files are read in the order
 * of the calls. False: the file cannot be read. */
bool lines_first(const char *file);
/* For --batch: reads only the files of lines_first(); if there are none, the input to its end. The program's exit
 * status then says whether everything was done. */
void lines_batch(void);
bool lines_is_batch(void);
#define LINES_BEGIN "# commands of gcxdb" /* the first line of a file of commands that gcxdb writes */
/* Commands are copied into this file from now on; "": no more. A file that is no file of commands is not overwritten,
 * and a message says so; false: nothing is copied. */
bool lines_record(const char *file);
/* Writes a file, such as a picture; files of this kind begin with `begins`. A file at this path that begins otherwise
 * is not overwritten. False: the file was not written, and a message says why. */
bool lines_write(const char *file, const char *begins, const char *text, size_t length);
/* Returns the `index`th command whose name begins with `begins`; or the `index`th subject of the command info. NULL:
 * no more. */
const char *commands_named(const char *begins, unsigned index);
const char *commands_subject(unsigned index);

/* Reads a duration, such as 1m30s or 500ms, in microseconds; 0: the text is no duration. */
uint64_t commands_duration(const char *text);

/* names.c. Returns the `index`th word that may complete `line`, whose last word so far is `begins`; it is valid
 * until the next call. NULL: no more. */
const char *names_complete(struct debugger *, const char *line, const char *begins, unsigned index);
extern const struct completion names_completion;
