/* compiler/cli/libraries.h - The libraries of natives that --native allows, for the compiler and for tests. */
#pragma once

#include "compiler/compilation.h"
#include "compiler/lower/natives.h"
#include "runtime/natives/natives.h"
#include "runtime/sim/sim.h"

/* The open libraries of a process. `natives` is passed to the compiler, `binding` to tests; both use `all`. */
struct libraries {
    struct natives *all;
    struct compile_natives natives;
    struct sim_binding binding;
};

/* Allows the libraries in `folder`; where it is NULL, none are allowed. A library is opened when it is first needed. */
void libraries_open(struct libraries *, const char *folder);
void libraries_close(struct libraries *);

/* Returns the value for compile_options; NULL where no folder was named. */
const struct compile_natives *libraries_natives(const struct libraries *);
