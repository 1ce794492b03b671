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
/* Runs one interaction by the other version, and the others by the old one. Tells the first difference, and sets
 * `at_us` to the time at which to look at it. False: there is none, which is told, too. */
bool compare_one(struct past *, uint64_t ixn, uint64_t *at_us, FILE *out);
