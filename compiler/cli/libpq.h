/* compiler/cli/libpq.h - PostgreSQL's library, loaded only by the one command that asks a server: with it come
 * twenty other libraries, whose loading takes longer than any other command runs. */
#pragma once

#include <libpq-fe.h>

struct libpq {
#define FUNCTION(symbol) __typeof__(&(symbol)) symbol;
#include "compiler/cli/libpq.def"
};

/* Loads the library, which stays loaded until the program ends; NULL, with the reason printed, where that fails. */
const struct libpq *libpq_load(void);

/* Connects to the server that `text` describes; NULL, with the reason printed, where that fails. `option`: the name
 * of the option with this text. A text with a password is refused, as everybody on the machine sees a command line. */
PGconn *libpq_connect(const struct libpq *, const char *option, const char *text);
