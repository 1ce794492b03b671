/* compiler/cures.h - gcxc check --fix: makes the edits of errors that are certain to mend them.
 *
 * The text with the edit is checked. The edit is certain if the program now parses and the lines of the error have no
 * more errors than before, or if these lines have fewer errors and so has the program, where it parsed before. All is
 * tried in memory; a file is written once, at the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/source.h"

struct compile_options;

/* Mends the named files of a site, and prints each edit. False where a file that has a certain edit was not written,
 * or has changed meanwhile, which is printed. */
bool cures_make(const char *const *files, size_t count, const struct compile_options *, source_write *);
