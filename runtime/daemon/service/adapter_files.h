/* runtime/daemon/service/adapter_files.h - The files of state_files.def that adapters may have in the state folder. */
#pragma once

#include "runtime/daemon/site/conf.h"
#include "runtime/vocabulary/state_files.h"

/* Calls `each` with the name of each file of an adapter in the state folder. */
void adapter_files_each(const struct conf *, void (*each)(void *self, const char *name, const struct state_file *),
                        void *self);
