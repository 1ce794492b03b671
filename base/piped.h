/* base/piped.h - Passing words of a command line through the standard input instead. Every user of a machine can see
 * the arguments of its programs, so personal data and passwords are given as the argument `-` and a line of the
 * standard input. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Replaces each word `-` by the next line of the standard input; the line stays valid until the process ends. False:
 * the input has no more lines, or the process has asked for more than four. */
bool piped_words(char **words, size_t count);

/* Makes the given few short lines the standard input of the program that the process is about to exec. False: the
 * pipe for them could not be made or written. */
bool piped_lines(const char *const *lines, size_t count);
