/* compiler/base/fault_text.h - The texts of faults, by their codes. */
#pragma once

#include <stdbool.h>

bool fault_text_is_one(const char *); /* is this the text of a fault, or "", the text of a step's failure? */
