/* compiler/base/fault_text.c - The texts of faults: the same as in the interpreter. */
#include "compiler/base/fault_text.h"

#include <string.h>

#include "vm/exec.h"

bool fault_text_is_one(const char *text)
{
    bool known = *text == '\0';
    for (unsigned fault = 1; *vm_fault_text((enum vm_fault)fault) && !known; fault++)
        known = !strcmp(vm_fault_text((enum vm_fault)fault), text);
    return known;
}
