/* runtime/debugger/condition.h - Is the condition of a breakpoint one, before its place is reached?
 *
 * It is compiled behind the program as a function whose parameters are what it names: variables that have names at the
 * place, and declared keys. A key may be attached or not by then, and where several places are meant a name may be of
 * several types: the condition is refused where it compiles with none of them. Nothing runs. */
#pragma once

#include "runtime/debugger/debugger.h"

/* `places`: function * 65,536 + instruction. False: `why` not, as the compiler says it. */
bool condition_good(const struct debugger *, const char *condition, const uint32_t *places, size_t count, char *why,
                    size_t size);
