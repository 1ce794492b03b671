/* compiler/base/fault_text.h - The texts of faults, by their codes. */
#pragma once

#include <stdbool.h>

bool is_fault_text(const char *); /* also "", which is that of a step's failure */
