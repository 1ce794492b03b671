/* runtime/debugger/sources.h - The files that a program was compiled of, and what it takes to compile them again. */
#pragma once

#include <stddef.h>

struct compile_natives;
struct sim_binding;

struct sources { /* all of it is borrowed */
    const char *const *paths;
    size_t count;
    const char *site;                      /* or NULL: the nearest site.gcx */
    const struct compile_natives *natives; /* the libraries of natives that --native allows; NULL: none */
    const struct sim_binding *binding;     /* of the natives in what was compiled; NULL: they are faults */
};
