/* base/piped.h - Words of a command line that come by the standard input instead. Every user of a machine
 * sees the arguments of its programs, so what is a person's or a password is given as `-` and a line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Replaces each word `-` by the next line of the standard input, which lives until the process ends. False: the input
 * has no more lines, or the process has asked for more than four. */
bool piped_words(char **words, size_t count);

/* Makes these few short lines the standard input of the program that the process is about to exec. False: they cannot
 * be handed on. */
bool piped_lines(const char *const *lines, size_t count);
