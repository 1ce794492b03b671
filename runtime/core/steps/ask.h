/* runtime/core/steps/ask.h - Answers questions of a strategy about agents and other things, in the middle of a
 * slice: vm/questions.def. */
#pragma once

#include "vm/exec.h"

/* Has the form of `ask` in struct vm_host; `self` is the core. */
bool steps_ask(void *self, block_handle, uint32_t question, uint64_t subject, uint64_t argument, uint64_t *word);
