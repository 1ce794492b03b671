/* runtime/sources/body_plain.c - Writes a single value as text; bodies of all forms use it. */
#include "runtime/sources/body.h"

#include <stdio.h>
#include <time.h>

void body_moment(int64_t us, char room[BODY_VALUE_ROOM])
{
    int64_t second = us / 1000000, rest = us % 1000000;
    if (rest < 0) second--, rest += 1000000;
    time_t at = (time_t)second;
    struct tm tm;
    char text[32];
    if (!gmtime_r(&at, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0) text[0] = '\0';
    if (rest == 0)
        snprintf(room, BODY_VALUE_ROOM, "%sZ", text);
    else
        snprintf(room, BODY_VALUE_ROOM, "%s.%06dZ", text, (int)rest);
}

bool body_plain(const struct kv_value *value, char room[BODY_VALUE_ROOM], struct span *text)
{
    switch (value->tag) {
    case KV_TEXT:
        *text = value->span;
        return true;
    case KV_INT:
        snprintf(room, BODY_VALUE_ROOM, "%lld", (long long)value->word);
        break;
    case KV_BOOL:
        snprintf(room, BODY_VALUE_ROOM, "%s", value->word != 0 ? "true" : "false");
        break;
    case KV_FLOAT:
        snprintf(room, BODY_VALUE_ROOM, "%.17g", value->number);
        break;
    case KV_TIME:
        body_moment(value->word, room);
        break;
    default:
        return false;
    }
    *text = span_of(room);
    return true;
}
