/* compiler/base/fault_text.h - The texts of faults, by their codes. */
#pragma once

#include <stdbool.h>

bool fault_text_is_one(const char *); /* also "", which is that of a step's failure */
