/* runtime/daemon/assigned.h - Which domain has a queue or a number: `gcxvm --assign` and `--assigned`. */
#pragma once

#include <stdbool.h>

#include "runtime/daemon/site/conf.h"

/* Assigns the item, or lists all where it is NULL. False: it was told on standard error why it could not. */
bool assigned_run(const struct conf *, const char *item);
