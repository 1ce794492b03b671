/* base/piped.c - Passing words of a command line through the standard input: writing them and reading them. */
#include "base/piped.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIPED_MAX = 4 };

bool piped_words(char **words, size_t count)
{
    static char *lines[PIPED_MAX]; /* until the process ends */
    static size_t sizes[PIPED_MAX], used;
    for (size_t at = 0; at < count; at++) {
        if (strcmp(words[at], "-") != 0) continue;
        if (used == PIPED_MAX || getline(&lines[used], &sizes[used], stdin) <= 0) return false;
        lines[used][strcspn(lines[used], "\n")] = '\0';
        words[at] = lines[used++];
    }
    return true;
}

/* Writes the lines into a pipe that becomes the standard input; all of them fit into it, so no write waits for a
 * reader. */
bool piped_lines(const char *const *lines, size_t count)
{
    int ends[2];
    size_t length = 0;
    for (size_t at = 0; at < count; at++) length += strlen(lines[at]) + 1;
    if (length > PIPE_BUF || pipe(ends) != 0) return false;
    bool good = true;
    for (size_t at = 0; at < count && good; at++) good = dprintf(ends[1], "%s\n", lines[at]) > 0;
    good = dup2(ends[0], STDIN_FILENO) == STDIN_FILENO && good;
    close(ends[0]);
    close(ends[1]);
    return good;
}
