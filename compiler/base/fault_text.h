/* compiler/base/fault_text.h - The texts of faults, by their codes. */
#ifndef COMPILER_FAULT_TEXT_H
#define COMPILER_FAULT_TEXT_H

#include <stdbool.h>

bool is_fault_text(const char *); /* also "", which is that of a step's failure */

#endif
