/* runtime/daemon/assigned.h - Which domain a queue or a number belongs to: `gcxvm --assign` and `--assigned`. */
#pragma once

#include <stdbool.h>

#include "runtime/daemon/site/conf.h"

/* Assigns the item to a domain; `item` NULL: lists all items. False: the reason is on standard error. */
bool assigned_run(const struct conf *, const char *item);
