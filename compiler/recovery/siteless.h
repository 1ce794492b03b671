/* compiler/recovery/siteless.h - A program without a site: one error says so, and replaces those that follow from
 * it. */
#pragma once

#include "compiler/syntax/program.h"

/* For a program that has no site: reports once that there is none, and drops the errors about names and defaults that
 * a site would declare. Without such an error the program needs no site, and nothing is reported. `first` is the path
 * of the first file that was named, where the search for a site began. */
void siteless_tell(struct program *, const char *first);
