/* tests/fuzz/fuzz_studio.c - Any bytes as flows of Twilio Studio, and workflows of TaskRouter beside them, with a form
 * feed between two: they are refused, or become sources that pass the check. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/imported.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    imported_judge(data, size, "flow.json", NULL);
    return 0;
}
