/* runtime/reports/command.h - The commands of gcxrecords that read the records. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Is this word, the first one of a command line, one of the commands here? NULL: there is no word. */
bool reports_asked(const char *word);
/* Runs the command of the words after the program's name. Returns the exit code. */
int reports_main(int argc, char **argv);

struct report_line {
    const char *from, *to, *by, *of, *day, *weeks, *staff, *within, *zone, *mail;
    char *only; /* owned */
    bool csv, json, profile;
};
/* Forecasts and prints a queue's day. False with the reason: ERROR_INPUT for what is wrong with the command line,
 * ERROR_LIMIT where the records have too little to say anything. The
 * process's zone is set already. */
bool forecast_command(const struct report_line *, const char *queue, const char *database, struct error *);
