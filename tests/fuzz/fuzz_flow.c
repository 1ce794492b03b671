/* tests/fuzz/fuzz_flow.c - Any bytes as a file of Composer: it is refused, or becomes sources that pass the check. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/imported.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    imported_judge(data, size, "main.workflow", "composer");
    return 0;
}
