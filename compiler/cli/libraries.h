/* compiler/cli/libraries.h - The libraries of natives that --native allows, as compiler and tests ask for them. */
#ifndef COMPILER_CLI_LIBRARIES_H
#define COMPILER_CLI_LIBRARIES_H

#include "compiler/compiler.h"
#include "compiler/lower/natives.h"
#include "runtime/natives/natives.h"
#include "runtime/sim/sim.h"

/* One process, one set of open libraries. `natives.self` and `binding.self` are its own. */
struct libraries {
    struct natives *all;
    struct compile_natives natives;
    struct sim_binding binding;
};

/* `folder` NULL: none is allowed. */
void libraries_open(struct libraries *, const char *folder);
void libraries_close(struct libraries *);

/* For compile_options: NULL where no folder was named. */
const struct compile_natives *libraries_natives(const struct libraries *);

#endif
