/* compiler/cli/watch.h - For --watch: waits until a source of a command has changed.
 *
 * Watched are the files that are named, those below folders that are named, and those below the folders of their sites.
 */
#pragma once

#include <stdint.h>

#include "compiler/cli/command.h"

/* Returns a number that differs from the earlier one after a source was changed, made or removed. A command takes it
 * before it reads the sources, so that no change is missed. */
uint64_t watch_stamp(const struct options *);

/* Prints that the command waits, and returns when the stamp has changed. */
void watch_wait(const struct options *, uint64_t stamp);
