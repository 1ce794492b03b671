/* runtime/vocabulary/semantics.h - The number of what the core decides: a journal is replayed only by the same number.
 * Few ask for it, and a new number makes only these anew. */
#pragma once

enum { SEMANTICS_NUMBER = 28 };
