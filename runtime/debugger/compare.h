/* runtime/debugger/compare.h - Comparison: the interactions of a journal, one by one, as another version would have
 * served them (gcxdb(1)). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct past;

enum compared { COMPARED_SAME, COMPARED_DIFFERS, COMPARED_NOT };

/* The table of all of them, and their sum. The past has another version (past_compare). COMPARED_NOT: it could not be
 * done, which is told to standard error. */
enum compared compare_all(struct past *, bool only_different, FILE *out);
/* The first difference of one, which alone runs the other version: where it is to be looked at, told. False: there is
 * none, which is told, too. */
bool compare_one(struct past *, uint64_t ixn, uint64_t *at_us, FILE *out);
