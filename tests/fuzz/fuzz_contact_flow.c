/* tests/fuzz/fuzz_contact_flow.c - Any bytes as files of Amazon Connect, with a form feed between two: they are
 * refused, or become sources that pass the check. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/imported.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    imported_judge(data, size, "flow.json", "connect");
    return 0;
}
