/* runtime/adapter/refused.h - The table of the reasons why adapters refuse (refusals.def), for the adapters and for
 * those who show refusals.
 *
 * An adapter has one function that answers its peer with a refusal, and that function takes a row of the table,
 * sends the row's answer and calls refused_tell(). So every refusal is in a counter and in the log. */
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

/* Returns the number at the beginning of the row's answer; 0: the answer has none. The words behind it. */
unsigned refused_code(enum refused);
const char *refused_words(enum refused);
/* True: the row is the adapter's own, or of a room that the adapter shares. */
bool refusal_is_of(const struct refusal_row *, const char *adapter);
/* Finds the row of a reason; NULL: the adapter has no such reason. */
const struct refusal_row *refusal_row_of(const char *adapter, const char *reason);
/* Returns the severity of a reason; for a reason of a plugin outside the tree, which the table does not have,
 * `ticket`. */
const char *refused_severity(const char *reason);

/* Finds the reason between `first` and `other` whose answer begins with this number; `other` if there is none. */
enum refused refused_by_code(enum refused first, enum refused other, unsigned code);

/* Counts the refusal and logs it. */
void refused_tell(struct gcx_link *, const struct gcx_services *, enum refused, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
