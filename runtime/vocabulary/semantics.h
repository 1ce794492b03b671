/* runtime/vocabulary/semantics.h - The number of the rules by which the core decides: a journal is replayed only
 * under the same number. Few files include it, and a new number has only these compiled again. */
#pragma once

enum { SEMANTICS_NUMBER = 40 };
