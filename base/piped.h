/* base/piped.h - Words of a command line that come by the standard input instead. Every user of a machine
 * sees the arguments of its programs, so what is a person's or a password is given as `-` and a line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Each word that is `-` becomes the next line of the standard input, which stays until the process ends. False: there
 * is none, or a process has asked for more than four. */
bool piped_words(char **words, size_t count);

/* Puts the lines where the process reads its standard input, before it becomes another program. They are short. False:
 * they cannot be handed on. */
bool piped_lines(const char *const *lines, size_t count);
