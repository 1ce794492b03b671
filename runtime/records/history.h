/* runtime/records/history.h - The commands of gcxrecords that look for interactions that have ended:
 *
 *     gcxrecords find DATABASE --of 0891234567     which there are, the newest first, in pages of 200
 *     gcxrecords way IXN DATABASE                  all rows of one of them, table by table
 *     gcxrecords judged DATABASE                   marks that customers have given (judged.h)
 *
 * All print JSON. Values of secret keys are stars in the records already. */
#pragma once

#include <stdbool.h>

/* Is this word, the first one of a command line, one of the commands here? NULL: there is no word. */
bool history_asked(const char *word);
/* Runs the command of the words after the program's name. Returns the exit code. */
int history_main(int argc, char **argv);
/* Adds the names of one more --within to those of the options before it. Linux takes 128 KiB as one argument, and who
 * leads thousands has more names. `*names` is owned by the caller; NULL: there are none yet. */
void history_within_add(char **names, const char *more);
