/* vm/ops_counter.c - Instructions that the interpreter calls as functions: the site's counters. */
#include "vm/vm.h"
#include "vm/counted.h"

/* The fuel for one access to a counter, which the core looks up in a table outside the block. */
enum { TALLY_FUEL = 16 };

static void count_one(struct vm *vm, const uint64_t *r, uint32_t i, uint32_t keys)
{
    char name[8], key[8];
    vm->fuel -= TALLY_FUEL;
    if (vm->handle && vm->host.tally)
        vm->host.tally(vm->host.self, vm_text(vm, r[word_a(i)], name), vm_text(vm, r[word_b(i)], key),
                       (int64_t)r[word_c(i)], keys);
}

bool op_tally(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    (void)extension;
    count_one(vm, r, i, 0);
    return true;
}

/* The compiler takes the number of keys from the site. An image from elsewhere may have any number, so the number is
 * limited here. */
bool op_tally_keys(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t keys = r[extension];
    count_one(vm, r, i, keys > COUNTER_KEYS_MAX ? (uint32_t)COUNTER_KEYS_MAX : (uint32_t)keys);
    return true;
}

bool op_tallied(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char name[8], key[8];
    int64_t count = 0;
    vm->fuel -= TALLY_FUEL;
    if (vm->handle && vm->host.tallied)
        count = vm->host.tallied(vm->host.self, vm_text(vm, r[word_b(i)], name), vm_text(vm, r[word_c(i)], key),
                                 (int64_t)r[extension]);
    r[word_a(i)] = (uint64_t)count;
    return true;
}
