/* runtime/daemon/assigned.h - Which domain has a queue or a number: `gcxvm --assign` and `--assigned`. */
#pragma once

#include <stdbool.h>

#include "runtime/daemon/site/conf.h"

/* Assigns the item to a domain; `item` NULL: lists all items. False: standard error says why it failed. */
bool assigned_run(const struct conf *, const char *item);
