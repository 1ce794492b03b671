/* tests/fuzz/fuzz_differential.c - A random program that is well-typed does the same in the interpreter and in a slow,
 * obvious evaluator of its tree (tests/differential/): the same steps and keys, the same faults at the same places. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/differential/differ.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = NULL;
    size_t size;
    FILE *report = open_memstream(&text, &size);
    enum difference found = differ(bytes, length, report, NULL);
    fclose(report);
    if (found == DIFFER_FOUND) fputs(text, stderr);
    MUST(found != DIFFER_FOUND);
    free(text);
    return 0;
}
