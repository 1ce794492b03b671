/* runtime/records/sample.h - gcxrecords sample: draws by chance what is to be reviewed, so many of each agent and week.
 *
 *     gcxrecords sample DATABASE --from 2026-11-23 --to 2026-11-29 --each 3 --seed 17 --queue service
 *
 * What may be drawn is an agent's part in an interaction that has ended: an offer that the agent has answered. Prints
 * how many there were, and those that were drawn, as JSON. */
#pragma once

#include <stdbool.h>

/* Is the first word of a command line `sample`? False for NULL, where there is no word. */
bool sample_asked(const char *word);
/* Runs the command of the words after the program's name. Returns the exit code. */
int sample_main(int argc, char **argv);
