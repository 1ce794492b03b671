/* compiler/cli/libpq.h - PostgreSQL's library, loaded by the one command that asks a server: it brings twenty others
 * with it, and to load them takes longer than any other command works. */
#pragma once

#include <libpq-fe.h>

struct libpq {
#define FUNCTION(symbol) __typeof__(&(symbol)) symbol;
#include "compiler/cli/libpq.def"
};

/* Loads the library, and keeps it loaded until the program ends; NULL where that fails, and says so. */
const struct libpq *libpq_load(void);

/* Connects; NULL, and says why. `option` is where the text was said. One that holds a password is refused: on a command
 * line everybody sees it. */
PGconn *libpq_connect(const struct libpq *, const char *option, const char *text);
