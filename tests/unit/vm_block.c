/* tests/unit/vm_block.c - Blocks: sizes, compaction, hashes, checks. */
#include "tests/unit/vm_sample.h"

Test(vm_block, is_made, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    machine_free(&m);
}
