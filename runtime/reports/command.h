/* runtime/reports/command.h - The commands of gcxrecords that read the records. */
#pragma once

#include <stdbool.h>

/* Is this word, the first one of a command line, one of the commands here? NULL: there is no word. */
bool reports_asked(const char *word);
/* Runs the command of the words after the program's name. Returns the exit code. */
int reports_main(int argc, char **argv);
