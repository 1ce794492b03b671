/* runtime/web/saved_erase.c - Erases texts in a file of rows that a process may have open.
 *
 *     {"id":"7","text":"call me at 030 123"}      before
 *     {"id":"7","text":"                  "}      after: the same length, so no row moves
 *
 * The file is changed in its place, because another process may have it open for writing at its
 * end. A kill in between leaves a row that is partly blank, at its place and of its length. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "runtime/web/saved.h"

/* Blanks of the text's length leave each row where it stands. False: errno. */
static bool saved_blank_text(int file, const char *line, off_t at, const char *member, const char *text)
{
    char *before = memory_format("\"%s\":\"", member), *blanks = memory_zeroed(strlen(text) + 1, 1);
    const char *found = strstr(line, before);
    size_t length = strlen(text);
    memset(blanks, ' ', length);
    off_t place = found ? at + (found - line) + (off_t)strlen(before) : 0;
    bool good = !found || pwrite(file, blanks, length, place) == (ssize_t)length;
    free(before), free(blanks);
    return good;
}

/* True as well if there is no file. `*found` goes up by the texts that were erased. */
bool saved_erase(const char *path, const char *member, bool (*is)(void *self, const char *text), void *self,
                 unsigned *found)
{
    FILE *file = fopen(path, "r+e");
    char *line = NULL;
    size_t size = 0;
    off_t at = 0;
    bool good = true;
    if (!file) return errno == ENOENT;
    for (ssize_t length; good && (length = getline(&line, &size, file)) > 0; at += length) {
        json_t *row = json_loads(line, 0, NULL);
        const char *text = json_string_value(json_object_get(row, member));
        if (text && *text && is(self, text)) {
            good = saved_blank_text(fileno(file), line, at, member, text);
            ++*found;
        }
        json_decref(row);
    }
    good = good && !ferror(file) && fdatasync(fileno(file)) == 0;
    free(line);
    fclose(file);
    return good;
}
