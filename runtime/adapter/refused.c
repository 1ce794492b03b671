/* runtime/adapter/refused.c - Keeps refusals.def as a table, and reports a refusal by its row.
 *
 * A row has: adapter, reason, answer ("403 Forbidden", or a word of its own), severity, sentence. The enum has the
 * rows in the same order, so the reason is also the index. */
#include "runtime/adapter/refused.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"

const struct refusal_row refusal_rows[REFUSED_KINDS] = {
#define REFUSAL(adapter, reason, answer, severity, doc) {#adapter, #reason, answer, #severity, doc},
#include "runtime/adapter/refusals.def"
#undef REFUSAL
};

/* A room whose reasons several plugins share has its rows under its own name. */
bool refusal_is_of(const struct refusal_row *row, const char *adapter)
{
    static const char *const rooms[][2] = {
#define ROOM(adapter, room) {#adapter, #room},
#define REFUSAL(adapter, reason, answer, severity, doc)
#include "runtime/adapter/refusals.def"
#undef REFUSAL
    };
    if (strcmp(row->adapter, adapter) == 0) return true;
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        if (strcmp(rooms[i][0], adapter) == 0 && strcmp(rooms[i][1], row->adapter) == 0) return true;
    return false;
}

unsigned refused_code(enum refused why)
{
    assert((unsigned)why < REFUSED_KINDS);
    return (unsigned)strtoul(refusal_rows[why].answer, NULL, 10);
}

/* Finds the reason between `first` and `other` whose answer has this code; `other` if there is none. */
enum refused refused_by_code(enum refused first, enum refused other, unsigned code)
{
    assert(first <= other && other < REFUSED_KINDS);
    for (unsigned why = first; why < (unsigned)other; why++)
        if (refused_code((enum refused)why) == code) return (enum refused)why;
    return other;
}

const char *refused_words(enum refused why)
{
    assert((unsigned)why < REFUSED_KINDS);
    const char *words = refusal_rows[why].answer;
    return words + strspn(words, "0123456789. ");
}

const struct refusal_row *refusal_row_of(const char *adapter, const char *reason)
{
    for (unsigned i = 0; i < REFUSED_KINDS; i++)
        if (strcmp(refusal_rows[i].reason, reason) == 0 && refusal_is_of(&refusal_rows[i], adapter))
            return &refusal_rows[i];
    return NULL;
}

/* Returns the severity of a reason; a reason that the table does not have, as of a plugin from elsewhere, counts as
 * `ticket`. */
const char *refused_severity(const char *reason)
{
    for (unsigned i = 0; i < REFUSED_KINDS; i++)
        if (strcmp(refusal_rows[i].reason, reason) == 0) return refusal_rows[i].severity;
    return "ticket";
}

void refused_tell(struct gcx_link *link, const struct gcx_services *services, enum refused why, const char *format, ...)
{
    char whom[300];
    va_list arguments;
    assert((unsigned)why < REFUSED_KINDS);
    va_start(arguments, format);
    vsnprintf(whom, sizeof whom, format, arguments);
    va_end(arguments);
    if (services->refused) services->refused(link, refusal_rows[why].reason, whom); /* tests have none */
}
