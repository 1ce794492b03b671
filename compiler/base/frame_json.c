/* compiler/base/frame_json.c - Reads JSON as editors write it. */
#include "compiler/base/frame_json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { READ_HOW = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, ESCAPE = 6 }; /* \uD83D */

/* Returns which half of a surrogate pair is escaped here, 'h' or 'l'; 0 where none is. */
static char half_at(const char *at, const char *end)
{
    if (end - at < ESCAPE || at[0] != '\\' || at[1] != 'u' || (at[2] | 0x20) != 'd') return 0;
    char third = (char)(at[3] | 0x20); /* makes a letter small; a digit does not change */
    if (third == '8' || third == '9' || third == 'a' || third == 'b') return 'h';
    return third >= 'c' && third <= 'f' ? 'l' : 0;
}

/* Replaces single halves in place; returns false where there was nothing to replace. */
static bool mend_halves(char *body, size_t length)
{
    bool mended = false;
    for (char *at = body, *end = body + length; at < end;) {
        char half = half_at(at, end);
        if (half == 'h' && half_at(at + ESCAPE, end) == 'l') {
            at += 2 * ESCAPE;
        } else if (half) {
            memcpy(at, "\\uFFFD", ESCAPE);
            mended = true;
            at += ESCAPE;
        } else {
            at += *at == '\\' ? 2 : 1;
        }
    }
    return mended;
}

json_t *frame_json(const char *body, size_t length)
{
    json_t *message = json_loadb(body, length, READ_HOW, NULL);
    if (message) return message;
    char *copy = memory_grown(NULL, length + 1, 1);
    memcpy(copy, body, length);
    if (mend_halves(copy, length)) message = json_loadb(copy, length, READ_HOW, NULL);
    free(copy);
    return message;
}
