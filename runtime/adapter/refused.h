/* runtime/adapter/refused.h - The table of what adapters refuse (refusals.def), for those who refuse and those who
 * tell.
 *
 * An adapter has one function that answers its peer, and it takes a row of the table: it sends the row's answer and
 * calls refused_tell(). So nothing is refused that is in no counter and no log. */
#pragma once

#include <stdbool.h>

struct gcx_link;
struct gcx_services;

enum refused {
#define REFUSAL(adapter, reason, answer, severity, doc) REFUSED_##adapter##_##reason,
#include "runtime/adapter/refusals.def"
#undef REFUSAL
    REFUSED_KINDS
};

struct refusal_row {
    const char *adapter, *reason, *answer, *severity, *doc;
};

extern const struct refusal_row refusal_rows[REFUSED_KINDS];

/* The number at the beginning of the row's answer; 0: it has none. The words behind it. */
unsigned refused_code(enum refused);
const char *refused_words(enum refused);
/* The row is the adapter's own, or that of a room which it has. */
bool refusal_is_of(const struct refusal_row *, const char *adapter);
/* NULL: the adapter has no such reason. */
const struct refusal_row *refusal_row_of(const char *adapter, const char *reason);
/* The severity of a reason; that of a plugin outside the tree, which the table does not have, is `ticket`. */
const char *refused_severity(const char *reason);

/* The row of an answer by number, in a room whose reasons end with the number; that of the others where there is none.
 */
enum refused refused_by_code(enum refused first, enum refused other, unsigned code);

/* Counts the refusal and says it in the log. */
void refused_tell(struct gcx_link *, const struct gcx_services *, enum refused, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
