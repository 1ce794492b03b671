/* tests/fuzz/fuzz_dialplan.c - Any bytes as files of Asterisk, with a form feed between two: they are refused, or
 * become sources that pass the check. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/imported.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    imported_judge(data, size, "extensions.conf", "asterisk");
    return 0;
}
