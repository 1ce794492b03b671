/* runtime/vocabulary/semantics.h - The number of what the core decides: a journal is replayed only by the same number.
 * Few ask for it, and a new number makes only these anew. */
#ifndef VOCABULARY_SEMANTICS_H
#define VOCABULARY_SEMANTICS_H

enum { SEMANTICS_NUMBER = 25 };

#endif
