/* compiler/base/fault_text.h - The text of each fault, by the fault's code. */
#pragma once

#include <stdbool.h>

bool fault_text_is_one(const char *); /* True: the text is that of a fault, or "", which is the text of a step's
                                       * failure */
